import type {
  AlbumRow,
  ArtistRow,
  ComposerRow,
  Duplicate,
  FolderRow,
  GenreRow,
  HistoryRow,
  ListQuery,
  LyricLine,
  PlaylistEntryRow,
  PlaylistRow,
  QueueRow,
  ApiError,
  RootRow,
  RowPage,
  ScanFailure,
  SearchResults,
  Statistics,
  EditableTags,
  TrackDetails,
  TrackRow,
  YearRow,
} from '../transport/protocol';

const PAGE = 100;
const MOST_PAGES = 24;
const AT_ONCE = 2;
const LARGEST_QUERY = 500;

interface RowTypes {
  queue: QueueRow;
  tracks: TrackRow;
  albums: AlbumRow;
  artists: ArtistRow;
  genres: GenreRow;
  composers: ComposerRow;
  years: YearRow;
  folders: FolderRow;
  folder_path: FolderRow;
  search: SearchResults;
  playlists: PlaylistRow;
  playlist: PlaylistEntryRow;
  history: HistoryRow;
  statistics: Statistics;
  roots: RootRow;
  scan_failures: ScanFailure;
  details: TrackDetails;
  lyrics: LyricLine;
  ignored: string;
  duplicates: Duplicate;
  tags: EditableTags;
}

type Ask = (list: ListQuery, offset: number, limit: number) => Promise<RowPage>;

interface Page<T> {
  rows: T[];
  /** The state of the world it was asked for in. */
  stamp: string;
}

/**
 * The rows of one list, fetched in pages as they are shown. A page that has become old is shown until its successor is
 * there, so an edit or a scan never blanks the screen.
 */
export class ListRows<L extends ListQuery> {
  /** How many rows the list has; unknown until the first page came. */
  total = $state.raw<number>();
  /** Why the rows cannot be had. */
  refusal = $state.raw<ApiError>();

  #version = $state(0);
  #pages = new Map<number, Page<RowTypes[L['list']]>>();
  #asked = new Set<number>();
  #wanted = { first: 0, last: 0, stamp: '' };

  constructor(
    readonly list: L,
    readonly ask: Ask,
  ) {}

  at(index: number): RowTypes[L['list']] | undefined {
    void this.#version;
    return this.#pages.get(Math.floor(index / PAGE))?.rows[index % PAGE];
  }

  /** Sees to it that these rows come, as they are in the world of `stamp`. */
  show(first: number, last: number, stamp: string): void {
    if (stamp !== this.#wanted.stamp) this.refusal = undefined;
    this.#wanted = { first, last, stamp };
    void this.#fetch();
  }

  retry(): void {
    this.refusal = undefined;
    void this.#fetch();
  }

  /** The rows from `first` to `last`, whether shown or not. */
  async between(first: number, last: number): Promise<RowTypes[L['list']][]> {
    const rows: RowTypes[L['list']][] = [];
    for (let offset = first; offset <= last; offset += LARGEST_QUERY) {
      const answer = await this.ask(this.list, offset, Math.min(LARGEST_QUERY, last - offset + 1));
      rows.push(...(answer.items as RowTypes[L['list']][]));
    }
    return rows;
  }

  async #fetch(): Promise<void> {
    while (this.#asked.size < AT_ONCE && !this.refusal) {
      const page = this.#nextPage();
      if (page === undefined) return;
      const { stamp } = this.#wanted;
      this.#asked.add(page);
      try {
        const answer = await this.ask(this.list, page * PAGE, PAGE);
        this.#keep(page, { rows: answer.items as RowTypes[L['list']][], stamp });
        this.total = answer.total;
        this.#version += 1;
      } catch (refusal) {
        if (stamp === this.#wanted.stamp) this.refusal = refusal as ApiError;
      } finally {
        this.#asked.delete(page);
      }
    }
  }

  /** Of the rows in sight, then of those just beyond. Pages that were only scrolled past are never asked for. */
  #nextPage(): number | undefined {
    const { stamp } = this.#wanted;
    const first = Math.floor(this.#wanted.first / PAGE);
    const last = Math.floor(Math.max(this.#wanted.first, this.#wanted.last) / PAGE);
    const pages = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const beyond = this.total === undefined ? [] : [last + 1, first - 1];
    // The first page is there even of an empty list: it says so.
    const ends = this.total === undefined ? last + 1 : Math.max(1, Math.ceil(this.total / PAGE));
    return [...pages, ...beyond].find(
      (page) => page >= 0 && page < ends && this.#pages.get(page)?.stamp !== stamp && !this.#asked.has(page),
    );
  }

  #keep(number: number, page: Page<RowTypes[L['list']]>): void {
    this.#pages.delete(number);
    this.#pages.set(number, page);
    for (const old of this.#pages.keys()) {
      if (this.#pages.size <= MOST_PAGES) break;
      this.#pages.delete(old);
    }
  }
}
