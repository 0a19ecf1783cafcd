//! Playlists, as clients show them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{PlaylistEntryId, PlaylistId, TrackRow, TrackSort};

/// The search of a smart playlist, whose content is whatever it currently finds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct SmartPlaylist {
    /// As typed; see [`crate::TrackFilter::search`]. Empty finds everything.
    pub search: String,
    /// The sort key.
    pub sort: TrackSort,
    /// Whether the order is reversed.
    pub descending: bool,
    /// Largest number of tracks, taken from the start of the order.
    pub limit: Option<u32>,
}

/// A row of the list of playlists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlaylistRow {
    /// The playlist's id.
    pub id: PlaylistId,
    /// The name, which is unique.
    pub name: String,
    /// Number of entries; `None` for a smart playlist, which is only counted when it is opened.
    pub tracks: Option<u32>,
    /// Total length in seconds; `None` as for `tracks`.
    pub duration_s: Option<f64>,
    /// The search, if it is a smart playlist. Its entries cannot be edited.
    pub smart: Option<SmartPlaylist>,
}

/// A row of a playlist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlaylistEntryRow {
    /// The entry's id, used in every edit; `None` in a smart playlist.
    pub entry: Option<PlaylistEntryId>,
    /// The track; unavailable if its file is gone.
    pub track: Option<TrackRow>,
}
