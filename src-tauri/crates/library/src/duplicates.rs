//! Finds tracks that exist more than once. It deletes nothing.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use auralis_core::{AudioProfile, DuplicateReason};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    analyses,
    database::{Database, cached::Cached, json_ids::json_ids, path_bytes, snapshot::ReadSnapshot},
    error::LibraryError,
    file_access::FileAccess,
    files::regular,
    query::sql::{IN_LIBRARY, parse_ids},
    threads::run_blocking,
};

/// Largest difference in length of two copies with the same tags, in seconds.
const SAME_LENGTH_S: f64 = 2.0;

/// Tracks that are duplicates of each other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DuplicateSet {
    pub by: DuplicateReason,
    pub tracks: Vec<i64>,
}

/// The duplicates of the last request, with the tracks' revision and the number of analysed tracks.
pub(crate) type DuplicateCache = Cached<Vec<DuplicateSet>, (i64, i64)>;

/// Returns all sets, from the cache if nothing changed. Files are read while no connection is held.
pub(crate) async fn find_cached(
    database: &Database,
    files: &FileAccess,
    cache: &DuplicateCache,
) -> Result<Arc<Vec<DuplicateSet>>, LibraryError> {
    let ReadSnapshot { mut connection, counts } = ReadSnapshot::begin(database).await?;
    let analysed = sqlx::query_scalar("SELECT count(*) FROM analyses").fetch_one(&mut *connection).await?;
    let revision = (counts.tracks_revision, analysed);
    if let Some(sets) = cache.at(revision) {
        return Ok(sets);
    }
    let same_size = files_of_same_size(&mut connection).await?;
    let fingerprints = fingerprints(&mut connection).await?;
    let same_tags = by_tags(&mut connection).await?;
    drop(connection);
    let same_content = by_content(files, same_size).await;
    let sets = run_blocking(move || merge(same_content, by_sound(fingerprints), same_tags)).await?;
    let sets = Arc::new(sets);
    cache.store(revision, sets.clone());
    Ok(sets)
}

/// Returns all sets: those of the same bytes first, then those of the same sound, then those of the same tags. A set within
/// one of an earlier kind is left out.
fn merge(content: Vec<Vec<i64>>, sound: Vec<Vec<i64>>, tags: Vec<Vec<i64>>) -> Vec<DuplicateSet> {
    let mut sets = Vec::new();
    // For each kind, the set that a track is in.
    let mut earlier: Vec<HashMap<i64, usize>> = Vec::new();
    for (by, mut found) in
        [(DuplicateReason::SameFile, content), (DuplicateReason::SameAudio, sound), (DuplicateReason::SameTags, tags)]
    {
        let all_in_one = |tracks: &[i64], of: &HashMap<i64, usize>| {
            let group = tracks.first().and_then(|id| of.get(id));
            group.is_some() && tracks.iter().all(|id| of.get(id) == group)
        };
        found.retain(|tracks| !earlier.iter().any(|of| all_in_one(tracks, of)));
        let numbered = found.iter().enumerate();
        earlier.push(numbered.flat_map(|(set, tracks)| tracks.iter().map(move |id| (*id, set))).collect());
        sets.extend(found.into_iter().map(|tracks| DuplicateSet { by, tracks }));
    }
    sets
}

/// Files of one size: the tracks, and the path of each.
struct SameSize {
    sets: Vec<Vec<i64>>,
    paths: HashMap<i64, PathBuf>,
}

async fn files_of_same_size(connection: &mut SqliteConnection) -> Result<SameSize, LibraryError> {
    let sizes = format!(
        "SELECT group_concat(id) FROM tracks{IN_LIBRARY} AND start_s IS NULL GROUP BY size HAVING count(*) > 1 ORDER BY min(title_sort)"
    );
    let sizes: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sizes)).fetch_all(&mut *connection).await?;
    let sets: Vec<Vec<i64>> = sizes.iter().map(|ids| parse_ids(Some(ids.clone())).collect()).collect();
    let files = "SELECT tracks.id, folders.path, name FROM json_each(?) JOIN tracks ON tracks.id = value
        JOIN folders ON folders.id = folder_id";
    let files = sqlx::query(files).bind(json_ids(sets.iter().flatten())).fetch_all(connection).await?;
    let path = |row: SqliteRow| path_bytes::path_from(row.get(1)).join(path_bytes::name_from(row.get(2)));
    Ok(SameSize { sets, paths: files.into_iter().map(|row| (row.get(0), path(row))).collect() })
}

/// Returns sets of files with the same bytes.
async fn by_content(files: &FileAccess, SameSize { sets, mut paths }: SameSize) -> Vec<Vec<i64>> {
    let mut same_bytes = Vec::new();
    for ids in sets {
        let mut by_hash: Vec<(blake3::Hash, Vec<i64>)> = Vec::new();
        for id in ids {
            let Some(path) = paths.remove(&id) else { continue };
            // A file that cannot be read now is no duplicate.
            let Ok(Some(hash)) = files.run(&path.clone(), move || hash(&path)).await else { continue };
            match by_hash.iter_mut().find(|(known, _)| *known == hash) {
                Some((_, ids)) => ids.push(id),
                None => by_hash.push((hash, vec![id])),
            }
        }
        same_bytes.extend(by_hash.into_iter().map(|(_, ids)| ids).filter(|ids| ids.len() > 1));
    }
    same_bytes
}

/// Returns the hash of a file; `None` if it cannot be read.
fn hash(path: &Path) -> Option<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    regular::copy(&mut regular::open_regular(path).ok()?, &mut hasher).ok()?;
    Some(hasher.finalize())
}

/// Returns sets of tracks with the same title, artist and length.
async fn by_tags(connection: &mut SqliteConnection) -> Result<Vec<Vec<i64>>, LibraryError> {
    let same_tags = format!(
        "SELECT group_concat(id), group_concat(duration_s) FROM tracks INDEXED BY tracks_by_title{IN_LIBRARY}
         AND title_sort <> '' AND artist_sort <> '' GROUP BY title_sort, artist_sort HAVING count(*) > 1"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(same_tags)).fetch_all(connection).await?;
    let mut groups = Vec::new();
    for row in rows {
        let lengths = row.get::<String, _>(1);
        let lengths = lengths.split(',').filter_map(|length| length.parse::<f64>().ok());
        let mut tracks: Vec<(f64, i64)> = lengths.zip(parse_ids(row.get(0))).collect();
        tracks.sort_by(|one, other| one.0.total_cmp(&other.0));
        let runs = tracks.chunk_by(|one, next| next.0 - one.0 <= SAME_LENGTH_S);
        groups.extend(runs.filter(|run| run.len() > 1).map(|run| run.iter().map(|(_, id)| *id).collect()));
    }
    Ok(groups)
}

/// Identifies a recording in any format and loudness: its length, its level envelope and the balance of its spectrum. All of
/// these come from its analysis.
struct SoundFingerprint {
    id: i64,
    duration_s: f32,
    /// The level at [`ENVELOPE_POINTS`] points, relative to its mean; [`ENVELOPE_SCALE`] is one standard deviation.
    envelope: [i8; ENVELOPE_POINTS],
    /// Levels of the bands relative to their mean, in dB.
    spectrum: [i8; BANDS],
}

/// Length of an envelope.
const ENVELOPE_POINTS: usize = 64;
const ENVELOPE_SCALE: f32 = 32.0;

/// The compared bands: 100 Hz to 10 kHz, which every format preserves.
const FIRST_BAND: usize = 7;
const BANDS: usize = 21;

/// Largest difference in length of two copies of a recording, in seconds: padding of block-based formats.
const SAME_SOUND_S: f32 = 0.25;

/// Smallest correlation of the envelopes of two copies.
const MIN_ENVELOPE_CORRELATION: f32 = 0.98;

/// Largest mean difference of the spectra of two copies, in dB.
const MAX_SPECTRUM_DIFFERENCE_DB: f32 = 1.5;

/// Smallest variation of the level, relative to it. Steadier sound, such as a drone, has no usable envelope.
const MIN_VARIATION: f32 = 0.05;

impl SoundFingerprint {
    fn new(id: i64, profile: &AudioProfile, rms: &[u8]) -> Option<SoundFingerprint> {
        let parts = (0..ENVELOPE_POINTS)
            .map(|part| &rms[part * rms.len() / ENVELOPE_POINTS..(part + 1) * rms.len() / ENVELOPE_POINTS]);
        let parts: Vec<f32> = parts.map(mean).collect::<Option<_>>()?;
        let level = parts.iter().sum::<f32>() / ENVELOPE_POINTS as f32;
        let deviation = (parts.iter().map(|part| (part - level).powi(2)).sum::<f32>() / ENVELOPE_POINTS as f32).sqrt();
        let bands = profile.mid_db.get(FIRST_BAND..FIRST_BAND + BANDS)?;
        let band = bands.iter().sum::<f32>() / BANDS as f32;
        (deviation > MIN_VARIATION * level).then(|| SoundFingerprint {
            id,
            duration_s: profile.duration_s as f32,
            envelope: std::array::from_fn(|part| ((parts[part] - level) / deviation * ENVELOPE_SCALE).round() as i8),
            spectrum: std::array::from_fn(|index| (bands[index] - band).round() as i8),
        })
    }

    fn matches(&self, other: &SoundFingerprint) -> bool {
        let differences = self.spectrum.iter().zip(&other.spectrum).map(|(one, other)| i32::from(one.abs_diff(*other)));
        if differences.sum::<i32>() as f32 > MAX_SPECTRUM_DIFFERENCE_DB * BANDS as f32 {
            return false;
        }
        let products =
            self.envelope.iter().zip(&other.envelope).map(|(one, other)| i32::from(*one) * i32::from(*other));
        products.sum::<i32>() as f32
            >= MIN_ENVELOPE_CORRELATION * ENVELOPE_SCALE * ENVELOPE_SCALE * ENVELOPE_POINTS as f32
    }
}

fn mean(levels: &[u8]) -> Option<f32> {
    let sum: u32 = levels.iter().map(|level| u32::from(*level)).sum();
    (!levels.is_empty()).then(|| sum as f32 / levels.len() as f32)
}

async fn fingerprints(connection: &mut SqliteConnection) -> Result<Vec<SoundFingerprint>, LibraryError> {
    let mut fingerprints = Vec::new();
    let collect = |id, profile: &AudioProfile, rms: &[u8]| fingerprints.extend(SoundFingerprint::new(id, profile, rms));
    analyses::for_each(connection, collect).await?;
    Ok(fingerprints)
}

/// Returns sets of analysed tracks that sound alike.
fn by_sound(mut sounds: Vec<SoundFingerprint>) -> Vec<Vec<i64>> {
    sounds.sort_unstable_by(|one, other| one.duration_s.total_cmp(&other.duration_s).then(one.id.cmp(&other.id)));
    let mut is_grouped = vec![false; sounds.len()];
    let mut groups = Vec::new();
    for (index, sound) in sounds.iter().enumerate() {
        if is_grouped[index] {
            continue;
        }
        let as_long =
            sounds[index + 1..].iter().take_while(|other| other.duration_s - sound.duration_s <= SAME_SOUND_S);
        let alike: Vec<usize> = (index + 1..)
            .zip(as_long)
            .filter(|(at, other)| !is_grouped[*at] && sound.matches(other))
            .map(|(at, _)| at)
            .collect();
        alike.iter().for_each(|at| is_grouped[*at] = true);
        if !alike.is_empty() {
            groups.push(std::iter::once(index).chain(alike).map(|at| sounds[at].id).collect());
        }
    }
    groups
}
