//! What was measured of the tracks' sound. Who measures, and what a distribution holds, is not the library's.

use std::path::PathBuf;

use auralis_core::{AlbumId, AudioProfile, TimeRange, TrackId, Waveform};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{database::Database, derived::json, error::LibraryError, paths};

/// The condition on which a row of `analyses` is of a track's sound as it is now.
macro_rules! of_its_sound {
    ($before:literal, $behind:literal) => {
        concat!(
            $before,
            " analyses.track_id = tracks.id AND analyses.size = tracks.size AND analyses.mtime_ns = tracks.mtime_ns
              AND analyses.start_s IS tracks.start_s AND analyses.end_s IS tracks.end_s ",
            $behind
        )
    };
}

/// A track that is to be analysed.
#[derive(Debug, Clone, PartialEq)]
pub struct Unanalysed {
    /// Which.
    pub id: TrackId,
    /// The file.
    pub path: PathBuf,
    /// Which part of the file it is; with none, all.
    pub range: Option<TimeRange>,
    /// Whether it is of a folder of the library, and counts.
    pub listed: bool,
    /// The file as it was read.
    size: i64,
    mtime_ns: i64,
}

/// What an analysis found of a track.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysed {
    /// The numbers.
    pub profile: AudioProfile,
    /// The outline.
    pub waveform: Waveform,
    /// How its loudness is distributed, in the encoding of whoever measured.
    pub distribution: Vec<u8>,
}

/// How many tracks that are there have a profile by a version of the analysis, and how many can have one.
pub(crate) async fn count(view: &mut SqliteConnection, version: u32) -> Result<(u32, u32), LibraryError> {
    let counts = sqlx::query(of_its_sound!(
        "SELECT count(profile), count(*) - count(*) FILTER (WHERE analyses.track_id IS NOT NULL AND profile IS NULL)
         FROM tracks JOIN folders ON folders.id = folder_id JOIN roots ON roots.id = root_id
         LEFT JOIN analyses ON",
        "AND version = ? WHERE online AND root_id <> 0"
    ));
    let row = counts.bind(version).fetch_one(view).await?;
    Ok((row.get(0), row.get(1)))
}

/// Those of `tracks` that a version of the analysis has not looked at yet, in their order.
pub(crate) async fn missing_of(
    view: &mut SqliteConnection,
    version: u32,
    tracks: &[TrackId],
) -> Result<Vec<Unanalysed>, LibraryError> {
    let missing = sqlx::query(of_its_sound!(
        "SELECT tracks.id, folders.path, name, start_s, end_s, root_id, size, mtime_ns
         FROM json_each(?) AS wanted JOIN tracks ON tracks.id = wanted.value JOIN folders ON folders.id = folder_id
         WHERE NOT EXISTS (SELECT 1 FROM analyses WHERE",
        "AND version = ?) ORDER BY wanted.key"
    ));
    let wanted = json(tracks.iter().map(|TrackId(id)| id));
    Ok(missing.bind(wanted).bind(version).map(unanalysed).fetch_all(view).await?)
}

/// The first tracks that are there and that a version of the analysis has not looked at, album by album.
pub(crate) async fn missing(
    view: &mut SqliteConnection,
    version: u32,
    limit: u32,
) -> Result<Vec<Unanalysed>, LibraryError> {
    let missing = sqlx::query(of_its_sound!(
        "SELECT tracks.id, folders.path, name, start_s, end_s, root_id, size, mtime_ns
         FROM tracks JOIN folders ON folders.id = folder_id JOIN roots ON roots.id = root_id
         WHERE online AND root_id <> 0 AND NOT EXISTS (SELECT 1 FROM analyses WHERE",
        "AND version = ?) ORDER BY album_id, tracks.id LIMIT ?"
    ));
    Ok(missing.bind(version).bind(limit).map(unanalysed).fetch_all(view).await?)
}

fn unanalysed(row: SqliteRow) -> Unanalysed {
    let start_s: Option<f64> = row.get(3);
    Unanalysed {
        id: TrackId(row.get(0)),
        path: paths::path(row.get(1)).join(paths::name(row.get(2))),
        range: start_s.map(|start_s| TimeRange { start_s, end_s: row.get(4) }),
        listed: row.get::<i64, _>(5) != 0,
        size: row.get(6),
        mtime_ns: row.get(7),
    }
}

/// Keeps what was found, or that nothing could be, unless the track is another meanwhile. Gives the tracks of which more
/// is known now: it, and the others of its album if that is complete by it.
pub(crate) async fn keep(
    database: &Database,
    track: &Unanalysed,
    version: u32,
    found: Option<&Analysed>,
) -> Result<Vec<TrackId>, LibraryError> {
    let mut change = database.write().await?;
    let profile = found.and_then(|found| serde_json::to_string(&found.profile).ok());
    let kept = sqlx::query(
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
    if kept.execute(&mut *change).await?.rows_affected() == 0 {
        return Ok(Vec::new());
    }
    let measured = "UPDATE tracks SET loudness_lufs = ? WHERE id = ? AND track_gain_db IS NULL";
    let measured = sqlx::query(measured).bind(found.map(|found| found.profile.integrated_lufs)).bind(track.id.0);
    measured.execute(&mut *change).await?;
    let together = sqlx::query_scalar(of_its_sound!(
        "SELECT id FROM tracks WHERE album_id = (SELECT album_id FROM tracks WHERE id = ?1)
         AND NOT EXISTS (SELECT 1 FROM tracks LEFT JOIN analyses ON",
        "WHERE album_id = (SELECT album_id FROM tracks WHERE id = ?1) AND analyses.track_id IS NULL)"
    ));
    let together: Vec<i64> = together.bind(track.id.0).fetch_all(&mut *change).await?;
    change.commit().await?;
    Ok(if together.is_empty() { vec![track.id] } else { together.into_iter().map(TrackId).collect() })
}

/// What a track's profile is.
pub(crate) async fn profile(view: &mut SqliteConnection, track: TrackId) -> Result<Option<AudioProfile>, LibraryError> {
    let profile =
        sqlx::query_scalar(of_its_sound!("SELECT profile FROM tracks JOIN analyses ON", "WHERE tracks.id = ?"));
    let profile: Option<Option<String>> = profile.bind(track.0).fetch_optional(view).await?;
    Ok(profile.flatten().and_then(|profile| decoded(&profile)))
}

/// Shows profile and outline of every track in the lists that has them.
pub(crate) async fn each(
    view: &mut SqliteConnection,
    mut show: impl FnMut(i64, &AudioProfile, &[u8]),
) -> Result<(), LibraryError> {
    let mut last = 0;
    loop {
        let rows = sqlx::query(of_its_sound!(
            "SELECT tracks.id, profile, rms FROM tracks JOIN analyses ON",
            "WHERE profile IS NOT NULL AND folder_id NOT IN (SELECT id FROM folders WHERE root_id = 0)
             AND tracks.id > ? ORDER BY tracks.id LIMIT 1000"
        ));
        let rows = rows.bind(last).fetch_all(&mut *view).await?;
        let Some(end) = rows.last() else { return Ok(()) };
        last = end.get(0);
        for row in &rows {
            if let Some(profile) = decoded(row.get(1)) {
                show(row.get(0), &profile, row.get(2));
            }
        }
    }
}

/// What a track's profile is, and its distribution.
pub(crate) async fn of_track(
    view: &mut SqliteConnection,
    track: TrackId,
) -> Result<Option<(AudioProfile, Vec<u8>)>, LibraryError> {
    let found = sqlx::query(of_its_sound!(
        "SELECT profile, distribution FROM tracks JOIN analyses ON",
        "WHERE tracks.id = ? AND profile IS NOT NULL"
    ));
    let found = found.bind(track.0).fetch_optional(view).await?;
    Ok(found.and_then(|row| Some((decoded(row.get(0))?, row.get(1)))))
}

/// What a track's outline is.
pub(crate) async fn waveform(view: &mut SqliteConnection, track: TrackId) -> Result<Option<Waveform>, LibraryError> {
    let waveform = sqlx::query(of_its_sound!(
        "SELECT peaks, rms FROM tracks JOIN analyses ON",
        "WHERE tracks.id = ? AND profile IS NOT NULL"
    ));
    let of = |row: SqliteRow| Waveform { peaks: row.get(0), rms: row.get(1) };
    Ok(waveform.bind(track.0).map(of).fetch_optional(view).await?)
}

/// Profile and distribution of an album's tracks, but for those that cannot be analysed; nothing before all that can be
/// are.
pub(crate) async fn of_album(
    view: &mut SqliteConnection,
    album: AlbumId,
) -> Result<Option<Vec<(AudioProfile, Vec<u8>)>>, LibraryError> {
    let tracks = sqlx::query(of_its_sound!(
        "SELECT analyses.track_id IS NULL, profile, distribution FROM tracks LEFT JOIN analyses ON",
        "WHERE album_id = ?"
    ));
    let tracks = tracks.bind(album.0).fetch_all(view).await?;
    if tracks.iter().any(|row| row.get(0)) {
        return Ok(None);
    }
    let found = |row: &SqliteRow| Some((decoded(row.get::<Option<&str>, _>(1)?)?, row.get::<Option<_>, _>(2)?));
    Ok(Some(tracks.iter().filter_map(found).collect()))
}

fn decoded(profile: &str) -> Option<AudioProfile> {
    serde_json::from_str(profile).inspect_err(|error| tracing::error!(%error, "a profile cannot be read")).ok()
}

/// Forgets what was measured of tracks that are other ones by now: before their tags are edited.
pub(crate) async fn forget_others(change: &mut SqliteConnection, tracks: &str) -> Result<(), LibraryError> {
    let others = sqlx::query(of_its_sound!(
        "DELETE FROM analyses WHERE track_id IN (SELECT value FROM json_each(?))
         AND NOT EXISTS (SELECT 1 FROM tracks WHERE",
        ")"
    ));
    others.bind(tracks).execute(change).await?;
    Ok(())
}

/// Tags were edited, and the files are other ones, but they sound as they did.
pub(crate) async fn carry_over(change: &mut SqliteConnection, tracks: &str) -> Result<(), LibraryError> {
    let same = sqlx::query(
        "UPDATE analyses SET (size, mtime_ns) = (SELECT size, mtime_ns FROM tracks WHERE id = track_id)
         WHERE track_id IN (SELECT value FROM json_each(?))",
    );
    same.bind(tracks).execute(change).await?;
    Ok(())
}
