//! Playlists as every client sees them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{PlaylistEntryId, PlaylistId, TrackRow, TrackSort};

/// A playlist that holds what its search finds at the moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct SmartPlaylist {
    /// As typed; see [`crate::TrackFilter::search`]. Empty finds everything.
    pub search: String,
    /// In which order.
    pub sort: TrackSort,
    /// From last to first.
    pub descending: bool,
    /// At most so many tracks, the first of the order.
    pub limit: Option<u32>,
}

/// A row of the list of playlists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlaylistRow {
    /// The library's id.
    pub id: PlaylistId,
    /// The name; no two are the same.
    pub name: String,
    /// How many entries it holds; of a smart one it is told when it is opened.
    pub tracks: Option<u32>,
    /// Their length together, in seconds; as `tracks`.
    pub duration_s: Option<f64>,
    /// What it finds, if it is a smart one. Such a one cannot be edited entry by entry.
    pub smart: Option<SmartPlaylist>,
}

/// A row of a playlist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlaylistEntryRow {
    /// Names this place in every edit; a smart playlist has none to edit.
    pub entry: Option<PlaylistEntryId>,
    /// The track; one whose file is gone is not available.
    pub track: Option<TrackRow>,
}
