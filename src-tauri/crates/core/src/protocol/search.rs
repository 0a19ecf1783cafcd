//! What a search finds.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AlbumRow, ArtistRow, PlaylistRow, TrackRow};

/// The best finds of each kind, best first. How many there are in all is told by the list of that kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct SearchResults {
    /// Artists whose name it is.
    pub artists: Vec<ArtistRow>,
    /// Albums by title and artist.
    pub albums: Vec<AlbumRow>,
    /// Tracks.
    pub tracks: Vec<TrackRow>,
    /// Playlists by name.
    pub playlists: Vec<PlaylistRow>,
    /// What of the search was not understood, in words for the listener.
    pub problem: Option<String>,
}

impl SearchResults {
    /// The most artists, albums and playlists of one answer.
    pub const MOST_GROUPS: u32 = 12;
    /// The most tracks of one answer.
    pub const MOST_TRACKS: u32 = 100;
}
