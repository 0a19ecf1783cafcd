import { afterEach, expect, test, vi } from 'vitest';
import type { ApiError, RowPage, ScanFailure } from '../connection/protocol';
import { ListRows } from './list-rows.svelte';

interface OpenRequest {
  offset: number;
  respond(total: number, note?: string): Promise<void>;
  fail(error: ApiError): Promise<void>;
}

/** A list of numbered files, and its open requests. */
function files() {
  const requests: OpenRequest[] = [];
  const settle = () => new Promise<void>((resolve) => setTimeout(resolve));
  const rows = new ListRows({ list: 'scan_failures' as const }, (_, offset, limit) => {
    return new Promise<RowPage>((resolve, reject) => {
      requests.push({
        offset,
        respond: (total, note = '') => {
          const length = Math.max(0, Math.min(limit, total - offset));
          const items = Array.from({ length }, (_, at): ScanFailure => ({ path: `${offset + at}${note}`, reason: '' }));
          resolve({ revision: 1, total, offset, kind: 'failures', items });
          return settle();
        },
        fail: (error) => {
          reject(error);
          return settle();
        },
      });
    });
  });
  return { rows, takeRequests: () => requests.splice(0) };
}

test('rows are fetched in pages, the visible ones first', async () => {
  const { rows, takeRequests } = files();
  rows.setVisibleRange(0, 40, 's');
  const [first, ...others] = takeRequests();
  expect([first?.offset, others.length]).toEqual([0, 0]);
  await first?.respond(1000);
  expect(rows.total).toBe(1000);
  expect(rows.at(42)?.path).toBe('42');
  expect(takeRequests().map(({ offset }) => offset)).toEqual([100]);
});

test('pages that were only scrolled past are not fetched', async () => {
  const { rows, takeRequests } = files();
  rows.setVisibleRange(0, 40, 's');
  await takeRequests()[0]?.respond(100_000);
  for (let at = 1000; at <= 90_000; at += 1000) rows.setVisibleRange(at, at + 40, 's');
  const pending = takeRequests();
  expect(pending.length).toBeLessThanOrEqual(2);
  for (const { respond } of pending) await respond(100_000);
  expect(takeRequests().map(({ offset }) => offset)).toContain(90_000);
});

test('outdated rows stay until the new ones have arrived', async () => {
  const { rows, takeRequests } = files();
  rows.setVisibleRange(0, 40, 'old');
  await takeRequests()[0]?.respond(80);
  rows.setVisibleRange(0, 40, 'new');
  expect(rows.at(3)?.path).toBe('3');
  await takeRequests()[0]?.respond(80, ' new');
  expect(rows.at(3)?.path).toBe('3 new');
  expect(takeRequests()).toEqual([]);
});

test('a page that is outdated on arrival is fetched again', async () => {
  const { rows, takeRequests } = files();
  rows.setVisibleRange(0, 40, 'old');
  const [late] = takeRequests();
  rows.setVisibleRange(0, 40, 'new');
  await late?.respond(80);
  const [again] = takeRequests();
  await again?.respond(81, ' new');
  expect([rows.total, rows.at(3)?.path]).toEqual([81, '3 new']);
});

test('an error is shown, and the fetch retried when the version changes', async () => {
  const { rows, takeRequests } = files();
  rows.setVisibleRange(0, 40, 's');
  await takeRequests()[0]?.fail({ code: 'failed', message: 'The database is locked.' });
  expect(rows.error?.message).toBe('The database is locked.');
  rows.setVisibleRange(0, 40, 's');
  expect(takeRequests()).toEqual([]);
  rows.setVisibleRange(0, 40, 't');
  await takeRequests()[0]?.respond(1);
  expect([rows.error, rows.total]).toEqual([undefined, 1]);
});

test('memory does not grow with the distance scrolled', async () => {
  const { rows, takeRequests } = files();
  rows.setVisibleRange(0, 40, 's');
  await takeRequests()[0]?.respond(1_000_000);
  for (let at = 0; at < 20_000; at += 100) {
    rows.setVisibleRange(at, at + 40, 's');
    for (let pending = takeRequests(); pending.length > 0; pending = takeRequests()) {
      for (const { respond } of pending) await respond(1_000_000);
    }
  }
  const cached = Array.from({ length: 20_000 }, (_, index) => rows.at(index)).filter(Boolean);
  expect(cached.length).toBeLessThanOrEqual(2400);
});

test('a page that failed is fetched again after a while, and again ever later', async () => {
  vi.useFakeTimers();
  afterEach(() => void vi.useRealTimers());
  const requests: { resolve(page: RowPage): void; reject(error: ApiError): void }[] = [];
  const rows = new ListRows({ list: 'scan_failures' as const }, () => {
    return new Promise<RowPage>((resolve, reject) => requests.push({ resolve, reject }));
  });
  const error: ApiError = { code: 'failed', message: 'The database is locked.' };
  rows.setVisibleRange(0, 40, 's');
  for (const delay_ms of [1000, 2000]) {
    requests.splice(0)[0]?.reject(error);
    await vi.advanceTimersByTimeAsync(delay_ms - 1);
    expect([rows.error, requests.length]).toEqual([error, 0]);
    await vi.advanceTimersByTimeAsync(1);
    expect(requests.length).toBe(1);
  }
  requests[0]?.resolve({ revision: 1, total: 0, offset: 0, kind: 'failures', items: [] });
  await vi.advanceTimersByTimeAsync(0);
  expect([rows.error, rows.total]).toEqual([undefined, 0]);
});
