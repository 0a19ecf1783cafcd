let tag = 'en';
let numbers = formats(tag);

function formats(of: string) {
  const unit = (name: string) => new Intl.NumberFormat(of, { style: 'unit', unit: name, unitDisplay: 'short' });
  return {
    count: new Intl.NumberFormat(of),
    decimal: new Intl.NumberFormat(of, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    signed: new Intl.NumberFormat(of, {
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
      signDisplay: 'exceptZero',
    }),
    percent: new Intl.NumberFormat(of, { style: 'percent', maximumFractionDigits: 0 }),
    hour: unit('hour'),
    minute: unit('minute'),
    second: unit('second'),
    day: new Intl.DateTimeFormat(of, { dateStyle: 'medium' }),
    moment: new Intl.DateTimeFormat(of, { dateStyle: 'medium', timeStyle: 'short' }),
    momentOfYear: new Intl.DateTimeFormat(of, { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }),
    month: new Intl.DateTimeFormat(of, { month: 'short', timeZone: 'UTC' }),
    weekday: new Intl.DateTimeFormat(of, { weekday: 'short', timeZone: 'UTC' }),
  };
}

/** How numbers and dates are written from now on. */
export function setLocale(locale: string): void {
  tag = locale;
  numbers = formats(tag);
}

/** "1:23", "1:02:03": the same everywhere. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** "42 min", "1 hr 12 min". */
export function length(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  const [h, m] = [Math.floor(minutes / 60), minutes % 60];
  const parts = [h > 0 && numbers.hour.format(h), (m > 0 || h === 0) && numbers.minute.format(m)];
  return parts.filter(Boolean).join(' ');
}

/** "102 hr", and shorter ones as `length` has them. */
export function span(seconds: number): string {
  return seconds < 36_000 ? length(seconds) : numbers.hour.format(Math.round(seconds / 3600));
}

/** "12 sec", and longer ones as `length` has them. */
export function wait(seconds: number): string {
  return seconds < 60 ? numbers.second.format(Math.max(1, Math.round(seconds))) : length(seconds);
}

/** "50,000". */
export const count = (value: number): string => numbers.count.format(value);
/** "9.7". */
export const decimal = (value: number): string => numbers.decimal.format(value);
/** "+1.8", "−3.0", "0.0". */
export const signed = (value: number): string => numbers.signed.format(value).replace('-', '−');
/** "40%", from 0 to 1. */
export const percent = (part: number): string => numbers.percent.format(part);
/** "31.4 MB", in millions of bytes. */
export const bytes = (size: number): string => `${decimal(size / 1e6)} MB`;
/** "44.1 kHz". */
export const rate = (hz: number): string => `${numbers.count.format(hz / 1000)} kHz`;
/** "Nov 24, 2026", from seconds since 1970. */
export const day = (unix_s: number): string => numbers.day.format(unix_s * 1000);
/** "Nov 24, 9:05 AM", and with its year if that is not the present one; from seconds since 1970. */
export function moment(unix_s: number): string {
  const at = new Date(unix_s * 1000);
  return (at.getFullYear() === new Date().getFullYear() ? numbers.momentOfYear : numbers.moment).format(at);
}
/** "Jan", from 1 to 12. */
export const month = (number: number): string => numbers.month.format(Date.UTC(2024, number - 1, 1));
/** "Mon", from 0 for Monday to 6. */
export const weekday = (number: number): string => numbers.weekday.format(Date.UTC(2024, 0, 1 + number));
