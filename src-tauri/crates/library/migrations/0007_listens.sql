-- Each has all that the statistics count, so that these never look at the rows.
DROP INDEX listens_by_time;
CREATE INDEX listens_by_time ON listens (began_s, id, local_s, heard_s, play, end);
DROP INDEX listens_by_track;
CREATE INDEX listens_by_track ON listens (track_id, began_s, id, heard_s, play);
CREATE INDEX listens_by_genre ON listens (genre, began_s, heard_s, play);
