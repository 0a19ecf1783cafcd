import { setLocale } from '../lib/format';
import { en } from './en';
import { language } from './language.svelte';

export type Messages = typeof en;

/** Every text that the interface shows, in the listener's language. Read it where it is shown: it may change. */
export let m: Messages = en;

interface Known {
  /** As its speakers call it. */
  name: string;
  load: () => Messages | Promise<Messages>;
}

/** The languages there are; the first is the one for everybody whose own is not among them. */
export const languages: Record<string, Known> = {
  en: { name: 'English', load: () => en },
  de: { name: 'Deutsch', load: async () => (await import('./de')).de },
};

const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur'];

let asked: string | undefined;

/** Speaks this language from now on; an empty one is the system's. */
export async function speak(wanted: string): Promise<void> {
  if (wanted === asked) return;
  asked = wanted;
  const tag = chosen(wanted ? [wanted] : navigator.languages);
  const base = baseOf(tag);
  const loaded = languages[base]?.load() ?? en;
  // Not awaited when it is at hand: the first frame would come later.
  const texts = loaded instanceof Promise ? await loaded.catch(() => en) : loaded;
  if (wanted !== asked) return;
  m = texts;
  setLocale(tag);
  document.documentElement.lang = tag;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(base) ? 'rtl' : 'ltr';
  language.current = tag;
}

const baseOf = (tag: string) => tag.toLowerCase().split('-')[0] ?? '';

/** The first that is known, with its region: dates and numbers follow it. */
function chosen(tags: readonly string[]): string {
  return tags.find((tag) => baseOf(tag) in languages) ?? 'en';
}
