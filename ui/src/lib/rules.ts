/** What a rule of a smart playlist looks at; the fields of the search, and its plain words. */
export const FIELDS = {
  words: 'text',
  artist: 'text',
  album: 'text',
  title: 'text',
  genre: 'text',
  composer: 'text',
  folder: 'text',
  format: 'text',
  year: 'number',
  rating: 'number',
  plays: 'number',
  skips: 'number',
  bpm: 'number',
  length: 'number',
  loudness: 'number',
  added: 'age',
  played: 'age',
  favourite: 'flag',
} as const;

export type Field = keyof typeof FIELDS;
type Kind = (typeof FIELDS)[Field];

/** How it looks, by kind of field. The first is the usual one. */
export const TESTS = {
  text: ['has', 'hasNot'],
  number: ['is', 'isNot', 'least', 'most'],
  age: ['within', 'before'],
  flag: ['yes', 'no'],
} as const satisfies Record<Kind, readonly string[]>;

export type Test = (typeof TESTS)[Kind][number];

export interface Rule {
  field: Field;
  test: Test;
  value: string;
}

export const testsOf = (field: Field): readonly Test[] => TESTS[FIELDS[field]];

const SIGN: Partial<Record<Test, string>> = { least: '>=', most: '<=', within: '<' };

/** The rules as a search. Rules that have no value yet are left out. */
export function formatRules(rules: Rule[]): string {
  return rules.map(formatRule).filter(Boolean).join(' ');
}

function formatRule({ field, test, value }: Rule): string {
  const text = value.replaceAll('"', '').trim();
  const not = test === 'hasNot' || test === 'isNot' || test === 'before' ? '-' : '';
  if (FIELDS[field] === 'flag') return `${field}:${test}`;
  if (text === '') return '';
  if (field === 'words') return not ? text.split(/\s+/).map((word) => not + word).join(' ') : text;
  const age = FIELDS[field] === 'age' ? '<' : '';
  const sign = age || (SIGN[test] ?? '');
  return `${not}${field}:${sign}${/\s/.test(text) ? `"${text}"` : text}`;
}

/** A search as rules. What no rule says is plain words. */
export function parseRules(search: string): Rule[] {
  const rules: Rule[] = [];
  const words: Record<'has' | 'hasNot', string[]> = { has: [], hasNot: [] };
  for (const token of search.match(/(?:[^\s"]+|"[^"]*")+/g) ?? []) {
    const [, not = '', name = '', sign = '', rest = ''] = /^(-?)([a-z]+):(<=|>=|<|>)?(.*)$/.exec(token) ?? [];
    const field = name in FIELDS && name !== 'words' ? (name as Field) : undefined;
    const value = rest.replaceAll('"', '');
    const test = field && testOf(field, not !== '', sign, value);
    if (field && test) rules.push({ field, test, value: FIELDS[field] === 'flag' ? '' : value });
    else if (token.startsWith('-')) words.hasNot.push(token.slice(1));
    else words.has.push(token);
  }
  for (const test of ['hasNot', 'has'] as const)
    if (words[test].length > 0) rules.unshift({ field: 'words', test, value: words[test].join(' ') });
  return rules;
}

function testOf(field: Field, not: boolean, sign: string, value: string): Test | undefined {
  switch (FIELDS[field]) {
    case 'text':
      return sign ? undefined : not ? 'hasNot' : 'has';
    case 'number':
      if (sign === '') return not ? 'isNot' : 'is';
      return not ? undefined : sign === '>=' ? 'least' : sign === '<=' ? 'most' : undefined;
    case 'age':
      return sign !== '<' ? undefined : not ? 'before' : 'within';
    case 'flag':
      return (value === 'yes') !== not ? 'yes' : 'no';
  }
}
