/** The fields of a smart playlist's rules, with their types: the fields of the search, and `words` for plain words. */
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
type FieldType = (typeof FIELDS)[Field];

/** The comparison operators of each field type. The first is the default. */
export const OPERATORS = {
  text: ['has', 'hasNot'],
  number: ['is', 'isNot', 'atLeast', 'atMost'],
  age: ['within', 'before'],
  flag: ['yes', 'no'],
} as const satisfies Record<FieldType, readonly string[]>;

export type Operator = (typeof OPERATORS)[FieldType][number];

export interface Rule {
  field: Field;
  operator: Operator;
  value: string;
}

export const operatorsFor = (field: Field): readonly Operator[] => OPERATORS[FIELDS[field]];

const COMPARISON: Partial<Record<Operator, string>> = { atLeast: '>=', atMost: '<=', within: '<' };

/** Formats rules as a search. Rules without a value are left out. */
export function formatRules(rules: Rule[]): string {
  return rules.map(formatRule).filter(Boolean).join(' ');
}

function formatRule({ field, operator, value }: Rule): string {
  const text = value.replaceAll('"', '').trim();
  const not = operator === 'hasNot' || operator === 'isNot' || operator === 'before' ? '-' : '';
  if (FIELDS[field] === 'flag') return `${field}:${operator}`;
  if (text === '') return '';
  if (field === 'words') return not ? text.split(/\s+/).map((word) => not + word).join(' ') : text;
  const age = FIELDS[field] === 'age' ? '<' : '';
  const sign = age || (COMPARISON[operator] ?? '');
  return `${not}${field}:${sign}${/\s/.test(text) ? `"${text}"` : text}`;
}

/** Parses a search into rules. What no rule can express becomes plain words. */
export function parseRules(search: string): Rule[] {
  const rules: Rule[] = [];
  const words: Record<'has' | 'hasNot', string[]> = { has: [], hasNot: [] };
  for (const token of search.match(/(?:[^\s"]+|"[^"]*")+/g) ?? []) {
    const [, not = '', name = '', sign = '', rest = ''] = /^(-?)([a-z]+):(<=|>=|<|>)?(.*)$/.exec(token) ?? [];
    const field = name in FIELDS && name !== 'words' ? (name as Field) : undefined;
    const value = rest.replaceAll('"', '');
    const operator = field && parseOperator(field, not !== '', sign, value);
    if (field && operator) rules.push({ field, operator, value: FIELDS[field] === 'flag' ? '' : value });
    else if (token.startsWith('-')) words.hasNot.push(token.slice(1));
    else words.has.push(token);
  }
  for (const operator of ['hasNot', 'has'] as const)
    if (words[operator].length > 0) rules.unshift({ field: 'words', operator, value: words[operator].join(' ') });
  return rules;
}

function parseOperator(field: Field, not: boolean, sign: string, value: string): Operator | undefined {
  switch (FIELDS[field]) {
    case 'text':
      return sign ? undefined : not ? 'hasNot' : 'has';
    case 'number':
      if (sign === '') return not ? 'isNot' : 'is';
      return not ? undefined : sign === '>=' ? 'atLeast' : sign === '<=' ? 'atMost' : undefined;
    case 'age':
      return sign !== '<' ? undefined : not ? 'before' : 'within';
    case 'flag':
      return (value === 'yes') !== not ? 'yes' : 'no';
  }
}
