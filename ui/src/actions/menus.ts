import { dialogs } from '../lib/dialogs.svelte';
import { menu, type MenuItem } from '../lib/menu.svelte';
import { router } from '../lib/router.svelte';
import { m } from '../messages';
import { app } from '../store/app.svelte';
import type { AlbumId, AlbumRow, ArtistId, TrackId, TrackList, TrackRow, TrackSelection } from '../connection/protocol';
import { enqueue, playList, setFavourite, setRating } from './commands';
import { exportItems } from './exports';
import { albumTracks } from './lists';
import { addToPlaylist, playlists } from './playlists';

interface AlbumAndArtist {
  album_id?: AlbumId | null;
  artist_id?: ArtistId | null;
}

const MAX_STARS = 5;

/** The menu items for tracks in any list. A single track has more of them. */
export function trackItems(ids: TrackId[], single?: TrackRow): MenuItem[] {
  const tracks: TrackSelection = { from: 'ids', ids };
  const favourite = single?.favourite ?? false;
  const rate = (stars: number): MenuItem => ({
    label: stars > 0 ? '★'.repeat(stars) : m.rating.none,
    checked: single && (single.rating ?? 0) === stars,
    action: () => void setRating(ids, stars),
  });
  return [
    ...queueItems(tracks),
    {
      label: favourite ? m.menu.removeFavourite : m.menu.addFavourite,
      startsGroup: true,
      action: () => void setFavourite(ids, !favourite),
    },
    { label: m.menu.rate, submenu: () => Array.from({ length: MAX_STARS + 1 }, (_, stars) => rate(MAX_STARS - stars)) },
    ...goToItems(single ?? {}),
    ...(app.isLocal ? tagItems(ids) : []),
    ...exportItems(tracks),
    ...(single ? [{ label: m.menu.details, action: () => (dialogs.details = single) }] : []),
  ];
}

function tagItems(ids: TrackId[]): MenuItem[] {
  return [{ label: m.tags.edit, startsGroup: true, action: () => void (dialogs.tags = ids) }];
}

/** The menu items for all tracks of a list. */
export function listItems(list: TrackList): MenuItem[] {
  const tracks: TrackSelection = { from: 'list', list };
  return [
    { label: m.menu.play, action: () => void playList(list) },
    ...queueItems(tracks),
    ...exportItems(tracks, list.filter?.album !== undefined),
  ];
}

export function queueItems(tracks: TrackSelection): MenuItem[] {
  return [
    { label: m.menu.playNext, action: () => void enqueue(tracks, 'next') },
    { label: m.menu.enqueue, action: () => void enqueue(tracks, 'queue') },
    { label: m.menu.addToPlaylist, submenu: () => playlistItems(tracks) },
  ];
}

/** The submenu of playlists that tracks can be added to. */
async function playlistItems(tracks: TrackSelection): Promise<MenuItem[]> {
  return [
    { label: m.playlist.create, action: () => (dialogs.playlist = { tracks }) },
    ...(await playlists())
      .filter(({ smart }) => !smart)
      .map(({ id, name }, index) => ({
        label: name,
        startsGroup: index === 0,
        action: () => void addToPlaylist(id, tracks),
      })),
  ];
}

export function goToItems({ album_id, artist_id }: AlbumAndArtist): MenuItem[] {
  const items: MenuItem[] = [];
  if (album_id != null) items.push({ label: m.menu.album, action: () => router.go({ view: 'album', album: album_id }) });
  if (artist_id != null)
    items.push({ label: m.menu.artist, action: () => router.go({ view: 'artist', artist: artist_id }) });
  return items.map((item, index) => ({ ...item, startsGroup: index === 0 }));
}

export function showAlbumMenu(album: AlbumRow, at: MouseEvent | Element): void {
  menu.show([...listItems(albumTracks(album.id)), ...goToItems({ artist_id: album.artist_id })], at);
}
