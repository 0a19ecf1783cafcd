//! What a listener takes out of the library, as files that other programs read.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ApiError, ErrorCode, PlaylistId, TrackSelection};

/// Something to be written to a file. One that is there is replaced in one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "export", rename_all = "snake_case", deny_unknown_fields)]
#[ts(optional_fields)]
pub enum DataExport {
    /// A playlist. Tracks in the file's own folder or below are named relative to it.
    Playlist {
        /// Which.
        playlist: PlaylistId,
        /// An absolute path that ends in `.m3u8`, `.m3u`, `.pls` or `.xspf`.
        path: String,
    },
    /// The history, one listening a row.
    History {
        /// An absolute path that ends in `.csv` or `.json`.
        path: String,
        /// From here on, in seconds since 1970; without it, from the first on.
        #[serde(default)]
        #[ts(type = "number", optional)]
        from_s: Option<i64>,
        /// Up to here; without it, all the rest.
        #[serde(default)]
        #[ts(type = "number", optional)]
        to_s: Option<i64>,
    },
}

/// Endings of the files that playlists are kept in.
pub const PLAYLIST_FILES: [&str; 4] = ["m3u8", "m3u", "pls", "xspf"];

impl DataExport {
    /// Refuses what no library could write.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let (path, endings) = match self {
            DataExport::Playlist { path, .. } => (path, &PLAYLIST_FILES[..]),
            DataExport::History { path, .. } => (path, &["csv", "json"][..]),
        };
        file_of(path, endings)
    }
}

/// Refuses a path that is not absolute or has another ending.
pub(crate) fn file_of(path: &str, endings: &[&str]) -> Result<(), ApiError> {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    if path.starts_with('/') && endings.iter().any(|known| ending.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    let message = format!("The file must be named by its absolute path and end in .{}.", endings.join(", ."));
    Err(ApiError::of_field(ErrorCode::OutOfRange, "path", message))
}

/// What kind of file a track becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RenderFormat {
    /// FLAC, up to 96 kHz.
    Flac,
    /// WAV.
    Wav,
}

/// Tracks to be written as new files, mastered as the listener chose, whether that is switched on or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MasteredExport {
    /// Which; of an album, in its order. At most [`TrackSelection::MOST_FILES`].
    pub tracks: TrackSelection,
    /// An absolute path; made if it is not there. No file in it is replaced.
    pub folder: String,
    /// What kind of files they become.
    pub format: RenderFormat,
    /// Bits of a sample, 16 or 24.
    pub bits: u8,
    /// Whether they are one album: one decision for all, so that they keep their relations.
    pub album: bool,
}

impl MasteredExport {
    /// Refuses what cannot be written.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::of_field(ErrorCode::OutOfRange, field, message));
        match self {
            MasteredExport { folder, .. } if !folder.starts_with('/') => {
                out_of_range("folder", "The folder must be an absolute path.")
            }
            MasteredExport { bits, .. } if ![16, 24].contains(bits) => {
                out_of_range("bits", "A sample has 16 or 24 bits.")
            }
            _ => Ok(()),
        }
    }
}

/// How far an export of mastered tracks is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct ExportProgress {
    /// Tracks that are written.
    pub done: u32,
    /// Tracks in all.
    pub total: u32,
    /// The share of all work that is done, 0 to 1.
    pub part: f32,
}
