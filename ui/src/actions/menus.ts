import { menu, type MenuItem } from '../lib/menu.svelte';
import { router } from '../lib/router.svelte';
import { m } from '../messages';
import type { AlbumId, AlbumRow, ArtistId, Tracks } from '../transport/protocol';
import { enqueue, playList } from './commands';
import { albumTracks } from './lists';

interface Places {
  album_id?: AlbumId | null;
  artist_id?: ArtistId | null;
}

/** What can be done with tracks, whichever list they stand in. */
export function trackItems(tracks: Tracks, { album_id, artist_id }: Places): MenuItem[] {
  return [
    { label: m.menu.playNext, do: () => void enqueue(tracks, 'next') },
    { label: m.menu.enqueue, do: () => void enqueue(tracks, 'queue') },
    ...placeItems({ album_id, artist_id }),
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
  const list = albumTracks(album.id);
  const play = { label: m.menu.play, do: () => void playList(list) };
  menu.show([play, ...trackItems({ from: 'list', list }, { artist_id: album.artist_id })], at);
}
