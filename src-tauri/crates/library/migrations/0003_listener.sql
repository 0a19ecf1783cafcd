-- What the listener made of a track. A scan never writes these columns.
ALTER TABLE tracks ADD COLUMN favourite_s INTEGER;
ALTER TABLE tracks ADD COLUMN plays INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tracks ADD COLUMN skips INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tracks ADD COLUMN played_s INTEGER;
CREATE INDEX tracks_by_favourited ON tracks (favourite_s, id, folder_id);
CREATE INDEX tracks_by_rating ON tracks (rating, id, folder_id);
CREATE INDEX tracks_by_plays ON tracks (plays, id, folder_id);
CREATE INDEX tracks_by_played ON tracks (played_s, id, folder_id);

CREATE INDEX artists_with_albums ON artists (id) WHERE albums > 0;

-- `key` is the folded name. `smart` is what a smart playlist finds, in the core's own encoding. `tracks` and
-- `duration_s` follow from the entries.
CREATE TABLE playlists (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    key        TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    sort       TEXT NOT NULL,
    smart      TEXT,
    tracks     INTEGER NOT NULL DEFAULT 0,
    duration_s REAL NOT NULL DEFAULT 0
) STRICT;

-- `position` leaves room between any two, so that an entry comes in between without the others being touched.
-- `track_id` may be that of a lost track.
CREATE TABLE playlist_entries (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    playlist_id INTEGER NOT NULL REFERENCES playlists ON DELETE CASCADE,
    position    REAL NOT NULL,
    track_id    INTEGER NOT NULL
) STRICT;
CREATE INDEX playlist_entries_in_order ON playlist_entries (playlist_id, position, id, track_id);
CREATE INDEX playlist_entries_by_track ON playlist_entries (track_id);

-- Every listening, with what the track was called then. `local_s` is `began_s` by the listener's clock at the time, as if
-- that were UTC; `context` in the core's own encoding. `track_id` may be that of a lost track.
CREATE TABLE listens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    track_id   INTEGER NOT NULL,
    began_s    INTEGER NOT NULL,
    local_s    INTEGER NOT NULL,
    heard_s    REAL NOT NULL,
    end        TEXT NOT NULL CHECK (end IN ('finished', 'skipped', 'stopped')),
    play       INTEGER NOT NULL,
    context    TEXT NOT NULL,
    title      TEXT NOT NULL,
    artist     TEXT NOT NULL,
    album      TEXT NOT NULL,
    genre      TEXT NOT NULL,
    duration_s REAL NOT NULL
) STRICT;
CREATE INDEX listens_by_time ON listens (began_s);
CREATE INDEX listens_by_track ON listens (track_id, began_s);

-- Tracks that the listener had done something with when their file went. If it comes back to its place, all of it does.
CREATE TABLE lost_tracks (
    id          INTEGER PRIMARY KEY,
    name        BLOB NOT NULL,
    cue         INTEGER NOT NULL,
    folder      BLOB NOT NULL,
    title       TEXT NOT NULL,
    artist      TEXT NOT NULL,
    album       TEXT NOT NULL,
    duration_s  REAL NOT NULL,
    added_s     INTEGER NOT NULL,
    favourite_s INTEGER,
    rating      INTEGER,
    plays       INTEGER NOT NULL,
    skips       INTEGER NOT NULL,
    played_s    INTEGER,
    UNIQUE (name, cue, folder)
) STRICT;
CREATE TRIGGER track_lost BEFORE DELETE ON tracks
WHEN old.favourite_s IS NOT NULL OR old.rating IS NOT NULL OR old.plays > 0 OR old.skips > 0
    OR EXISTS (SELECT 1 FROM playlist_entries WHERE track_id = old.id)
    OR EXISTS (SELECT 1 FROM listens WHERE track_id = old.id)
BEGIN
    INSERT OR REPLACE INTO lost_tracks
    SELECT old.id, old.name, old.cue, path, old.title, old.artist, old.album, old.duration_s, old.added_s, old.favourite_s,
        old.rating, old.plays, old.skips, old.played_s
    FROM folders WHERE id = old.folder_id;
END;
CREATE TRIGGER track_found AFTER INSERT ON tracks
WHEN EXISTS (SELECT 1 FROM lost_tracks JOIN folders ON folder = path WHERE folders.id = new.folder_id AND name = new.name AND cue = new.cue)
BEGIN
    UPDATE tracks SET (added_s, favourite_s, rating, plays, skips, played_s) =
        (SELECT added_s, favourite_s, rating, plays, skips, played_s FROM lost_tracks JOIN folders ON folder = path
         WHERE folders.id = new.folder_id AND name = new.name AND cue = new.cue)
    WHERE id = new.id;
    UPDATE playlist_entries SET track_id = new.id WHERE track_id =
        (SELECT lost_tracks.id FROM lost_tracks JOIN folders ON folder = path
         WHERE folders.id = new.folder_id AND name = new.name AND cue = new.cue);
    UPDATE listens SET track_id = new.id WHERE track_id =
        (SELECT lost_tracks.id FROM lost_tracks JOIN folders ON folder = path
         WHERE folders.id = new.folder_id AND name = new.name AND cue = new.cue);
    DELETE FROM lost_tracks WHERE id =
        (SELECT lost_tracks.id FROM lost_tracks JOIN folders ON folder = path
         WHERE folders.id = new.folder_id AND name = new.name AND cue = new.cue);
END;

-- `content` is the revision of the last change of the files; `revision` rises with what the listener makes of them, too.
ALTER TABLE totals ADD COLUMN content INTEGER NOT NULL DEFAULT 0;
