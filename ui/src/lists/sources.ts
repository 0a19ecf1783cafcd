import { edit, enqueueBefore, jumpTo, moveEntries, playTracks, removeEntries } from '../actions/commands';
import { tracksQuery } from '../actions/lists';
import { formatDateTime } from '../lib/format';
import type { Section } from '../lib/sectioned-lines';
import { m } from '../messages';
import { app } from '../store/app.svelte';
import type { ListRows } from '../store/list-rows.svelte';
import { rowsOf } from '../store/rows';
import type { ListQuery, PlaylistId, TrackList, TrackRow, TrackSelection } from '../connection/protocol';

/** A row of any track list. */
export interface TrackListItem {
  /** Identifies the row in its list. */
  id: number;
  /** A placeholder, not available, if the library no longer has the track. */
  track: TrackRow;
  /** Shown in the column `note`. */
  note?: string;
  /** The listener added it to the queue. */
  queued?: boolean;
}

/** The rows of a track list and what can be done with them. */
export interface TrackSource {
  /** Identifies the list. */
  name: string;
  rows: Pick<ListRows<ListQuery>, 'list' | 'total' | 'error' | 'setVisibleRange' | 'retry'>;
  at(index: number): TrackListItem | undefined;
  fetchRange(first: number, last: number): Promise<TrackListItem[]>;
  /** Plays the list from a row. */
  play(index: number): Promise<unknown>;
  /** Number of rows, where it is known before the rows are fetched. */
  readonly total?: number;
  /** Labels between the rows. */
  readonly sections?: Section[];
  /** The library query, where the list can be sorted and filtered. */
  order?: TrackList;
  remove?: { label: string; run(ids: number[]): Promise<unknown> };
  move?(ids: number[], before: number | undefined): Promise<unknown>;
  add?(tracks: number[], before: number | undefined): Promise<unknown>;
}

/** Tracks of the library. */
export function librarySource(list: TrackList): TrackSource {
  const rows = rowsOf(tracksQuery(list));
  const item = (track: TrackRow) => ({ id: track.id, track });
  return {
    name: JSON.stringify(list),
    rows,
    order: list,
    at: (index) => mapDefined(rows.at(index), item),
    fetchRange: async (first, last) => (await rows.fetchRange(first, last)).map(item),
    play: (index) => playTracks({ from: 'list', list }, index, rows.at(index)?.id),
  };
}

/** The entries of a playlist. Those of a smart playlist cannot be edited. */
export function playlistSource(playlist: PlaylistId, smart: boolean): TrackSource {
  const rows = rowsOf({ list: 'playlist', playlist });
  type Row = NonNullable<ReturnType<typeof rows.at>>;
  // Rows of a smart playlist have no id of their own, but contain each track once.
  const item = ({ entry, track }: Row) => ({ id: entry ?? track?.id ?? 0, track: track ?? placeholderTrack(m.queue.gone) });
  const tracks: TrackSelection = { from: 'playlist', playlist };
  return {
    name: `playlist ${playlist}`,
    rows,
    at: (index) => mapDefined(rows.at(index), item),
    fetchRange: async (first, last) => (await rows.fetchRange(first, last)).map(item),
    play: (index) => playTracks(tracks, index, rows.at(index)?.track?.id),
    ...(!smart && {
      remove: {
        label: m.playlist.removeTracks,
        run: (entries) => edit({ edit: 'remove_from_playlist', playlist, entries }),
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

/** The queue. */
export function queueSource(): TrackSource {
  const rows = rowsOf({ list: 'queue' });
  type Row = NonNullable<ReturnType<typeof rows.at>>;
  const item = ({ entry, track, queued }: Row) => ({ id: entry, track: track ?? placeholderTrack(m.queue.gone), queued });
  return {
    name: 'queue',
    rows,
    get total() {
      return app.queue.length;
    },
    get sections() {
      return queueSections(app.queue.length, app.queue.current);
    },
    at: (index) => mapDefined(rows.at(index), item),
    fetchRange: async (first, last) => (await rows.fetchRange(first, last)).map(item),
    play: async (index) => {
      const row = rows.at(index);
      if (row) await jumpTo(row.entry);
    },
    remove: { label: m.menu.remove, run: removeEntries },
    move: moveEntries,
    add: enqueueBefore,
  };
}

function queueSections(length: number, current: number | null): Section[] {
  const next = current === null ? 0 : current + 1;
  const { history, now, next: upNext } = m.queue;
  return [
    ...(current !== null && current > 0 ? [{ label: history, first: 0 }] : []),
    ...(current !== null ? [{ label: now, first: current }] : []),
    ...(next < length ? [{ label: upNext, first: next }] : []),
  ];
}

/** Number of rows that are played of a list that the core cannot play by itself. */
const MAX_PLAYED_ROWS = 500;

/** The listening history, newest first. */
export function historySource(): TrackSource {
  const rows = rowsOf({ list: 'history' });
  type Row = NonNullable<ReturnType<typeof rows.at>>;
  const item = (row: Row) => ({
    id: row.id,
    track: row.track ?? placeholderTrack(row.title, row.artist, row.album),
    note: formatDateTime(row.began_s),
  });
  return {
    name: 'history',
    rows,
    at: (index) => mapDefined(rows.at(index), item),
    fetchRange: async (first, last) => (await rows.fetchRange(first, last)).map(item),
    play: (index) => playFrom(rows, index),
    remove: { label: m.history.remove, run: (listens) => edit({ edit: 'forget_listens', listens }) },
  };
}

/** Likely duplicates, with the reason. */
export function duplicatesSource(): TrackSource {
  const rows = rowsOf({ list: 'duplicates' });
  type Row = NonNullable<ReturnType<typeof rows.at>>;
  const item = ({ group, by, track }: Row) => ({
    // A track may be in several groups.
    id: group * 2 ** 32 + track.id,
    track,
    note: m.duplicates.note(group + 1, m.duplicates.reasons[by], track.codec),
  });
  return {
    name: 'duplicates',
    rows,
    at: (index) => mapDefined(rows.at(index), item),
    fetchRange: async (first, last) => (await rows.fetchRange(first, last)).map(item),
    play: (index) => playFrom(rows, index),
  };
}

async function playFrom<L extends ListQuery>(rows: ListRows<L>, index: number): Promise<void> {
  const items = await rows.fetchRange(index, Math.min((rows.total ?? 0) - 1, index + MAX_PLAYED_ROWS - 1));
  const ids = (items as { track: TrackRow | null }[]).flatMap(({ track }) => track?.id ?? []);
  await playTracks({ from: 'ids', ids }, 0);
}

function mapDefined<T, U>(value: T | undefined, to: (value: T) => U): U | undefined {
  return value === undefined ? undefined : to(value);
}

/** A placeholder for a track that the library no longer has. */
function placeholderTrack(title: string, artist = '', album = ''): TrackRow {
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
