import { convertFileSrc, invoke } from '@tauri-apps/api/core';
import { listen, TauriEvent } from '@tauri-apps/api/event';
import type { Diagnostics, Hello, Message, Pairing, Refusal, Rows, Told } from './protocol';
import type { Client, Transport } from './transport';

/** The app's own window. */
export function tauri(): Transport {
  return {
    attach: (client) => void attach(client),
    dispatch: (command) => call<number>('dispatch', { command }),
    query: (window) => call<Rows>('query', { window }),
    ask: (question) => call<Told>('ask', { question }),
    diagnostics: () => call<Diagnostics>('diagnostics'),
    pair: (renew) => call<Pairing>('pair', { renew }),
    coverUrl: (hash, size_px) => `${convertFileSrc(hash, 'cover')}?size=${size_px}`,
    openMini: () => call<void>('open_mini'),
    openMain: () => call<void>('open_main'),
    onTop: (on) => call<boolean>('on_top', { on }),
    quit: () => call<void>('quit'),
    chooseFolder: () => call<string | null>('choose_folder'),
    chooseFile: (endings) => call<string | null>('choose_file', { endings }),
    chooseTarget: (name) => call<string | null>('choose_target', { name }),
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

interface Dropped {
  paths: string[];
  /** In physical pixels. */
  position: { x: number; y: number };
}

/** Listens first and asks then, so that nothing falls in between; what comes early waits for the answer. */
async function attach(client: Client): Promise<void> {
  let early: Message[] | null = [];
  await listen<Message>('auralis', ({ payload }) => (early ? early.push(payload) : client.message(payload)));
  await listen(TauriEvent.DRAG_ENTER, () => client.filesHeld(true));
  await listen(TauriEvent.DRAG_LEAVE, () => client.filesHeld(false));
  await listen<Dropped>(TauriEvent.DRAG_DROP, ({ payload: { paths, position } }) => {
    client.filesHeld(false);
    client.filesDropped(paths, position.x / devicePixelRatio, position.y / devicePixelRatio);
  });
  client.hello(await call<Hello>('attach'));
  const waiting = early;
  early = null;
  waiting.forEach((message) => client.message(message));
}
