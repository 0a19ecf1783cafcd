import { expect, test } from 'vitest';
import { placeholderFor } from './placeholder';

test('initials are the first letters of the first two words, without an article', () => {
  const initials = (name: string) => placeholderFor(name).initials;
  expect(initials('Kind of Blue')).toBe('KO');
  expect(initials('The Beatles')).toBe('B');
  expect(initials('élan vital')).toBe('ÉV');
  expect(initials('99 Luftballons')).toBe('9L');
  expect(initials('夜に駆ける')).toBe('夜');
  expect(initials('…')).toBe('');
  expect(initials('')).toBe('');
});

test('one name has one colour, and names spread over the wheel', () => {
  const names = Array.from({ length: 100 }, (_, index) => `Album ${index}`);
  const hues = new Set(names.map((name) => placeholderFor(name).hue));
  expect(placeholderFor('Blue').hue).toBe(placeholderFor('Blue').hue);
  expect(hues.size).toBeGreaterThan(8);
  for (const hue of hues) expect(hue % 30).toBe(0);
});
