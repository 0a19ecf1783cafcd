import type { AlbumId, ArtistId, ListQuery, TrackFilter, TrackList, TrackSort } from '../connection/protocol';

/** A sorted list of library tracks. */
export function trackList(filter: TrackFilter, sort: TrackSort, descending = false): TrackList {
  return { filter, sort, descending };
}

export const albumTracks = (album: AlbumId) => trackList({ album }, 'album');
export const artistTracks = (artist: ArtistId) => trackList({ artist }, 'album');

export const tracksQuery = (tracks: TrackList) => ({ list: 'tracks', tracks }) satisfies ListQuery;
