/** The current language as a BCP 47 tag; empty until its texts are loaded. The interface is drawn again when it changes. */
class CurrentLanguage {
  current = $state('');
}

export const language = new CurrentLanguage();
