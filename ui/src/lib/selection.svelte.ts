/** The rows that are selected, by id, each with the index at which it was. View state: no other client sees it. */
export class Selection {
  #rows = $state.raw<ReadonlyMap<number, number>>(new Map());
  /** From where Shift selects. */
  anchor = -1;

  has(id: number | undefined): boolean {
    return id !== undefined && this.#rows.has(id);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** In the order of the list. */
  get ids(): number[] {
    return [...this.#rows].sort(([, a], [, b]) => a - b).map(([id]) => id);
  }

  only(id: number, index: number): void {
    this.anchor = index;
    this.#rows = new Map([[id, index]]);
  }

  toggle(id: number, index: number): void {
    this.anchor = index;
    const rows = new Map(this.#rows);
    if (!rows.delete(id)) rows.set(id, index);
    this.#rows = rows;
  }

  /** These and no others; the anchor stays. */
  range(ids: number[], first: number): void {
    this.#rows = new Map(ids.map((id, offset) => [id, first + offset]));
  }

  clear(): void {
    this.anchor = -1;
    this.#rows = new Map();
  }
}
