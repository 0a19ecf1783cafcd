import { expect, test } from 'vitest';
import { chord, keysIn } from './chord';

const none = { code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

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
  [{ ...none, key: 'ь', code: 'KeyM' }, 'M'],
  [{ ...none, key: 'Л', code: 'KeyK', shiftKey: true, ctrlKey: true }, 'Ctrl+Shift+K'],
  [{ ...none, key: 'a', code: 'KeyQ' }, 'A'],
  [{ ...none, key: '+', ctrlKey: true }, 'Ctrl++'],
])('%j is %s', (pressed, keys) => expect(chord(pressed)).toBe(keys));

test.each([
  ['Ctrl+Shift+Z', ['Ctrl', 'Shift', 'Z']],
  ['Ctrl++', ['Ctrl', '+']],
  ['+', ['+']],
])('%s has the keys %j', (chord, keys) => expect(keysIn(chord)).toEqual(keys));
