const MAX_SCROLL_POSITIONS = 100;

/** Scroll offsets of lists that were left, in px, so that going back finds them where they were. */
const positions = new Map<string, number>();

export const savedScroll = (key: string): number | undefined => positions.get(key);

export function saveScroll(key: string, offset_px: number): void {
  positions.delete(key);
  positions.set(key, offset_px);
  for (const old of positions.keys()) {
    if (positions.size <= MAX_SCROLL_POSITIONS) break;
    positions.delete(old);
  }
}
