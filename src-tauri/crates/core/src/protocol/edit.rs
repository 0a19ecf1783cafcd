//! Edits of the user's own data: playlists, favourites, ratings and history. None of them touches a music file.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Access, ApiError, ErrorCode, ListenId, PLAYLIST_EXTENSIONS, PlaylistEntryId, PlaylistId, SmartPlaylist,
    TrackSelection, TrackSummary, export::validate_path,
};

/// A change of the user's data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "edit", rename_all = "snake_case", deny_unknown_fields)]
#[ts(optional_fields)]
pub enum UserDataEdit {
    /// Create a playlist. Names are unique regardless of case, so the new playlist can be found by its name.
    CreatePlaylist {
        /// 1 to 200 characters.
        name: String,
        /// Its first tracks.
        #[serde(default)]
        tracks: Option<TrackSelection>,
        /// Makes it a smart playlist, whose tracks are found by a search.
        #[serde(default)]
        smart: Option<SmartPlaylist>,
    },
    /// Create a playlist from a file (M3U, M3U8, PLS or XSPF), named after the file. Local clients only.
    ImportPlaylist {
        /// An absolute path.
        path: String,
    },
    /// Rename a playlist.
    RenamePlaylist {
        /// The playlist.
        playlist: PlaylistId,
        /// 1 to 200 characters.
        name: String,
    },
    /// Delete a playlist. Its tracks stay in the library.
    DeletePlaylist {
        /// The playlist.
        playlist: PlaylistId,
    },
    /// Change the search of a smart playlist.
    ChangeSmartPlaylist {
        /// The playlist.
        playlist: PlaylistId,
        /// The new search.
        smart: SmartPlaylist,
    },
    /// Add tracks to a playlist. A track may be in it more than once.
    AddToPlaylist {
        /// The playlist.
        playlist: PlaylistId,
        /// The tracks to add.
        tracks: TrackSelection,
        /// The entry to insert them before; without it, they go to the end.
        #[serde(default)]
        before: Option<PlaylistEntryId>,
    },
    /// Remove entries from a playlist.
    RemoveFromPlaylist {
        /// The playlist.
        playlist: PlaylistId,
        /// The entries to remove.
        entries: Vec<PlaylistEntryId>,
    },
    /// Move playlist entries, in the given order, in front of another one.
    MoveInPlaylist {
        /// The playlist.
        playlist: PlaylistId,
        /// The entries to move.
        entries: Vec<PlaylistEntryId>,
        /// The entry to insert them before; without it, they go to the end.
        #[serde(default)]
        before: Option<PlaylistEntryId>,
    },
    /// Add tracks to the favourites, or remove them.
    SetFavourite {
        /// The tracks.
        tracks: TrackSelection,
        /// Whether they are favourites.
        favourite: bool,
    },
    /// Rate tracks.
    SetRating {
        /// The tracks.
        tracks: TrackSelection,
        /// 0 to 5; without it, the rating is removed.
        #[serde(default)]
        rating: Option<u8>,
    },
    /// Delete single listens from the history, and the plays they counted as.
    ForgetListens {
        /// The listens to delete.
        listens: Vec<ListenId>,
    },
    /// Delete the history of a period, and the plays it counted as.
    EraseHistory {
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

impl UserDataEdit {
    /// Longest name of a playlist, in characters.
    pub const MAX_PLAYLIST_NAME_CHARS: usize = 200;

    /// Returns which clients may send the edit.
    pub(crate) fn access(&self) -> Access {
        match self {
            UserDataEdit::ImportPlaylist { .. } => Access::LocalOnly,
            UserDataEdit::CreatePlaylist { tracks, .. } => {
                tracks.as_ref().map_or(Access::AllClients, TrackSelection::access)
            }
            UserDataEdit::AddToPlaylist { tracks, .. }
            | UserDataEdit::SetFavourite { tracks, .. }
            | UserDataEdit::SetRating { tracks, .. } => tracks.access(),
            UserDataEdit::RenamePlaylist { .. }
            | UserDataEdit::DeletePlaylist { .. }
            | UserDataEdit::ChangeSmartPlaylist { .. }
            | UserDataEdit::RemoveFromPlaylist { .. }
            | UserDataEdit::MoveInPlaylist { .. }
            | UserDataEdit::ForgetListens { .. }
            | UserDataEdit::EraseHistory { .. } => Access::AllClients,
        }
    }

    /// Rejects values that no library could accept.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::for_field(ErrorCode::OutOfRange, field, message));
        match self {
            UserDataEdit::CreatePlaylist { name, .. } | UserDataEdit::RenamePlaylist { name, .. }
                if name.trim().is_empty() || name.chars().count() > Self::MAX_PLAYLIST_NAME_CHARS =>
            {
                out_of_range("name", "A playlist's name must have 1 to 200 characters.")
            }
            UserDataEdit::CreatePlaylist { tracks: Some(_), smart: Some(_), .. } => {
                out_of_range("tracks", "A smart playlist finds its tracks by its search; no tracks can be added.")
            }
            UserDataEdit::SetRating { rating: Some(rating), .. } if *rating > TrackSummary::MAX_RATING => {
                out_of_range("rating", "A rating must be between 0 and 5.")
            }
            UserDataEdit::ImportPlaylist { path } => validate_path(path, &PLAYLIST_EXTENSIONS),
            UserDataEdit::CreatePlaylist { tracks: Some(tracks), .. }
            | UserDataEdit::AddToPlaylist { tracks, .. }
            | UserDataEdit::SetFavourite { tracks, .. }
            | UserDataEdit::SetRating { tracks, .. } => tracks.validate(),
            UserDataEdit::CreatePlaylist { tracks: None, .. }
            | UserDataEdit::RenamePlaylist { .. }
            | UserDataEdit::DeletePlaylist { .. }
            | UserDataEdit::ChangeSmartPlaylist { .. }
            | UserDataEdit::RemoveFromPlaylist { .. }
            | UserDataEdit::MoveInPlaylist { .. }
            | UserDataEdit::ForgetListens { .. }
            | UserDataEdit::EraseHistory { .. } => Ok(()),
        }
    }
}
