export interface KeyPress {
  key: string;
  /** The physical key. */
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** The pressed keys as the table of shortcuts writes them: "Ctrl+Shift+Z", "Space", "?". ⌘ counts as Ctrl. */
export function chord({ key, code, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string {
  const name = key === ' ' ? 'Space' : key.length === 1 ? letter(key, code) : key;
  // A symbol already includes its Shift.
  const isSymbol = name.length === 1 && name.toLowerCase() === name.toUpperCase();
  const modifiers = [(ctrlKey || metaKey) && 'Ctrl', altKey && 'Alt', shiftKey && !isSymbol && 'Shift'];
  return [...modifiers.filter(Boolean), name].join('+');
}

/** On a layout with other letters (Cyrillic, Greek, …), a key counts as the Latin letter in its place. */
function letter(key: string, code: string): string {
  const latin = /^Key([A-Z])$/.exec(code)?.[1];
  const isLatin = /^[\x20-\x7e]$/.test(key);
  return latin && !isLatin ? latin : key.toUpperCase();
}

/** The keys of a chord. The last one may be "+" itself. */
export const keysIn = (chord: string): string[] => chord.split(/\+(?=.)/);
