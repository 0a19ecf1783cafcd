import type {
  AlbumRow,
  ArtistRow,
  ComposerRow,
  Duplicate,
  FolderRow,
  GenreRow,
  Home,
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
} from '../connection/protocol';

const PAGE_SIZE = 100;
const MAX_PAGES = 24;
const MAX_PARALLEL_REQUESTS = 2;
const MAX_QUERY_ROWS = 500;
const FIRST_RETRY_DELAY_MS = 1000;
/** Delays double, so that the last retry comes after about a minute. */
const MAX_RETRIES = 6;

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
  home: Home;
  roots: RootRow;
  scan_failures: ScanFailure;
  details: TrackDetails;
  lyrics: LyricLine;
  ignored: string;
  duplicates: Duplicate;
  tags: EditableTags;
}

type FetchRows = (list: ListQuery, offset: number, limit: number) => Promise<RowPage>;

interface Page<T> {
  rows: T[];
  /** The version key that it was fetched for. */
  version: string;
}

/**
 * The rows of one list, fetched in pages as they become visible. An outdated page is shown until its replacement has arrived,
 * so an edit or a scan never blanks the screen.
 */
export class ListRows<L extends ListQuery> {
  /** Number of rows; unknown until the first page has arrived. */
  total = $state.raw<number>();
  /** Why loading the rows failed; `undefined` again once it has succeeded. */
  error = $state.raw<ApiError>();

  #changes = $state(0);
  #pages = new Map<number, Page<RowTypes[L['list']]>>();
  #inFlight = new Set<number>();
  #wanted = { first: 0, last: 0, version: '' };
  #failed = false;
  #retries = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly list: L,
    readonly fetchRows: FetchRows,
  ) {}

  at(index: number): RowTypes[L['list']] | undefined {
    void this.#changes;
    return this.#pages.get(Math.floor(index / PAGE_SIZE))?.rows[index % PAGE_SIZE];
  }

  /** Fetches these rows and keeps them up to date with `version`, a key from `versionKey`. */
  setVisibleRange(first: number, last: number, version: string): void {
    if (version !== this.#wanted.version) {
      this.#failed = false;
      this.#retries = 0;
    }
    this.#wanted = { first, last, version };
    void this.#fetch();
  }

  retry(): void {
    this.#retries = 0;
    this.#failed = false;
    void this.#fetch();
  }

  /** Fetches the rows from `first` to `last`, as far as there are any. */
  async fetchRange(first: number, last: number): Promise<RowTypes[L['list']][]> {
    const rows: RowTypes[L['list']][] = [];
    for (let offset = first; offset <= last; offset += MAX_QUERY_ROWS) {
      const limit = Math.min(MAX_QUERY_ROWS, last - offset + 1);
      const answer = await this.fetchRows(this.list, offset, limit);
      rows.push(...(answer.items as RowTypes[L['list']][]));
      if (answer.items.length < limit) break;
    }
    return rows;
  }

  async #fetch(): Promise<void> {
    while (this.#inFlight.size < MAX_PARALLEL_REQUESTS && !this.#failed) {
      const page = this.#nextPage();
      if (page === undefined) return;
      const { version } = this.#wanted;
      this.#inFlight.add(page);
      try {
        const answer = await this.fetchRows(this.list, page * PAGE_SIZE, PAGE_SIZE);
        this.#cachePage(page, { rows: answer.items as RowTypes[L['list']][], version });
        this.total = answer.total;
        this.#changes += 1;
        this.#retries = 0;
        this.error = undefined;
      } catch (error) {
        if (version === this.#wanted.version) this.#fail(error as ApiError);
      } finally {
        this.#inFlight.delete(page);
      }
    }
  }

  #fail(error: ApiError): void {
    this.error = error;
    this.#failed = true;
    clearTimeout(this.#retryTimer);
    if (this.#retries === MAX_RETRIES) return;
    this.#retryTimer = setTimeout(() => {
      this.#failed = false;
      void this.#fetch();
    }, FIRST_RETRY_DELAY_MS * 2 ** this.#retries);
    this.#retries += 1;
  }

  /** The next page to fetch: of the visible rows first, then the neighbouring pages. Pages that were only scrolled past are skipped. */
  #nextPage(): number | undefined {
    const { version } = this.#wanted;
    const first = Math.floor(this.#wanted.first / PAGE_SIZE);
    const last = Math.floor(Math.max(this.#wanted.first, this.#wanted.last) / PAGE_SIZE);
    const pages = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const neighbours = this.total === undefined ? [] : [last + 1, first - 1];
    // The first page is fetched even if the list is empty: it brings the total.
    const pageCount = this.total === undefined ? last + 1 : Math.max(1, Math.ceil(this.total / PAGE_SIZE));
    return [...pages, ...neighbours].find(
      (page) => page >= 0 && page < pageCount && this.#pages.get(page)?.version !== version && !this.#inFlight.has(page),
    );
  }

  #cachePage(number: number, page: Page<RowTypes[L['list']]>): void {
    this.#pages.delete(number);
    this.#pages.set(number, page);
    for (const old of this.#pages.keys()) {
      if (this.#pages.size <= MAX_PAGES) break;
      this.#pages.delete(old);
    }
  }
}
