import { sendLatest } from '../lib/send-latest';
import { position_s } from '../store/position.svelte';
import { commandErrors } from '../store/command-errors.svelte';
import { app } from '../store/app.svelte';
import { connection } from '../connection';
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
  SleepTimer,
} from '../connection/protocol';

/** Sends a command. Resolves with whether it succeeded, once its outcome is shown. An error is shown as a notice. */
export async function dispatch(command: Command): Promise<boolean> {
  try {
    await app.waitForRev(await connection.dispatch(command));
    return true;
  } catch (error) {
    commandErrors.add(error as ApiError);
    return false;
  }
}

export const toggle = () => dispatch({ do: 'toggle' });
export const next = () => dispatch({ do: 'next' });
export const previous = () => dispatch({ do: 'previous' });
export const seek = (position_s: number) => dispatch({ do: 'seek', position_s });
export const seekBy = (by_s: number) => seek(Math.max(0, position_s() + by_s));

export const setVolume = sendLatest((volume: number) => dispatch({ do: 'set_volume', volume }));
export const changeVolume = (by: number) => setVolume(Math.max(0, Math.min(100, app.player.volume + by)));
export const toggleMuted = () => dispatch({ do: 'set_muted', muted: !app.player.muted });

const REPEAT_AFTER: Record<Repeat, Repeat> = { none: 'all', all: 'one', one: 'none' };
export const setShuffle = (enabled: boolean) => dispatch({ do: 'set_shuffle', enabled });
export const toggleShuffle = () => setShuffle(!app.player.shuffle);
export const cycleRepeat = () => dispatch({ do: 'set_repeat', mode: REPEAT_AFTER[app.player.repeat] });

/**
 * Plays tracks from index `start`; without it, from the first or, when shuffled, from any. `startTrack` is the track that is
 * shown at `start`: it is played even if the list has changed meanwhile.
 */
export const playTracks = (tracks: TrackSelection, start?: number, startTrack?: TrackId) =>
  dispatch({
    do: 'play_tracks',
    tracks,
    ...(start !== undefined && { start }),
    ...(startTrack !== undefined && { start_track: startTrack }),
  });

export const playList = (list: TrackList) => playTracks({ from: 'list', list });

export async function playShuffled(tracks: TrackSelection): Promise<void> {
  await setShuffle(true);
  await playTracks(tracks);
}

export const enqueue = (tracks: TrackSelection, position: QueuePosition) =>
  dispatch({ do: 'enqueue', tracks, place: position });
export const jumpTo = (entry: number) => dispatch({ do: 'jump_to', entry });
export const removeEntries = (entries: number[]) => dispatch({ do: 'remove_entries', entries });
export const moveEntries = (entries: number[], before: number | undefined) =>
  dispatch({ do: 'move_entries', entries, ...(before !== undefined && { before }) });

/** Inserts tracks before a queue entry, or without one at the end. */
export const enqueueBefore = (ids: TrackId[], before: EntryId | undefined) =>
  dispatch({ do: 'enqueue', tracks: { from: 'ids', ids }, place: 'end', ...(before !== undefined && { before }) });

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
export const toggleMastering = () => setMastering({ enabled: !app.mastering.settings.enabled });

export const cancelExport = () => dispatch({ do: 'cancel_export' });

export const edit = (change: UserDataEdit) => dispatch({ do: 'edit', ...change });
export const setFavourite = (ids: TrackId[], favourite: boolean) =>
  edit({ edit: 'set_favourite', tracks: { from: 'ids', ids }, favourite });
/** Zero stars remove the rating. */
export const setRating = (ids: TrackId[], stars: number) =>
  edit({ edit: 'set_rating', tracks: { from: 'ids', ids }, ...(stars > 0 && { rating: stars }) });

/** Stops playback by itself later. */
export const setSleepTimer = (timer: SleepTimer) => dispatch({ do: 'set_sleep_timer', timer });
