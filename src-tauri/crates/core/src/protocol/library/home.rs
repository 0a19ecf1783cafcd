//! The shelves of the Home page, all made of local data.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AlbumRow, TrackRow};
use crate::PlaybackContext;

/// What Home shows: one row of [`crate::ListQuery::Home`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Home {
    /// What playback was started from, latest first, each once.
    pub recent_contexts: Vec<RecentContext>,
    /// Albums by when their newest track was added, latest first.
    pub recently_added: Vec<AlbumRow>,
    /// Tracks by when they were last played, latest first.
    pub recently_played: Vec<TrackRow>,
    /// The tracks played most often in the last [`Home::TOP_DAYS`] days, most plays first.
    pub top_tracks: Vec<TrackRow>,
    /// Favourites and tracks of four stars or more that were not played for [`Home::FORGOTTEN_DAYS`] days. The selection
    /// changes daily.
    pub forgotten_favourites: Vec<TrackRow>,
}

impl Home {
    /// Largest number of items of a shelf.
    pub const MAX_ITEMS: u32 = 12;
    /// Days that count for the top tracks.
    pub const TOP_DAYS: u32 = 30;
    /// Days without a play after which a favourite is forgotten.
    pub const FORGOTTEN_DAYS: u32 = 90;
}

/// An album, artist, genre or playlist that playback was started from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RecentContext {
    /// What it is.
    pub context: PlaybackContext,
    /// Its name.
    pub name: String,
    /// The artist of an album; empty otherwise.
    pub artist: String,
    /// Content hashes of its covers: at most four of a playlist, at most one otherwise.
    pub covers: Vec<String>,
}
