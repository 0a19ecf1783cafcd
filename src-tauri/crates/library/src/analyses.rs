//! Results of the audio analysis of tracks. The caller analyses, and chooses the encoding of distributions.

use std::path::PathBuf;

use auralis_core::{AlbumId, AudioProfile, TimeRange, TrackId, Waveform};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    database::{Database, json_ids::json_ids, path_bytes},
    error::LibraryError,
};

/// Wraps SQL around the condition that a row of `analyses` matches the current file of its track.
macro_rules! is_current {
    ($before:literal, $behind:literal) => {
        concat!(
            $before,
            " analyses.track_id = tracks.id AND analyses.size = tracks.size AND analyses.mtime_ns = tracks.mtime_ns
              AND analyses.start_s IS tracks.start_s AND analyses.end_s IS tracks.end_s ",
            $behind
        )
    };
}

/// A track to be analysed.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisJob {
    /// The track.
    pub id: TrackId,
    /// The file.
    pub path: PathBuf,
    /// The range of the file; `None` means all of it.
    pub range: Option<TimeRange>,
    /// Whether it belongs to a folder of the library, and so counts in the progress.
    pub listed: bool,
    /// The stamp of the file when it was scanned.
    size: i64,
    mtime_ns: i64,
}

/// The result of an analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisResult {
    /// The measured values.
    pub profile: AudioProfile,
    /// The waveform.
    pub waveform: Waveform,
    /// The distribution of its loudness, in the analyser's encoding.
    pub distribution: Vec<u8>,
}

/// Returns how many available tracks have a profile by a version of the analysis, and how many can have one.
pub(crate) async fn count(connection: &mut SqliteConnection, version: u32) -> Result<(u32, u32), LibraryError> {
    let counts = sqlx::query(is_current!(
        "SELECT count(profile), count(*) - count(*) FILTER (WHERE analyses.track_id IS NOT NULL AND profile IS NULL)
         FROM tracks JOIN folders ON folders.id = folder_id JOIN roots ON roots.id = root_id
         LEFT JOIN analyses ON",
        "AND version = ? WHERE online AND root_id <> 0"
    ));
    let row = counts.bind(version).fetch_one(connection).await?;
    Ok((row.get(0), row.get(1)))
}

/// Returns those of `tracks` that a version of the analysis has not processed yet, in their order.
pub(crate) async fn pending_among(
    connection: &mut SqliteConnection,
    version: u32,
    tracks: &[TrackId],
) -> Result<Vec<AnalysisJob>, LibraryError> {
    let missing = sqlx::query(is_current!(
        "SELECT tracks.id, folders.path, name, start_s, end_s, root_id, size, mtime_ns
         FROM json_each(?) AS wanted JOIN tracks ON tracks.id = wanted.value JOIN folders ON folders.id = folder_id
         WHERE NOT EXISTS (SELECT 1 FROM analyses WHERE",
        "AND version = ?) ORDER BY wanted.key"
    ));
    let wanted = json_ids(tracks.iter().map(|TrackId(id)| id));
    Ok(missing.bind(wanted).bind(version).map(job).fetch_all(connection).await?)
}

/// Returns the first available tracks that a version of the analysis has not processed, album by album.
pub(crate) async fn pending(
    connection: &mut SqliteConnection,
    version: u32,
    limit: u32,
) -> Result<Vec<AnalysisJob>, LibraryError> {
    let missing = sqlx::query(is_current!(
        "SELECT tracks.id, folders.path, name, start_s, end_s, root_id, size, mtime_ns
         FROM tracks JOIN folders ON folders.id = folder_id JOIN roots ON roots.id = root_id
         WHERE online AND root_id <> 0 AND NOT EXISTS (SELECT 1 FROM analyses WHERE",
        "AND version = ?) ORDER BY album_id, tracks.id LIMIT ?"
    ));
    Ok(missing.bind(version).bind(limit).map(job).fetch_all(connection).await?)
}

fn job(row: SqliteRow) -> AnalysisJob {
    let start_s: Option<f64> = row.get(3);
    AnalysisJob {
        id: TrackId(row.get(0)),
        path: path_bytes::path_from(row.get(1)).join(path_bytes::name_from(row.get(2))),
        range: start_s.map(|start_s| TimeRange { start_s, end_s: row.get(4) }),
        listed: row.get::<i64, _>(5) != 0,
        size: row.get(6),
        mtime_ns: row.get(7),
    }
}

/// Stores a result, or `None` for a file that cannot be analysed, unless the file has changed meanwhile. Returns the tracks
/// whose profile is now available: this one, or its whole album once complete.
pub(crate) async fn store(
    database: &Database,
    track: &AnalysisJob,
    version: u32,
    found: Option<&AnalysisResult>,
) -> Result<Vec<TrackId>, LibraryError> {
    let mut tx = database.begin_write().await?;
    let profile = found.and_then(|found| serde_json::to_string(&found.profile).ok());
    let store = sqlx::query(
        "INSERT OR REPLACE INTO analyses
         SELECT id, ?, size, mtime_ns, start_s, end_s, ?, ?, ?, ? FROM tracks WHERE id = ? AND size = ? AND mtime_ns = ?",
    )
    .bind(version)
    .bind(profile)
    .bind(found.map(|found| &found.distribution))
    .bind(found.map(|found| &found.waveform.peaks))
    .bind(found.map(|found| &found.waveform.rms))
    .bind(track.id.0)
    .bind(track.size)
    .bind(track.mtime_ns);
    if store.execute(&mut *tx).await?.rows_affected() == 0 {
        return Ok(Vec::new());
    }
    let measured = "UPDATE tracks SET loudness_lufs = ? WHERE id = ? AND track_gain_db IS NULL";
    let measured = sqlx::query(measured).bind(found.map(|found| found.profile.integrated_lufs)).bind(track.id.0);
    measured.execute(&mut *tx).await?;
    let completed_album = sqlx::query_scalar(is_current!(
        "SELECT id FROM tracks WHERE album_id = (SELECT album_id FROM tracks WHERE id = ?1)
         AND NOT EXISTS (SELECT 1 FROM tracks LEFT JOIN analyses ON",
        "WHERE album_id = (SELECT album_id FROM tracks WHERE id = ?1) AND analyses.track_id IS NULL)"
    ));
    let completed_album: Vec<i64> = completed_album.bind(track.id.0).fetch_all(&mut *tx).await?;
    tx.commit().await?;
    Ok(if completed_album.is_empty() { vec![track.id] } else { completed_album.into_iter().map(TrackId).collect() })
}

/// What a track's profile is.
pub(crate) async fn profile(
    connection: &mut SqliteConnection,
    track: TrackId,
) -> Result<Option<AudioProfile>, LibraryError> {
    let profile = sqlx::query_scalar(is_current!("SELECT profile FROM tracks JOIN analyses ON", "WHERE tracks.id = ?"));
    let profile: Option<Option<String>> = profile.bind(track.0).fetch_optional(connection).await?;
    Ok(profile.flatten().and_then(|profile| decode_profile(&profile)))
}

/// Calls `visit` with the profile and waveform of every analysed library track.
pub(crate) async fn for_each(
    connection: &mut SqliteConnection,
    mut visit: impl FnMut(i64, &AudioProfile, &[u8]),
) -> Result<(), LibraryError> {
    let mut last = 0;
    loop {
        let rows = sqlx::query(is_current!(
            "SELECT tracks.id, profile, rms FROM tracks JOIN analyses ON",
            "WHERE profile IS NOT NULL AND folder_id NOT IN (SELECT id FROM folders WHERE root_id = 0)
             AND tracks.id > ? ORDER BY tracks.id LIMIT 1000"
        ));
        let rows = rows.bind(last).fetch_all(&mut *connection).await?;
        let Some(end) = rows.last() else { return Ok(()) };
        last = end.get(0);
        for row in &rows {
            if let Some(profile) = decode_profile(row.get(1)) {
                visit(row.get(0), &profile, row.get(2));
            }
        }
    }
}

/// Returns a track's profile and distribution.
pub(crate) async fn of_track(
    connection: &mut SqliteConnection,
    track: TrackId,
) -> Result<Option<(AudioProfile, Vec<u8>)>, LibraryError> {
    let found = sqlx::query(is_current!(
        "SELECT profile, distribution FROM tracks JOIN analyses ON",
        "WHERE tracks.id = ? AND profile IS NOT NULL"
    ));
    let found = found.bind(track.0).fetch_optional(connection).await?;
    Ok(found.and_then(|row| Some((decode_profile(row.get(0))?, row.get(1)))))
}

/// Returns a track's waveform.
pub(crate) async fn waveform(
    connection: &mut SqliteConnection,
    track: TrackId,
) -> Result<Option<Waveform>, LibraryError> {
    let waveform = sqlx::query(is_current!(
        "SELECT peaks, rms FROM tracks JOIN analyses ON",
        "WHERE tracks.id = ? AND profile IS NOT NULL"
    ));
    let of = |row: SqliteRow| Waveform { peaks: row.get(0), rms: row.get(1) };
    Ok(waveform.bind(track.0).map(of).fetch_optional(connection).await?)
}

/// Returns profile and distribution of an album's tracks, except for those that cannot be analysed; `None` until all others
/// are analysed.
pub(crate) async fn of_album(
    connection: &mut SqliteConnection,
    album: AlbumId,
) -> Result<Option<Vec<(AudioProfile, Vec<u8>)>>, LibraryError> {
    let tracks = sqlx::query(is_current!(
        "SELECT analyses.track_id IS NULL, profile, distribution FROM tracks LEFT JOIN analyses ON",
        "WHERE album_id = ?"
    ));
    let tracks = tracks.bind(album.0).fetch_all(connection).await?;
    if tracks.iter().any(|row| row.get(0)) {
        return Ok(None);
    }
    let found = |row: &SqliteRow| Some((decode_profile(row.get::<Option<&str>, _>(1)?)?, row.get::<Option<_>, _>(2)?));
    Ok(Some(tracks.iter().filter_map(found).collect()))
}

fn decode_profile(profile: &str) -> Option<AudioProfile> {
    serde_json::from_str(profile).inspect_err(|error| tracing::error!(%error, "a profile cannot be read")).ok()
}

/// Deletes stale analyses before a tag edit, so that [`restamp`] cannot revive them.
pub(crate) async fn delete_stale(tx: &mut SqliteConnection, tracks: &str) -> Result<(), LibraryError> {
    let stale = sqlx::query(is_current!(
        "DELETE FROM analyses WHERE track_id IN (SELECT value FROM json_each(?))
         AND NOT EXISTS (SELECT 1 FROM tracks WHERE",
        ")"
    ));
    stale.bind(tracks).execute(tx).await?;
    Ok(())
}

/// Updates the stamps of analyses after a tag edit, which changes the file but not its sound.
pub(crate) async fn restamp(tx: &mut SqliteConnection, tracks: &str) -> Result<(), LibraryError> {
    let restamp = sqlx::query(
        "UPDATE analyses SET (size, mtime_ns) = (SELECT size, mtime_ns FROM tracks WHERE id = track_id)
         WHERE track_id IN (SELECT value FROM json_each(?))",
    );
    restamp.bind(tracks).execute(tx).await?;
    Ok(())
}
