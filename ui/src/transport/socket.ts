import { m } from '../messages';
import type { Response, Hello, StateUpdate, ApiError, Request, RowPage, DataReply } from './protocol';
import type { Client, Transport } from './transport';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

type Incoming = ({ type: 'hello' } & Hello) | StateUpdate | Response;

interface Waiting {
  resolve(answer: Response): void;
  reject(refusal: ApiError): void;
}

/** A browser, on this machine or another. */
export function socket(): Transport {
  const waiting = new Map<number, Waiting>();
  let link: WebSocket | undefined;
  let lastId = 0;
  let wait_ms = FIRST_WAIT_MS;

  function open(client: Client): void {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    link = new WebSocket(`${scheme}://${location.host}/ws`, 'auralis.v2');
    link.onmessage = ({ data }) => receive(client, JSON.parse(data as string) as Incoming);
    link.onclose = () => {
      waiting.forEach(({ reject }) => reject(lost()));
      waiting.clear();
      client.lost();
      setTimeout(open, wait_ms, client);
      wait_ms = Math.min(wait_ms * 2, LONGEST_WAIT_MS);
    };
  }

  function receive(client: Client, incoming: Incoming): void {
    switch (incoming.type) {
      case 'hello':
        wait_ms = FIRST_WAIT_MS;
        return client.hello(incoming);
      case 'pong':
        return;
      case 'result':
      case 'rows':
      case 'pairing':
      case 'diagnostics':
      case 'told':
      case 'refused': {
        const asked = waiting.get(incoming.id ?? 0);
        waiting.delete(incoming.id ?? 0);
        return incoming.type === 'refused' ? asked?.reject(incoming.error) : asked?.resolve(incoming);
      }
      default:
        return client.message(incoming);
    }
  }

  function ask<T extends Response['type']>(request: (id: number) => Request): Promise<Response & { type: T }> {
    if (link?.readyState !== WebSocket.OPEN) return Promise.reject(lost());
    const id = ++lastId;
    link.send(JSON.stringify(request(id)));
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
    });
  }

  return {
    attach: open,
    dispatch: async (data) => (await ask<'result'>((id) => ({ type: 'command', id, data }))).rev,
    query: async (data): Promise<RowPage> => (await ask<'rows'>((id) => ({ type: 'query', id, data }))).data,
    ask: async (data): Promise<DataReply> => (await ask<'told'>((id) => ({ type: 'ask', id, data }))).data,
    diagnostics: async () => (await ask<'diagnostics'>((id) => ({ type: 'diagnostics', id }))).data,
    pair: async (renew) => (await ask<'pairing'>((id) => ({ type: 'pair', id, renew }))).data,
    coverUrl: (hash, size_px) => `/api/artwork/${hash}?size=${size_px}`,
  };
}

function lost(): ApiError {
  return { code: 'failed', message: m.connection.lost };
}
