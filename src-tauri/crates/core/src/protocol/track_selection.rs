//! How a command names the tracks it is about, and where they go in the queue.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Access, ApiError, ErrorCode, PlaylistId, TrackId, TrackList};

/// A selection of tracks. The library resolves it to ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum TrackSelection {
    /// Individual tracks, in this order.
    Ids {
        /// At most [`TrackSelection::MAX_TRACK_IDS`].
        ids: Vec<TrackId>,
    },
    /// Every track of a list, in its order.
    List {
        /// The list.
        list: TrackList,
    },
    /// Files, folders with everything in them, and the entries of playlist files. They need not be in the library. Local
    /// clients only.
    Files {
        /// Absolute paths, at most [`TrackSelection::MAX_PATHS`].
        paths: Vec<String>,
    },
    /// Every track of a playlist, in its order. Entries whose track no longer exists are skipped.
    Playlist {
        /// The playlist.
        playlist: PlaylistId,
    },
}

impl TrackSelection {
    /// Largest number of ids in one command.
    pub const MAX_TRACK_IDS: usize = 100_000;
    /// Largest number of tracks whose files one command may edit or export.
    pub const MAX_EDITED_TRACKS: usize = 10_000;
    /// Largest number of paths in one command.
    pub const MAX_PATHS: usize = 10_000;

    /// Returns which clients may use this kind of selection.
    pub(crate) fn access(&self) -> Access {
        match self {
            TrackSelection::Ids { .. } | TrackSelection::List { .. } | TrackSelection::Playlist { .. } => {
                Access::AllClients
            }
            TrackSelection::Files { .. } => Access::LocalOnly,
        }
    }

    /// Rejects selections beyond the limits.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::for_field(ErrorCode::OutOfRange, field, message));
        match self {
            TrackSelection::Ids { ids } if ids.len() > Self::MAX_TRACK_IDS => {
                out_of_range("ids", "Select at most 100,000 tracks by id; select a list instead.")
            }
            TrackSelection::Files { paths } if paths.len() > Self::MAX_PATHS => {
                out_of_range("paths", "At most 10,000 files can be opened at once. Open their folder instead.")
            }
            TrackSelection::Files { paths } if !paths.iter().all(|path| path.starts_with('/')) => {
                out_of_range("paths", "Every path must be absolute.")
            }
            TrackSelection::Ids { .. }
            | TrackSelection::List { .. }
            | TrackSelection::Files { .. }
            | TrackSelection::Playlist { .. } => Ok(()),
        }
    }
}

/// Where tracks are inserted into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum QueuePosition {
    /// Directly after the current entry.
    Next,
    /// At the end of "Up next": after the entries that the user queued before, in front of the rest.
    #[serde(rename = "queue")]
    UpNext,
    /// At the very end of the queue.
    End,
}
