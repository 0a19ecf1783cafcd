import { menu } from '../lib/menu.svelte';
import { router } from '../lib/router.svelte';
import { m } from '../messages';
import { app } from '../store/app.svelte';
import type { TrackSelection } from '../connection/protocol';
import { addRoot, enqueue, playTracks } from './commands';

/** Handles files and folders dropped on the window. Before the first music folder they are added as such, later a menu asks. */
export function onFilesDropped(paths: string[], x_px: number, y_px: number): void {
  const add = () => paths.forEach((path) => void addRoot(path));
  const tracks: TrackSelection = { from: 'files', paths };
  // The mini player has no room for a menu.
  if (router.route.view === 'mini') return void playTracks(tracks);
  if (app.library.roots === 0) return add();
  menu.showAt(
    [
      { label: m.menu.play, action: () => void playTracks(tracks) },
      { label: m.menu.playNext, action: () => void enqueue(tracks, 'next') },
      { label: m.menu.enqueue, action: () => void enqueue(tracks, 'queue') },
      // What has an extension is a file, not a music folder.
      ...(paths.some((path) => !/\.\w{2,5}$/.test(path)) ? [{ label: m.folder.add, startsGroup: true, action: add }] : []),
    ],
    x_px,
    y_px,
  );
}
