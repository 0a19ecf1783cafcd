export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** What was pressed, as the table of shortcuts writes it: "Ctrl+Shift+Z", "Space", "?". ⌘ counts as Ctrl. */
export function chord({ key, ctrlKey, metaKey, altKey, shiftKey }: Pressed): string {
  const name = key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key;
  // A sign that needs Shift already says so.
  const sign = key.length === 1 && key.toLowerCase() === key.toUpperCase() && key !== ' ';
  const held = [(ctrlKey || metaKey) && 'Ctrl', altKey && 'Alt', shiftKey && !sign && 'Shift'];
  return [...held.filter(Boolean), name].join('+');
}
