import { expect, test } from 'vitest';
import { recycledOrder, MAX_ROWS, visibleRows, scrollToReveal } from './windowing';

const list = { offset_px: 0, height_px: 600, row_px: 36, rows: 50_000 };

test('the visible rows are drawn, and a few more', () => {
  for (const offset_px of [-240, 0, 35, 36, 900_000, 50_000 * 36 - 600]) {
    const { first, end } = visibleRows({ ...list, offset_px });
    expect(first * 36).toBeLessThanOrEqual(Math.max(0, offset_px));
    expect(end * 36).toBeGreaterThanOrEqual(Math.min(offset_px + 600, 50_000 * 36));
    expect(end - first).toBeLessThanOrEqual(40);
  }
});

test('the same number is drawn at every scroll position', () => {
  for (const offset_px of [-240, 0, 120, 900_000, 50_000 * 36 - 600, 50_000 * 36]) {
    const { first, end } = visibleRows({ ...list, offset_px });
    expect(end - first).toBe(34);
  }
});

test('rows that come in replace those that leave, and the others are not moved', () => {
  expect(recycledOrder(7, 4, 7)).toEqual([7, 8, 9, 10]);
  expect(recycledOrder(9, 4, 7)).toEqual([11, 12, 9, 10]);
  expect(recycledOrder(5, 4, 7)).toEqual([7, 8, 5, 6]);
  const slots = (first: number) => recycledOrder(first, 4, 7).map((row) => row % 4);
  expect(slots(9)).toEqual(slots(7));
  expect(recycledOrder(0, 0, 7)).toEqual([]);
});

test('the tallest screen draws no more than the maximum', () => {
  const { first, end } = visibleRows({ ...list, height_px: 10_000, offset_px: 500 });
  expect(end - first).toBe(MAX_ROWS);
});

test('a list that became shorter than its scroll position still shows its end', () => {
  expect(visibleRows({ ...list, rows: 5, offset_px: 90_000 })).toEqual({ first: 0, end: 5 });
  expect(visibleRows({ ...list, rows: 0 })).toEqual({ first: 0, end: 0 });
});

test('revealing a row scrolls as little as possible', () => {
  const viewport = { ...list, offset_px: 3600 };
  expect(scrollToReveal(105, viewport, 0)).toBeUndefined();
  expect(scrollToReveal(99, viewport, 0)).toBe(99 * 36);
  expect(scrollToReveal(100, viewport, 32)).toBe(3600 - 32);
  expect(scrollToReveal(120, viewport, 0)).toBe(121 * 36 - 600);
});
