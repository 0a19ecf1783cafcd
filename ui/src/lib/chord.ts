export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** The pressed keys as the table of shortcuts writes them: "Ctrl+Shift+Z", "Space", "?". ⌘ counts as Ctrl. */
export function chord({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string {
  const name = key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key;
  // A symbol already includes its Shift.
  const isSymbol = key.length === 1 && key.toLowerCase() === key.toUpperCase() && key !== ' ';
  const modifiers = [(ctrlKey || metaKey) && 'Ctrl', altKey && 'Alt', shiftKey && !isSymbol && 'Shift'];
  return [...modifiers.filter(Boolean), name].join('+');
}
