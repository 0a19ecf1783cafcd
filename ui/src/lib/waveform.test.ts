import { expect, test } from 'vitest';
import { outline } from './waveform';

test('the outline runs along the top and back along the bottom', () => {
  expect(outline([255, 51])).toBe('M0 0.00L1 0.80L1 1.20L0 2.00Z');
  expect(outline([])).toBe('');
});

test('many levels are reduced to the highest of each group', () => {
  const levels = Array.from({ length: 6000 }, (_, index) => (index === 4321 ? 255 : 0));
  const path = outline(levels);
  expect(path.match(/L/g)?.length).toBeLessThan(1300);
  expect(path).toContain('0.00');
});
