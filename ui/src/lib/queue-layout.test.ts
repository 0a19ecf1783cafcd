import { expect, test } from 'vitest';
import { QueueLayout } from './queue-layout';

function drawn(length: number, current: number | null): string {
  const layout = new QueueLayout(length, current);
  const lines = Array.from({ length: layout.lines }, (_, line) => layout.line(line));
  return lines.map((line) => (line.kind === 'label' ? line.label : line.index)).join(' ');
}

test.each([
  [0, null, ''],
  [2, null, 'next 0 1'],
  [1, 0, 'now 0'],
  [3, 0, 'now 0 next 1 2'],
  [4, 2, 'history 0 1 now 2 next 3'],
  [3, 2, 'history 0 1 now 2'],
])('%d entries, the current one %s: %s', (length, current, lines) => {
  expect(drawn(length, current)).toBe(lines);
});

test('a line is found by its entry', () => {
  for (const current of [null, 0, 2, 4]) {
    const layout = new QueueLayout(5, current);
    for (let index = 0; index < 5; index += 1) {
      expect(layout.line(layout.lineOf(index))).toEqual({ kind: 'entry', index });
    }
  }
});
