import { expect, test } from 'vitest';
import type { Hello, StateUpdate } from '../connection/protocol';
import { extrapolate } from './position.svelte';
import { AppStore } from './app.svelte';

const initial = new AppStore();
const { player, position, queue, library, output, outputs, signal, mastering, settings, export: exporting, notices } = initial;
const { remote, desktop, scrobbling, rooms } = initial;

function hello(session: string, rev: number, volume: number): Hello {
  const sound = { output, outputs, signal, mastering, export: exporting };
  const services = { remote, desktop, scrobbling, rooms };
  const view = { player: { ...player, volume }, position, queue, library, ...sound, settings, ...services, notices };
  return { session, rev, version: '0', capabilities: { this_machine: true }, view };
}

const volume = (session: string, rev: number, to: number): StateUpdate => ({
  session,
  rev,
  type: 'player',
  data: { ...player, volume: to },
});

test('an update that is not newer is ignored', () => {
  const app = new AppStore();
  app.hello(hello('a', 10, 50));
  app.update(volume('a', 10, 1));
  app.update(volume('a', 9, 2));
  expect([app.player.volume, app.rev]).toEqual([50, 10]);
  app.update(volume('a', 12, 60));
  app.update(volume('a', 11, 3));
  expect([app.player.volume, app.rev]).toEqual([60, 12]);
});

test('a new session replaces the state, and updates of the old one are ignored', () => {
  const app = new AppStore();
  app.hello(hello('a', 900, 50));
  app.hello(hello('b', 1, 30));
  expect([app.player.volume, app.rev]).toEqual([30, 1]);
  app.update(volume('a', 901, 99));
  expect(app.player.volume).toBe(30);
});

test('a command resolves when its outcome is shown', async () => {
  const app = new AppStore();
  app.hello(hello('a', 1, 50));
  let shown = 0;
  const over = app.waitForRev(3).then(() => (shown = app.player.volume));
  app.update(volume('a', 2, 60));
  await Promise.resolve();
  expect(shown).toBe(0);
  app.update(volume('a', 3, 70));
  await over;
  expect(shown).toBe(70);
});

test('nothing waits after a disconnection', async () => {
  const app = new AppStore();
  app.hello(hello('a', 1, 50));
  const over = app.waitForRev(5);
  app.disconnected();
  await over;
  await app.waitForRev(6);
});

test('the position advances only while playing, and never past the end', () => {
  expect(extrapolate({ position_s: 10, running: true }, 2500, 200)).toBe(12.5);
  expect(extrapolate({ position_s: 10, running: false }, 2500, 200)).toBe(10);
  expect(extrapolate({ position_s: 199, running: true }, 2500, 200)).toBe(200);
  expect(extrapolate({ position_s: 10, running: true }, -5, 200)).toBe(10);
});
