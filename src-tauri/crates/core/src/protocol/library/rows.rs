//! Rows of the lists other than track lists.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AlbumId, ArtistId, ComposerId, EntryId, FolderId, GenreId, RootId, TrackRow};

/// A row of the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct QueueRow {
    /// The entry's id, used in every edit.
    pub entry: EntryId,
    /// Whether it is in "Up next": added by the user, not by an album or list that was started.
    #[serde(rename = "queued")]
    pub user_queued: bool,
    /// The track; `None` if it is no longer in the library.
    pub track: Option<TrackRow>,
}

/// A row of the list of albums.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AlbumRow {
    /// The album's id.
    pub id: AlbumId,
    /// Its title.
    pub title: String,
    /// The album artist.
    pub artist: String,
    /// The album artist's id, if there is one.
    pub artist_id: Option<ArtistId>,
    /// Year of release.
    pub year: Option<i32>,
    /// Number of tracks in the library.
    pub tracks: u32,
    /// Total length in seconds.
    pub duration_s: f64,
    /// Content hash of the cover.
    pub cover: Option<String>,
}

/// A row of the list of artists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ArtistRow {
    /// The artist's id.
    pub id: ArtistId,
    /// The name.
    pub name: String,
    /// Number of albums by the artist.
    pub albums: u32,
    /// Number of tracks that name the artist.
    pub tracks: u32,
    /// Content hash of the cover of one of the albums.
    pub cover: Option<String>,
}

/// A row of the list of genres.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GenreRow {
    /// The genre's id.
    pub id: GenreId,
    /// The name.
    pub name: String,
    /// Number of tracks.
    pub tracks: u32,
}

/// A row of the list of composers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ComposerRow {
    /// The composer's id.
    pub id: ComposerId,
    /// The name.
    pub name: String,
    /// Number of tracks.
    pub tracks: u32,
}

/// A row of the list of years.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct YearRow {
    /// The year of release.
    pub year: i32,
    /// Number of tracks.
    pub tracks: u32,
}

/// A row of the folder tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FolderRow {
    /// The folder's id.
    pub id: FolderId,
    /// Its name, without the parent folders.
    pub name: String,
    /// Number of direct subfolders that contain tracks at any depth.
    pub folders: u32,
    /// Number of tracks in it and its subfolders.
    pub tracks: u32,
}

/// A library folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RootRow {
    /// The folder's id.
    pub id: RootId,
    /// Its path; empty for clients on another machine.
    pub path: String,
    /// Number of tracks.
    pub tracks: u32,
    /// Whether it was reachable at the last check. An offline folder keeps its tracks.
    pub online: bool,
    /// Whether its disk or network share answers within 5 s. One that does not is tried again, and keeps its tracks.
    pub responding: bool,
}
