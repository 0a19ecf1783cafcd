import { expect, test } from 'vitest';
import { lineAt } from './lyrics';

test('the current line is the last one that has started', () => {
  const lines = [{ at_s: 1 }, { at_s: null }, { at_s: 4 }];
  expect([0, 1, 3.9, 4, 99].map((at) => lineAt(lines, at))).toEqual([-1, 0, 0, 2, 2]);
});
