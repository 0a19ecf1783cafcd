import type { AlbumSort, TrackSort } from '../transport/protocol';

/** Where the listener is in the interface; the address bar's hash. */
export type Route =
  | { view: 'songs'; sort: TrackSort; descending: boolean }
  | { view: 'albums'; sort: AlbumSort; descending: boolean; artist?: number }
  | { view: 'album'; album: number; track?: number }
  | { view: 'artists' }
  | { view: 'artist'; artist: number }
  | { view: 'search'; words: string }
  | { view: 'settings' };

const TRACK_SORTS: readonly TrackSort[] = ['title', 'artist', 'album', 'duration', 'year', 'added'];
const ALBUM_SORTS: readonly AlbumSort[] = ['title', 'artist', 'year', 'added'];

/** Any text is a route; what cannot be read leads home. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [place, id] = path.split('/');
  const options = new URLSearchParams(query);
  const descending = options.has('descending');
  switch (place) {
    case 'albums':
      if (id !== undefined) return withId(id, (album) => ({ view: 'album', album, ...number(options, 'track') }));
      return {
        view: 'albums',
        sort: oneOf(ALBUM_SORTS, options) ?? 'artist',
        descending,
        ...number(options, 'artist'),
      };
    case 'artists':
      if (id !== undefined) return withId(id, (artist) => ({ view: 'artist', artist }));
      return { view: 'artists' };
    case 'search':
      return { view: 'search', words: options.get('words') ?? '' };
    case 'settings':
      return { view: 'settings' };
    default:
      return { view: 'songs', sort: oneOf(TRACK_SORTS, options) ?? 'artist', descending };
  }
}

export function formatRoute(route: Route): string {
  switch (route.view) {
    case 'songs':
      return `#/songs${query({ sort: route.sort === 'artist' ? undefined : route.sort, descending: route.descending })}`;
    case 'albums':
      return `#/albums${query({
        artist: route.artist,
        sort: route.sort === 'artist' ? undefined : route.sort,
        descending: route.descending,
      })}`;
    case 'album':
      return `#/albums/${route.album}${query({ track: route.track })}`;
    case 'artists':
      return '#/artists';
    case 'artist':
      return `#/artists/${route.artist}`;
    case 'search':
      return `#/search${query({ words: route.words || undefined })}`;
    case 'settings':
      return '#/settings';
  }
}

function withId(text: string, route: (id: number) => Route): Route {
  const id = Number(text);
  return Number.isSafeInteger(id) && text !== '' ? route(id) : parseRoute('');
}

function number<K extends string>(options: URLSearchParams, name: K): { [key in K]?: number } {
  const value = options.get(name);
  const found = value !== null && /^\d+$/.test(value);
  return (found ? { [name]: Number(value) } : {}) as { [key in K]?: number };
}

function oneOf<T extends string>(values: readonly T[], options: URLSearchParams): T | undefined {
  return values.find((value) => value === options.get('sort'));
}

function query(options: Record<string, string | number | boolean | undefined>): string {
  const parts = Object.entries(options)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? name : `${name}=${encodeURIComponent(value as string)}`));
  return parts.length ? `?${parts.join('&')}` : '';
}
