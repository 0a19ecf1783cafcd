/** Minimum width of an album card with its padding. It grows with the window, which is then seen from farther away. */
export const minAlbumWidth_px = (width_px: number): number => Math.max(168, width_px / 9);

/** The number of equally wide cards that fill a row, and their width. */
export function gridLayout(width_px: number, min_px: number, gap_px: number): { columns: number; card_px: number } {
  const columns = Math.max(2, Math.floor((width_px + gap_px) / (min_px + gap_px)));
  return { columns, card_px: Math.floor((width_px - gap_px * (columns - 1)) / columns) };
}
