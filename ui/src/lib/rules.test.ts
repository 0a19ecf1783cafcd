import { expect, test } from 'vitest';
import { formatRules, parseRules, type Rule } from './rules';

test('rules are formatted as a search and parsed back', () => {
  const rules: Rule[] = [
    { field: 'words', operator: 'has', value: 'blue train' },
    { field: 'artist', operator: 'has', value: 'John Coltrane' },
    { field: 'genre', operator: 'hasNot', value: 'pop' },
    { field: 'year', operator: 'is', value: '1950..1969' },
    { field: 'rating', operator: 'atLeast', value: '4' },
    { field: 'played', operator: 'before', value: '30d' },
    { field: 'favourite', operator: 'yes', value: '' },
  ];
  const search = 'blue train artist:"John Coltrane" -genre:pop year:1950..1969 rating:>=4 -played:<30d favourite:yes';
  expect(formatRules(rules)).toBe(search);
  expect(parseRules(search)).toEqual(rules);
});

test('what no rule can express stays as words', () => {
  expect(parseRules('rating:>3 "a b" -live')).toEqual([
    { field: 'words', operator: 'has', value: 'rating:>3 "a b"' },
    { field: 'words', operator: 'hasNot', value: 'live' },
  ]);
  expect(formatRules([{ field: 'artist', operator: 'has', value: ' ' }])).toBe('');
});
