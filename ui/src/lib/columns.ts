/** An album with its padding is at least so wide: in wide windows, where it is looked at from farther away, wider. */
export const leastAlbum_px = (width_px: number): number => Math.max(168, width_px / 9);

/** Cards of equal width that fill a row: how many, and how wide each is. */
export function columnsIn(width_px: number, least_px: number, gap_px: number): { columns: number; card_px: number } {
  const columns = Math.max(2, Math.floor((width_px + gap_px) / (least_px + gap_px)));
  return { columns, card_px: Math.floor((width_px - gap_px * (columns - 1)) / columns) };
}
