/** The most rows that stand in the document, whatever the screen. */
export const MOST_ROWS = 80;
const BEYOND_PX = 288;

export interface Sight {
  /** How far the list's first row is scrolled out, in px; negative below a lead. */
  offset_px: number;
  height_px: number;
  row_px: number;
  rows: number;
}

/**
 * Which rows to draw: those in sight and some beyond, first inclusive, end exclusive. So many wherever one is, so that
 * scrolling makes no rows.
 */
export function rowsInSight({ offset_px, height_px, row_px, rows }: Sight): { first: number; end: number } {
  const top = Math.floor(offset_px / row_px);
  const seen = Math.ceil(height_px / row_px) + 1;
  const beyond = Math.max(0, Math.min(Math.ceil(BEYOND_PX / row_px), Math.floor((MOST_ROWS - seen) / 2)));
  const count = Math.min(rows, MOST_ROWS, seen + 2 * beyond);
  const first = Math.min(Math.max(0, top - beyond), rows - count);
  return { first, end: first + count };
}

/**
 * The rows from `first` on in a ring of `count` places, as they stand in the document. A row that leaves at one end comes in
 * at the other in the same place; the order of the places is that of when `base` was the first.
 */
export function inRing(first: number, count: number, base: number): number[] {
  const ahead = (slot: number) => (((base + slot - first) % count) + count) % count;
  return Array.from({ length: count }, (_, slot) => first + ahead(slot));
}

/** Where to scroll so that a row is in sight: the least way, or nothing. */
export function scrollFor(
  row: number,
  { offset_px, height_px, row_px }: Sight,
  covered_px: number,
): number | undefined {
  const top = row * row_px;
  if (top - covered_px < offset_px) return top - covered_px;
  if (top + row_px > offset_px + height_px) return top + row_px - height_px;
  return undefined;
}
