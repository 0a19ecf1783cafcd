//! Exports: playlists, the history and mastered tracks, written as files that other programs read.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ApiError, ErrorCode, PlaylistId, TrackSelection};

/// An export of user data to a file. An existing file is replaced atomically.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "export", rename_all = "snake_case", deny_unknown_fields)]
#[ts(optional_fields)]
pub enum DataExport {
    /// A playlist. Tracks in the file's own folder or below are written as relative paths.
    Playlist {
        /// The playlist.
        playlist: PlaylistId,
        /// An absolute path that ends in `.m3u8`, `.m3u`, `.pls` or `.xspf`.
        path: String,
    },
    /// The history, one row for each listen.
    History {
        /// An absolute path that ends in `.csv` or `.json`.
        path: String,
        /// Start of the period (Unix seconds); without it, the first listen.
        #[serde(default)]
        #[ts(type = "number", optional)]
        from_s: Option<i64>,
        /// End of the period (Unix seconds); without it, now.
        #[serde(default)]
        #[ts(type = "number", optional)]
        to_s: Option<i64>,
    },
}

/// Extensions of the playlist files that can be read and written.
pub const PLAYLIST_EXTENSIONS: [&str; 4] = ["m3u8", "m3u", "pls", "xspf"];

impl DataExport {
    /// Rejects paths that cannot be written to.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let (path, extensions) = match self {
            DataExport::Playlist { path, .. } => (path, &PLAYLIST_EXTENSIONS[..]),
            DataExport::History { path, .. } => (path, &["csv", "json"][..]),
        };
        validate_path(path, extensions)
    }
}

/// Rejects a path that is not absolute or has none of the extensions.
pub(crate) fn validate_path(path: &str, extensions: &[&str]) -> Result<(), ApiError> {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    if path.starts_with('/') && extensions.iter().any(|allowed| extension.eq_ignore_ascii_case(allowed)) {
        return Ok(());
    }
    let message = format!("The file must have an absolute path that ends in .{}.", extensions.join(", ."));
    Err(ApiError::for_field(ErrorCode::OutOfRange, "path", message))
}

/// The file format of mastered copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RenderFormat {
    /// FLAC, up to 96 kHz.
    Flac,
    /// WAV.
    Wav,
}

/// An export of mastered copies. It uses the current mastering settings, even while mastering is off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MasteredExport {
    /// The tracks, at most [`TrackSelection::MAX_EDITED_TRACKS`]; for an album, in its order.
    pub tracks: TrackSelection,
    /// An absolute path. The folder is created if needed; no file in it is replaced.
    pub folder: String,
    /// The file format.
    pub format: RenderFormat,
    /// Bits per sample, 16 or 24.
    pub bits: u8,
    /// Whether the tracks are mastered as one album, which keeps their relative loudness.
    pub album: bool,
}

impl MasteredExport {
    /// Rejects a folder or a bit depth that cannot be written.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::for_field(ErrorCode::OutOfRange, field, message));
        if !self.folder.starts_with('/') {
            return out_of_range("folder", "The folder must be an absolute path.");
        }
        if ![16, 24].contains(&self.bits) {
            return out_of_range("bits", "Choose 16 or 24 bits per sample.");
        }
        Ok(())
    }
}

/// Progress of an export of mastered tracks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct ExportProgress {
    /// Finished tracks.
    pub done: u32,
    /// Total number of tracks.
    pub total: u32,
    /// Completed fraction of the whole work, 0 to 1.
    #[serde(rename = "part")]
    pub fraction: f32,
}
