import { expect, test, vi } from 'vitest';
import { app } from './app.svelte';
import { displayPosition_s } from './position.svelte';

test('the displayed position advances by seconds, and in a short track by steps of the bar', () => {
  vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }));
  vi.spyOn(performance, 'now').mockReturnValue(0);
  const shown = (position_s: number, duration_s: number) => {
    app.position = { position_s, running: false };
    app.player = { ...app.player, duration_s };
    return displayPosition_s();
  };
  expect([7.01, 7.5, 7.99].map((at) => shown(at, 1200))).toEqual([7, 7, 7]);
  expect(shown(8, 1200)).toBe(8);
  expect([7.01, 7.5, 7.99].map((at) => shown(at, 200))).toEqual([7, 7.5, 7.5]);
  expect(shown(7.01, 0)).toBe(7);
});
