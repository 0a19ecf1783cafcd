-- Tracks may be parts of a file or belong to no root, and say more of themselves.

-- The root of files that were opened from outside of all roots. No list shows it, or the tracks below it.
INSERT INTO roots (id, path) VALUES (0, x'');

-- One file may hold several tracks: `cue` numbers those that a cue sheet names, and is 0 where the file is one track.
-- `start_s` and `end_s` are the track's part of the file. `rating` is 1 to 5, from the tags until the listener gives one.
CREATE TABLE new_tracks (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    folder_id     INTEGER NOT NULL REFERENCES folders,
    name          BLOB NOT NULL,
    cue           INTEGER NOT NULL DEFAULT 0,
    inode         INTEGER NOT NULL,
    size          INTEGER NOT NULL,
    mtime_ns      INTEGER NOT NULL,
    tags_version  INTEGER NOT NULL,
    added_s       INTEGER NOT NULL,
    title         TEXT NOT NULL,
    artist        TEXT NOT NULL,
    album         TEXT NOT NULL,
    album_id      INTEGER REFERENCES albums,
    disc_number   INTEGER,
    track_number  INTEGER,
    year          INTEGER,
    original_year INTEGER,
    genre         TEXT NOT NULL,
    composer      TEXT NOT NULL,
    bpm           REAL,
    rating        INTEGER,
    codec         TEXT NOT NULL,
    duration_s    REAL NOT NULL,
    start_s       REAL,
    end_s         REAL,
    track_gain_db REAL,
    track_peak    REAL,
    album_gain_db REAL,
    album_peak    REAL,
    cover         BLOB,
    title_sort    TEXT NOT NULL,
    artist_sort   TEXT NOT NULL,
    album_sort    TEXT NOT NULL,
    UNIQUE (folder_id, name, cue)
) STRICT;
-- What is not in the old table is read from the files by the next scan: their `tags_version` is no longer current.
INSERT INTO new_tracks (id, folder_id, name, inode, size, mtime_ns, tags_version, added_s, title, artist, album,
    album_id, disc_number, track_number, year, genre, composer, codec, duration_s, cover, title_sort, artist_sort,
    album_sort)
SELECT id, folder_id, name, inode, size, mtime_ns, tags_version, added_s, title, artist, album,
    album_id, disc_number, track_number, year, genre, '', '', duration_s, cover, title_sort, artist_sort, album_sort
FROM tracks;
-- Ids are never used again, also if the last tracks were deleted.
DELETE FROM sqlite_sequence WHERE name = 'new_tracks';
INSERT INTO sqlite_sequence SELECT 'new_tracks', seq FROM sqlite_sequence WHERE name = 'tracks';

-- The artists of a track in the order of its credit, from 0.
CREATE TABLE new_track_artists (
    track_id  INTEGER NOT NULL REFERENCES new_tracks ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    artist_id INTEGER NOT NULL REFERENCES artists,
    PRIMARY KEY (track_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO new_track_artists SELECT track_id, position, artist_id FROM track_artists;

DROP TABLE track_artists;
DROP TABLE tracks;
ALTER TABLE new_tracks RENAME TO tracks;
ALTER TABLE new_track_artists RENAME TO track_artists;

CREATE INDEX track_artists_by_artist ON track_artists (artist_id, track_id);
CREATE INDEX tracks_by_album_id ON tracks (album_id);
CREATE INDEX tracks_by_cover ON tracks (cover) WHERE cover IS NOT NULL;
-- One for each order of a list, whole to the last tie, so that a page is read from the index alone.
CREATE INDEX tracks_by_title ON tracks (title_sort, album_sort, album_id, disc_number, track_number, folder_id, name);
CREATE INDEX tracks_by_artist ON tracks (artist_sort, album_sort, album_id, disc_number, track_number, folder_id, name);
CREATE INDEX tracks_by_album ON tracks (album_sort, album_id, disc_number, track_number, folder_id, name);
CREATE INDEX tracks_by_duration ON tracks (duration_s, album_sort, album_id, disc_number, track_number, folder_id, name);
CREATE INDEX tracks_by_year ON tracks (year, album_sort, album_id, disc_number, track_number, folder_id, name);
CREATE INDEX tracks_by_added ON tracks (added_s, album_sort, album_id, disc_number, track_number, folder_id, name);

-- Genres and composers: `key` is the folded name, `tracks` follows from the tracks.
CREATE TABLE genres (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    key    TEXT NOT NULL UNIQUE,
    name   TEXT NOT NULL,
    sort   TEXT NOT NULL,
    tracks INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX genres_by_name ON genres (sort);
CREATE TABLE track_genres (
    track_id INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    position INTEGER NOT NULL,
    genre_id INTEGER NOT NULL REFERENCES genres,
    PRIMARY KEY (track_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX track_genres_by_genre ON track_genres (genre_id, track_id);
CREATE TABLE composers (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    key    TEXT NOT NULL UNIQUE,
    name   TEXT NOT NULL,
    sort   TEXT NOT NULL,
    tracks INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX composers_by_name ON composers (sort);
CREATE TABLE track_composers (
    track_id    INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    composer_id INTEGER NOT NULL REFERENCES composers,
    PRIMARY KEY (track_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX track_composers_by_composer ON track_composers (composer_id, track_id);

-- The words of tracks are written by whoever writes tracks, many rows at a time (`derived.rs`): a trigger for each row
-- takes several times as long. Those dropped with the old table are not made again but for the one that no code needs
-- to think of.
CREATE TRIGGER track_deleted AFTER DELETE ON tracks BEGIN
    DELETE FROM track_words WHERE rowid = old.id;
END;
