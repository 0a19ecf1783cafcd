import { on } from 'svelte/events';

/**
 * Does something again and again while a part is there and the window can be seen. Never twice at a time: the next waits
 * until the last is done.
 */
export function whileSeen(every_ms: number, act: () => Promise<unknown> | void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let ended = false;

  async function turn(): Promise<void> {
    timer = undefined;
    if (document.hidden || running || ended) return;
    running = true;
    try {
      await act();
    } catch {
      // The next turn asks again; a lost connection is told elsewhere.
    }
    running = false;
    if (!ended && !document.hidden) timer = setTimeout(() => void turn(), every_ms);
  }

  const off = on(document, 'visibilitychange', () => {
    clearTimeout(timer);
    void turn();
  });
  void turn();
  return () => {
    ended = true;
    clearTimeout(timer);
    off();
  };
}
