import { expect, test } from 'vitest';
import { inRing, MOST_ROWS, rowsInSight, scrollFor } from './windowing';

const list = { offset_px: 0, height_px: 600, row_px: 36, rows: 50_000 };

test('what is in sight is drawn, and a little more', () => {
  for (const offset_px of [-240, 0, 35, 36, 900_000, 50_000 * 36 - 600]) {
    const { first, end } = rowsInSight({ ...list, offset_px });
    expect(first * 36).toBeLessThanOrEqual(Math.max(0, offset_px));
    expect(end * 36).toBeGreaterThanOrEqual(Math.min(offset_px + 600, 50_000 * 36));
    expect(end - first).toBeLessThanOrEqual(40);
  }
});

test('as many are drawn wherever one is', () => {
  for (const offset_px of [-240, 0, 120, 900_000, 50_000 * 36 - 600, 50_000 * 36]) {
    const { first, end } = rowsInSight({ ...list, offset_px });
    expect(end - first).toBe(34);
  }
});

test('rows that come in take the place of those that leave, and the others stay where they are', () => {
  expect(inRing(7, 4, 7)).toEqual([7, 8, 9, 10]);
  expect(inRing(9, 4, 7)).toEqual([11, 12, 9, 10]);
  expect(inRing(5, 4, 7)).toEqual([7, 8, 5, 6]);
  const places = (first: number) => inRing(first, 4, 7).map((row) => row % 4);
  expect(places(9)).toEqual(places(7));
  expect(inRing(0, 0, 7)).toEqual([]);
});

test('the tallest screen does not draw more than the most', () => {
  const { first, end } = rowsInSight({ ...list, height_px: 10_000, offset_px: 500 });
  expect(end - first).toBe(MOST_ROWS);
});

test('a list that became shorter than it was scrolled still shows its end', () => {
  expect(rowsInSight({ ...list, rows: 5, offset_px: 90_000 })).toEqual({ first: 0, end: 5 });
  expect(rowsInSight({ ...list, rows: 0 })).toEqual({ first: 0, end: 0 });
});

test('scrolling goes the least way', () => {
  const sight = { ...list, offset_px: 3600 };
  expect(scrollFor(105, sight, 0)).toBeUndefined();
  expect(scrollFor(99, sight, 0)).toBe(99 * 36);
  expect(scrollFor(100, sight, 32)).toBe(3600 - 32);
  expect(scrollFor(120, sight, 0)).toBe(121 * 36 - 600);
});
