import type { PlaylistId, PlaylistRow } from '../connection/protocol';
import { rowsOf, versionKey } from './rows';

const rows = rowsOf({ list: 'playlists' });

/** All playlists, fetched when one is not among those that the sidebar has loaded; with their version. */
let all = $state.raw<{ version: string; playlists: PlaylistRow[] }>();
let fetching = '';

/** Finds a playlist. `known` is false until it is certain whether it exists. */
export function playlistOf(id: PlaylistId): { playlist: PlaylistRow | undefined; known: boolean } {
  const total = rows.total ?? 0;
  let complete = rows.total !== undefined;
  for (let index = 0; index < total; index += 1) {
    const row = rows.at(index);
    if (row?.id === id) return { playlist: row, known: true };
    complete &&= row !== undefined;
  }
  if (complete || rows.total === undefined) return { playlist: undefined, known: complete };
  const version = versionKey(rows.list);
  const playlist = all?.playlists.find((row) => row.id === id);
  if (all?.version !== version) void fetchAll(version, total);
  return { playlist, known: playlist !== undefined || all?.version === version };
}

async function fetchAll(version: string, total: number): Promise<void> {
  if (fetching === version) return;
  fetching = version;
  try {
    all = { version, playlists: await rows.fetchRange(0, total - 1) };
  } finally {
    fetching = '';
  }
}
