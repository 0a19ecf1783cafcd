import { latest } from '../lib/latest';
import { position_s } from '../store/position.svelte';
import { rowsOf } from '../store/rows';
import { refusals } from '../store/refusals.svelte';
import { sections } from '../store/sections.svelte';
import { transport } from '../transport';
import type {
  Command,
  UserDataEdit,
  EntryId,
  MasteringSettings,
  QueuePosition,
  ApiError,
  Repeat,
  SettingsPatch,
  TrackId,
  TrackList,
  TrackSelection,
} from '../transport/protocol';

/**
 * Carries a command to the core. Resolves when its outcome is on the screen, and says whether it was carried out; a refusal
 * is shown as a notice.
 */
export async function dispatch(command: Command): Promise<boolean> {
  try {
    await sections.reached(await transport.dispatch(command));
    return true;
  } catch (refusal) {
    refusals.add(refusal as ApiError);
    return false;
  }
}

export const toggle = () => dispatch({ do: 'toggle' });
export const next = () => dispatch({ do: 'next' });
export const previous = () => dispatch({ do: 'previous' });
export const seek = (position_s: number) => dispatch({ do: 'seek', position_s });
export const seekBy = (by_s: number) => seek(Math.max(0, position_s() + by_s));

export const setVolume = latest((volume: number) => dispatch({ do: 'set_volume', volume }));
export const changeVolume = (by: number) => setVolume(Math.max(0, Math.min(100, sections.player.volume + by)));
export const toggleMuted = () => dispatch({ do: 'set_muted', muted: !sections.player.muted });

const REPEAT_AFTER: Record<Repeat, Repeat> = { none: 'all', all: 'one', one: 'none' };
export const setShuffle = (enabled: boolean) => dispatch({ do: 'set_shuffle', enabled });
export const toggleShuffle = () => setShuffle(!sections.player.shuffle);
export const cycleRepeat = () => dispatch({ do: 'set_repeat', mode: REPEAT_AFTER[sections.player.repeat] });

/** Plays tracks from one of them on; without one, from the first or, shuffled, from anywhere. */
export const playTracks = (tracks: TrackSelection, start?: number, seen?: TrackId) =>
  dispatch({
    do: 'play_tracks',
    tracks,
    ...(start !== undefined && { start }),
    ...(seen !== undefined && { start_track: seen }),
  });

export const playList = (list: TrackList) => playTracks({ from: 'list', list });

export async function playShuffled(tracks: TrackSelection): Promise<void> {
  await setShuffle(true);
  await playTracks(tracks);
}

export const enqueue = (tracks: TrackSelection, place: QueuePosition) => dispatch({ do: 'enqueue', tracks, place });
export const jumpTo = (entry: number) => dispatch({ do: 'jump_to', entry });
export const removeEntries = (entries: number[]) => dispatch({ do: 'remove_entries', entries });
export const moveEntries = (entries: number[], before: number | undefined) =>
  dispatch({ do: 'move_entries', entries, ...(before !== undefined && { before }) });

/** Puts tracks into the queue in front of an entry. The core adds at its ends; the entries are moved from there. */
export async function enqueueBefore(ids: TrackId[], before: EntryId | undefined): Promise<void> {
  const at = sections.queue.length;
  if (!(await enqueue({ from: 'ids', ids }, 'end')) || before === undefined) return;
  const added = await rowsOf({ list: 'queue' }).between(at, at + ids.length - 1);
  await moveEntries(
    added.map(({ entry }) => entry),
    before,
  );
}

export const clearQueue = () => dispatch({ do: 'clear_queue' });
export const undo = () => dispatch({ do: 'undo' });
export const redo = () => dispatch({ do: 'redo' });

export const addRoot = (path: string) => dispatch({ do: 'add_root', path });
export const removeRoot = (root: number) => dispatch({ do: 'remove_root', root });
export const scan = () => dispatch({ do: 'scan' });
export const cancelScan = () => dispatch({ do: 'cancel_scan' });
export const changeSettings = (settings: SettingsPatch) => dispatch({ do: 'change_settings', settings });
export const dismissNotice = (notice: number) => dispatch({ do: 'dismiss_notice', notice });

export const setMastering = (settings: Partial<MasteringSettings>) => dispatch({ do: 'set_mastering', ...settings });
export const toggleMastering = () => setMastering({ enabled: !sections.mastering.settings.enabled });

export const cancelExport = () => dispatch({ do: 'cancel_export' });

export const edit = (change: UserDataEdit) => dispatch({ do: 'edit', ...change });
export const setFavourite = (ids: TrackId[], favourite: boolean) =>
  edit({ edit: 'set_favourite', tracks: { from: 'ids', ids }, favourite });
/** No stars take the rating away. */
export const setRating = (ids: TrackId[], stars: number) =>
  edit({ edit: 'set_rating', tracks: { from: 'ids', ids }, ...(stars > 0 && { rating: stars }) });
