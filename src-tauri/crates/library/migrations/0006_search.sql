-- Words are kept as they are compared: without accents, and each Chinese or Japanese character by itself. Keys are
-- folded so already; the words of tracks are written by whoever writes tracks.
DROP TRIGGER album_inserted;
CREATE TRIGGER album_inserted AFTER INSERT ON albums BEGIN
    INSERT INTO album_words (rowid, title, artist)
    VALUES (new.id, substr(new.key, 1, instr(new.key, char(31)) - 1), substr(new.key, instr(new.key, char(31)) + 1));
END;
DROP TRIGGER artist_inserted;
CREATE TRIGGER artist_inserted AFTER INSERT ON artists BEGIN
    INSERT INTO artist_words (rowid, name) VALUES (new.id, new.key);
END;

-- By the tags, else as it was measured.
ALTER TABLE tracks ADD COLUMN loudness_lufs REAL;
UPDATE tracks SET loudness_lufs = coalesce(-18.0 - track_gain_db,
    (SELECT profile ->> '$.integrated_lufs' FROM analyses WHERE track_id = tracks.id));
CREATE INDEX tracks_by_loudness ON tracks (loudness_lufs) WHERE loudness_lufs IS NOT NULL;

-- Titles and lengths that are the same need no order but a fixed one: a third of the index, where each track that is added is
-- put between any others.
DROP INDEX tracks_by_title;
CREATE INDEX tracks_by_title ON tracks (title_sort, id, folder_id);
DROP INDEX tracks_by_duration;
CREATE INDEX tracks_by_duration ON tracks (duration_s, id, folder_id);
