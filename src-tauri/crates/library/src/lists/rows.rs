//! The rows of tracks, albums, artists and the other lists, by their ids.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use auralis_core::*;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    analyses,
    database::{json_ids::json_ids, path_bytes},
    error::LibraryError,
    tags::cover_hash::CoverHash,
};

/// Returns one row for each id; `None` where there is no such track. Missing tracks that have user data get a row too.
pub(crate) async fn track_rows(
    connection: &mut SqliteConnection,
    ids: &[i64],
) -> Result<Vec<Option<TrackRow>>, LibraryError> {
    let rows = sqlx::query(
        "SELECT tracks.id, title, artist, album, album_id, duration_s, coalesce(tracks.cover, folders.cover), artist_id,
             track_number, disc_number, year, genre, online, original_year, composer, bpm, added_s, codec,
             favourite_s IS NOT NULL, rating, plays, played_s
         FROM json_each(?) AS wanted
         LEFT JOIN tracks ON tracks.id = wanted.value
         LEFT JOIN folders ON folders.id = folder_id
         LEFT JOIN roots ON roots.id = root_id
         LEFT JOIN track_artists ON track_id = tracks.id AND position = 0
         ORDER BY wanted.key",
    );
    let track = |row: SqliteRow| {
        row.get::<Option<i64>, _>(0).map(|id| TrackRow {
            track: TrackSummary {
                id: TrackId(id),
                title: truncate_text(row.get(1)),
                artist: truncate_text(row.get(2)),
                album: truncate_text(row.get(3)),
                album_id: row.get::<Option<_>, _>(4).map(AlbumId),
                artist_id: row.get::<Option<_>, _>(7).map(ArtistId),
                duration_s: row.get(5),
                cover: cover_column(&row, 6),
                favourite: row.get(18),
                rating: row.get(19),
            },
            track_number: row.get(8),
            disc_number: row.get(9),
            year: row.get(10),
            genre: truncate_text(row.get(11)),
            available: row.get(12),
            original_year: row.get(13),
            composer: truncate_text(row.get(14)),
            bpm: row.get(15),
            added_s: row.get(16),
            codec: row.get(17),
            plays: row.get(20),
            played_s: row.get(21),
        })
    };
    let mut found = rows.bind(json_ids(ids)).map(track).fetch_all(&mut *connection).await?;
    if found.iter().any(Option::is_none) {
        let missing = missing_track_rows(connection, ids).await?;
        for (row, id) in found.iter_mut().zip(ids).filter(|(row, _)| row.is_none()) {
            *row = missing.get(id).cloned();
        }
    }
    Ok(found)
}

/// Returns the rows of tracks whose file is missing.
async fn missing_track_rows(
    connection: &mut SqliteConnection,
    ids: &[i64],
) -> Result<HashMap<i64, TrackRow>, LibraryError> {
    let rows = sqlx::query(
        "SELECT id, title, artist, album, duration_s, favourite_s IS NOT NULL, rating, added_s, plays, played_s
         FROM lost_tracks WHERE id IN (SELECT value FROM json_each(?))",
    );
    let track = |row: SqliteRow| {
        let summary = TrackSummary {
            id: TrackId(row.get(0)),
            title: truncate_text(row.get(1)),
            artist: truncate_text(row.get(2)),
            album: truncate_text(row.get(3)),
            album_id: None,
            artist_id: None,
            duration_s: row.get(4),
            cover: None,
            favourite: row.get(5),
            rating: row.get(6),
        };
        let track = TrackRow {
            track: summary,
            track_number: None,
            disc_number: None,
            year: None,
            original_year: None,
            genre: String::new(),
            composer: String::new(),
            bpm: None,
            codec: String::new(),
            added_s: row.get(7),
            plays: row.get(8),
            played_s: row.get(9),
            available: false,
        };
        (row.get(0), track)
    };
    Ok(rows.bind(json_ids(ids)).map(track).fetch_all(connection).await?.into_iter().collect())
}

/// Returns a track and its file. The caller fills in the profile of its album.
pub(crate) async fn track(connection: &mut SqliteConnection, id: TrackId) -> Result<Option<Track>, LibraryError> {
    let Some(row) = track_rows(connection, &[id.0]).await?.pop().flatten() else { return Ok(None) };
    let file = sqlx::query(
        "SELECT path, name, start_s, end_s, track_gain_db, track_peak, album_gain_db, album_peak
         FROM tracks JOIN folders ON folders.id = folder_id WHERE tracks.id = ?",
    );
    let Some(file) = file.bind(id.0).fetch_optional(&mut *connection).await? else { return Ok(None) };
    let start_s: Option<f64> = file.get(2);
    Ok(Some(Track {
        summary: row.track,
        path: path_bytes::path_from(file.get(0)).join(path_bytes::name_from(file.get(1))),
        range: start_s.map(|start_s| TimeRange { start_s, end_s: file.get(3) }),
        loudness: Loudness {
            track_gain_db: file.get(4),
            track_peak: file.get(5),
            album_gain_db: file.get(6),
            album_peak: file.get(7),
        },
        profile: analyses::profile(connection, id).await?.map(Arc::new),
        album_profile: None,
    }))
}

/// Returns the path of a track's file.
pub(crate) async fn track_path(connection: &mut SqliteConnection, id: TrackId) -> Result<PathBuf, LibraryError> {
    let file = sqlx::query("SELECT path, name FROM tracks JOIN folders ON folders.id = folder_id WHERE tracks.id = ?");
    let file = file.bind(id.0).fetch_optional(connection).await?.ok_or(LibraryError::UnknownTrack(id))?;
    Ok(path_bytes::path_from(file.get(0)).join(path_bytes::name_from(file.get(1))))
}

/// Returns one path for each id; `None` where there is no such track.
pub(crate) async fn track_paths(
    connection: &mut SqliteConnection,
    ids: &[TrackId],
) -> Result<Vec<Option<PathBuf>>, LibraryError> {
    let rows = sqlx::query(
        "SELECT folders.path, tracks.name
         FROM json_each(?) AS wanted
         LEFT JOIN tracks ON tracks.id = wanted.value
         LEFT JOIN folders ON folders.id = folder_id
         ORDER BY wanted.key",
    );
    let path = |row: SqliteRow| {
        let name = row.get::<Option<Vec<u8>>, _>(1)?;
        Some(path_bytes::path_from(row.get(0)).join(path_bytes::name_from(name)))
    };
    Ok(rows.bind(json_ids(ids.iter().map(|TrackId(id)| id))).map(path).fetch_all(connection).await?)
}

/// How much music there is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LibrarySize {
    /// Total length of all tracks, in seconds.
    pub duration_s: f64,
    /// Total size of their files.
    pub bytes: u64,
}

pub(crate) async fn size(connection: &mut SqliteConnection) -> Result<LibrarySize, LibraryError> {
    // A file that a CUE sheet splits into tracks counts once.
    let row = sqlx::query(
        "SELECT coalesce(sum(duration_s), 0.0), coalesce(sum(size), 0)
         FROM (SELECT sum(duration_s) AS duration_s, max(size) AS size
               FROM tracks JOIN folders ON folders.id = folder_id WHERE root_id <> 0
               GROUP BY folder_id, name)",
    );
    let row = row.fetch_one(connection).await?;
    Ok(LibrarySize { duration_s: row.get(0), bytes: row.get::<i64, _>(1).unsigned_abs() })
}

/// Fails with the first id that is unknown.
pub(crate) async fn require_tracks(connection: &mut SqliteConnection, ids: &[TrackId]) -> Result<(), LibraryError> {
    let unknown: Option<i64> = sqlx::query_scalar(
        "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM tracks WHERE id = value) ORDER BY key LIMIT 1",
    )
    .bind(json_ids(ids.iter().map(|TrackId(id)| id)))
    .fetch_optional(connection)
    .await?;
    unknown.map_or(Ok(()), |id| Err(LibraryError::UnknownTrack(TrackId(id))))
}

pub(crate) async fn genre_rows(connection: &mut SqliteConnection) -> Result<Vec<GenreRow>, LibraryError> {
    let rows = sqlx::query("SELECT id, name, tracks FROM genres ORDER BY sort, id");
    let genre =
        |row: SqliteRow| GenreRow { id: GenreId(row.get(0)), name: truncate_text(row.get(1)), tracks: row.get(2) };
    Ok(rows.map(genre).fetch_all(connection).await?)
}

pub(crate) async fn composer_rows(connection: &mut SqliteConnection) -> Result<Vec<ComposerRow>, LibraryError> {
    let rows = sqlx::query("SELECT id, name, tracks FROM composers ORDER BY sort, id");
    let composer = |row: SqliteRow| ComposerRow {
        id: ComposerId(row.get(0)),
        name: truncate_text(row.get(1)),
        tracks: row.get(2),
    };
    Ok(rows.map(composer).fetch_all(connection).await?)
}

pub(crate) async fn year_rows(connection: &mut SqliteConnection) -> Result<Vec<YearRow>, LibraryError> {
    // Subtracting the external tracks, which are few, is faster than looking up the folder of each track.
    let rows = sqlx::query(
        "SELECT year, sum(counted) AS tracks
         FROM (SELECT year, count(*) AS counted FROM tracks INDEXED BY tracks_by_year WHERE year IS NOT NULL GROUP BY year
               UNION ALL
               SELECT year, -count(*) FROM folders JOIN tracks ON folder_id = folders.id
               WHERE root_id = 0 AND year IS NOT NULL GROUP BY year)
         GROUP BY year HAVING sum(counted) > 0 ORDER BY year DESC",
    );
    Ok(rows.map(|row: SqliteRow| YearRow { year: row.get(0), tracks: row.get(1) }).fetch_all(connection).await?)
}

pub(crate) async fn album_rows(connection: &mut SqliteConnection, ids: &[i64]) -> Result<Vec<AlbumRow>, LibraryError> {
    let rows = sqlx::query(
        "SELECT albums.id, title, artist, artist_id, year, tracks, duration_s, cover
         FROM json_each(?) AS wanted JOIN albums ON albums.id = wanted.value ORDER BY wanted.key",
    );
    let album = |row: SqliteRow| AlbumRow {
        id: AlbumId(row.get(0)),
        title: truncate_text(row.get(1)),
        artist: truncate_text(row.get(2)),
        artist_id: row.get::<Option<_>, _>(3).map(ArtistId),
        year: row.get(4),
        tracks: row.get(5),
        duration_s: row.get(6),
        cover: cover_column(&row, 7),
    };
    Ok(rows.bind(json_ids(ids)).map(album).fetch_all(connection).await?)
}

pub(crate) async fn artist_rows(
    connection: &mut SqliteConnection,
    ids: &[i64],
) -> Result<Vec<ArtistRow>, LibraryError> {
    let rows = sqlx::query(
        "SELECT artists.id, name, albums, tracks, cover
         FROM json_each(?) AS wanted JOIN artists ON artists.id = wanted.value ORDER BY wanted.key",
    );
    let artist = |row: SqliteRow| ArtistRow {
        id: ArtistId(row.get(0)),
        name: truncate_text(row.get(1)),
        albums: row.get(2),
        tracks: row.get(3),
        cover: cover_column(&row, 4),
    };
    Ok(rows.bind(json_ids(ids)).map(artist).fetch_all(connection).await?)
}

/// Returns the roots; `is_responding` tells the state of each.
pub(crate) async fn root_rows(
    connection: &mut SqliteConnection,
    is_responding: impl Fn(&Path) -> bool + Sync,
    query: &RowQuery,
) -> Result<Vec<RootRow>, LibraryError> {
    let rows = sqlx::query(
        "SELECT id, path, online,
             (SELECT count(*) FROM folders JOIN tracks ON folder_id = folders.id WHERE root_id = roots.id)
         FROM roots WHERE id <> 0 ORDER BY path LIMIT ? OFFSET ?",
    );
    let root = |row: SqliteRow| {
        let path = path_bytes::path_from(row.get(1));
        RootRow {
            id: RootId(row.get(0)),
            path: path_bytes::to_display(&path),
            online: row.get(2),
            responding: is_responding(&path),
            tracks: row.get(3),
        }
    };
    Ok(rows.bind(query.limit).bind(query.offset).map(root).fetch_all(connection).await?)
}

pub(crate) async fn failure_rows(
    connection: &mut SqliteConnection,
    query: &RowQuery,
) -> Result<Vec<ScanFailure>, LibraryError> {
    let rows = sqlx::query("SELECT path, reason FROM scan_failures ORDER BY path LIMIT ? OFFSET ?");
    let failure = |row: SqliteRow| ScanFailure {
        path: path_bytes::to_display(&path_bytes::path_from(row.get(0))),
        reason: row.get(1),
    };
    Ok(rows.bind(query.limit).bind(query.offset).map(failure).fetch_all(connection).await?)
}

fn cover_column(row: &SqliteRow, column: usize) -> Option<String> {
    CoverHash::digits(&row.get::<Option<Vec<u8>>, _>(column)?)
}

/// Truncates a text to the length of summaries.
pub(crate) fn truncate_text(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(TrackSummary::MAX_TEXT_CHARS) {
        text.truncate(end);
    }
    text
}
