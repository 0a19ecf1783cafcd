import { afterEach, expect, test } from 'vitest';
import { clock, count, day, decimal, length, month, setLocale, signed, wait, weekday } from './format';

afterEach(() => setLocale('en'));

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

test('a short wait is told in seconds', () => expect([wait(12), wait(90)]).toEqual(['12 sec', '2 min']));

test('numbers and dates are written as the language does', () => {
  expect([count(50_000), decimal(9.74), signed(1.84), signed(-3)]).toEqual(['50,000', '9.7', '+1.8', '−3.0']);
  expect([month(1), weekday(0), day(0)]).toEqual(['Jan', 'Mon', 'Jan 1, 1970']);
  setLocale('de');
  expect([count(50_000), decimal(9.74), length(4320)]).toEqual(['50.000', '9,7', '1 Std. 12 Min.']);
  expect([weekday(6), day(0)]).toEqual(['So', '01.01.1970']);
});
