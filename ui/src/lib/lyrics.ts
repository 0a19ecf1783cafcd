/** Which line is sung at a time: the last whose time has come; −1 before the first. */
export function lineAt(lines: readonly { at_s: number | null }[], position_s: number): number {
  let found = -1;
  lines.forEach(({ at_s }, index) => {
    if (at_s !== null && at_s <= position_s) found = index;
  });
  return found;
}
