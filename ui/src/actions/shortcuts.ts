import { flushSync } from 'svelte';
import { chord, type Pressed } from '../lib/chord';
import { panels } from '../lib/panels.svelte';
import { router } from '../lib/router.svelte';
import type { Messages } from '../messages';
import { sections } from '../store/sections.svelte';
import { transport } from '../transport';
import * as commands from './commands';
import { startComparing, stopComparing } from './compare.svelte';
import { openMini } from './mini';

export type Action = keyof Messages['shortcuts']['actions'];
export type Group = keyof Messages['shortcuts']['groups'];

interface Shortcut {
  action: Action;
  keys: string;
  /** Without it the part that has the focus does it, as `actionOf` tells it. */
  do?(): unknown;
  /** When the keys are let go: it lasts only as long as they are held. */
  end?(): void;
  /** Works by itself in every list, so it cannot be another key. */
  fixed?: true;
}

const SEEK_STEP_S = 5;
const VOLUME_STEP = 5;

/** Every key there is, as it is when nothing was changed. */
export const usual: Record<Group, Shortcut[]> = {
  playing: [
    { action: 'toggle', keys: 'Space', do: commands.toggle },
    { action: 'next', keys: 'Ctrl+ArrowRight', do: commands.next },
    { action: 'previous', keys: 'Ctrl+ArrowLeft', do: commands.previous },
    { action: 'forward', keys: 'Shift+ArrowRight', do: () => commands.seekBy(SEEK_STEP_S) },
    { action: 'back', keys: 'Shift+ArrowLeft', do: () => commands.seekBy(-SEEK_STEP_S) },
    { action: 'louder', keys: 'Ctrl+ArrowUp', do: () => commands.changeVolume(VOLUME_STEP) },
    { action: 'quieter', keys: 'Ctrl+ArrowDown', do: () => commands.changeVolume(-VOLUME_STEP) },
    { action: 'mute', keys: 'M', do: commands.toggleMuted },
    { action: 'shuffle', keys: 'Ctrl+S', do: commands.toggleShuffle },
    { action: 'repeat', keys: 'Ctrl+R', do: commands.cycleRepeat },
    { action: 'switchMastering', keys: 'E', do: commands.toggleMastering },
    { action: 'compare', keys: 'B', do: startComparing, end: stopComparing },
  ],
  going: [
    { action: 'search', keys: 'Ctrl+K', do: search },
    { action: 'playing', keys: 'Ctrl+J', do: goToPlaying },
    { action: 'queue', keys: 'Ctrl+U', do: () => panels.toggle('queue') },
    { action: 'mastering', keys: 'Shift+E', do: () => panels.toggle('mastering') },
    { action: 'lyrics', keys: 'L', do: () => panels.toggle('lyrics') },
    { action: 'nowPlaying', keys: 'V', do: nowPlaying },
    { action: 'mini', keys: 'Ctrl+M', do: () => openMini() },
    { action: 'settings', keys: 'Ctrl+,', do: () => router.go({ view: 'settings' }) },
    { action: 'goBack', keys: 'Alt+ArrowLeft', do: () => history.back() },
    { action: 'goForward', keys: 'Alt+ArrowRight', do: () => history.forward() },
    ...(transport.quit ? [{ action: 'quit' as const, keys: 'Ctrl+Q', do: transport.quit }] : []),
    { action: 'shortcuts', keys: '?', do: () => (panels.shortcuts = !panels.shortcuts) },
  ],
  list: [
    { action: 'play', keys: 'Enter', fixed: true },
    { action: 'enqueue', keys: 'Q' },
    { action: 'playNext', keys: 'Shift+Q' },
    { action: 'favourite', keys: 'F' },
    { action: 'rate', keys: '0–5', fixed: true },
    { action: 'selectAll', keys: 'Ctrl+A' },
    { action: 'filter', keys: 'Ctrl+F', do: () => (panels.filter = true) },
    { action: 'actions', keys: 'Shift+F10', fixed: true },
  ],
  edit: [
    { action: 'moveUp', keys: 'Alt+ArrowUp' },
    { action: 'moveDown', keys: 'Alt+ArrowDown' },
    { action: 'remove', keys: 'Delete' },
    { action: 'undo', keys: 'Ctrl+Z', do: commands.undo },
    { action: 'redo', keys: 'Ctrl+Shift+Z', do: commands.redo },
  ],
};

const all = Object.values(usual).flat();

/** The keys for an action, the listener's own before the usual ones. Empty if there are none. */
export const keysOf = ({ action, keys, fixed }: Shortcut): string =>
  fixed ? keys : (sections.settings.shortcuts[action] ?? keys);

/** What these keys do. */
export const boundTo = (keys: string): Shortcut | undefined => all.find((shortcut) => keysOf(shortcut) === keys);

/** What the pressed keys stand for. */
export const actionOf = (event: Pressed): Action | undefined => boundTo(chord(event))?.action;

/** Gives an action other keys; whatever had them loses them. */
export function rebind(shortcut: Shortcut, keys: string): void {
  const shortcuts = { ...sections.settings.shortcuts, [shortcut.action]: keys };
  const before = boundTo(keys);
  if (before?.fixed) return;
  if (before && before !== shortcut) shortcuts[before.action] = '';
  for (const { action, keys } of all) if (shortcuts[action] === keys) delete shortcuts[action];
  void commands.changeSettings({ shortcuts });
}

export const rebindAll = (): void => void commands.changeSettings({ shortcuts: {} });

const WRITING = 'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]';

/** Carries out what a key stands for, unless it is text being written or a control being worked. */
export function pressed(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.defaultPrevented || target.matches(WRITING) || target.closest('dialog')) return;
  // Space works the button that the keyboard went to; a click never leaves the focus on one.
  if (event.key === ' ' && target.matches('button, input')) return;
  const shortcut = boundTo(chord(event));
  if (!shortcut?.do) return;
  event.preventDefault();
  if (shortcut.end && event.repeat) return;
  held = shortcut.end;
  shortcut.do();
}

let held: (() => void) | undefined;

/** Ends what lasted as long as its key was held. */
export function released(): void {
  held?.();
  held = undefined;
}

/** Opens the search, wherever its field stands. At once: a key typed after it must not be replaced as a selection. */
function search(): void {
  const field = () => document.querySelector<HTMLInputElement>('input[type=search]');
  if (!field()) flushSync(() => router.go({ view: 'search', words: '' }));
  field()?.select();
}

function nowPlaying(): void {
  if (router.route.view === 'playing') history.back();
  else router.go({ view: 'playing' });
}

function goToPlaying(): void {
  const { track } = sections.player;
  if (track?.album_id != null) router.go({ view: 'album', album: track.album_id, track: track.id });
  else if (track) panels.side = 'queue';
}
