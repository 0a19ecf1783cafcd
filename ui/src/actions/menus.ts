import { dialogs } from '../lib/dialogs.svelte';
import { menu, type MenuItem } from '../lib/menu.svelte';
import { router } from '../lib/router.svelte';
import { m } from '../messages';
import { sections } from '../store/sections.svelte';
import type { AlbumId, AlbumRow, ArtistId, TrackId, TrackList, TrackRow, TrackSelection } from '../transport/protocol';
import { dispatch, enqueue, playList, setFavourite, setRating } from './commands';
import { exportItems } from './exports';
import { albumTracks } from './lists';
import { addToPlaylist, playlists } from './playlists';

interface Places {
  album_id?: AlbumId | null;
  artist_id?: ArtistId | null;
}

const MOST_STARS = 5;

/** What can be done with tracks, whichever list they stand in. Of one alone, there is more. */
export function trackItems(ids: TrackId[], one?: TrackRow): MenuItem[] {
  const tracks: TrackSelection = { from: 'ids', ids };
  const favourite = one?.favourite ?? false;
  const rate = (stars: number): MenuItem => ({
    label: stars > 0 ? '★'.repeat(stars) : m.rating.none,
    checked: one && (one.rating ?? 0) === stars,
    do: () => void setRating(ids, stars),
  });
  return [
    ...queueItems(tracks),
    {
      label: favourite ? m.menu.unfavourite : m.menu.favourite,
      apart: true,
      do: () => void setFavourite(ids, !favourite),
    },
    { label: m.menu.rate, more: () => Array.from({ length: MOST_STARS + 1 }, (_, stars) => rate(MOST_STARS - stars)) },
    ...placeItems(one ?? {}),
    ...(sections.thisMachine ? tagItems(ids) : []),
    ...exportItems(tracks),
    ...(one ? [{ label: m.menu.details, do: () => (dialogs.details = one) }] : []),
  ];
}

function tagItems(ids: TrackId[]): MenuItem[] {
  const items: MenuItem[] = [{ label: m.tags.edit, apart: true, do: () => void (dialogs.tags = ids) }];
  const { undo_tags } = sections.library;
  if (undo_tags > 0) items.push({ label: m.tags.undo(undo_tags), do: () => void dispatch({ do: 'undo_tags' }) });
  return items;
}

/** What can be done with all tracks of a list. */
export function listItems(list: TrackList): MenuItem[] {
  const tracks: TrackSelection = { from: 'list', list };
  return [
    { label: m.menu.play, do: () => void playList(list) },
    ...queueItems(tracks),
    ...exportItems(tracks, list.filter?.album !== undefined),
  ];
}

export function queueItems(tracks: TrackSelection): MenuItem[] {
  return [
    { label: m.menu.playNext, do: () => void enqueue(tracks, 'next') },
    { label: m.menu.enqueue, do: () => void enqueue(tracks, 'queue') },
    { label: m.menu.addToPlaylist, more: () => playlistItems(tracks) },
  ];
}

/** The playlists that tracks can be added to, and a new one. */
async function playlistItems(tracks: TrackSelection): Promise<MenuItem[]> {
  return [
    { label: m.playlist.create, do: () => (dialogs.playlist = { tracks }) },
    ...(await playlists())
      .filter(({ smart }) => !smart)
      .map(({ id, name }, index) => ({
        label: name,
        apart: index === 0,
        do: () => void addToPlaylist(id, tracks),
      })),
  ];
}

export function placeItems({ album_id, artist_id }: Places): MenuItem[] {
  const items: MenuItem[] = [];
  if (album_id != null) items.push({ label: m.menu.album, do: () => router.go({ view: 'album', album: album_id }) });
  if (artist_id != null)
    items.push({ label: m.menu.artist, do: () => router.go({ view: 'artist', artist: artist_id }) });
  return items.map((item, index) => ({ ...item, apart: index === 0 }));
}

export function showAlbumMenu(album: AlbumRow, at: MouseEvent | Element): void {
  menu.show([...listItems(albumTracks(album.id)), ...placeItems({ artist_id: album.artist_id })], at);
}
