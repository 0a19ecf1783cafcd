import { enqueue, playTracks, setFavourite, setRating } from '../actions/commands';
import { trackItems } from '../actions/menus';
import { actionOf } from '../actions/shortcuts';
import type { DragPayload } from '../lib/drag.svelte';
import { menu, type MenuItem } from '../lib/menu.svelte';
import { SectionedLines } from '../lib/sectioned-lines';
import { Selection, type SelectableRow } from '../lib/selection.svelte';
import { m } from '../messages';
import type { TrackListItem, TrackSource } from './sources';

/** How far from its last index a row is looked for after the list has changed. */
const MAX_SHIFT = 200;

const selectable = ({ id, track }: TrackListItem, index: number): SelectableRow => ({
  id,
  index,
  track: track.id || undefined,
});

/**
 * Cursor, selection and actions of a list of tracks. Cursor and selection are rows, not indexes, so that an action affects the
 * row that the listener chose even if the list has changed since.
 */
export class TrackListState {
  readonly selection = new Selection();
  /** For screen readers. */
  announcement = $state('');

  #chosen = $state.raw<SelectableRow>();
  /** Where the chosen row was last seen. */
  #lastIndex: number | undefined;
  /** Counts selections: of slow ones, only the last counts. */
  #selections = 0;

  constructor(
    private readonly getSource: () => TrackSource,
    /** Scrolls to a row. */
    private readonly reveal: (index: number, centre: boolean) => void,
  ) {}

  get source(): TrackSource {
    return this.getSource();
  }

  get total(): number {
    return this.source.total ?? this.source.rows.total ?? 0;
  }

  readonly lines = $derived.by(() => new SectionedLines(this.total, this.source.sections));

  /** The row that keys act on, at its current index. */
  readonly cursor = $derived.by(() => {
    const chosen = this.#chosen;
    if (!chosen) return undefined;
    const row = this.#locate(this.#lastIndex === undefined ? chosen : { ...chosen, index: this.#lastIndex });
    this.#lastIndex = row.index;
    return row;
  });

  /** The line of the cursor; −1 for none. */
  get cursorLine(): number {
    return this.cursor ? this.lines.lineOf(this.cursor.index) : -1;
  }

  set cursorLine(line: number) {
    const index = this.lines.indexAt(line);
    const item = this.source.at(index);
    // A row that is not loaded yet is identified as soon as it is.
    this.#choose(line < 0 ? undefined : item ? selectable(item, index) : { id: NaN, index, track: undefined });
  }

  #choose(row: SelectableRow | undefined): void {
    this.#lastIndex = undefined;
    this.#chosen = row;
  }

  /** Finds a row after the list may have changed. If it is gone, the row that took its place is taken instead. */
  #locate(row: SelectableRow): SelectableRow {
    const { source, total } = this;
    if (source.at(row.index)?.id === row.id) return row;
    if (!Number.isNaN(row.id)) {
      for (let shift = 1; shift <= MAX_SHIFT; shift += 1) {
        for (const index of [row.index - shift, row.index + shift]) {
          const item = index >= 0 && index < total ? source.at(index) : undefined;
          if (item?.id === row.id) return selectable(item, index);
        }
      }
    }
    const index = Math.max(0, Math.min(row.index, total - 1));
    const item = source.at(index);
    return item ? selectable(item, index) : row;
  }

  /** Forgets cursor and selection. */
  reset(): void {
    this.#selections += 1;
    this.#choose(undefined);
    this.selection.clear();
  }

  async select(index: number, event: MouseEvent | KeyboardEvent): Promise<void> {
    const { selection, source } = this;
    const item = source.at(index);
    const number = ++this.#selections;
    if (event.shiftKey && selection.anchor) {
      const anchor = this.#locate(selection.anchor).index;
      const [first, last] = [Math.min(anchor, index), Math.max(anchor, index)];
      const items = await source.fetchRange(first, last);
      if (number === this.#selections) selection.selectRange(items.map((item, at) => selectable(item, first + at)));
    } else if (item && (event.ctrlKey || event.metaKey)) selection.toggle(selectable(item, index));
    else if (item) selection.select(selectable(item, index));
  }

  async selectAll(): Promise<void> {
    const number = ++this.#selections;
    const items = await this.source.fetchRange(0, this.total - 1);
    if (number === this.#selections) this.selection.selectRange(items.map(selectable));
  }

  /** Scrolls to a track, wherever it is in the list, and selects it. */
  async revealTrack(track: number): Promise<void> {
    const number = ++this.#selections;
    const items = await this.source.fetchRange(0, this.total - 1);
    const index = items.findIndex((item) => item.track.id === track);
    const item = items[index];
    if (!item || number !== this.#selections) return;
    this.#selectAlone(selectable(item, index));
    this.reveal(index, true);
  }

  #selectAlone(row: SelectableRow): void {
    this.#selections += 1;
    this.#choose(row);
    this.selection.select(row);
  }

  /** The rows that an action on a row affects: the whole selection if the row is selected. */
  #affected(row: SelectableRow | undefined): SelectableRow[] {
    if (!row) return this.selection.selected;
    return this.selection.has(row.id) ? this.selection.selected : [row];
  }

  #rowAt(index: number): SelectableRow | undefined {
    const item = this.source.at(index);
    return item && selectable(item, index);
  }

  showMenu(index: number, at: MouseEvent | Element): void {
    const { source, selection } = this;
    const item = source.at(index);
    const row = this.#rowAt(index);
    if (!item || !row) return;
    if (!selection.has(row.id)) this.#selectAlone(row);
    const rows = this.#affected(row);
    const ids = rows.flatMap(({ track }) => track ?? []);
    const several = rows.length > 1;
    const { remove } = source;
    const items: MenuItem[] = [];
    if (ids.length > 0) {
      const play = () => (several ? playTracks({ from: 'ids', ids }) : this.play(row));
      items.push({ label: m.menu.play, action: () => void play() });
      items.push(...trackItems(ids, several ? undefined : item.track));
    }
    if (source.move && !several) {
      items.push({ label: m.menu.moveUp, startsGroup: true, action: () => void this.#moveRow(row, -1) });
      items.push({ label: m.menu.moveDown, action: () => void this.#moveRow(row, 1) });
    }
    if (remove) items.push({ label: remove.label, startsGroup: true, action: () => void this.remove(rows) });
    menu.show(items, at);
  }

  /** Plays the list from a row. */
  async play(row: SelectableRow): Promise<void> {
    await this.source.play(this.#locate(row).index);
  }

  async remove(rows: SelectableRow[]): Promise<void> {
    this.selection.clear();
    if (rows.length > 0) await this.source.remove?.run(rows.map(({ id }) => id));
  }

  /** Moves a row by one. Cursor and selection go with it. */
  async #moveRow(row: SelectableRow, by: 1 | -1): Promise<void> {
    const { index } = this.#locate(row);
    const to = index + by;
    if (!this.source.move || to < 0 || to >= this.total) return;
    const title = this.source.at(index)?.track.title ?? '';
    await this.source.move([row.id], await this.#idAt(by < 0 ? to : to + 1));
    this.#selectAlone({ ...row, index: to });
    this.reveal(to, false);
    this.announcement = m.queue.moved(title, to + 1);
  }

  async #idAt(index: number): Promise<number | undefined> {
    if (index >= this.total) return undefined;
    return (this.source.at(index) ?? (await this.source.fetchRange(index, index))[0])?.id;
  }

  dragPayload(index: number): DragPayload | undefined {
    const item = this.source.at(index);
    const row = this.#rowAt(index);
    if (!item || !row) return undefined;
    const rows = this.#affected(row);
    return {
      tracks: rows.flatMap(({ track }) => track ?? []),
      from: { list: this.source.name, ids: rows.map(({ id }) => id) },
      label: rows.length > 1 ? m.count.tracks(rows.length) : item.track.title,
    };
  }

  accepts({ from, tracks }: DragPayload): boolean {
    if (from?.list === this.source.name) return this.source.move !== undefined;
    return this.source.add !== undefined && tracks.length > 0;
  }

  /** Inserts what was dropped before the row at `index`. */
  async drop({ tracks, from }: DragPayload, index: number): Promise<void> {
    const before = await this.#idAt(index);
    if (from?.list !== this.source.name) await this.source.add?.(tracks, before);
    else if (before === undefined || !from.ids.includes(before)) await this.source.move?.(from.ids, before);
  }

  onKeyDown(event: KeyboardEvent): void {
    const { source, cursor } = this;
    const action = actionOf(event);
    const rows = this.#affected(cursor);
    const ids = rows.flatMap(({ track }) => track ?? []);
    const tracks = { from: 'ids' as const, ids };
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
    // A held key moves rows on and on; anything else happens once.
    if (event.repeat && action !== 'moveUp' && action !== 'moveDown') return;
    if (action === 'enqueue' && ids.length > 0) void enqueue(tracks, 'queue');
    else if (action === 'playNext' && ids.length > 0) void enqueue(tracks, 'next');
    else if (action === 'favourite' && ids.length > 0)
      void setFavourite(ids, !(cursor && source.at(cursor.index)?.track.favourite));
    else if (/^[0-5]$/.test(event.key) && plain && ids.length > 0) void setRating(ids, Number(event.key));
    else if (action === 'moveUp' && source.move && cursor) void this.#moveRow(cursor, -1);
    else if (action === 'moveDown' && source.move && cursor) void this.#moveRow(cursor, 1);
    else if (action === 'remove' && source.remove) void this.remove(rows);
    else if (action === 'selectAll' && this.total > 0) void this.selectAll();
    else if (event.key === 'Escape' && this.selection.size > 0) this.selection.clear();
    else return;
    event.preventDefault();
  }
}
