import { afterEach, expect, test, vi } from 'vitest';
import { periodOf } from './period';

const now = new Date(2026, 10, 24, 15, 30);
const at = (...day: [number, number, number]) => new Date(...day).getTime() / 1000;

test('periods are whole days that end today', () => {
  expect(periodOf('all', now)).toEqual({});
  expect(periodOf('year', now)).toEqual({ from_s: at(2026, 0, 1) });
  expect(periodOf('12m', now)).toEqual({ from_s: at(2025, 11, 1) });
  expect(periodOf('7d', now)).toEqual({ from_s: at(2026, 10, 18) });
});

test('a custom period includes its last day and may be open-ended', () => {
  expect(periodOf('2024-01-01..2024-01-31', now)).toEqual({ from_s: at(2024, 0, 1), to_s: at(2024, 1, 1) });
  expect(periodOf('2024-01-01..', now)).toEqual({ from_s: at(2024, 0, 1) });
  expect(periodOf('..', now)).toEqual({});
});

test('periods begin and end at midnight across a change of the clocks', () => {
  afterEach(() => void vi.unstubAllEnvs());
  vi.stubEnv('TZ', 'Europe/Berlin');
  // The clocks go back on 25 October 2026.
  const after = new Date(2026, 9, 28, 12);
  const ends = [periodOf('7d', after).from_s, periodOf('30d', after).from_s, periodOf('2026-10-01..2026-10-25', after).to_s];
  expect(ends.map((unix_s) => new Date((unix_s ?? 0) * 1000).getHours())).toEqual([0, 0, 0]);
});
