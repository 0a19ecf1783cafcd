import type { AlbumSort, TrackSort } from '../transport/protocol';

/** What tracks are grouped by, beside albums and artists. */
export type GroupKind = 'genre' | 'composer' | 'year';

/** Where the listener is in the interface; the address bar's hash. */
export type Route =
  | { view: 'songs'; sort: TrackSort; descending: boolean }
  | { view: 'albums'; sort: AlbumSort; descending: boolean; artist?: number }
  | { view: 'album'; album: number; track?: number }
  | { view: 'artists' }
  | { view: 'artist'; artist: number }
  | { view: 'groups'; kind: GroupKind }
  | { view: 'group'; kind: GroupKind; id: number; name?: string }
  | { view: 'folders'; folder?: number }
  | { view: 'favourites' }
  | { view: 'history' }
  | { view: 'statistics'; period?: string }
  | { view: 'playlists' }
  | { view: 'playlist'; playlist: number }
  | { view: 'search'; words: string }
  | { view: 'playing' }
  | { view: 'mini' }
  | { view: 'duplicates' }
  | { view: 'settings' }
  | { view: 'diagnostics' };

const TRACK_SORTS: readonly TrackSort[] = [
  'title',
  'artist',
  'album',
  'duration',
  'year',
  'added',
  'rating',
  'plays',
  'played',
];
const ALBUM_SORTS: readonly AlbumSort[] = ['title', 'artist', 'year', 'added'];
const PLACE_OF: Record<GroupKind, string> = { genre: 'genres', composer: 'composers', year: 'years' };
export const GROUP_KINDS = Object.keys(PLACE_OF) as GroupKind[];

/** Any text is a route; what cannot be read leads home. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [place, id] = path.split('/');
  const options = new URLSearchParams(query);
  const descending = options.has('descending');
  const kind = GROUP_KINDS.find((of) => PLACE_OF[of] === place);
  if (kind && id === undefined) return { view: 'groups', kind };
  if (kind) return withId(id, (of) => ({ view: 'group', kind, id: of, ...text(options, 'name') }));
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
    case 'folders':
      if (id !== undefined) return withId(id, (folder) => ({ view: 'folders', folder }));
      return { view: 'folders' };
    case 'playlists':
      if (id !== undefined) return withId(id, (playlist) => ({ view: 'playlist', playlist }));
      return { view: 'playlists' };
    case 'statistics':
      return { view: 'statistics', ...text(options, 'period') };
    case 'search':
      return { view: 'search', words: options.get('words') ?? '' };
    case 'playing':
    case 'mini':
    case 'favourites':
    case 'history':
    case 'duplicates':
    case 'settings':
    case 'diagnostics':
      return { view: place };
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
    case 'artist':
      return `#/artists/${route.artist}`;
    case 'groups':
      return `#/${PLACE_OF[route.kind]}`;
    case 'group':
      return `#/${PLACE_OF[route.kind]}/${route.id}${query({ name: route.name })}`;
    case 'folders':
      return route.folder === undefined ? '#/folders' : `#/folders/${route.folder}`;
    case 'playlist':
      return `#/playlists/${route.playlist}`;
    case 'statistics':
      return `#/statistics${query({ period: route.period })}`;
    case 'search':
      return `#/search${query({ words: route.words || undefined })}`;
    default:
      return `#/${route.view}`;
  }
}

function withId(text: string | undefined, route: (id: number) => Route): Route {
  const id = Number(text);
  return Number.isSafeInteger(id) && text !== '' ? route(id) : parseRoute('');
}

function number<K extends string>(options: URLSearchParams, name: K): { [key in K]?: number } {
  const value = options.get(name);
  const found = value !== null && /^\d+$/.test(value);
  return (found ? { [name]: Number(value) } : {}) as { [key in K]?: number };
}

function text<K extends string>(options: URLSearchParams, name: K): { [key in K]?: string } {
  const value = options.get(name);
  return (value ? { [name]: value } : {}) as { [key in K]?: string };
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
