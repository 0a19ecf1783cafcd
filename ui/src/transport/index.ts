import { socket } from './socket';
import { tauri } from './tauri';

export const transport = '__TAURI_INTERNALS__' in window ? tauri() : socket();
export type { Client } from './transport';
