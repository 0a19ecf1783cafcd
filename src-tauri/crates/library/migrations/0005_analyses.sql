-- What was measured of a track's sound, by which version of the analysis. `size`, `mtime_ns`, `start_s` and `end_s` are the
-- track's as they were then: where they differ from what they are now, it may be another sound. `profile` is in the core's
-- own encoding, `distribution` in that of whoever measured; all three are missing where the file could not be analysed.
CREATE TABLE analyses (
    track_id     INTEGER PRIMARY KEY REFERENCES tracks ON DELETE CASCADE,
    version      INTEGER NOT NULL,
    size         INTEGER NOT NULL,
    mtime_ns     INTEGER NOT NULL,
    start_s      REAL,
    end_s        REAL,
    profile      TEXT,
    distribution BLOB,
    peaks        BLOB,
    rms          BLOB
) STRICT;
