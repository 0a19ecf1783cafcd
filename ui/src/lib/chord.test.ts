import { expect, test } from 'vitest';
import { chord } from './chord';

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

test.each([
  [{ ...none, key: ' ' }, 'Space'],
  [{ ...none, key: 'm' }, 'M'],
  [{ ...none, key: 'M', shiftKey: true }, 'Shift+M'],
  [{ ...none, key: '?', shiftKey: true }, '?'],
  [{ ...none, key: ',', ctrlKey: true }, 'Ctrl+,'],
  [{ ...none, key: 'z', metaKey: true }, 'Ctrl+Z'],
  [{ ...none, key: 'Z', ctrlKey: true, shiftKey: true }, 'Ctrl+Shift+Z'],
  [{ ...none, key: 'ArrowUp', altKey: true }, 'Alt+ArrowUp'],
  [{ ...none, key: 'F10', shiftKey: true }, 'Shift+F10'],
])('%j is %s', (pressed, keys) => expect(chord(pressed)).toBe(keys));
