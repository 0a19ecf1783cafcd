//! Inserts tracks, their links to names, and their searchable text, many rows at a time.

use std::collections::HashMap;

use sqlx::{QueryBuilder, SqliteConnection};

use super::{
    found_file::FoundFile,
    tag_reader::{NormalizedName, ReadTrack},
    upserts::ROWS_PER_INSERT,
};
use crate::{
    database::{json_ids::json_ids, path_bytes},
    error::LibraryError,
    roots::EXTERNAL_ROOT,
    tags::TAGS_VERSION,
};

/// A row of the table `tracks`.
pub(super) struct TrackInsert<'r> {
    pub id: i64,
    /// Whether a row with this id exists.
    pub exists: bool,
    pub folder: i64,
    pub album: Option<i64>,
    pub file: &'r FoundFile,
    pub track: &'r ReadTrack,
}

/// Inserts tracks, or updates those whose id exists. The listener's rating is kept.
pub(super) async fn insert_tracks(
    connection: &mut SqliteConnection,
    rows: &[TrackInsert<'_>],
    now_s: i64,
) -> Result<(), LibraryError> {
    for rows in rows.chunks(ROWS_PER_INSERT) {
        let mut insert = QueryBuilder::new(
            "INSERT INTO tracks (id, folder_id, name, cue, start_s, end_s, inode, size, mtime_ns, tags_version, added_s, title, artist,
             album, album_id, disc_number, track_number, year, original_year, genre, composer, bpm, rating, codec,
             duration_s, track_gain_db, track_peak, album_gain_db, album_peak, loudness_lufs, cover, title_sort,
             artist_sort, album_sort) ",
        );
        insert.push_values(rows, |mut row, TrackInsert { id, folder, album: album_id, file, track, .. }| {
            let ReadTrack { tags, range, .. } = track;
            let album = tags.album.as_deref().unwrap_or_default();
            row.push_bind(id).push_bind(folder).push_bind(path_bytes::to_bytes(&file.name)).push_bind(track.cue_index);
            row.push_bind(range.map(|range| range.start_s)).push_bind(range.and_then(|range| range.end_s));
            row.push_bind(file.stamp.inode).push_bind(file.stamp.size).push_bind(file.stamp.mtime_ns);
            row.push_bind(TAGS_VERSION).push_bind(now_s);
            row.push_bind(&track.title).push_bind(&tags.artist).push_bind(album).push_bind(album_id);
            row.push_bind(tags.disc_number).push_bind(tags.track_number).push_bind(tags.year);
            row.push_bind(tags.original_year).push_bind(tags.genres.join(", "));
            row.push_bind(tags.composers.join(", ")).push_bind(tags.bpm).push_bind(tags.rating);
            row.push_bind(tags.codec).push_bind(tags.duration_s);
            row.push_bind(tags.loudness.track_gain_db).push_bind(tags.loudness.track_peak);
            row.push_bind(tags.loudness.album_gain_db).push_bind(tags.loudness.album_peak);
            row.push_bind(tags.loudness.track_lufs());
            row.push_bind(tags.cover.as_ref().map(|hash| hash.bytes()));
            row.push_bind(&track.title_sort).push_bind(&track.artist_sort).push_bind(&track.album_sort);
        });
        insert.push(
            " ON CONFLICT (id) DO UPDATE SET folder_id = excluded.folder_id, name = excluded.name,
             cue = excluded.cue, start_s = excluded.start_s, end_s = excluded.end_s, inode = excluded.inode, size = excluded.size, mtime_ns = excluded.mtime_ns,
             tags_version = excluded.tags_version, title = excluded.title, artist = excluded.artist,
             album = excluded.album, album_id = excluded.album_id, disc_number = excluded.disc_number,
             track_number = excluded.track_number, year = excluded.year, original_year = excluded.original_year,
             genre = excluded.genre, composer = excluded.composer, bpm = excluded.bpm,
             rating = coalesce(tracks.rating, excluded.rating), codec = excluded.codec,
             duration_s = excluded.duration_s, track_gain_db = excluded.track_gain_db,
             track_peak = excluded.track_peak, album_gain_db = excluded.album_gain_db,
             album_peak = excluded.album_peak,
             loudness_lufs = coalesce(excluded.loudness_lufs, tracks.loudness_lufs),
             cover = excluded.cover, title_sort = excluded.title_sort,
             artist_sort = excluded.artist_sort, album_sort = excluded.album_sort",
        );
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// Inserts the links from tracks to their artists, genres or composers, in the order of the tags.
pub(super) async fn insert_links(
    connection: &mut SqliteConnection,
    table: &str,
    column: &str,
    ids: &HashMap<&str, i64>,
    rows: &[TrackInsert<'_>],
    names: impl Fn(&ReadTrack) -> &Vec<NormalizedName>,
) -> Result<(), LibraryError> {
    let mut links = Vec::with_capacity(rows.len());
    for TrackInsert { id, track, .. } in rows {
        let named = names(track).iter().filter_map(|name| ids.get(name.key.as_str()));
        links.extend((0i64..).zip(named).map(|(position, named)| (*id, position, *named)));
    }
    for links in links.chunks(ROWS_PER_INSERT) {
        let mut insert = QueryBuilder::new(format!("INSERT INTO {table} (track_id, position, {column}) "));
        insert.push_values(links, |mut row, (track, position, named)| {
            row.push_bind(track).push_bind(position).push_bind(named);
        });
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// Writes the full-text index of library tracks. External tracks are not searchable.
pub(super) async fn insert_search_text(
    connection: &mut SqliteConnection,
    rows: &[TrackInsert<'_>],
) -> Result<(), LibraryError> {
    let existing = json_ids(rows.iter().filter(|row| row.exists).map(|row| &row.id));
    sqlx::query("DELETE FROM track_words WHERE rowid IN (SELECT value FROM json_each(?))")
        .bind(existing)
        .execute(&mut *connection)
        .await?;
    let listed: Vec<_> = rows.iter().filter(|row| row.file.folder.root != EXTERNAL_ROOT).collect();
    for rows in listed.chunks(ROWS_PER_INSERT) {
        let mut insert = QueryBuilder::new("INSERT INTO track_words (rowid, title, artist, album, genre) ");
        insert.push_values(rows, |mut row, TrackInsert { id, track, .. }| {
            row.push_bind(id);
            for text in &track.search_text {
                row.push_bind(text);
            }
        });
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}
