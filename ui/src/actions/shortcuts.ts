import { flushSync } from 'svelte';
import { chord } from '../lib/chord';
import { panels } from '../lib/panels.svelte';
import { router } from '../lib/router.svelte';
import { m } from '../messages';
import { sections } from '../store/sections.svelte';
import * as commands from './commands';

interface Shortcut {
  keys: string;
  label: string;
  /** Without it the part that has the focus does it; the table only tells. */
  do?(): void;
}

const SEEK_STEP_S = 5;
const VOLUME_STEP = 5;

const words = m.shortcuts;

/** Every key there is, as the overlay shows them. */
export const shortcuts: { title: string; keys: Shortcut[] }[] = [
  {
    title: words.groups.playing,
    keys: [
      { keys: 'Space', label: words.toggle, do: commands.toggle },
      { keys: 'Ctrl+ArrowRight', label: words.next, do: commands.next },
      { keys: 'Ctrl+ArrowLeft', label: words.previous, do: commands.previous },
      { keys: 'Shift+ArrowRight', label: words.forward, do: () => commands.seekBy(SEEK_STEP_S) },
      { keys: 'Shift+ArrowLeft', label: words.back, do: () => commands.seekBy(-SEEK_STEP_S) },
      { keys: 'Ctrl+ArrowUp', label: words.louder, do: () => commands.changeVolume(VOLUME_STEP) },
      { keys: 'Ctrl+ArrowDown', label: words.quieter, do: () => commands.changeVolume(-VOLUME_STEP) },
      { keys: 'M', label: words.mute, do: commands.toggleMuted },
      { keys: 'Ctrl+S', label: words.shuffle, do: commands.toggleShuffle },
      { keys: 'Ctrl+R', label: words.repeat, do: commands.cycleRepeat },
    ],
  },
  {
    title: words.groups.going,
    keys: [
      { keys: 'Ctrl+K', label: words.search, do: search },
      { keys: 'Ctrl+J', label: words.playing, do: goToPlaying },
      { keys: 'Ctrl+,', label: words.settings, do: () => router.go({ view: 'settings' }) },
      { keys: 'Alt+ArrowLeft', label: words.goBack, do: () => history.back() },
      { keys: 'Alt+ArrowRight', label: words.goForward, do: () => history.forward() },
      { keys: '?', label: words.shortcuts, do: () => (panels.shortcuts = !panels.shortcuts) },
    ],
  },
  {
    title: words.groups.list,
    keys: [
      { keys: 'Enter', label: words.play },
      { keys: 'Q', label: words.enqueue },
      { keys: 'Shift+Q', label: words.playNext },
      { keys: 'Ctrl+A', label: words.selectAll },
      { keys: 'Shift+F10', label: words.actions },
    ],
  },
  {
    title: words.groups.queue,
    keys: [
      { keys: 'Alt+ArrowUp', label: words.moveUp },
      { keys: 'Alt+ArrowDown', label: words.moveDown },
      { keys: 'Delete', label: words.remove },
      { keys: 'Ctrl+Z', label: words.undo, do: commands.undo },
      { keys: 'Ctrl+Shift+Z', label: words.redo, do: commands.redo },
    ],
  },
];

const bound = new Map(shortcuts.flatMap(({ keys }) => keys).map((shortcut) => [shortcut.keys, shortcut]));

/** Carries out what a key stands for, unless it is text being written or a control being worked. */
export function pressed(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.defaultPrevented || target.matches('input:not([type=radio]), textarea, [contenteditable]')) return;
  // Space works the button that the keyboard went to; a click never leaves the focus on one.
  if (event.key === ' ' && target.matches('button, input')) return;
  const shortcut = bound.get(chord(event));
  if (!shortcut?.do) return;
  event.preventDefault();
  shortcut.do();
}

/** Opens the search, wherever its field stands. At once: a key typed after it must not be replaced as a selection. */
function search(): void {
  const field = () => document.querySelector<HTMLInputElement>('input[type=search]');
  if (!field()) flushSync(() => router.go({ view: 'search', words: '' }));
  field()?.select();
}

function goToPlaying(): void {
  const { track } = sections.player;
  if (track?.album_id != null) router.go({ view: 'album', album: track.album_id, track: track.id });
  else if (track) panels.queue = true;
}
