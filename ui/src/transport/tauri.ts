import { convertFileSrc, invoke } from '@tauri-apps/api/core';
import { listen, TauriEvent } from '@tauri-apps/api/event';
import type { EngineDiagnostics, Hello, StateUpdate, PairingLink, ApiError, RowPage, DataReply } from './protocol';
import type { Client, Transport } from './transport';

/** The app's own window. */
export function tauri(): Transport {
  return {
    attach: (client) => {
      takeFiles(client);
      void follow(client);
    },
    dispatch: (command) => call<number>('dispatch', { command }),
    query: (window) => call<RowPage>('query', { window }),
    ask: (question) => call<DataReply>('ask', { question }),
    diagnostics: () => call<EngineDiagnostics>('diagnostics'),
    pair: (renew) => call<PairingLink>('pair', { renew }),
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
    const refusal: ApiError =
      typeof error === 'object' && error !== null && 'code' in error
        ? (error as ApiError)
        : { code: 'malformed', message: String(error) };
    throw refusal;
  }
}

interface Dropped {
  paths: string[];
  /** In physical pixels. */
  position: { x: number; y: number };
}

function takeFiles(client: Client): void {
  void listen(TauriEvent.DRAG_ENTER, () => client.filesHeld(true));
  void listen(TauriEvent.DRAG_LEAVE, () => client.filesHeld(false));
  void listen<Dropped>(TauriEvent.DRAG_DROP, ({ payload: { paths, position } }) => {
    client.filesHeld(false);
    client.filesDropped(paths, position.x / devicePixelRatio, position.y / devicePixelRatio);
  });
}

/**
 * Listens first and asks then, so that nothing falls in between. The event says that something changed, and what that is comes as
 * the answer to a question: what comes late brings all that has changed meanwhile.
 */
async function follow(client: Client): Promise<void> {
  let after: number | undefined;
  let asking = false;
  let changed = false;

  async function take(): Promise<void> {
    changed = true;
    if (asking || after === undefined) return;
    asking = true;
    try {
      while (changed) {
        changed = false;
        for (const message of await call<StateUpdate[]>('changes', { after })) {
          client.message(message);
          after = message.rev;
        }
      }
    } finally {
      // What could not be had now comes with the next event.
      asking = false;
    }
  }

  await listen('auralis', () => void take());
  const hello = await call<Hello>('attach');
  client.hello(hello);
  after = hello.rev;
  if (changed) void take();
}
