/** What stands for a missing picture: the initials of a name on a ground of its own colour. */
export interface Placeholder {
  /** One or two letters; empty where the name has none. */
  initials: string;
  /** Degrees on the colour wheel, one of twelve. */
  hue: number;
}

const HUES = 12;
/** Articles say nothing about a name. */
const ARTICLE = /^(the|a|an|der|die|das|ein|eine|le|la|les|el|los|las)\s+/i;
/** Scripts whose single characters are words. */
const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** The same name gets the same placeholder everywhere. */
export function placeholderFor(name: string): Placeholder {
  let hash = 0;
  for (const char of name) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) | 0;
  return { initials: initialsOf(name), hue: ((hash >>> 0) % HUES) * (360 / HUES) };
}

function initialsOf(name: string): string {
  const words = name.replace(ARTICLE, '').match(/[\p{L}\p{N}]+/gu) ?? [];
  const [first, second] = words.map((word) => [...word][0] ?? '');
  if (!first) return '';
  return (IDEOGRAPH.test(first) ? first : first + (second ?? '')).toLocaleUpperCase();
}
