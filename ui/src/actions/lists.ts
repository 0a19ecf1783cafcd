import type { AlbumId, ArtistId, ListQuery, TrackFilter, TrackList, TrackSort } from '../transport/protocol';

/** Tracks of the library, in an order. */
export function trackList(filter: TrackFilter, sort: TrackSort, descending = false): TrackList {
  return { filter, sort, descending };
}

export const albumTracks = (album: AlbumId) => trackList({ album }, 'album');
export const artistTracks = (artist: ArtistId) => trackList({ artist }, 'album');

export const listOf = (tracks: TrackList) => ({ list: 'tracks', tracks }) satisfies ListQuery;
