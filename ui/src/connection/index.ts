import { socket } from './socket';
import { tauri } from './tauri';

export const connection = '__TAURI_INTERNALS__' in window ? tauri() : socket();
export type { ConnectionListener } from './connection';
