//! Search results.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AlbumRow, ArtistRow, PlaylistRow, TrackRow};

/// The best results of each kind, best first. The list of each kind has them all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct SearchResults {
    /// Artists by name.
    pub artists: Vec<ArtistRow>,
    /// Albums by title and artist.
    pub albums: Vec<AlbumRow>,
    /// Tracks.
    pub tracks: Vec<TrackRow>,
    /// Playlists by name.
    pub playlists: Vec<PlaylistRow>,
    /// The part of the search that could not be parsed, to be shown to the user.
    #[serde(rename = "problem")]
    pub error: Option<String>,
}

impl SearchResults {
    /// Largest number of artists, of albums and of playlists in one reply.
    pub const MAX_GROUPS: u32 = 12;
    /// Largest number of tracks in one reply.
    pub const MAX_TRACKS: u32 = 100;
}
