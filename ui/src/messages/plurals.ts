import { formatCount } from '../lib/format';

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** Formats texts that contain a number. `#` stands for the number; the forms are those of the language's plural rules. */
export function plurals(language: string): (forms: Forms) => (n: number) => string {
  const rules = new Intl.PluralRules(language);
  return (forms) => (n) => (forms[rules.select(n)] ?? forms.other).replace('#', formatCount(n));
}
