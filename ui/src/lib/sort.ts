import type { AlbumSort, TrackSort } from '../connection/protocol';

type Sort = TrackSort | AlbumSort;

/** Orders that start with the newest or the most. */
const DESCENDING_FIRST: readonly Sort[] = ['added', 'rating', 'plays', 'played', 'favourited'];

export const startsDescending = (sort: Sort): boolean => DESCENDING_FIRST.includes(sort);

/** The direction after a click on a column header: the opposite if the list is sorted by it, else its usual one. */
export const nextDirection = (clicked: Sort, sort: Sort, descending: boolean): boolean =>
  clicked === sort ? !descending : startsDescending(clicked);
