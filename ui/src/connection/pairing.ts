/** Pairing of this browser with the player, by the secret in a link `#pair=…`. The player turns it into a cookie. */

const PREFIX = '#pair=';
const TIMEOUT_MS = 10_000;

/** Whether the page comes from this computer, where no code can be scanned. */
export const isThisComputer = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);

/** Takes the pairing secret out of the address bar, so that it stays neither there nor in the history. */
export function takePairingSecret(): string | undefined {
  if (!location.hash.startsWith(PREFIX)) return undefined;
  const secret = location.hash.slice(PREFIX.length);
  history.replaceState(null, '', location.pathname);
  return secret;
}

export type PairingResult = 'paired' | 'rejected' | 'unreachable';

/** Exchanges the secret for the pairing cookie. */
export async function pair(secret: string): Promise<PairingResult> {
  const response = await request('/api/pair', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token: secret }),
  });
  if (response?.ok) return 'paired';
  return response && response.status < 500 ? 'rejected' : 'unreachable';
}

/** Whether the player rejects this browser as unpaired. A socket that fails to open does not say why. */
export async function isUnpaired(): Promise<boolean> {
  return (await request('/api/pair'))?.status === 401;
}

async function request(path: string, init?: RequestInit): Promise<Response | undefined> {
  try {
    return await fetch(path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    return undefined;
  }
}
