import type { DragPayload, DropTarget } from './drag.svelte';

const EDGE_STEP_PX = 8;
const EDGE_PX = 48;

interface List {
  /** The element that scrolls. */
  scroller(): HTMLElement;
  /** The element that contains the rows. */
  rowsBox(): HTMLElement;
  row_px(): number;
  rows(): number;
  accepts(payload: DragPayload): boolean;
  /** Dropped before a row, or at the end if `before` is the number of rows. */
  drop(payload: DragPayload, before: number): void;
}

/** A list as a drop target: knows between which rows the pointer is, and scrolls while it is near an edge. */
export class ListDrop implements DropTarget {
  /** The row before which a drop would insert; `undefined` while nothing is dragged over the list. */
  before = $state<number>();
  #y_px = 0;

  constructor(readonly list: List) {}

  accepts(payload: DragPayload): boolean {
    return this.list.accepts(payload);
  }

  drop(payload: DragPayload): void {
    if (this.before !== undefined) this.list.drop(payload, this.before);
  }

  over(y_px: number | undefined): void {
    const entered = this.before === undefined;
    if (y_px === undefined) return void (this.before = undefined);
    this.#y_px = y_px;
    const { top } = this.list.rowsBox().getBoundingClientRect();
    this.before = Math.max(0, Math.min(this.list.rows(), Math.round((y_px - top) / this.list.row_px())));
    if (entered) requestAnimationFrame(() => this.#scrollAtEdge());
  }

  #scrollAtEdge(): void {
    if (this.before === undefined) return;
    const scroller = this.list.scroller();
    const { top, bottom } = scroller.getBoundingClientRect();
    const direction = this.#y_px < top + EDGE_PX ? -1 : this.#y_px > bottom - EDGE_PX ? 1 : 0;
    if (direction !== 0) {
      scroller.scrollTop += direction * EDGE_STEP_PX;
      this.over(this.#y_px);
    }
    requestAnimationFrame(() => this.#scrollAtEdge());
  }
}
