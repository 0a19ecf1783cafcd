import type { PlaylistId, PlaylistRow } from '../transport/protocol';
import { rowsOf } from './rows';

const rows = rowsOf({ list: 'playlists' });

/** One of the playlists that the sidebar keeps at hand, and whether the list is there to find it in. */
export function playlistOf(id: PlaylistId): { playlist: PlaylistRow | undefined; known: boolean } {
  const total = rows.total ?? 0;
  for (let index = 0; index < total; index += 1) {
    const row = rows.at(index);
    if (row?.id === id) return { playlist: row, known: true };
  }
  return { playlist: undefined, known: rows.total !== undefined };
}
