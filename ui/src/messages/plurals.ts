import { count } from '../lib/format';

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** Texts with a number in them: `#` is the number, each form as the language's plural rules name it. */
export function plurals(language: string): (forms: Forms) => (n: number) => string {
  const rules = new Intl.PluralRules(language);
  return (forms) => (n) => (forms[rules.select(n)] ?? forms.other).replace('#', count(n));
}
