import { isUnpaired, pair, takePairingSecret } from './pairing';
import type { Response, Hello, StateUpdate, ApiError, Request, RowPage, DataReply } from './protocol';
import type { Connection, ConnectionListener } from './connection';

const FIRST_RETRY_DELAY_MS = 250;
const MAX_RETRY_DELAY_MS = 5000;
/** A connection that has been silent for this long is checked with a ping. */
const PING_AFTER_MS = 15_000;
/** How long the answer to a ping may take. */
const PONG_TIMEOUT_MS = 10_000;
/** The same while a command is open: the player answers one request at a time, and some commands take long. */
const BUSY_PONG_TIMEOUT_MS = 120_000;
/** The same after the device woke up or changed its network. */
const WAKE_PONG_TIMEOUT_MS = 5000;

type Incoming = ({ type: 'hello' } & Hello) | StateUpdate | Response;

interface PendingRequest {
  isCommand: boolean;
  resolve(response: Response): void;
  reject(error: ApiError): void;
}

/** The connection of a browser, on this machine or another. */
export function socket(): Connection {
  const pending = new Map<number, PendingRequest>();
  let listener: ConnectionListener;
  let webSocket: WebSocket | undefined;
  let lastId = 0;
  let retryDelay_ms = FIRST_RETRY_DELAY_MS;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let silenceTimer: ReturnType<typeof setTimeout> | undefined;
  let secret: string | undefined;
  /** The last pairing link was not valid. */
  let linkRejected = false;

  function open(to: ConnectionListener): void {
    listener = to;
    secret = takePairingSecret();
    void connect();
    // A link that is opened while the page is open already only changes the hash.
    addEventListener('hashchange', () => {
      const renewed = takePairingSecret();
      if (!renewed) return;
      secret = renewed;
      reconnect();
    });
    addEventListener('online', wake);
    document.addEventListener('visibilitychange', () => document.hidden || wake());
  }

  async function connect(): Promise<void> {
    if (secret !== undefined) {
      const result = await pair(secret);
      if (result === 'unreachable') return retryLater();
      secret = undefined;
      // The device may be paired by an earlier link, so it connects in any case.
      linkRejected = result === 'rejected';
    }
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const opened = new WebSocket(`${scheme}://${location.host}/ws`, 'auralis.v2');
    webSocket = opened;
    opened.onmessage = ({ data }) => receive(JSON.parse(data as string) as Incoming);
    opened.onclose = () => webSocket === opened && drop();
  }

  /** Ends the connection and schedules the next. */
  function drop(): void {
    const dropped = webSocket;
    webSocket = undefined;
    clearTimeout(silenceTimer);
    // Not waited for: closing a dead connection takes minutes.
    dropped?.close();
    pending.forEach(({ reject }) => reject(disconnectedError(listener.disconnectedText())));
    pending.clear();
    listener.onDisconnected();
    void isUnpaired().then((unpaired) => unpaired && !webSocket && listener.onUnpaired(linkRejected));
    retryLater();
  }

  function retryLater(): void {
    clearTimeout(retryTimer);
    retryTimer = setTimeout(() => void connect(), retryDelay_ms);
    retryDelay_ms = Math.min(retryDelay_ms * 2, MAX_RETRY_DELAY_MS);
  }

  function reconnect(): void {
    retryDelay_ms = FIRST_RETRY_DELAY_MS;
    if (webSocket) return drop();
    clearTimeout(retryTimer);
    void connect();
  }

  /** The device woke up or changed its network: reconnects at once, or finds out whether the connection still works. */
  function wake(): void {
    if (webSocket?.readyState === WebSocket.OPEN) ping(WAKE_PONG_TIMEOUT_MS);
    else if (!webSocket) reconnect();
  }

  function ping(timeout_ms: number): void {
    webSocket?.send(JSON.stringify({ type: 'ping' } satisfies Request));
    clearTimeout(silenceTimer);
    const isBusy = [...pending.values()].some(({ isCommand }) => isCommand);
    silenceTimer = setTimeout(drop, isBusy ? BUSY_PONG_TIMEOUT_MS : timeout_ms);
  }

  function receive(incoming: Incoming): void {
    clearTimeout(silenceTimer);
    silenceTimer = setTimeout(ping, PING_AFTER_MS, PONG_TIMEOUT_MS);
    switch (incoming.type) {
      case 'hello':
        retryDelay_ms = FIRST_RETRY_DELAY_MS;
        linkRejected = false;
        return listener.onHello(incoming);
      case 'pong':
        return;
      case 'result':
      case 'rows':
      case 'pairing':
      case 'diagnostics':
      case 'told':
      case 'refused': {
        const request = pending.get(incoming.id ?? 0);
        pending.delete(incoming.id ?? 0);
        return incoming.type === 'refused' ? request?.reject(incoming.error) : request?.resolve(incoming);
      }
      default:
        return listener.onUpdate(incoming);
    }
  }

  function send<T extends Response['type']>(request: (id: number) => Request): Promise<Response & { type: T }> {
    if (webSocket?.readyState !== WebSocket.OPEN) return Promise.reject(disconnectedError(listener.disconnectedText()));
    const id = ++lastId;
    const sent = request(id);
    webSocket.send(JSON.stringify(sent));
    return new Promise((resolve, reject) => {
      const isCommand = sent.type === 'command';
      pending.set(id, { isCommand, resolve: resolve as PendingRequest['resolve'], reject });
    });
  }

  return {
    open,
    dispatch: async (data) => (await send<'result'>((id) => ({ type: 'command', id, data }))).rev,
    getRows: async (data): Promise<RowPage> => (await send<'rows'>((id) => ({ type: 'query', id, data }))).data,
    getData: async (data): Promise<DataReply> => (await send<'told'>((id) => ({ type: 'ask', id, data }))).data,
    diagnostics: async () => (await send<'diagnostics'>((id) => ({ type: 'diagnostics', id }))).data,
    pairingLink: async (renew) => (await send<'pairing'>((id) => ({ type: 'pair', id, renew }))).data,
    coverUrl: (hash, size_px) => `/api/artwork/${hash}?size=${size_px}`,
  };
}

function disconnectedError(text: string): ApiError {
  return { code: 'failed', message: text };
}
