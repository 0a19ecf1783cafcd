import { setLocale } from '../lib/format';
import { en } from './en';
import { language } from './language.svelte';

export type Messages = typeof en;

/** All texts of the interface in the current language. Read it where it is shown, because it changes with the language. */
export let m: Messages = en;

interface Language {
  /** Its own name. */
  name: string;
  load: () => Messages | Promise<Messages>;
}

/** The available languages. The first is the fallback. */
export const languages: Record<string, Language> = {
  en: { name: 'English', load: () => en },
  de: { name: 'Deutsch', load: async () => (await import('./de')).de },
};

const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur'];

let requested: string | undefined;

/** Switches to a language; an empty tag follows the system. */
export async function setLanguage(wanted: string): Promise<void> {
  if (wanted === requested) return;
  requested = wanted;
  const tag = bestMatch(wanted ? [wanted] : navigator.languages);
  const base = baseOf(tag);
  const loaded = languages[base]?.load() ?? en;
  // Not awaited if it is loaded already: that would delay the first frame.
  const texts = loaded instanceof Promise ? await loaded.catch(() => en) : loaded;
  if (wanted !== requested) return;
  m = texts;
  setLocale(tag);
  document.documentElement.lang = tag;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(base) ? 'rtl' : 'ltr';
  language.current = tag;
}

const baseOf = (tag: string) => tag.toLowerCase().split('-')[0] ?? '';

/** The first available language, with its region, which dates and numbers follow. */
function bestMatch(tags: readonly string[]): string {
  return tags.find((tag) => baseOf(tag) in languages) ?? 'en';
}
