import { m } from '../messages';
import type { Response, Hello, StateUpdate, ApiError, Request, RowPage, DataReply } from './protocol';
import type { Connection, ConnectionListener } from './connection';

const FIRST_RETRY_DELAY_MS = 250;
const MAX_RETRY_DELAY_MS = 5000;

type Incoming = ({ type: 'hello' } & Hello) | StateUpdate | Response;

interface PendingRequest {
  resolve(response: Response): void;
  reject(error: ApiError): void;
}

/** The connection of a browser, on this machine or another. */
export function socket(): Connection {
  const pending = new Map<number, PendingRequest>();
  let webSocket: WebSocket | undefined;
  let lastId = 0;
  let retryDelay_ms = FIRST_RETRY_DELAY_MS;

  function open(listener: ConnectionListener): void {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    webSocket = new WebSocket(`${scheme}://${location.host}/ws`, 'auralis.v2');
    webSocket.onmessage = ({ data }) => receive(listener, JSON.parse(data as string) as Incoming);
    webSocket.onclose = () => {
      pending.forEach(({ reject }) => reject(disconnected()));
      pending.clear();
      listener.onDisconnected();
      setTimeout(open, retryDelay_ms, listener);
      retryDelay_ms = Math.min(retryDelay_ms * 2, MAX_RETRY_DELAY_MS);
    };
  }

  function receive(listener: ConnectionListener, incoming: Incoming): void {
    switch (incoming.type) {
      case 'hello':
        retryDelay_ms = FIRST_RETRY_DELAY_MS;
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
    if (webSocket?.readyState !== WebSocket.OPEN) return Promise.reject(disconnected());
    const id = ++lastId;
    webSocket.send(JSON.stringify(request(id)));
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve: resolve as PendingRequest['resolve'], reject });
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

function disconnected(): ApiError {
  return { code: 'failed', message: m.connection.lost };
}
