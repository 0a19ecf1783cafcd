//! Tracks that seem to be there more than once. Nothing is deleted for the listener.

use std::{collections::HashMap, fs::File, path::Path};

use auralis_core::{AudioProfile, DuplicateReason};
use sqlx::{Row, SqliteConnection};

use crate::{analyses, derived::json, error::LibraryError, loose::blocking, paths, select::VISIBLE};

/// Two recordings of a title may differ in length by this much and be one, in seconds.
const SAME_LENGTH_S: f64 = 2.0;

/// Tracks that are alike.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    pub by: DuplicateReason,
    pub tracks: Vec<i64>,
}

/// All groups: those of the same bytes first, then those of the same sound, then those of the same tags.
pub(crate) async fn find(view: &mut SqliteConnection) -> Result<Vec<Group>, LibraryError> {
    let mut groups = Vec::new();
    // Of each likeness, which group a track is in.
    let mut told: Vec<HashMap<i64, usize>> = Vec::new();
    for (by, mut found) in [
        (DuplicateReason::SameFile, by_content(view).await?),
        (DuplicateReason::SameAudio, by_sound(view).await?),
        (DuplicateReason::SameTags, by_tags(view).await?),
    ] {
        let all_in_one = |tracks: &[i64], of: &HashMap<i64, usize>| {
            let group = tracks.first().and_then(|id| of.get(id));
            group.is_some() && tracks.iter().all(|id| of.get(id) == group)
        };
        found.retain(|tracks| !told.iter().any(|of| all_in_one(tracks, of)));
        let numbered = found.iter().enumerate();
        told.push(numbered.flat_map(|(group, tracks)| tracks.iter().map(move |id| (*id, group))).collect());
        groups.extend(found.into_iter().map(|tracks| Group { by, tracks }));
    }
    Ok(groups)
}

/// Files of one size that hold the same.
async fn by_content(view: &mut SqliteConnection) -> Result<Vec<Vec<i64>>, LibraryError> {
    let sizes = format!(
        "SELECT group_concat(id) FROM tracks{VISIBLE} AND start_s IS NULL GROUP BY size HAVING count(*) > 1 ORDER BY min(title_sort)"
    );
    let sizes: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sizes)).fetch_all(&mut *view).await?;
    let ids: Vec<i64> = sizes.iter().flat_map(|ids| numbers(ids)).collect();
    let files = "SELECT tracks.id, folders.path, name FROM json_each(?) JOIN tracks ON tracks.id = value
        JOIN folders ON folders.id = folder_id";
    let files = sqlx::query(files).bind(json(&ids)).fetch_all(view).await?;
    let files: HashMap<i64, _> =
        files.into_iter().map(|row| (row.get(0), paths::path(row.get(1)).join(paths::name(row.get(2))))).collect();
    blocking(move || {
        let mut groups = Vec::new();
        for size in sizes {
            let mut same: Vec<(blake3::Hash, Vec<i64>)> = Vec::new();
            for id in numbers(&size) {
                let Some(hash) = files.get(&id).and_then(|path| hash(path)) else { continue };
                match same.iter_mut().find(|(known, _)| *known == hash) {
                    Some((_, ids)) => ids.push(id),
                    None => same.push((hash, vec![id])),
                }
            }
            groups.extend(same.into_iter().map(|(_, ids)| ids).filter(|ids| ids.len() > 1));
        }
        groups
    })
    .await
}

/// Of a file that can be read.
fn hash(path: &Path) -> Option<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    std::io::copy(&mut File::open(path).ok()?, &mut hasher).ok()?;
    Some(hasher.finalize())
}

/// Tracks of the same title and artist that are as long.
async fn by_tags(view: &mut SqliteConnection) -> Result<Vec<Vec<i64>>, LibraryError> {
    let alike = format!(
        "SELECT group_concat(id), group_concat(duration_s) FROM tracks INDEXED BY tracks_by_title{VISIBLE}
         AND title_sort <> '' AND artist_sort <> '' GROUP BY title_sort, artist_sort HAVING count(*) > 1"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(alike)).fetch_all(view).await?;
    let mut groups = Vec::new();
    for row in rows {
        let lengths = row.get::<String, _>(1);
        let lengths = lengths.split(',').filter_map(|length| length.parse::<f64>().ok());
        let mut tracks: Vec<(f64, i64)> = lengths.zip(numbers(&row.get::<String, _>(0))).collect();
        tracks.sort_by(|one, other| one.0.total_cmp(&other.0));
        let runs = tracks.chunk_by(|one, next| next.0 - one.0 <= SAME_LENGTH_S);
        groups.extend(runs.filter(|run| run.len() > 1).map(|run| run.iter().map(|(_, id)| *id).collect()));
    }
    Ok(groups)
}

/// What a recording is known by, in whatever format and however loud: its length, how its level comes and goes, and the
/// balance of its spectrum. All of that is in its analysis.
struct Sound {
    id: i64,
    duration_s: f32,
    /// The level of each part of the track, about its mean: [`SPREAD`] is the standard deviation.
    outline: [i8; PARTS],
    /// Decibels about their mean.
    spectrum: [i8; BANDS],
}

/// Parts of an outline that are compared.
const PARTS: usize = 64;
const SPREAD: f32 = 32.0;

/// Bands that are compared: 100 Hz to 10 kHz, which every format keeps.
const FIRST_BAND: usize = 7;
const BANDS: usize = 21;

/// Two copies of a recording differ in length by this much at most, in seconds: what a format adds that knows only blocks.
const SAME_SOUND_S: f32 = 0.25;

/// How alike outlines must be: the least correlation.
const SAME_OUTLINE: f32 = 0.98;

/// How alike spectra must be: the largest mean difference, in decibels.
const SAME_SPECTRUM_DB: f32 = 1.5;

/// What keeps its level within this share of it all the while, as a drone does, has no outline to be known by.
const STEADY: f32 = 0.05;

impl Sound {
    fn of(id: i64, profile: &AudioProfile, rms: &[u8]) -> Option<Sound> {
        let parts = (0..PARTS).map(|part| &rms[part * rms.len() / PARTS..(part + 1) * rms.len() / PARTS]);
        let parts: Vec<f32> = parts.map(mean).collect::<Option<_>>()?;
        let level = parts.iter().sum::<f32>() / PARTS as f32;
        let deviation = (parts.iter().map(|part| (part - level).powi(2)).sum::<f32>() / PARTS as f32).sqrt();
        let bands = profile.mid_db.get(FIRST_BAND..FIRST_BAND + BANDS)?;
        let band = bands.iter().sum::<f32>() / BANDS as f32;
        (deviation > STEADY * level).then(|| Sound {
            id,
            duration_s: profile.duration_s as f32,
            outline: std::array::from_fn(|part| ((parts[part] - level) / deviation * SPREAD).round() as i8),
            spectrum: std::array::from_fn(|index| (bands[index] - band).round() as i8),
        })
    }

    fn is_like(&self, other: &Sound) -> bool {
        let differences = self.spectrum.iter().zip(&other.spectrum).map(|(one, other)| i32::from(one.abs_diff(*other)));
        if differences.sum::<i32>() as f32 > SAME_SPECTRUM_DB * BANDS as f32 {
            return false;
        }
        let products = self.outline.iter().zip(&other.outline).map(|(one, other)| i32::from(*one) * i32::from(*other));
        products.sum::<i32>() as f32 >= SAME_OUTLINE * SPREAD * SPREAD * PARTS as f32
    }
}

fn mean(stretches: &[u8]) -> Option<f32> {
    let sum: u32 = stretches.iter().map(|level| u32::from(*level)).sum();
    (!stretches.is_empty()).then(|| sum as f32 / stretches.len() as f32)
}

/// Tracks that were analysed and sound alike.
async fn by_sound(view: &mut SqliteConnection) -> Result<Vec<Vec<i64>>, LibraryError> {
    let mut sounds = Vec::new();
    analyses::each(view, |id, profile, rms| sounds.extend(Sound::of(id, profile, rms))).await?;
    let alike = move || {
        sounds.sort_unstable_by(|one, other| one.duration_s.total_cmp(&other.duration_s).then(one.id.cmp(&other.id)));
        let mut grouped = vec![false; sounds.len()];
        let mut groups = Vec::new();
        for (index, sound) in sounds.iter().enumerate() {
            if grouped[index] {
                continue;
            }
            let as_long =
                sounds[index + 1..].iter().take_while(|other| other.duration_s - sound.duration_s <= SAME_SOUND_S);
            let like: Vec<usize> = (index + 1..)
                .zip(as_long)
                .filter(|(at, other)| !grouped[*at] && sound.is_like(other))
                .map(|(at, _)| at)
                .collect();
            like.iter().for_each(|at| grouped[*at] = true);
            if !like.is_empty() {
                groups.push(std::iter::once(index).chain(like).map(|at| sounds[at].id).collect());
            }
        }
        groups
    };
    blocking(alike).await
}

fn numbers(list: &str) -> Vec<i64> {
    list.split(',').filter_map(|number| number.parse().ok()).collect()
}
