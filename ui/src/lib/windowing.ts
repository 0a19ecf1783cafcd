/** Maximum number of rows in the document, on any screen. */
export const MAX_ROWS = 80;
const OVERSCAN_PX = 288;

export interface Viewport {
  /** How far the first row is scrolled above the top, in px; negative while a header is above it. */
  offset_px: number;
  height_px: number;
  row_px: number;
  rows: number;
}

/**
 * The rows to draw: the visible ones and some beyond; first inclusive, end exclusive. Their number is the same at every scroll
 * position, so that scrolling creates no elements.
 */
export function visibleRows({ offset_px, height_px, row_px, rows }: Viewport): { first: number; end: number } {
  const top = Math.floor(offset_px / row_px);
  const fitting = Math.ceil(height_px / row_px) + 1;
  const overscan = Math.max(0, Math.min(Math.ceil(OVERSCAN_PX / row_px), Math.floor((MAX_ROWS - fitting) / 2)));
  const count = Math.min(rows, MAX_ROWS, fitting + 2 * overscan);
  const first = Math.min(Math.max(0, top - overscan), rows - count);
  return { first, end: first + count };
}

/**
 * The order of the `count` rows from `first` in the document, where elements are recycled: one that is scrolled out at one end
 * comes in at the other without being moved. `base` is the row that was first when the order was last restored.
 */
export function recycledOrder(first: number, count: number, base: number): number[] {
  const ahead = (slot: number) => (((base + slot - first) % count) + count) % count;
  return Array.from({ length: count }, (_, slot) => first + ahead(slot));
}

/** The scroll offset that brings a row into view with the least movement; `undefined` if it is visible already. */
export function scrollToReveal(
  row: number,
  { offset_px, height_px, row_px }: Viewport,
  covered_px: number,
): number | undefined {
  const top = row * row_px;
  if (top - covered_px < offset_px) return top - covered_px;
  if (top + row_px > offset_px + height_px) return top + row_px - height_px;
  return undefined;
}
