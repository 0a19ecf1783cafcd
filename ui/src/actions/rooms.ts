import { sendLatest } from '../lib/send-latest';
import { app } from '../store/app.svelte';
import type { RoomChange } from '../connection/protocol';
import { dispatch } from './commands';
import { ROOMS_OUTPUT, chooseOutput } from './outputs';

/** Whether the rooms play, or will on the next play. */
export const roomsArePlayed = (): boolean =>
  app.settings.output === ROOMS_OUTPUT || (app.rooms.server.state === 'connected' && app.rooms.server.by_command_line);

/** Moves playback to the rooms, or back to this computer's default output. */
export const playInRooms = (on: boolean) => chooseOutput(on ? ROOMS_OUTPUT : null);

export const changeRoom = (change: RoomChange) => dispatch({ do: 'set_room', ...change });

/** A volume slider sends faster than a server far away answers: only the newest value counts. */
export const setRoomVolume = sendLatest((change: { room: string; volume: number }) => changeRoom(change));
