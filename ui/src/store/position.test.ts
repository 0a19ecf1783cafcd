import { expect, test, vi } from 'vitest';
import { sections } from './sections.svelte';
import { shown_s } from './position.svelte';

test('what is drawn moves with the second, and in a short track by the width of a bar', () => {
  vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }));
  vi.spyOn(performance, 'now').mockReturnValue(0);
  const shown = (position_s: number, duration_s: number) => {
    sections.position = { position_s, running: false };
    sections.player = { ...sections.player, duration_s };
    return shown_s();
  };
  expect([7.01, 7.5, 7.99].map((at) => shown(at, 1200))).toEqual([7, 7, 7]);
  expect(shown(8, 1200)).toBe(8);
  expect([7.01, 7.5, 7.99].map((at) => shown(at, 200))).toEqual([7, 7.5, 7.5]);
  expect(shown(7.01, 0)).toBe(7);
});
