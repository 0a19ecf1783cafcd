-- Rows as they were before an edit of the listener's data, so that the edit can be undone. `before` has the row's columns
-- as a JSON object; it is NULL if the edit inserted the row. Tags are recorded as the editable fields of a track.
CREATE TABLE edit_rows (
    edit   INTEGER NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('playlists', 'playlist_entries', 'listens', 'tracks', 'tags')),
    row    INTEGER NOT NULL,
    before TEXT,
    PRIMARY KEY (edit, source, row)
) STRICT, WITHOUT ROWID;

-- The edit that is being recorded. Has a row only within a transaction.
CREATE TABLE recorded_edit (id INTEGER NOT NULL) STRICT;

-- The triggers keep the first image of each row. Numbers with a fraction are written with all digits.
CREATE TRIGGER record_playlist_insert AFTER INSERT ON playlists WHEN EXISTS (SELECT 1 FROM recorded_edit) BEGIN
    INSERT INTO edit_rows SELECT id, 'playlists', new.id, NULL FROM recorded_edit
    WHERE NOT EXISTS (SELECT 1 FROM edit_rows WHERE edit = recorded_edit.id AND source = 'playlists' AND row = new.id);
END;
CREATE TRIGGER record_playlist_update BEFORE UPDATE OF key, name, sort, smart ON playlists
WHEN EXISTS (SELECT 1 FROM recorded_edit) BEGIN
    INSERT INTO edit_rows SELECT id, 'playlists', old.id,
        json_object('key', old.key, 'name', old.name, 'sort', old.sort, 'smart', old.smart) FROM recorded_edit
    WHERE NOT EXISTS (SELECT 1 FROM edit_rows WHERE edit = recorded_edit.id AND source = 'playlists' AND row = old.id);
END;
CREATE TRIGGER record_playlist_delete BEFORE DELETE ON playlists WHEN EXISTS (SELECT 1 FROM recorded_edit) BEGIN
    INSERT INTO edit_rows SELECT id, 'playlists', old.id,
        json_object('key', old.key, 'name', old.name, 'sort', old.sort, 'smart', old.smart) FROM recorded_edit
    WHERE NOT EXISTS (SELECT 1 FROM edit_rows WHERE edit = recorded_edit.id AND source = 'playlists' AND row = old.id);
    -- Before the foreign key deletes them.
    INSERT INTO edit_rows SELECT recorded_edit.id, 'playlist_entries', entry.id,
        json_object('playlist_id', playlist_id, 'position', format('%!.17g', position), 'track_id', track_id)
    FROM recorded_edit, playlist_entries AS entry WHERE playlist_id = old.id
    AND NOT EXISTS (SELECT 1 FROM edit_rows
                    WHERE edit = recorded_edit.id AND source = 'playlist_entries' AND row = entry.id);
END;
CREATE TRIGGER record_entry_insert AFTER INSERT ON playlist_entries WHEN EXISTS (SELECT 1 FROM recorded_edit) BEGIN
    INSERT INTO edit_rows SELECT id, 'playlist_entries', new.id, NULL FROM recorded_edit
    WHERE NOT EXISTS (SELECT 1 FROM edit_rows
                      WHERE edit = recorded_edit.id AND source = 'playlist_entries' AND row = new.id);
END;
CREATE TRIGGER record_entry_update BEFORE UPDATE OF position ON playlist_entries
WHEN EXISTS (SELECT 1 FROM recorded_edit) BEGIN
    INSERT INTO edit_rows SELECT id, 'playlist_entries', old.id,
        json_object('playlist_id', old.playlist_id, 'position', format('%!.17g', old.position), 'track_id', old.track_id)
    FROM recorded_edit
    WHERE NOT EXISTS (SELECT 1 FROM edit_rows
                      WHERE edit = recorded_edit.id AND source = 'playlist_entries' AND row = old.id);
END;
CREATE TRIGGER record_entry_delete BEFORE DELETE ON playlist_entries WHEN EXISTS (SELECT 1 FROM recorded_edit) BEGIN
    INSERT INTO edit_rows SELECT id, 'playlist_entries', old.id,
        json_object('playlist_id', old.playlist_id, 'position', format('%!.17g', old.position), 'track_id', old.track_id)
    FROM recorded_edit
    WHERE NOT EXISTS (SELECT 1 FROM edit_rows
                      WHERE edit = recorded_edit.id AND source = 'playlist_entries' AND row = old.id);
END;
CREATE TRIGGER record_listen_insert AFTER INSERT ON listens WHEN EXISTS (SELECT 1 FROM recorded_edit) BEGIN
    INSERT INTO edit_rows SELECT id, 'listens', new.id, NULL FROM recorded_edit
    WHERE NOT EXISTS (SELECT 1 FROM edit_rows WHERE edit = recorded_edit.id AND source = 'listens' AND row = new.id);
END;
CREATE TRIGGER record_listen_delete BEFORE DELETE ON listens WHEN EXISTS (SELECT 1 FROM recorded_edit) BEGIN
    INSERT INTO edit_rows SELECT id, 'listens', old.id,
        json_object('track_id', old.track_id, 'began_s', old.began_s, 'local_s', old.local_s,
            'heard_s', format('%!.17g', old.heard_s), 'end', old.end, 'play', old.play, 'context', old.context,
            'title', old.title, 'artist', old.artist, 'album', old.album, 'genre', old.genre,
            'duration_s', format('%!.17g', old.duration_s))
    FROM recorded_edit
    WHERE NOT EXISTS (SELECT 1 FROM edit_rows WHERE edit = recorded_edit.id AND source = 'listens' AND row = old.id);
END;
CREATE TRIGGER record_track_update BEFORE UPDATE OF favourite_s, rating ON tracks
WHEN EXISTS (SELECT 1 FROM recorded_edit)
    AND (old.favourite_s IS NOT new.favourite_s OR old.rating IS NOT new.rating) BEGIN
    INSERT INTO edit_rows SELECT id, 'tracks', old.id,
        json_object('favourite_s', old.favourite_s, 'rating', old.rating) FROM recorded_edit
    WHERE NOT EXISTS (SELECT 1 FROM edit_rows WHERE edit = recorded_edit.id AND source = 'tracks' AND row = old.id);
END;
