let marked = false;

/** Marks when the first rows of a list were painted, for the benchmark of the start. */
export function markFirstList(): void {
  if (marked) return;
  marked = true;
  // The frame that draws them, and the one after it, which begins when they are on the screen.
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark('first-list')));
}
