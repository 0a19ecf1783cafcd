import { expect, test } from 'vitest';
import type { Hello, StateUpdate } from '../transport/protocol';
import { extrapolate } from './position.svelte';
import { Sections } from './sections.svelte';

const nothing = new Sections();
const { player, position, queue, library, output, outputs, signal, mastering, settings, export: exporting, notices } = nothing;
const { remote, desktop, scrobbling } = nothing;

function hello(session: string, rev: number, volume: number): Hello {
  const sound = { output, outputs, signal, mastering, export: exporting };
  const doors = { remote, desktop, scrobbling };
  const view = { player: { ...player, volume }, position, queue, library, ...sound, settings, ...doors, notices };
  return { session, rev, version: '0', capabilities: { this_machine: true }, view };
}

const volume = (session: string, rev: number, to: number): StateUpdate => ({
  session,
  rev,
  type: 'player',
  data: { ...player, volume: to },
});

test('what is not newer is dropped', () => {
  const sections = new Sections();
  sections.hello(hello('a', 10, 50));
  sections.message(volume('a', 10, 1));
  sections.message(volume('a', 9, 2));
  expect([sections.player.volume, sections.rev]).toEqual([50, 10]);
  sections.message(volume('a', 12, 60));
  sections.message(volume('a', 11, 3));
  expect([sections.player.volume, sections.rev]).toEqual([60, 12]);
});

test('a new session starts afresh, and the old one has no more to say', () => {
  const sections = new Sections();
  sections.hello(hello('a', 900, 50));
  sections.hello(hello('b', 1, 30));
  expect([sections.player.volume, sections.rev]).toEqual([30, 1]);
  sections.message(volume('a', 901, 99));
  expect(sections.player.volume).toBe(30);
});

test('a command is over when what it caused is shown', async () => {
  const sections = new Sections();
  sections.hello(hello('a', 1, 50));
  let shown = 0;
  const over = sections.reached(3).then(() => (shown = sections.player.volume));
  sections.message(volume('a', 2, 60));
  await Promise.resolve();
  expect(shown).toBe(0);
  sections.message(volume('a', 3, 70));
  await over;
  expect(shown).toBe(70);
});

test('nobody waits for a core that is gone', async () => {
  const sections = new Sections();
  sections.hello(hello('a', 1, 50));
  const over = sections.reached(5);
  sections.lost();
  await over;
  await sections.reached(6);
});

test('the position moves only while it runs, and never past the end', () => {
  expect(extrapolate({ position_s: 10, running: true }, 2500, 200)).toBe(12.5);
  expect(extrapolate({ position_s: 10, running: false }, 2500, 200)).toBe(10);
  expect(extrapolate({ position_s: 199, running: true }, 2500, 200)).toBe(200);
  expect(extrapolate({ position_s: 10, running: true }, -5, 200)).toBe(10);
});
