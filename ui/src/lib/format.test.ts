import { expect, test } from 'vitest';
import { clock, count, length } from './format';

test.each([
  [0, '0:00'],
  [59.99, '0:59'],
  [83, '1:23'],
  [3600, '1:00:00'],
  [43_199, '11:59:59'],
  [-1, '0:00'],
])('%d s is %s', (seconds, text) => expect(clock(seconds)).toBe(text));

test.each([
  [5, '1 min'],
  [2520, '42 min'],
  [3600, '1 hr'],
  [4320, '1 hr 12 min'],
])('%d s last %s', (seconds, text) => expect(length(seconds)).toBe(text));

test('thousands are set apart', () => expect(count(50_000)).toBe('50,000'));
