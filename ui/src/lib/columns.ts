/** Cards of equal width that fill a row: how many, and how wide each is. */
export function columnsIn(width_px: number, least_px: number, gap_px: number): { columns: number; card_px: number } {
  const columns = Math.max(2, Math.floor((width_px + gap_px) / (least_px + gap_px)));
  return { columns, card_px: Math.floor((width_px - gap_px * (columns - 1)) / columns) };
}
