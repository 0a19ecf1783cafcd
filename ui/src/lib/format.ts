let formats = createFormats('en');
let firstDay = 0;

interface Week {
  firstDay: number;
}

function createFormats(locale: string) {
  const unit = (name: string) => new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short' });
  return {
    count: new Intl.NumberFormat(locale),
    decimal: new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    signed: new Intl.NumberFormat(locale, {
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
      signDisplay: 'exceptZero',
    }),
    percent: new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }),
    hour: unit('hour'),
    minute: unit('minute'),
    second: unit('second'),
    megabyte: new Intl.NumberFormat(locale, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }),
    hourOfDay: new Intl.DateTimeFormat(locale, { hour: 'numeric', timeZone: 'UTC' }),
    day: new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }),
    dateTime: new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
    dateTimeThisYear: new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }),
    month: new Intl.DateTimeFormat(locale, { month: 'short', timeZone: 'UTC' }),
    weekday: new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' }),
  };
}

/** Sets the locale of all numbers and dates. */
export function setLocale(locale: string): void {
  formats = createFormats(locale);
  // Sunday is 7 here. Not every webview knows weeks.
  const tag = new Intl.Locale(locale) as Intl.Locale & { getWeekInfo?(): Week; weekInfo?: Week };
  firstDay = ((tag.getWeekInfo?.() ?? tag.weekInfo)?.firstDay ?? 1) - 1;
}

/** A position or length of a track: "1:23", "1:02:03". The same in every language. */
export function formatPosition(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** "42 min", "1 hr 12 min". */
export function formatDuration(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  const [h, m] = [Math.floor(minutes / 60), minutes % 60];
  const parts = [h > 0 && formats.hour.format(h), (m > 0 || h === 0) && formats.minute.format(m)];
  return parts.filter(Boolean).join(' ');
}

/** "102 hr"; less than ten hours as `formatDuration` does. */
export function formatLongDuration(seconds: number): string {
  return seconds < 36_000 ? formatDuration(seconds) : formats.hour.format(Math.round(seconds / 3600));
}

/** "12 sec"; a minute or more as `formatDuration` does. */
export function formatRemaining(seconds: number): string {
  return seconds < 60 ? formats.second.format(Math.max(1, Math.round(seconds))) : formatDuration(seconds);
}

/** "50,000". */
export const formatCount = (value: number): string => formats.count.format(value);
/** "9.7". */
export const formatDecimal = (value: number): string => formats.decimal.format(value);
/** "+1.8", "−3.0", "0.0". */
export const formatSigned = (value: number): string => formats.signed.format(value).replace('-', '−');
/** "40%", from 0 to 1. */
export const formatPercent = (fraction: number): string => formats.percent.format(fraction);
/** "31.4 MB", in millions of bytes. */
export const formatBytes = (size: number): string => formats.megabyte.format(size / 1e6);
/** "44.1 kHz". */
export const formatSampleRate = (hz: number): string => `${formats.count.format(hz / 1000)} kHz`;
/** "Nov 24, 2026", from Unix seconds. */
export const formatDate = (unix_s: number): string => formats.day.format(unix_s * 1000);
/** "Nov 24, 9:05 AM", with the year unless it is the current one; from Unix seconds. */
export function formatDateTime(unix_s: number): string {
  const at = new Date(unix_s * 1000);
  return (at.getFullYear() === new Date().getFullYear() ? formats.dateTimeThisYear : formats.dateTime).format(at);
}
/** "Jan", from 1 to 12. */
export const monthName = (number: number): string => formats.month.format(Date.UTC(2024, number - 1, 1));
/** "Mon", from 0 for Monday to 6. */
export const weekdayName = (number: number): string => formats.weekday.format(Date.UTC(2024, 0, 1 + number));
/** "6 PM", "18 Uhr", from 0 to 23. */
export const formatHour = (hour: number): string => formats.hourOfDay.format(Date.UTC(2024, 0, 1, hour));
/** The weekdays in the order of the locale, 0 for Monday to 6. */
export const weekdays = (): number[] => Array.from({ length: 7 }, (_, index) => (index + firstDay) % 7);
