import { beforeEach, expect, test, vi } from 'vitest';
import type { TrackRow } from '../connection/protocol';
import type { TrackListItem, TrackSource } from './sources';

vi.mock('../actions/commands', () => ({}));
vi.mock('../actions/menus', () => ({ trackItems: () => [] }));
vi.mock('../actions/shortcuts', () => ({ actionOf: ({ key }: { key: string }) => (key === 'Delete' ? 'remove' : undefined) }));
const { TrackListState } = await import('./track-list.svelte');

const item = (id: number): TrackListItem => ({ id, track: { id: id * 10, title: `Track ${id}` } as TrackRow });
const event = (modifiers = {}) => ({ shiftKey: false, ctrlKey: false, metaKey: false, ...modifiers }) as MouseEvent;
const press = (key: string) => ({ key, preventDefault: () => {} }) as KeyboardEvent;

let ids = $state.raw<number[]>([]);
let removed: number[];
let answerRange: () => void;

function list() {
  const source = {
    name: 'test',
    rows: {},
    get total() {
      return ids.length;
    },
    at: (index: number) => (ids[index] === undefined ? undefined : item(ids[index])),
    fetchRange: (first: number, last: number) => {
      const items = ids.slice(first, last + 1).map(item);
      return new Promise<TrackListItem[]>((resolve) => (answerRange = () => resolve(items)));
    },
    play: async () => {},
    remove: { label: '', run: async (entries: number[]) => void removed.push(...entries) },
  } as unknown as TrackSource;
  return new TrackListState(
    () => source,
    () => {},
  );
}

beforeEach(() => {
  ids = [1, 2, 3, 4, 5];
  removed = [];
});

test('Delete removes the row of the cursor after the rows have moved', () => {
  const state = list();
  state.cursorLine = 2;
  void state.select(2, event());
  ids = [8, 9, 1, 2, 3, 4, 5];
  state.onKeyDown(press('Delete'));
  expect(removed).toEqual([3]);
});

test('the cursor moves with its row, and to the next row when it is removed', () => {
  const state = list();
  state.cursorLine = 2;
  expect(state.cursor).toMatchObject({ id: 3, index: 2 });
  ids = [9, 1, 2, 3, 4, 5];
  expect(state.cursor).toMatchObject({ id: 3, index: 3 });
  ids = [9, 1, 2, 4, 5];
  expect(state.cursor).toMatchObject({ id: 4, index: 3 });
});

test('a slow range selection does not overwrite a later click', async () => {
  const state = list();
  await state.select(0, event());
  const slow = state.select(3, event({ shiftKey: true }));
  await state.select(4, event());
  answerRange();
  await slow;
  expect(state.selection.selected.map(({ id }) => id)).toEqual([5]);
});

test('a range starts at the row of the anchor, wherever that is now', async () => {
  const state = list();
  await state.select(1, event());
  ids = [9, 1, 2, 3, 4, 5];
  const range = state.select(4, event({ shiftKey: true }));
  answerRange();
  await range;
  expect(state.selection.selected.map(({ id }) => id)).toEqual([2, 3, 4]);
});
