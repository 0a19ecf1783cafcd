const DELAY_MS = 500;
const MOVE_TOLERANCE_PX = 10;

/**
 * Calls `onLongPress` when a touch rests on the element. The click and the context menu that browsers send after it are
 * suppressed. iOS sends no `contextmenu` event, so long presses are recognised here on every system.
 */
export function watchLongPress(down: PointerEvent, onLongPress: (at: PointerEvent) => void): void {
  if (down.pointerType !== 'touch') return;
  const ends = new AbortController();
  const { signal } = ends;
  const timer = setTimeout(() => {
    ends.abort();
    suppressNext('click');
    onLongPress(down);
  }, DELAY_MS);
  const end = () => {
    clearTimeout(timer);
    ends.abort();
  };
  const move = (event: PointerEvent) => {
    const distance_px = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY);
    if (distance_px > MOVE_TOLERANCE_PX) end();
  };
  addEventListener('pointermove', move, { signal });
  // Scrolling cancels the pointer; Android sends `contextmenu` for a long press of its own.
  for (const type of ['pointerup', 'pointercancel', 'contextmenu'] as const) addEventListener(type, end, { signal });
}

/** Suppresses the next event of a type, if it belongs to the touch that is going on. */
function suppressNext(type: 'click'): void {
  const ends = new AbortController();
  const suppress = (event: Event) => {
    event.stopPropagation();
    event.preventDefault();
    ends.abort();
  };
  addEventListener(type, suppress, { signal: ends.signal, capture: true });
  // The click comes right after the finger is lifted, or not at all.
  addEventListener('pointerup', () => setTimeout(() => ends.abort()), { signal: ends.signal, once: true });
}
