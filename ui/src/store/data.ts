import { connection } from '../connection';
import type { ApiError, AudioProfile, TrackId, Waveform } from '../connection/protocol';
import { commandErrors } from './command-errors.svelte';

interface DataTypes {
  profile: AudioProfile;
  waveform: Waveform;
}

/** Fetches data of a track; `null` if there is none. An error is shown as that of a command is. */
export async function getTrackData<K extends keyof DataTypes>(kind: K, track: TrackId): Promise<DataTypes[K] | null> {
  try {
    const reply = await connection.getData({ ask: kind, track });
    return reply.told === kind ? (reply.data as DataTypes[K] | null) : null;
  } catch (error) {
    commandErrors.add(error as ApiError);
    return null;
  }
}
