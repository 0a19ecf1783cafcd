import { flushSync } from 'svelte';
import { chord, type KeyPress } from '../lib/chord';
import { listFilter } from '../lib/list-filter.svelte';
import { panels } from '../lib/panels.svelte';
import { router } from '../lib/router.svelte';
import type { Messages } from '../messages';
import { app } from '../store/app.svelte';
import { connection } from '../connection';
import * as commands from './commands';
import { startBypass, stopBypass } from './bypass.svelte';
import { toggleMiniPlayer } from './mini';

export type Action = keyof Messages['shortcuts']['actions'];
export type Group = keyof Messages['shortcuts']['groups'];

interface Shortcut {
  action: Action;
  keys: string;
  /** Without it, the focused component handles the action (see `actionOf`). */
  run?(): unknown;
  /** Runs again and again while the keys are held. */
  repeats?: true;
  /** Called when the keys are released, for actions that last as long as they are held. */
  onRelease?(): void;
  /** Cannot be rebound. */
  locked?: true;
}

const SEEK_STEP_S = 5;
const VOLUME_STEP = 5;

/** All shortcuts with their default keys. */
export const DEFAULT_SHORTCUTS: Record<Group, Shortcut[]> = {
  playing: [
    { action: 'toggle', keys: 'Space', run: commands.toggle },
    { action: 'next', keys: 'Ctrl+ArrowRight', run: commands.next },
    { action: 'previous', keys: 'Ctrl+ArrowLeft', run: commands.previous },
    { action: 'forward', keys: 'Shift+ArrowRight', repeats: true, run: () => commands.seekBy(SEEK_STEP_S) },
    { action: 'back', keys: 'Shift+ArrowLeft', repeats: true, run: () => commands.seekBy(-SEEK_STEP_S) },
    { action: 'louder', keys: 'Ctrl+ArrowUp', repeats: true, run: () => commands.changeVolume(VOLUME_STEP) },
    { action: 'quieter', keys: 'Ctrl+ArrowDown', repeats: true, run: () => commands.changeVolume(-VOLUME_STEP) },
    { action: 'mute', keys: 'M', run: commands.toggleMuted },
    { action: 'shuffle', keys: 'Ctrl+S', run: commands.toggleShuffle },
    { action: 'repeat', keys: 'Ctrl+R', run: commands.cycleRepeat },
    { action: 'switchMastering', keys: 'E', run: commands.toggleMastering },
    { action: 'compare', keys: 'B', run: startBypass, onRelease: stopBypass },
  ],
  navigation: [
    { action: 'search', keys: 'Ctrl+K', run: search },
    { action: 'playing', keys: 'Ctrl+J', run: goToPlaying },
    { action: 'queue', keys: 'Ctrl+U', run: () => panels.toggle('queue') },
    { action: 'mastering', keys: 'Shift+E', run: () => panels.toggle('mastering') },
    { action: 'lyrics', keys: 'L', run: () => panels.toggle('lyrics') },
    { action: 'nowPlaying', keys: 'V', run: nowPlaying },
    { action: 'mini', keys: 'Ctrl+M', run: toggleMiniPlayer },
    { action: 'settings', keys: 'Ctrl+,', run: () => router.go({ view: 'settings' }) },
    { action: 'goBack', keys: 'Alt+ArrowLeft', run: () => history.back() },
    { action: 'goForward', keys: 'Alt+ArrowRight', run: () => history.forward() },
    ...(connection.quit ? [{ action: 'quit' as const, keys: 'Ctrl+Q', run: connection.quit }] : []),
    { action: 'shortcuts', keys: '?', run: () => (panels.shortcuts = !panels.shortcuts) },
  ],
  list: [
    { action: 'play', keys: 'Enter', locked: true },
    { action: 'enqueue', keys: 'Q' },
    { action: 'playNext', keys: 'Shift+Q' },
    { action: 'favourite', keys: 'F' },
    { action: 'rate', keys: '0–5', locked: true },
    { action: 'selectAll', keys: 'Ctrl+A' },
    { action: 'filter', keys: 'Ctrl+F', run: () => listFilter.show() },
    { action: 'actions', keys: 'Shift+F10', locked: true },
  ],
  edit: [
    { action: 'moveUp', keys: 'Alt+ArrowUp' },
    { action: 'moveDown', keys: 'Alt+ArrowDown' },
    { action: 'remove', keys: 'Delete' },
    { action: 'undo', keys: 'Ctrl+Z', run: commands.undo },
    { action: 'redo', keys: 'Ctrl+Shift+Z', run: commands.redo },
  ],
};

const all = Object.values(DEFAULT_SHORTCUTS).flat();
/** The mini player has no views: only playback, quitting and the way back. */
const MINI_PLAYER_ACTIONS: readonly Action[] = [...DEFAULT_SHORTCUTS.playing.map(({ action }) => action), 'mini', 'quit'];

/** The current keys of an action; empty if it has none. */
export const keysOf = ({ action, keys, locked }: Shortcut): string =>
  locked ? keys : (app.settings.shortcuts[action] ?? keys);

/** The current keys of an action, by its name. */
export function keysFor(action: Action): string {
  const shortcut = all.find((shortcut) => shortcut.action === action);
  return shortcut ? keysOf(shortcut) : '';
}

/** The shortcut that has these keys. */
export const shortcutFor = (keys: string): Shortcut | undefined => all.find((shortcut) => keysOf(shortcut) === keys);

/** The action of a key event. */
export const actionOf = (event: KeyPress): Action | undefined => shortcutFor(chord(event))?.action;

/** Assigns keys to an action, and takes them from the action that had them. */
export function rebind(shortcut: Shortcut, keys: string): void {
  const shortcuts = { ...app.settings.shortcuts, [shortcut.action]: keys };
  const before = shortcutFor(keys);
  if (before?.locked) return;
  if (before && before !== shortcut) shortcuts[before.action] = '';
  for (const { action, keys } of all) if (shortcuts[action] === keys) delete shortcuts[action];
  void commands.changeSettings({ shortcuts });
}

export const resetShortcuts = (): void => void commands.changeSettings({ shortcuts: {} });

export const TEXT_FIELDS = 'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]';

/** Runs the shortcut of a key event, unless the key belongs to a text field or a focused control. */
export function onKeyDown(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.defaultPrevented || target.matches(TEXT_FIELDS) || target.closest('dialog')) return;
  // Space activates a button that was focused by keyboard; a click does not focus buttons.
  if (event.key === ' ' && target.matches('button, input')) return;
  const shortcut = shortcutFor(chord(event));
  if (!shortcut?.run) return;
  if (router.route.view === 'mini' && !MINI_PLAYER_ACTIONS.includes(shortcut.action)) return;
  event.preventDefault();
  if (event.repeat && !shortcut.repeats) return;
  if (shortcut.onRelease) held.set(event.code, shortcut.onRelease);
  shortcut.run();
}

/** What ends the actions of the keys that are held, by physical key. */
const held = new Map<string, () => void>();

/** Ends the action of a key that was held. */
export function onKeyUp({ code }: KeyboardEvent): void {
  held.get(code)?.();
  held.delete(code);
}

/** The window lost the focus, and will not notice when keys are released. */
export function onBlur(): void {
  held.forEach((release) => release());
  held.clear();
}

/** Focuses the search field. Synchronously, so that keys typed right after are not replaced as part of the selection. */
function search(): void {
  const field = () => document.querySelector<HTMLInputElement>('[role=search] input');
  if (!field()) flushSync(() => router.go({ view: 'search', words: '' }));
  field()?.select();
}

function nowPlaying(): void {
  if (router.route.view === 'playing') history.back();
  else router.go({ view: 'playing' });
}

function goToPlaying(): void {
  const { track } = app.player;
  if (track?.album_id != null) router.go({ view: 'album', album: track.album_id, track: track.id });
  else if (track) panels.side = 'queue';
}
