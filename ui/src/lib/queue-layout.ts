export type QueueLine = { kind: 'label'; label: 'history' | 'now' | 'next' } | { kind: 'entry'; index: number };

/** The lines of the queue panel: its entries, and a label above each section that is not empty. */
export class QueueLayout {
  readonly lines: number;

  constructor(
    private readonly length: number,
    private readonly current: number | null,
  ) {
    this.lines = length + this.#labels().length;
  }

  line(line: number): QueueLine {
    let above = 0;
    for (const { label, before } of this.#labels()) {
      if (line === before + above) return { kind: 'label', label };
      if (line < before + above) break;
      above += 1;
    }
    return { kind: 'entry', index: line - above };
  }

  lineOf(index: number): number {
    return index + this.#labels().filter(({ before }) => before <= index).length;
  }

  #labels(): { label: 'history' | 'now' | 'next'; before: number }[] {
    const { length, current } = this;
    if (current === null) return length > 0 ? [{ label: 'next', before: 0 }] : [];
    return [
      ...(current > 0 ? [{ label: 'history' as const, before: 0 }] : []),
      { label: 'now' as const, before: current },
      ...(current + 1 < length ? [{ label: 'next' as const, before: current + 1 }] : []),
    ];
  }
}
