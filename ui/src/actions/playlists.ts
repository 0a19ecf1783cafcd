import { dialogs } from '../lib/dialogs.svelte';
import { menu, type MenuItem } from '../lib/menu.svelte';
import { router } from '../lib/router.svelte';
import { m } from '../messages';
import { rowsOf } from '../store/rows';
import { sections } from '../store/sections.svelte';
import type { PlaylistId, PlaylistRow, SmartPlaylist, TrackSelection } from '../transport/protocol';
import { dispatch, edit, playTracks } from './commands';
import { exportItems } from './exports';
import { fileToRead, fileToWrite } from './files';

const MOST_PLAYLISTS = 500;

/** All playlists, by name. */
export const playlists = () => rowsOf({ list: 'playlists' }).between(0, MOST_PLAYLISTS - 1);

export const addToPlaylist = (playlist: PlaylistId, tracks: TrackSelection) =>
  edit({ edit: 'add_to_playlist', playlist, tracks });

/** Makes a playlist, and opens it where nothing was put into it. Says whether it could be made. */
export async function createPlaylist(
  name: string,
  content: { tracks?: TrackSelection; smart?: SmartPlaylist },
): Promise<boolean> {
  if (!(await edit({ edit: 'create_playlist', name, ...content }))) return false;
  const made = (await playlists()).find((playlist) => playlist.name === name);
  if (made && !content.tracks) router.go({ view: 'playlist', playlist: made.id });
  return true;
}

export async function importPlaylist(): Promise<void> {
  const path = await fileToRead(m.playlist.import, PLAYLIST_FILES);
  if (path) await edit({ edit: 'import_playlist', path });
}

export async function exportPlaylist({ id, name }: PlaylistRow): Promise<void> {
  const path = await fileToWrite(m.playlist.export, `${name.replaceAll('/', '-')}.m3u8`);
  if (path) await dispatch({ do: 'export', export: 'playlist', playlist: id, path });
}

const PLAYLIST_FILES = ['m3u8', 'm3u', 'pls', 'xspf'];

export function playlistMenu(playlist: PlaylistRow): MenuItem[] {
  const { id, name, smart } = playlist;
  const tracks: TrackSelection = { from: 'playlist', playlist: id };
  return [
    { label: m.menu.play, do: () => void playTracks(tracks) },
    ...(smart
      ? [{ label: m.playlist.edit, apart: true, do: () => (dialogs.playlist = { playlist, smart }) }]
      : [{ label: m.playlist.rename, apart: true, do: () => (dialogs.playlist = { playlist }) }]),
    ...(sections.thisMachine ? [{ label: m.playlist.export, do: () => void exportPlaylist(playlist) }] : []),
    ...exportItems(tracks),
    {
      label: m.playlist.delete,
      apart: true,
      do: () =>
        (dialogs.confirm = {
          title: m.playlist.confirmDelete(name),
          text: m.playlist.confirmDeleteMore,
          label: m.playlist.delete,
          do: () => void deletePlaylist(id),
        }),
    },
  ];
}

async function deletePlaylist(id: PlaylistId): Promise<void> {
  if (!(await edit({ edit: 'delete_playlist', playlist: id }))) return;
  if (router.route.view === 'playlist' && router.route.playlist === id) router.replace({ view: 'playlists' });
}

/** The ways to a new playlist. */
export function showNewPlaylistMenu(button: Element): void {
  const smart: SmartPlaylist = { search: '', sort: 'artist', descending: false, limit: null };
  menu.show(
    [
      { label: m.playlist.create, do: () => (dialogs.playlist = {}) },
      { label: m.playlist.createSmart, do: () => (dialogs.playlist = { smart }) },
      ...(sections.thisMachine
        ? [{ label: m.playlist.import, apart: true, do: () => void importPlaylist() }]
        : []),
    ],
    button,
  );
}
