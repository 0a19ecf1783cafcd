import { convertFileSrc, invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import type { EngineDiagnostics, Hello, StateUpdate, PairingLink, ApiError, RowPage, DataReply } from './protocol';
import type { Connection, ConnectionListener } from './connection';

const RETRY_DELAY_MS = 2000;

/** The connection of the app's own windows. */
export function tauri(): Connection {
  return {
    open: (listener) => {
      listenForFileDrops(listener);
      void subscribe(listener);
    },
    dispatch: (command) => call<number>('dispatch', { command }),
    getRows: (query) => call<RowPage>('query', { window: query }),
    getData: (request) => call<DataReply>('ask', { question: request }),
    diagnostics: () => call<EngineDiagnostics>('diagnostics'),
    pairingLink: (renew) => call<PairingLink>('pair', { renew }),
    coverUrl: (hash, size_px) => `${convertFileSrc(hash, 'cover')}?size=${size_px}`,
    showMiniPlayer: () => call<void>('open_mini'),
    showMainWindow: () => call<void>('open_main'),
    alwaysOnTop: (on) => call<boolean>('on_top', { on }),
    quit: () => call<void>('quit'),
    chooseFolder: () => call<string | null>('choose_folder'),
    chooseFile: (extensions) => call<string | null>('choose_file', { endings: extensions }),
    chooseSavePath: (name) => call<string | null>('choose_target', { name }),
  };
}

async function call<T>(name: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(name, args);
  } catch (error) {
    // Tauri itself rejects arguments that do not parse, with a plain string.
    const apiError: ApiError =
      typeof error === 'object' && error !== null && 'code' in error
        ? (error as ApiError)
        : { code: 'malformed', message: String(error) };
    throw apiError;
  }
}

/** Only drops on this window: the other windows have their own. */
function listenForFileDrops(listener: ConnectionListener): void {
  void getCurrentWebview().onDragDropEvent(({ payload }) => {
    if (payload.type === 'over') return;
    listener.onFilesDraggedOver(payload.type === 'enter');
    if (payload.type !== 'drop') return;
    const { x, y } = payload.position.toLogical(devicePixelRatio);
    listener.onFilesDropped(payload.paths, x, y);
  });
}

/**
 * Listens for the event before it reads the state, so that no change is missed in between. The event only says that something
 * changed; the changes themselves are pulled, so a late pull brings everything since the last one.
 */
async function subscribe(listener: ConnectionListener): Promise<void> {
  let lastRev: number | undefined;
  let pulling = false;
  let changed = false;

  async function pullChanges(): Promise<void> {
    changed = true;
    if (pulling || lastRev === undefined) return;
    pulling = true;
    try {
      while (changed) {
        changed = false;
        for (const update of await call<StateUpdate[]>('changes', { after: lastRev })) {
          listener.onUpdate(update);
          lastRev = update.rev;
        }
      }
    } finally {
      // After a failure, the next event pulls again.
      pulling = false;
    }
  }

  await listen('auralis', () => void pullChanges());
  const hello = await firstState(listener);
  listener.onHello(hello);
  lastRev = hello.rev;
  if (changed) void pullChanges();
}

/** Reads the complete state. Tries until it succeeds, and reports each failure. */
async function firstState(listener: ConnectionListener): Promise<Hello> {
  for (;;) {
    try {
      return await call<Hello>('attach');
    } catch (error) {
      listener.onFailed(error as ApiError);
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
    }
  }
}
