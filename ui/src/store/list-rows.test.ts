import { expect, test } from 'vitest';
import type { ApiError, RowPage, ScanFailure } from '../transport/protocol';
import { ListRows } from './list-rows.svelte';

interface Asked {
  offset: number;
  answer(total: number, note?: string): Promise<void>;
  refuse(refusal: ApiError): Promise<void>;
}

/** A list of numbered files, and the questions that are open. */
function files() {
  const asked: Asked[] = [];
  const settle = () => new Promise<void>((resolve) => setTimeout(resolve));
  const rows = new ListRows({ list: 'scan_failures' as const }, (_, offset, limit) => {
    return new Promise<RowPage>((resolve, reject) => {
      asked.push({
        offset,
        answer: (total, note = '') => {
          const length = Math.max(0, Math.min(limit, total - offset));
          const items = Array.from({ length }, (_, at): ScanFailure => ({ path: `${offset + at}${note}`, reason: '' }));
          resolve({ revision: 1, total, offset, kind: 'failures', items });
          return settle();
        },
        refuse: (refusal) => {
          reject(refusal);
          return settle();
        },
      });
    });
  });
  return { rows, asked, open: () => asked.splice(0) };
}

test('rows come in pages, those in sight first', async () => {
  const { rows, open } = files();
  rows.show(0, 40, 's');
  const [first, ...others] = open();
  expect([first?.offset, others.length]).toEqual([0, 0]);
  await first?.answer(1000);
  expect(rows.total).toBe(1000);
  expect(rows.at(42)?.path).toBe('42');
  expect(open().map(({ offset }) => offset)).toEqual([100]);
});

test('what was only scrolled past is not asked for', async () => {
  const { rows, open } = files();
  rows.show(0, 40, 's');
  await open()[0]?.answer(100_000);
  for (let at = 1000; at <= 90_000; at += 1000) rows.show(at, at + 40, 's');
  const pending = open();
  expect(pending.length).toBeLessThanOrEqual(2);
  for (const { answer } of pending) await answer(100_000);
  expect(open().map(({ offset }) => offset)).toContain(90_000);
});

test('old rows stay until the new ones are there', async () => {
  const { rows, open } = files();
  rows.show(0, 40, 'old');
  await open()[0]?.answer(80);
  rows.show(0, 40, 'new');
  expect(rows.at(3)?.path).toBe('3');
  await open()[0]?.answer(80, ' new');
  expect(rows.at(3)?.path).toBe('3 new');
  expect(open()).toEqual([]);
});

test('an answer that is old when it comes is asked for again', async () => {
  const { rows, open } = files();
  rows.show(0, 40, 'old');
  const [late] = open();
  rows.show(0, 40, 'new');
  await late?.answer(80);
  const [again] = open();
  await again?.answer(81, ' new');
  expect([rows.total, rows.at(3)?.path]).toEqual([81, '3 new']);
});

test('a refusal is told, and tried again when the world has changed', async () => {
  const { rows, open } = files();
  rows.show(0, 40, 's');
  await open()[0]?.refuse({ code: 'failed', message: 'The database is locked.' });
  expect(rows.refusal?.message).toBe('The database is locked.');
  rows.show(0, 40, 's');
  expect(open()).toEqual([]);
  rows.show(0, 40, 't');
  await open()[0]?.answer(1);
  expect([rows.refusal, rows.total]).toEqual([undefined, 1]);
});

test('memory does not grow with the way that is scrolled', async () => {
  const { rows, open } = files();
  rows.show(0, 40, 's');
  await open()[0]?.answer(1_000_000);
  for (let at = 0; at < 20_000; at += 100) {
    rows.show(at, at + 40, 's');
    for (let pending = open(); pending.length > 0; pending = open()) {
      for (const { answer } of pending) await answer(1_000_000);
    }
  }
  const held = Array.from({ length: 20_000 }, (_, index) => rows.at(index)).filter(Boolean);
  expect(held.length).toBeLessThanOrEqual(2400);
});
