//! Details of a track that are read from its file on request.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Loudness;

/// Everything known about a track besides its row. Read from the file on request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct TrackDetails {
    /// The file; empty for clients on another machine.
    pub path: String,
    /// File size in bytes.
    #[ts(type = "number")]
    pub size_bytes: u64,
    /// Bit rate in kbit/s.
    pub bitrate_kbps: Option<u32>,
    /// Sample rate in Hz.
    pub rate_hz: Option<u32>,
    /// Bits per sample, if the format has a bit depth.
    pub bit_depth: Option<u8>,
    /// Number of channels.
    pub channels: Option<u8>,
    /// The individual artists of the credit.
    pub artists: Vec<String>,
    /// The album artist credit.
    pub album_artist: String,
    /// Whether the album is a compilation of several artists.
    pub compilation: bool,
    /// Number of tracks on its disc.
    pub track_total: Option<u32>,
    /// Number of discs of the album.
    pub disc_total: Option<u32>,
    /// Day, month or year of this release, as tagged.
    pub date: String,
    /// Day, month or year of the first release, as tagged.
    pub original_date: String,
    /// All genres.
    pub genres: Vec<String>,
    /// All composers.
    pub composers: Vec<String>,
    /// The work that it is part of.
    pub work: String,
    /// The movement of the work.
    pub movement: String,
    /// International Standard Recording Code.
    pub isrc: String,
    /// The comment tag.
    pub comment: String,
    /// Loudness according to the tags.
    pub loudness: Loudness,
    /// MusicBrainz ids.
    pub musicbrainz: MusicBrainzIds,
}

/// MusicBrainz ids (<https://musicbrainz.org/doc/MusicBrainz_Identifier>); empty if the tags have none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct MusicBrainzIds {
    /// The recording.
    pub recording: String,
    /// The recording's track on this release.
    pub track: String,
    /// The release: this edition of the album.
    pub release: String,
    /// The release group: the album in all its editions.
    pub release_group: String,
    /// The track's artists, in the order of the credit.
    pub artists: Vec<String>,
    /// The album's artists.
    pub album_artists: Vec<String>,
}

/// A line of lyrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LyricLine {
    /// Start time in seconds into the track; `None` if the lyrics have no times.
    pub at_s: Option<f64>,
    /// The text; may be empty.
    pub text: String,
}
