import { expect, test } from 'vitest';
import { SectionedLines, type Section } from './sectioned-lines';

function drawn(rows: number, sections: Section[]): string {
  const lines = new SectionedLines(rows, sections);
  const all = Array.from({ length: lines.count }, (_, line) => lines.line(line));
  return all.map((line) => (line.kind === 'label' ? line.label : line.index)).join(' ');
}

test.each<[number, Section[], string]>([
  [0, [], ''],
  [2, [], '0 1'],
  [2, [{ label: 'next', first: 0 }], 'next 0 1'],
  [
    4,
    [
      { label: 'history', first: 0 },
      { label: 'now', first: 2 },
      { label: 'next', first: 3 },
    ],
    'history 0 1 now 2 next 3',
  ],
])('%s rows with %j are drawn as "%s"', (rows, sections, lines) => expect(drawn(rows, sections)).toBe(lines));

test('a line is found by its row, and a row by its line or the label above it', () => {
  const lines = new SectionedLines(5, [
    { label: 'a', first: 0 },
    { label: 'b', first: 3 },
  ]);
  for (let index = 0; index < 5; index += 1) {
    expect(lines.line(lines.lineOf(index))).toEqual({ kind: 'row', index });
    expect(lines.indexAt(lines.lineOf(index))).toBe(index);
  }
  expect([lines.indexAt(0), lines.indexAt(4)]).toEqual([0, 3]);
});
