export interface Section {
  /** Shown above the section. */
  label: string;
  /** Index of its first row. */
  first: number;
}

export type Line = { kind: 'label'; label: string } | { kind: 'row'; index: number };

/** The lines of a list: its rows, and a label above each section. */
export class SectionedLines {
  readonly count: number;

  constructor(
    rows: number,
    private readonly sections: readonly Section[] = [],
  ) {
    this.count = rows + sections.length;
  }

  line(line: number): Line {
    let above = 0;
    for (const { label, first } of this.sections) {
      if (line === first + above) return { kind: 'label', label };
      if (line < first + above) break;
      above += 1;
    }
    return { kind: 'row', index: line - above };
  }

  lineOf(index: number): number {
    return index + this.sections.filter(({ first }) => first <= index).length;
  }

  /** The index of the row on a line, or below it if the line is a label. */
  indexAt(line: number): number {
    const at = this.line(line);
    const row = at.kind === 'row' ? at : this.line(line + 1);
    return row.kind === 'row' ? row.index : 0;
  }
}
