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

/** Which rows to draw: those in sight and a few beyond, first inclusive, end exclusive; and how many that is at most. */
export function rowsInSight({ offset_px, height_px, row_px, rows }: Sight): { first: number; end: number; most: number } {
  const top = Math.floor(offset_px / row_px);
  const seen = Math.ceil(height_px / row_px) + 1;
  const beyond = Math.max(0, Math.min(Math.ceil(BEYOND_PX / row_px), Math.floor((MOST_ROWS - seen) / 2)));
  const first = Math.min(Math.max(0, top - beyond), Math.max(0, rows - seen));
  const end = Math.max(first, Math.min(rows, top + seen + beyond, first + MOST_ROWS));
  return { first, end, most: Math.min(MOST_ROWS, seen + 2 * beyond) };
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
