let marked = false;

/** Marks when the first rows of a list were painted; read by the start-up benchmark. */
export function markFirstList(): void {
  if (marked) return;
  marked = true;
  // The first frame draws the rows; the next begins when they are on the screen.
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark('first-list')));
}
