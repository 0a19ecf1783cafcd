import { edit, playTracks } from '../actions/commands';
import { listOf } from '../actions/lists';
import { moment } from '../lib/format';
import { m } from '../messages';
import type { ListRows } from '../store/list-rows.svelte';
import { rowsOf } from '../store/rows';
import type { ListQuery, PlaylistId, TrackList, TrackRow, TrackSelection } from '../transport/protocol';

/** A row of a list of tracks, whichever list that is. */
export interface TrackLine {
  /** Names the row in its list. */
  id: number;
  /** One that the library no longer has is made up, and not available. */
  track: TrackRow;
  /** What else there is to say of it. */
  note?: string;
}

/** Where a list of tracks comes from and what can be done with its rows. */
export interface TrackSource {
  /** The same name for the same rows. */
  name: string;
  rows: Pick<ListRows<ListQuery>, 'list' | 'total' | 'refusal' | 'show' | 'retry'>;
  at(index: number): TrackLine | undefined;
  between(first: number, last: number): Promise<TrackLine[]>;
  /** Plays the list from a row on. */
  play(index: number): Promise<unknown>;
  /** By what it is ordered, where the listener chose that. */
  order?: TrackList;
  remove?: { label: string; do(ids: number[]): Promise<unknown> };
  move?(ids: number[], before: number | undefined): Promise<unknown>;
  add?(tracks: number[], before: number | undefined): Promise<unknown>;
}

/** TrackSelection of the library. */
export function sourceOf(list: TrackList): TrackSource {
  const rows = rowsOf(listOf(list));
  const line = (track: TrackRow) => ({ id: track.id, track });
  return {
    name: JSON.stringify(list),
    rows,
    order: list,
    at: (index) => mapped(rows.at(index), line),
    between: async (first, last) => (await rows.between(first, last)).map(line),
    play: (index) => playTracks({ from: 'list', list }, index, rows.at(index)?.id),
  };
}

/** The entries of a playlist; those of a smart one cannot be edited. */
export function playlistSource(playlist: PlaylistId, smart: boolean): TrackSource {
  const rows = rowsOf({ list: 'playlist', playlist });
  type Row = NonNullable<ReturnType<typeof rows.at>>;
  // A smart playlist's rows have no id of their own, but a track stands in it once.
  const line = ({ entry, track }: Row) => ({ id: entry ?? track?.id ?? 0, track: track ?? gone(m.queue.gone) });
  const tracks: TrackSelection = { from: 'playlist', playlist };
  return {
    name: `playlist ${playlist}`,
    rows,
    at: (index) => mapped(rows.at(index), line),
    between: async (first, last) => (await rows.between(first, last)).map(line),
    play: (index) => playTracks(tracks, index, rows.at(index)?.track?.id),
    ...(!smart && {
      remove: {
        label: m.playlist.removeTracks,
        do: (entries) => edit({ edit: 'remove_from_playlist', playlist, entries }),
      },
      move: (entries, before) =>
        edit({ edit: 'move_in_playlist', playlist, entries, ...(before !== undefined && { before }) }),
      add: (ids, before) =>
        edit({
          edit: 'add_to_playlist',
          playlist,
          tracks: { from: 'ids', ids },
          ...(before !== undefined && { before }),
        }),
    }),
  };
}

/** So many rows of a list that is none of tracks alone are played from one on. */
const MOST_PLAYED = 500;

/** What was listened to, the last first. */
export function historySource(): TrackSource {
  const rows = rowsOf({ list: 'history' });
  type Row = NonNullable<ReturnType<typeof rows.at>>;
  const line = (row: Row) => ({
    id: row.id,
    track: row.track ?? gone(row.title, row.artist, row.album),
    note: moment(row.began_s),
  });
  return {
    name: 'history',
    rows,
    at: (index) => mapped(rows.at(index), line),
    between: async (first, last) => (await rows.between(first, last)).map(line),
    play: (index) => playFrom(rows, index),
    remove: { label: m.history.forget, do: (listens) => edit({ edit: 'forget_listens', listens }) },
  };
}

/** TrackSelection that seem to be there more than once, and why. */
export function duplicatesSource(): TrackSource {
  const rows = rowsOf({ list: 'duplicates' });
  type Row = NonNullable<ReturnType<typeof rows.at>>;
  const line = ({ group, by, track }: Row) => ({
    // A track may stand in several groups.
    id: group * 2 ** 32 + track.id,
    track,
    note: m.duplicates.note(group + 1, m.duplicates.by[by], track.codec),
  });
  return {
    name: 'duplicates',
    rows,
    at: (index) => mapped(rows.at(index), line),
    between: async (first, last) => (await rows.between(first, last)).map(line),
    play: (index) => playFrom(rows, index),
  };
}

async function playFrom<L extends ListQuery>(rows: ListRows<L>, index: number): Promise<void> {
  const found = await rows.between(index, Math.min((rows.total ?? 0) - 1, index + MOST_PLAYED - 1));
  const ids = (found as { track: TrackRow | null }[]).flatMap(({ track }) => track?.id ?? []);
  await playTracks({ from: 'ids', ids }, 0);
}

function mapped<T, U>(value: T | undefined, to: (value: T) => U): U | undefined {
  return value === undefined ? undefined : to(value);
}

/** Stands for a track that the library no longer has. */
function gone(title: string, artist = '', album = ''): TrackRow {
  return {
    id: 0,
    title,
    artist,
    album,
    album_id: null,
    artist_id: null,
    duration_s: 0,
    cover: null,
    favourite: false,
    rating: null,
    track_number: null,
    disc_number: null,
    year: null,
    original_year: null,
    genre: '',
    composer: '',
    bpm: null,
    added_s: 0,
    codec: '',
    plays: 0,
    played_s: null,
    available: false,
  };
}
