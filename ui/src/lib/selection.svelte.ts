export interface SelectableRow {
  /** Identifies the row in its list. */
  id: number;
  index: number;
  /** The track of the row; `undefined` if the library no longer has it. */
  track: number | undefined;
}

/** The selected rows of a list, by id. Local to this window. */
export class Selection {
  #rows = $state.raw<ReadonlyMap<number, SelectableRow>>(new Map());
  /** The row from which Shift extends the selection. */
  anchor: SelectableRow | undefined;

  has(id: number | undefined): boolean {
    return id !== undefined && this.#rows.has(id);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** The selected rows in list order. */
  get selected(): SelectableRow[] {
    return [...this.#rows.values()].sort((a, b) => a.index - b.index);
  }

  /** Selects exactly this row. */
  select(row: SelectableRow): void {
    this.anchor = row;
    this.#rows = new Map([[row.id, row]]);
  }

  toggle(row: SelectableRow): void {
    this.anchor = row;
    const rows = new Map(this.#rows);
    if (!rows.delete(row.id)) rows.set(row.id, row);
    this.#rows = rows;
  }

  /** Selects exactly these rows and keeps the anchor. */
  selectRange(rows: SelectableRow[]): void {
    this.#rows = new Map(rows.map((row) => [row.id, row]));
  }

  clear(): void {
    this.anchor = undefined;
    this.#rows = new Map();
  }
}
