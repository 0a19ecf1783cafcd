//! The lists that clients can query, with their filters and sort orders.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Access, AlbumId, ArtistId, ComposerId, FolderId, GenreId, PlaylistId, TrackId, TrackSelection};

/// A filter for tracks. A track must match every field that is set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct TrackFilter {
    /// A search as typed by the user: words that occur in title, artist, album or genre (the last one may be incomplete),
    /// and conditions such as `year:1990..1999`.
    pub search: Option<String>,
    /// On this album.
    pub album: Option<AlbumId>,
    /// By this artist, as track or album artist.
    pub artist: Option<ArtistId>,
    /// Of this genre.
    pub genre: Option<GenreId>,
    /// By this composer.
    pub composer: Option<ComposerId>,
    /// Released in this year.
    pub year: Option<i32>,
    /// In this folder or its subfolders.
    pub folder: Option<FolderId>,
    /// Only favourites, or only the others.
    pub favourite: Option<bool>,
    /// Only tracks that have been played, or only the others.
    pub played: Option<bool>,
}

/// The sort key of a track list. Every order is total: ties are resolved by album, disc, number, folder, file name and
/// id; for keys of the user's own data, by id alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TrackSort {
    /// By title.
    Title,
    /// By artist, then album, disc and number.
    #[default]
    Artist,
    /// By album, then disc and number.
    Album,
    /// By length.
    Duration,
    /// By year of release.
    Year,
    /// By the time it was added to the library.
    Added,
    /// By rating.
    Rating,
    /// By number of plays.
    Plays,
    /// By the time of the last play.
    Played,
    /// By the time it became a favourite.
    Favourited,
}

impl TrackSort {
    /// Every sort key.
    pub const ALL: [TrackSort; 10] = [
        TrackSort::Title,
        TrackSort::Artist,
        TrackSort::Album,
        TrackSort::Duration,
        TrackSort::Year,
        TrackSort::Added,
        TrackSort::Rating,
        TrackSort::Plays,
        TrackSort::Played,
        TrackSort::Favourited,
    ];
}

/// The sort key of the list of albums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AlbumSort {
    /// By title.
    Title,
    /// By album artist, then year.
    #[default]
    Artist,
    /// By year of release.
    Year,
    /// By the time it was added to the library.
    Added,
}

/// A filtered and sorted list of tracks. It is played in the order in which it is shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct TrackList {
    /// Which tracks.
    pub filter: TrackFilter,
    /// The sort key.
    pub sort: TrackSort,
    /// Whether the order is reversed.
    pub descending: bool,
}

/// A list that clients can query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "list", rename_all = "snake_case", deny_unknown_fields)]
#[ts(optional_fields)]
pub enum ListQuery {
    /// The queue, in playing order.
    Queue {},
    /// Tracks of the library.
    Tracks {
        /// Filter and sort order.
        #[serde(default)]
        tracks: TrackList,
    },
    /// Albums.
    Albums {
        /// Words that occur in title or artist.
        #[serde(default)]
        search: Option<String>,
        /// By this album artist.
        #[serde(default)]
        artist: Option<ArtistId>,
        /// Only this album.
        #[serde(default)]
        album: Option<AlbumId>,
        /// With a track of this genre.
        #[serde(default)]
        genre: Option<GenreId>,
        /// Of this year.
        #[serde(default)]
        year: Option<i32>,
        /// The sort key.
        #[serde(default)]
        sort: AlbumSort,
        /// Whether the order is reversed.
        #[serde(default)]
        descending: bool,
    },
    /// Artists by name.
    Artists {
        /// Words that occur in the name.
        #[serde(default)]
        search: Option<String>,
        /// Only this artist.
        #[serde(default)]
        artist: Option<ArtistId>,
        /// Only artists with an album.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        with_albums: bool,
    },
    /// Genres by name.
    Genres {},
    /// Composers by name.
    Composers {},
    /// Years of release, latest first.
    Years {},
    /// Direct subfolders of a folder, by name.
    Folders {
        /// The parent folder; without it, the library folders.
        #[serde(default)]
        parent: Option<FolderId>,
    },
    /// A folder and its parents, outermost first.
    FolderPath {
        /// The folder.
        folder: FolderId,
    },
    /// The best results of a search, of each kind. One row.
    Search {
        /// As typed; see [`TrackFilter::search`].
        search: String,
    },
    /// Playlists by name.
    Playlists {},
    /// The entries of a playlist, in order.
    Playlist {
        /// The playlist.
        playlist: PlaylistId,
    },
    /// The history, latest first.
    History {
        /// Only listens of this track.
        #[serde(default)]
        track: Option<TrackId>,
    },
    /// Listening statistics of a period. One row.
    Statistics {
        /// Start of the period (Unix seconds); without it, the first listen.
        #[serde(default)]
        #[ts(type = "number", optional)]
        from_s: Option<i64>,
        /// End of the period (Unix seconds); without it, now.
        #[serde(default)]
        #[ts(type = "number", optional)]
        to_s: Option<i64>,
    },
    /// The shelves of Home. One row.
    Home {},
    /// The library folders.
    Roots {},
    /// Files that the last scan could not read.
    ScanFailures {},
    /// Names that scans ignore.
    #[serde(rename = "ignored")]
    IgnorePatterns {},
    /// Tracks that seem to be in the library more than once, group by group.
    Duplicates {},
    /// The editable tags that the tracks have in common. One row. Local clients only.
    Tags {
        /// The tracks, at most [`crate::TrackSelection::MAX_EDITED_TRACKS`].
        tracks: TrackSelection,
    },
    /// The details of a track. One row.
    Details {
        /// The track.
        track: TrackId,
    },
    /// The lyrics of a track, from a file beside it or from its tags.
    Lyrics {
        /// The track.
        track: TrackId,
    },
}

impl ListQuery {
    /// Returns which clients may query the list.
    pub fn access(&self) -> Access {
        match self {
            // The library would have to read whatever files the selection names.
            ListQuery::Tags { .. } => Access::LocalOnly,
            ListQuery::Queue {}
            | ListQuery::Tracks { .. }
            | ListQuery::Albums { .. }
            | ListQuery::Artists { .. }
            | ListQuery::Genres {}
            | ListQuery::Composers {}
            | ListQuery::Years {}
            | ListQuery::Folders { .. }
            | ListQuery::FolderPath { .. }
            | ListQuery::Search { .. }
            | ListQuery::Playlists {}
            | ListQuery::Playlist { .. }
            | ListQuery::History { .. }
            | ListQuery::Statistics { .. }
            | ListQuery::Home {}
            | ListQuery::Roots {}
            | ListQuery::ScanFailures {}
            | ListQuery::IgnorePatterns {}
            | ListQuery::Duplicates {}
            | ListQuery::Details { .. }
            | ListQuery::Lyrics { .. } => Access::AllClients,
        }
    }
}
