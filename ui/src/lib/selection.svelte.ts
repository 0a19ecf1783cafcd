/** A row that can be chosen. */
export interface Choice {
  /** Names the row in its list. */
  id: number;
  index: number;
  /** The track that stands there, while the library has it. */
  track: number | undefined;
}

/** The rows that are selected, by id. View state: no other client sees it. */
export class Selection {
  #rows = $state.raw<ReadonlyMap<number, Choice>>(new Map());
  /** From where Shift selects. */
  anchor = -1;

  has(id: number | undefined): boolean {
    return id !== undefined && this.#rows.has(id);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** In the order of the list. */
  get chosen(): Choice[] {
    return [...this.#rows.values()].sort((a, b) => a.index - b.index);
  }

  only(row: Choice): void {
    this.anchor = row.index;
    this.#rows = new Map([[row.id, row]]);
  }

  toggle(row: Choice): void {
    this.anchor = row.index;
    const rows = new Map(this.#rows);
    if (!rows.delete(row.id)) rows.set(row.id, row);
    this.#rows = rows;
  }

  /** These and no others; the anchor stays. */
  range(rows: Choice[]): void {
    this.#rows = new Map(rows.map((row) => [row.id, row]));
  }

  clear(): void {
    this.anchor = -1;
    this.#rows = new Map();
  }
}
