import { latest } from '../lib/latest';
import { position_s } from '../store/position.svelte';
import { refusals } from '../store/refusals.svelte';
import { sections } from '../store/sections.svelte';
import { transport } from '../transport';
import type { Command, Place, Refusal, Repeat, SettingsPatch, TrackList, Tracks } from '../transport/protocol';

/** Carries a command to the core. Resolves when its outcome is on the screen; a refusal is shown as a notice. */
export async function dispatch(command: Command): Promise<void> {
  try {
    await sections.reached(await transport.dispatch(command));
  } catch (refusal) {
    refusals.add(refusal as Refusal);
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

export const playTracks = (tracks: Tracks, start?: number) =>
  dispatch({ do: 'play_tracks', tracks, ...(start !== undefined && { start }) });

/** Plays a list from a row on; without one, from its first or, shuffled, from anywhere. */
export const playList = (list: TrackList, start?: number) => playTracks({ from: 'list', list }, start);

export async function playShuffled(list: TrackList): Promise<void> {
  await setShuffle(true);
  await playList(list);
}

export const enqueue = (tracks: Tracks, place: Place) => dispatch({ do: 'enqueue', tracks, place });
export const jumpTo = (entry: number) => dispatch({ do: 'jump_to', entry });
export const removeEntries = (entries: number[]) => dispatch({ do: 'remove_entries', entries });
export const moveEntries = (entries: number[], before: number | undefined) =>
  dispatch({ do: 'move_entries', entries, ...(before !== undefined && { before }) });
export const clearQueue = () => dispatch({ do: 'clear_queue' });
export const undo = () => dispatch({ do: 'undo' });
export const redo = () => dispatch({ do: 'redo' });

export const addRoot = (path: string) => dispatch({ do: 'add_root', path });
export const removeRoot = (root: number) => dispatch({ do: 'remove_root', root });
export const scan = () => dispatch({ do: 'scan' });
export const cancelScan = () => dispatch({ do: 'cancel_scan' });
export const changeSettings = (settings: SettingsPatch) => dispatch({ do: 'change_settings', settings });
export const dismissNotice = (notice: number) => dispatch({ do: 'dismiss_notice', notice });
