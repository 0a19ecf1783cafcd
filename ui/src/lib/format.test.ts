import { afterEach, expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDate,
  formatDecimal,
  formatDuration,
  formatHour,
  formatPosition,
  formatRemaining,
  formatSigned,
  monthName,
  setLocale,
  weekdayName,
  weekdays,
} from './format';

afterEach(() => setLocale('en'));

test.each([
  [0, '0:00'],
  [59.99, '0:59'],
  [83, '1:23'],
  [3600, '1:00:00'],
  [43_199, '11:59:59'],
  [-1, '0:00'],
])('%d s is %s', (seconds, text) => expect(formatPosition(seconds)).toBe(text));

test.each([
  [5, '1 min'],
  [2520, '42 min'],
  [3600, '1 hr'],
  [4320, '1 hr 12 min'],
])('%d s last %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

test('a short remaining time is given in seconds', () => expect([formatRemaining(12), formatRemaining(90)]).toEqual(['12 sec', '2 min']));

test('numbers and dates follow the locale', () => {
  expect([formatCount(50_000), formatDecimal(9.74), formatSigned(1.84), formatSigned(-3)]).toEqual(['50,000', '9.7', '+1.8', '−3.0']);
  expect([monthName(1), weekdayName(0), formatDate(0)]).toEqual(['Jan', 'Mon', 'Jan 1, 1970']);
  expect([formatBytes(31_400_000), formatHour(18)]).toEqual(['31.4 MB', '6 PM']);
  setLocale('en-US');
  expect(weekdays()).toEqual([6, 0, 1, 2, 3, 4, 5]);
  setLocale('de');
  expect(weekdays()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect([formatCount(50_000), formatDecimal(9.74), formatDuration(4320)]).toEqual(['50.000', '9,7', '1 Std. 12 Min.']);
  expect([formatBytes(31_400_000), formatHour(18)]).toEqual(['31,4 MB', '18 Uhr']);
  expect([weekdayName(6), formatDate(0)]).toEqual(['So', '01.01.1970']);
});
