import { on } from 'svelte/events';

/**
 * Calls `poll` repeatedly while the component is mounted and the page is visible. A call starts `interval_ms` after the last
 * one has finished, so calls never overlap.
 */
export function pollWhileVisible(interval_ms: number, poll: () => Promise<unknown> | void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let ended = false;

  async function tick(): Promise<void> {
    timer = undefined;
    if (document.hidden || running || ended) return;
    running = true;
    try {
      await poll();
    } catch {
      // The next tick tries again; a lost connection is shown elsewhere.
    }
    running = false;
    if (!ended && !document.hidden) timer = setTimeout(() => void tick(), interval_ms);
  }

  const off = on(document, 'visibilitychange', () => {
    clearTimeout(timer);
    void tick();
  });
  void tick();
  return () => {
    ended = true;
    clearTimeout(timer);
    off();
  };
}
