/** Index of the line that is sung at a position: the last one that has started, or −1 before the first. */
export function lineAt(lines: readonly { at_s: number | null }[], position_s: number): number {
  let found = -1;
  lines.forEach(({ at_s }, index) => {
    if (at_s !== null && at_s <= position_s) found = index;
  });
  return found;
}
