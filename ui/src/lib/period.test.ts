import { expect, test } from 'vitest';
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
