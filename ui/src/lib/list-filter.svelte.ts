import type { TrackList } from '../connection/protocol';

/** The filter of the track list that is shown. Its view plays and counts only what the filter leaves. */
class ListFilter {
  open = $state(false);
  words = $state('');
  /** Number of mounted lists that can be filtered. */
  #lists = 0;

  /** Opens the filter field, where there is a list to filter. */
  show(): void {
    if (this.#lists > 0) this.open = true;
  }

  close(): void {
    this.open = false;
    this.words = '';
  }

  /** Registers a list that can be filtered; returns what unregisters it. */
  register(): () => void {
    this.#lists += 1;
    return () => {
      this.#lists -= 1;
      this.close();
    };
  }

  get active(): boolean {
    return this.words.trim() !== '';
  }

  /** The list without the tracks that do not match. */
  apply(list: TrackList): TrackList {
    if (!this.active) return list;
    const search = `${list.filter?.search ?? ''} ${this.words}`.trim();
    return { ...list, filter: { ...list.filter, search } };
  }
}

export const listFilter = new ListFilter();
