//! A track, as clients show it and as the core plays it.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AlbumId, ArtistId, AudioProfile, Loudness, TimeRange, TrackId};

/// What every surface shows of a track. Its size is bounded: texts are truncated to [`TrackSummary::MAX_TEXT_CHARS`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TrackSummary {
    /// The track's id.
    pub id: TrackId,
    /// The title, or the file name if there is none.
    pub title: String,
    /// The artist credit; empty if unknown.
    pub artist: String,
    /// The album title; empty if unknown.
    pub album: String,
    /// The album, if the track belongs to one.
    pub album_id: Option<AlbumId>,
    /// The first artist, if there is one.
    pub artist_id: Option<ArtistId>,
    /// Length in seconds.
    pub duration_s: f64,
    /// Content hash of the cover. Clients load the picture by its URL.
    pub cover: Option<String>,
    /// Whether the user marked it as a favourite.
    pub favourite: bool,
    /// The user's rating, 0 to [`TrackSummary::MAX_RATING`].
    pub rating: Option<u8>,
}

impl TrackSummary {
    /// The highest rating.
    pub const MAX_RATING: u8 = 5;
    /// Longest text of a summary, in characters.
    pub const MAX_TEXT_CHARS: usize = 120;
}

/// A track as the core plays it: what is shown, and where its file is. It is not serializable, so that a path cannot
/// leak to another machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// What is shown.
    pub summary: TrackSummary,
    /// The file.
    pub path: PathBuf,
    /// The part of the file that is this track; `None` for the whole file.
    pub range: Option<TimeRange>,
    /// Its loudness, as far as it is known.
    pub loudness: Loudness,
    /// Its audio analysis, once there is one.
    pub profile: Option<Arc<AudioProfile>>,
    /// The analysis of its album, once every track of it is analysed.
    pub album_profile: Option<Arc<AudioProfile>>,
}

/// A row of a track list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TrackRow {
    /// What every surface shows.
    #[serde(flatten)]
    pub track: TrackSummary,
    /// Position on its disc.
    pub track_number: Option<u32>,
    /// Disc of the album.
    pub disc_number: Option<u32>,
    /// Year of this release.
    pub year: Option<i32>,
    /// Year of the first release, if this is a later one.
    pub original_year: Option<i32>,
    /// The genres, joined for display; empty if unknown.
    pub genre: String,
    /// The composers, joined for display; empty if unknown.
    pub composer: String,
    /// Beats per minute.
    pub bpm: Option<f32>,
    /// When it was added to the library (Unix seconds).
    #[ts(type = "number")]
    pub added_s: i64,
    /// The codec, such as `FLAC`.
    pub codec: String,
    /// Number of plays; a play is half of the track or four minutes.
    pub plays: u32,
    /// When it was last played (Unix seconds).
    #[ts(type = "number | null")]
    pub played_s: Option<i64>,
    /// Whether its file can be reached. Rows that cannot are greyed out.
    pub available: bool,
}
