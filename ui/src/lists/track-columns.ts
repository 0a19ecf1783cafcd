import type { TrackSort } from '../connection/protocol';

export type TrackColumn = 'number' | 'cover' | 'artist' | 'album' | 'year' | 'rating' | 'plays' | 'note';

interface Column {
  /** Width in the grid; a column without one is drawn in another. */
  width?: string;
  sort?: TrackSort;
  /** Aligned to the end of the line. */
  end?: boolean;
  /** Hidden in narrower lists. */
  minWidth_px?: number;
}

/** The columns between title and length, in order. */
const COLUMNS: Record<TrackColumn, Column> = {
  number: {},
  cover: {},
  artist: { width: 'minmax(0, 3fr)', sort: 'artist' },
  album: { width: 'minmax(0, 3fr)', sort: 'album' },
  year: { width: '48px', sort: 'year', end: true, minWidth_px: 760 },
  note: { width: 'minmax(0, 160px)' },
  rating: { width: '104px', sort: 'rating', minWidth_px: 680 },
  plays: { width: '80px', sort: 'plays', end: true, minWidth_px: 900 },
};

export interface Heading {
  column: TrackColumn | 'title' | 'heart' | 'duration';
  sort: TrackSort | undefined;
  end: boolean;
}

/** Which of the wanted columns fit, with their headings and the CSS grid template of a row. */
export function layoutColumns(wanted: TrackColumn[], width_px: number, compact: boolean) {
  const shown = new Set(wanted.filter((column) => (COLUMNS[column].minWidth_px ?? 0) <= width_px));
  const between = (Object.keys(COLUMNS) as TrackColumn[]).filter(
    (column) => shown.has(column) && COLUMNS[column].width && !compact,
  );
  const headings: Heading[] = [
    { column: 'title', sort: 'title', end: false },
    ...between.map((column) => ({ column, sort: COLUMNS[column].sort, end: COLUMNS[column].end ?? false })),
    { column: 'heart', sort: undefined, end: false },
    { column: 'duration', sort: 'duration', end: true },
  ];
  const template = [
    shown.has('cover') && compact ? '40px' : '28px',
    'minmax(0, 5fr)',
    ...between.map((column) => COLUMNS[column].width),
    '24px',
    '60px',
  ].join(' ');
  return { shown: shown as ReadonlySet<TrackColumn>, headings, template };
}
