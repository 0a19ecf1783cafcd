import { app } from '../store/app.svelte';
import { dispatch } from './commands';

/** Whether this window has switched the bypass on. The state from the core may arrive only after a short press has ended. */
let holding = false;

function setBypass(on: boolean): void {
  if (holding === on) return;
  holding = on;
  void dispatch({ do: 'compare', on });
}

/** Whether mastering is active, so that there is something to compare with. */
export const canBypass = () => {
  const { enabled, intensity, night } = app.mastering.settings;
  return enabled && intensity + night > 0;
};

export const startBypass = () => canBypass() && setBypass(true);
export const stopBypass = () => setBypass(false);

/** Bypasses mastering for as long as the button is held, by pointer or key. */
export function holdToBypass(button: HTMLButtonElement) {
  const off = new AbortController();
  const { signal } = off;
  const isKey = ({ key }: KeyboardEvent) => key === ' ' || key === 'Enter';
  button.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      startBypass();
    },
    { signal },
  );
  button.addEventListener('lostpointercapture', stopBypass, { signal });
  button.addEventListener('keydown', (event) => isKey(event) && !event.repeat && startBypass(), { signal });
  button.addEventListener('keyup', (event) => isKey(event) && stopBypass(), { signal });
  button.addEventListener('blur', stopBypass, { signal });
  return { destroy: () => (stopBypass(), off.abort()) };
}
