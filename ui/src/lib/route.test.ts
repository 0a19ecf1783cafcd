import { expect, test } from 'vitest';
import { formatRoute, parseRoute, type Route } from './route';

test.each<[string, Route]>([
  ['#/songs', { view: 'songs', sort: 'artist', descending: false }],
  ['#/songs?sort=year&descending', { view: 'songs', sort: 'year', descending: true }],
  ['#/albums?artist=7&sort=title', { view: 'albums', sort: 'title', descending: false, artist: 7 }],
  ['#/albums/12', { view: 'album', album: 12 }],
  ['#/albums/12?track=345', { view: 'album', album: 12, track: 345 }],
  ['#/artists', { view: 'artists' }],
  ['#/artists/3', { view: 'artist', artist: 3 }],
  ['#/search?words=a%20%26%20b%3F', { view: 'search', words: 'a & b?' }],
  ['#/settings', { view: 'settings' }],
])('%s is parsed and formatted back', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
  expect(formatRoute(route)).toBe(hash);
});

test.each(['', '#', '#/nowhere', '#/albums/x', '#/artists/', '#/songs?sort=nonsense'])('"%s" gives the start page', (hash) => {
  expect(parseRoute(hash)).toEqual({ view: 'songs', sort: 'artist', descending: false });
});
