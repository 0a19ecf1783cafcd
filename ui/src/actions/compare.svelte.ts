import { sections } from '../store/sections.svelte';
import { dispatch } from './commands';

/** Whether this window asked for it: what it hears of it comes later than a short press lasts. */
let held = false;

function set(on: boolean): void {
  if (held === on) return;
  held = on;
  void dispatch({ do: 'compare', on });
}

/** Whether there is anything to compare. */
export const canCompare = () => {
  const { enabled, intensity, night } = sections.mastering.settings;
  return enabled && intensity + night > 0;
};

export const startComparing = () => canCompare() && set(true);
export const stopComparing = () => set(false);

/** A button that lets the listener hear the plain sound for as long as it is held, by pointer or key. */
export function compare(button: HTMLButtonElement) {
  const off = new AbortController();
  const { signal } = off;
  const isKey = ({ key }: KeyboardEvent) => key === ' ' || key === 'Enter';
  button.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      startComparing();
    },
    { signal },
  );
  button.addEventListener('lostpointercapture', stopComparing, { signal });
  button.addEventListener('keydown', (event) => isKey(event) && !event.repeat && startComparing(), { signal });
  button.addEventListener('keyup', (event) => isKey(event) && stopComparing(), { signal });
  button.addEventListener('blur', stopComparing, { signal });
  return { destroy: () => (stopComparing(), off.abort()) };
}
