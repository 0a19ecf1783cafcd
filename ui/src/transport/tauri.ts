import { convertFileSrc, invoke } from '@tauri-apps/api/core';
import { listen, TauriEvent } from '@tauri-apps/api/event';
import type { Hello, Message, Refusal, Rows } from './protocol';
import type { Client, Transport } from './transport';

/** The app's own window. */
export function tauri(): Transport {
  return {
    attach: (client) => void attach(client),
    dispatch: (command) => call<number>('dispatch', { command }),
    query: (window) => call<Rows>('query', { window }),
    coverUrl: (hash, size_px) => `${convertFileSrc(hash, 'cover')}?size=${size_px}`,
    chooseFolder: () => call<string | null>('choose_folder'),
  };
}

async function call<T>(name: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(name, args);
  } catch (error) {
    // Tauri's own refusals, of arguments that do not parse, are texts.
    const refusal: Refusal =
      typeof error === 'object' && error !== null && 'code' in error
        ? (error as Refusal)
        : { code: 'malformed', message: String(error) };
    throw refusal;
  }
}

/** Listens first and asks then, so that nothing falls in between; what comes early waits for the answer. */
async function attach(client: Client): Promise<void> {
  let early: Message[] | null = [];
  await listen<Message>('auralis', ({ payload }) => (early ? early.push(payload) : client.message(payload)));
  await listen(TauriEvent.DRAG_ENTER, () => client.foldersHeld(true));
  await listen(TauriEvent.DRAG_LEAVE, () => client.foldersHeld(false));
  await listen<{ paths: string[] }>(TauriEvent.DRAG_DROP, ({ payload }) => {
    client.foldersHeld(false);
    client.foldersDropped(payload.paths);
  });
  client.hello(await call<Hello>('attach'));
  const waiting = early;
  early = null;
  waiting.forEach((message) => client.message(message));
}
