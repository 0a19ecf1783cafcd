import type { AlbumSort, PlaybackContext, TrackSort } from '../connection/protocol';

/** What tracks can be grouped by, besides albums and artists. */
export type GroupKind = 'genre' | 'composer' | 'year';

/** The view that is open, as stored in the hash of the URL. */
export type Route =
  | { view: 'home' }
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
const GROUP_PATHS: Record<GroupKind, string> = { genre: 'genres', composer: 'composers', year: 'years' };
export const GROUP_KINDS = Object.keys(GROUP_PATHS) as GroupKind[];

/** Parses a hash. An unknown one gives the start page. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [segment, id] = path.split('/');
  const options = new URLSearchParams(query);
  const descending = options.has('descending');
  const kind = GROUP_KINDS.find((of) => GROUP_PATHS[of] === segment);
  if (kind && id === undefined) return { view: 'groups', kind };
  if (kind) return routeWithId(id, (of) => ({ view: 'group', kind, id: of, ...text(options, 'name') }));
  switch (segment) {
    case 'albums':
      if (id !== undefined) return routeWithId(id, (album) => ({ view: 'album', album, ...number(options, 'track') }));
      return {
        view: 'albums',
        sort: sortFrom(ALBUM_SORTS, options) ?? 'artist',
        descending,
        ...number(options, 'artist'),
      };
    case 'artists':
      if (id !== undefined) return routeWithId(id, (artist) => ({ view: 'artist', artist }));
      return { view: 'artists' };
    case 'folders':
      if (id !== undefined) return routeWithId(id, (folder) => ({ view: 'folders', folder }));
      return { view: 'folders' };
    case 'playlists':
      if (id !== undefined) return routeWithId(id, (playlist) => ({ view: 'playlist', playlist }));
      return { view: 'playlists' };
    case 'statistics':
      return { view: 'statistics', ...text(options, 'period') };
    case 'search':
      return { view: 'search', words: options.get('words') ?? '' };
    case 'songs':
      return { view: 'songs', sort: sortFrom(TRACK_SORTS, options) ?? 'artist', descending };
    case 'playing':
    case 'mini':
    case 'favourites':
    case 'history':
    case 'duplicates':
    case 'settings':
    case 'diagnostics':
      return { view: segment };
    default:
      return { view: 'home' };
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
      return `#/${GROUP_PATHS[route.kind]}`;
    case 'group':
      return `#/${GROUP_PATHS[route.kind]}/${route.id}${query({ name: route.name })}`;
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

/** The page of what playback was started from; none for what has no page. */
export function routeOfContext(context: PlaybackContext): Route | undefined {
  switch (context.from) {
    case 'album':
      return { view: 'album', album: context.id };
    case 'artist':
      return { view: 'artist', artist: context.id };
    case 'genre':
      return { view: 'group', kind: 'genre', id: context.id };
    case 'playlist':
      return { view: 'playlist', playlist: context.id };
    default:
      return undefined;
  }
}

function routeWithId(text: string | undefined, route: (id: number) => Route): Route {
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

function sortFrom<T extends string>(values: readonly T[], options: URLSearchParams): T | undefined {
  return values.find((value) => value === options.get('sort'));
}

function query(options: Record<string, string | number | boolean | undefined>): string {
  const parts = Object.entries(options)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? name : `${name}=${encodeURIComponent(value as string)}`));
  return parts.length ? `?${parts.join('&')}` : '';
}
