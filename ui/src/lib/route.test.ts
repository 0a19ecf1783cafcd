import { expect, test } from 'vitest';
import { formatRoute, parseRoute, routeOfContext, type Route } from './route';

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

test.each(['', '#', '#/home', '#/nowhere', '#/albums/x', '#/artists/'])('"%s" gives the start page', (hash) => {
  expect(parseRoute(hash)).toEqual({ view: 'home' });
});

test('an unknown sort key gives the default', () => {
  expect(parseRoute('#/songs?sort=nonsense')).toEqual({ view: 'songs', sort: 'artist', descending: false });
});

test('what playback was started from has a page if it can be opened', () => {
  expect(routeOfContext({ from: 'album', id: 3 })).toEqual({ view: 'album', album: 3 });
  expect(routeOfContext({ from: 'queue' })).toBeUndefined();
});
