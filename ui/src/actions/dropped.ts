import { menu } from '../lib/menu.svelte';
import { m } from '../messages';
import { sections } from '../store/sections.svelte';
import type { TrackSelection } from '../transport/protocol';
import { addRoot, enqueue, playTracks } from './commands';

/** Files and folders were let go over the window. The first ones are the listener's music; later ones may be but heard. */
export function dropped(paths: string[], x_px: number, y_px: number): void {
  const add = () => paths.forEach((path) => void addRoot(path));
  if (sections.library.roots === 0) return add();
  const tracks: TrackSelection = { from: 'files', paths };
  menu.showAt(
    [
      { label: m.menu.play, do: () => void playTracks(tracks) },
      { label: m.menu.playNext, do: () => void enqueue(tracks, 'next') },
      { label: m.menu.enqueue, do: () => void enqueue(tracks, 'queue') },
      // What has an ending is a file, and no file is a folder of music.
      ...(paths.some((path) => !/\.\w{2,5}$/.test(path)) ? [{ label: m.folder.add, apart: true, do: add }] : []),
    ],
    x_px,
    y_px,
  );
}
