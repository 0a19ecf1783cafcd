import { expect, test } from 'vitest';
import { formatRules, parseRules, type Rule } from './rules';

test('rules become a search and the search the same rules', () => {
  const rules: Rule[] = [
    { field: 'words', test: 'has', value: 'blue train' },
    { field: 'artist', test: 'has', value: 'John Coltrane' },
    { field: 'genre', test: 'hasNot', value: 'pop' },
    { field: 'year', test: 'is', value: '1950..1969' },
    { field: 'rating', test: 'least', value: '4' },
    { field: 'played', test: 'before', value: '30d' },
    { field: 'favourite', test: 'yes', value: '' },
  ];
  const search = 'blue train artist:"John Coltrane" -genre:pop year:1950..1969 rating:>=4 -played:<30d favourite:yes';
  expect(formatRules(rules)).toBe(search);
  expect(parseRules(search)).toEqual(rules);
});

test('what no rule says stays as words', () => {
  expect(parseRules('rating:>3 "a b" -live')).toEqual([
    { field: 'words', test: 'has', value: 'rating:>3 "a b"' },
    { field: 'words', test: 'hasNot', value: 'live' },
  ]);
  expect(formatRules([{ field: 'artist', test: 'has', value: ' ' }])).toBe('');
});
