import { dialogs } from '../lib/dialogs.svelte';
import { menu, type MenuItem } from '../lib/menu.svelte';
import { router } from '../lib/router.svelte';
import { m } from '../messages';
import { rowsOf } from '../store/rows';
import { app } from '../store/app.svelte';
import type { PlaylistId, PlaylistRow, SmartPlaylist, TrackSelection } from '../connection/protocol';
import { dispatch, edit, playTracks } from './commands';
import { exportItems } from './exports';
import { fileToRead, fileToWrite } from './files';

const MAX_PLAYLISTS = 10_000;

/** All playlists, by name. */
export const playlists = () => rowsOf({ list: 'playlists' }).fetchRange(0, MAX_PLAYLISTS - 1);

export const addToPlaylist = (playlist: PlaylistId, tracks: TrackSelection) =>
  edit({ edit: 'add_to_playlist', playlist, tracks });

/** Creates a playlist, and opens it unless it was created for tracks. Resolves with whether it was created. */
export async function createPlaylist(
  name: string,
  content: { tracks?: TrackSelection; smart?: SmartPlaylist },
): Promise<boolean> {
  if (!(await edit({ edit: 'create_playlist', name, ...content }))) return false;
  const created = (await playlists()).find((playlist) => playlist.name === name);
  if (created && !content.tracks) router.go({ view: 'playlist', playlist: created.id });
  return true;
}

export async function importPlaylist(): Promise<void> {
  const path = await fileToRead(m.playlist.import, PLAYLIST_EXTENSIONS);
  if (path) await edit({ edit: 'import_playlist', path });
}

export async function exportPlaylist({ id, name }: PlaylistRow): Promise<void> {
  const path = await fileToWrite(m.playlist.export, `${name.replaceAll('/', '-')}.m3u8`);
  if (path) await dispatch({ do: 'export', export: 'playlist', playlist: id, path });
}

const PLAYLIST_EXTENSIONS = ['m3u8', 'm3u', 'pls', 'xspf'];

export function playlistMenu(playlist: PlaylistRow): MenuItem[] {
  const { id, name, smart } = playlist;
  const tracks: TrackSelection = { from: 'playlist', playlist: id };
  return [
    { label: m.menu.play, action: () => void playTracks(tracks) },
    ...(smart
      ? [{ label: m.playlist.edit, startsGroup: true, action: () => (dialogs.playlist = { playlist, smart }) }]
      : [{ label: m.playlist.rename, startsGroup: true, action: () => (dialogs.playlist = { playlist }) }]),
    ...(app.isLocal ? [{ label: m.playlist.export, action: () => void exportPlaylist(playlist) }] : []),
    ...exportItems(tracks),
    {
      label: m.playlist.delete,
      startsGroup: true,
      action: () =>
        (dialogs.confirm = {
          title: m.playlist.confirmDelete(name),
          text: m.playlist.confirmDeleteMore,
          label: m.playlist.delete,
          action: () => void deletePlaylist(id),
        }),
    },
  ];
}

async function deletePlaylist(id: PlaylistId): Promise<void> {
  if (!(await edit({ edit: 'delete_playlist', playlist: id }))) return;
  if (router.route.view === 'playlist' && router.route.playlist === id) router.replace({ view: 'playlists' });
}

/** The menu of the button that adds a playlist. */
export function showNewPlaylistMenu(button: Element): void {
  const smart: SmartPlaylist = { search: '', sort: 'artist', descending: false, limit: null };
  menu.show(
    [
      { label: m.playlist.create, action: () => (dialogs.playlist = {}) },
      { label: m.playlist.createSmart, action: () => (dialogs.playlist = { smart }) },
      ...(app.isLocal
        ? [{ label: m.playlist.import, startsGroup: true, action: () => void importPlaylist() }]
        : []),
    ],
    button,
  );
}
