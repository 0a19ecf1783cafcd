/** The language that is spoken: a BCP 47 tag, empty until its texts are there. What shows texts is drawn anew for another. */
class Language {
  current = $state('');
}

export const language = new Language();
