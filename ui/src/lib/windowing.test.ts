import { expect, test } from 'vitest';
import { MOST_ROWS, rowsInSight, scrollFor } from './windowing';

const list = { offset_px: 0, height_px: 600, row_px: 36, rows: 50_000 };

test('what is in sight is drawn, and a little more', () => {
  for (const offset_px of [-240, 0, 35, 36, 900_000, 50_000 * 36 - 600]) {
    const { first, end } = rowsInSight({ ...list, offset_px });
    expect(first * 36).toBeLessThanOrEqual(Math.max(0, offset_px));
    expect(end * 36).toBeGreaterThanOrEqual(Math.min(offset_px + 600, 50_000 * 36));
    expect(end - first).toBeLessThanOrEqual(40);
  }
});

test('how many are drawn at most is the same wherever one is, so that a row can stand in the ring by its place', () => {
  for (const offset_px of [-240, 0, 120, 900_000, 50_000 * 36 - 600, 50_000 * 36]) {
    const { first, end, most } = rowsInSight({ ...list, offset_px });
    expect(most).toBe(rowsInSight(list).most);
    expect(end - first).toBeLessThanOrEqual(most);
  }
});

test('the tallest screen does not draw more than the most', () => {
  const { first, end } = rowsInSight({ ...list, height_px: 10_000, offset_px: 500 });
  expect(end - first).toBe(MOST_ROWS);
});

test('a list that became shorter than it was scrolled still shows its end', () => {
  expect(rowsInSight({ ...list, rows: 5, offset_px: 90_000 })).toMatchObject({ first: 0, end: 5 });
  expect(rowsInSight({ ...list, rows: 0 })).toMatchObject({ first: 0, end: 0 });
});

test('scrolling goes the least way', () => {
  const sight = { ...list, offset_px: 3600 };
  expect(scrollFor(105, sight, 0)).toBeUndefined();
  expect(scrollFor(99, sight, 0)).toBe(99 * 36);
  expect(scrollFor(100, sight, 32)).toBe(3600 - 32);
  expect(scrollFor(120, sight, 0)).toBe(121 * 36 - 600);
});
