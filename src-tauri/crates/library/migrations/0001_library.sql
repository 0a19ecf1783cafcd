-- Folders that the listener added.
CREATE TABLE roots (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    path   BLOB NOT NULL UNIQUE,
    online INTEGER NOT NULL DEFAULT 1
) STRICT;

-- Folders with tracks in them. `image` is the cover picture that lies beside the files.
CREATE TABLE folders (
    id             INTEGER PRIMARY KEY,
    root_id        INTEGER NOT NULL REFERENCES roots ON DELETE CASCADE,
    path           BLOB NOT NULL UNIQUE,
    image          BLOB,
    image_size     INTEGER,
    image_mtime_ns INTEGER,
    cover          BLOB
) STRICT;
CREATE INDEX folders_by_root ON folders (root_id);
CREATE INDEX folders_by_cover ON folders (cover) WHERE cover IS NOT NULL;

-- `key` is the folded name. `tracks`, `albums` and `cover` follow from other tables; whoever writes those refreshes them.
CREATE TABLE artists (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    key    TEXT NOT NULL UNIQUE,
    name   TEXT NOT NULL,
    sort   TEXT NOT NULL,
    tracks INTEGER NOT NULL DEFAULT 0,
    albums INTEGER NOT NULL DEFAULT 0,
    cover  BLOB
) STRICT;
CREATE INDEX artists_by_name ON artists (sort);

-- `key` is the folded title and album artist. `year` to `cover` follow from the tracks.
CREATE TABLE albums (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    key         TEXT NOT NULL UNIQUE,
    title       TEXT NOT NULL,
    artist      TEXT NOT NULL,
    artist_id   INTEGER REFERENCES artists,
    title_sort  TEXT NOT NULL,
    artist_sort TEXT NOT NULL,
    year        INTEGER,
    added_s     INTEGER NOT NULL DEFAULT 0,
    tracks      INTEGER NOT NULL DEFAULT 0,
    duration_s  REAL NOT NULL DEFAULT 0,
    cover       BLOB
) STRICT;
CREATE INDEX albums_by_artist_id ON albums (artist_id);
CREATE INDEX albums_by_title ON albums (title_sort, artist_sort);
CREATE INDEX albums_by_artist ON albums (artist_sort, year, title_sort);
CREATE INDEX albums_by_year ON albums (year, artist_sort, title_sort);
CREATE INDEX albums_by_added ON albums (added_s, artist_sort, title_sort);

-- Ids are never used again: a queue may still name them. `tags_version` is that of the reader that wrote the row.
CREATE TABLE tracks (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    folder_id    INTEGER NOT NULL REFERENCES folders,
    name         BLOB NOT NULL,
    inode        INTEGER NOT NULL,
    size         INTEGER NOT NULL,
    mtime_ns     INTEGER NOT NULL,
    tags_version INTEGER NOT NULL,
    added_s      INTEGER NOT NULL,
    title        TEXT NOT NULL,
    artist       TEXT NOT NULL,
    album        TEXT NOT NULL,
    album_id     INTEGER REFERENCES albums,
    disc_number  INTEGER,
    track_number INTEGER,
    year         INTEGER,
    genre        TEXT NOT NULL,
    duration_s   REAL NOT NULL,
    cover        BLOB,
    title_sort   TEXT NOT NULL,
    artist_sort  TEXT NOT NULL,
    album_sort   TEXT NOT NULL,
    UNIQUE (folder_id, name)
) STRICT;
CREATE INDEX tracks_by_album_id ON tracks (album_id);
CREATE INDEX tracks_by_cover ON tracks (cover) WHERE cover IS NOT NULL;
-- One for each order of a list, whole to the last tie, so that a page is read from the index alone.
CREATE INDEX tracks_by_title ON tracks (title_sort, album_sort, album_id, disc_number, track_number, folder_id, name);
CREATE INDEX tracks_by_artist ON tracks (artist_sort, album_sort, album_id, disc_number, track_number, folder_id, name);
CREATE INDEX tracks_by_album ON tracks (album_sort, album_id, disc_number, track_number, folder_id, name);
CREATE INDEX tracks_by_duration ON tracks (duration_s, album_sort, album_id, disc_number, track_number, folder_id, name);
CREATE INDEX tracks_by_year ON tracks (year, album_sort, album_id, disc_number, track_number, folder_id, name);
CREATE INDEX tracks_by_added ON tracks (added_s, album_sort, album_id, disc_number, track_number, folder_id, name);

-- The artists of a track in the order of its credit, from 0.
CREATE TABLE track_artists (
    track_id  INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    artist_id INTEGER NOT NULL REFERENCES artists,
    PRIMARY KEY (track_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX track_artists_by_artist ON track_artists (artist_id, track_id);

-- Files that the last scan could not read.
CREATE TABLE scan_failures (
    path   BLOB PRIMARY KEY,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Words, by row id; kept in step by the triggers below.
CREATE VIRTUAL TABLE track_words USING fts5 (
    title, artist, album, genre,
    content = '', contentless_delete = 1, prefix = '1 2', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE album_words USING fts5 (
    title, artist, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE artist_words USING fts5 (
    name, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER track_inserted AFTER INSERT ON tracks BEGIN
    INSERT INTO track_words (rowid, title, artist, album, genre) VALUES (new.id, new.title, new.artist, new.album, new.genre);
END;
CREATE TRIGGER track_updated AFTER UPDATE OF title, artist, album, genre ON tracks BEGIN
    DELETE FROM track_words WHERE rowid = old.id;
    INSERT INTO track_words (rowid, title, artist, album, genre) VALUES (new.id, new.title, new.artist, new.album, new.genre);
END;
CREATE TRIGGER track_deleted AFTER DELETE ON tracks BEGIN
    DELETE FROM track_words WHERE rowid = old.id;
END;
CREATE TRIGGER album_inserted AFTER INSERT ON albums BEGIN
    INSERT INTO album_words (rowid, title, artist) VALUES (new.id, new.title, new.artist);
END;
CREATE TRIGGER album_deleted AFTER DELETE ON albums BEGIN
    DELETE FROM album_words WHERE rowid = old.id;
END;
CREATE TRIGGER artist_inserted AFTER INSERT ON artists BEGIN
    INSERT INTO artist_words (rowid, name) VALUES (new.id, new.name);
END;
CREATE TRIGGER artist_deleted AFTER DELETE ON artists BEGIN
    DELETE FROM artist_words WHERE rowid = old.id;
END;

-- What each change leaves behind, in its own transaction: so whoever reads rows knows exactly which state they are of.
CREATE TABLE totals (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    revision INTEGER NOT NULL,
    tracks   INTEGER NOT NULL,
    albums   INTEGER NOT NULL,
    artists  INTEGER NOT NULL,
    roots    INTEGER NOT NULL
) STRICT;
INSERT INTO totals VALUES (1, 0, 0, 0, 0, 0);

-- The session: queue, position and the like, in the core's own encoding.
CREATE TABLE session (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
