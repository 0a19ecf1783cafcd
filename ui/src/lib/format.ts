const integer = new Intl.NumberFormat('en');

/** "1:23", "1:02:03". */
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
  if (h === 0) return `${m} min`;
  return m === 0 ? `${count(h)} hr` : `${count(h)} hr ${m} min`;
}

/** "50,000". */
export function count(value: number): string {
  return integer.format(value);
}
