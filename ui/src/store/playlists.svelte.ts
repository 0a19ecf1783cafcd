import type { PlaylistId, PlaylistRow } from '../connection/protocol';
import { rowsOf } from './rows';

const rows = rowsOf({ list: 'playlists' });

/** Finds a playlist in the list that the sidebar keeps loaded. `known` is false until that list has loaded. */
export function playlistOf(id: PlaylistId): { playlist: PlaylistRow | undefined; known: boolean } {
  const total = rows.total ?? 0;
  for (let index = 0; index < total; index += 1) {
    const row = rows.at(index);
    if (row?.id === id) return { playlist: row, known: true };
  }
  return { playlist: undefined, known: rows.total !== undefined };
}
