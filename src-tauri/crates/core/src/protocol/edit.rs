//! What a listener makes of the library: playlists, favourites, ratings, history. No edit touches a music file.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ApiError, ErrorCode, ListenId, PLAYLIST_FILES, PlaylistEntryId, PlaylistId, SmartPlaylist, TrackSelection,
    TrackSummary, export::file_of,
};

/// A change of what the listener owns beside the files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "edit", rename_all = "snake_case", deny_unknown_fields)]
#[ts(optional_fields)]
pub enum UserDataEdit {
    /// Make a playlist. Names are unique, whatever their case, so the new one is found by its name.
    CreatePlaylist {
        /// 1 to 200 characters.
        name: String,
        /// What it is to hold.
        #[serde(default)]
        tracks: Option<TrackSelection>,
        /// Makes it a smart one, which holds what it finds.
        #[serde(default)]
        smart: Option<SmartPlaylist>,
    },
    /// Make a playlist of one in a file (M3U, M3U8, PLS or XSPF), named after that. Only for clients on this machine.
    ImportPlaylist {
        /// An absolute path.
        path: String,
    },
    /// Give a playlist another name.
    RenamePlaylist {
        /// Which.
        playlist: PlaylistId,
        /// 1 to 200 characters.
        name: String,
    },
    /// Delete a playlist. The tracks stay.
    DeletePlaylist {
        /// Which.
        playlist: PlaylistId,
    },
    /// Have a smart playlist find something else.
    ChangeSmartPlaylist {
        /// Which.
        playlist: PlaylistId,
        /// What it finds.
        smart: SmartPlaylist,
    },
    /// Put tracks into a playlist, also those that are in it already.
    AddToPlaylist {
        /// Which.
        playlist: PlaylistId,
        /// The tracks.
        tracks: TrackSelection,
        /// In front of this one; with none, at the end.
        #[serde(default)]
        before: Option<PlaylistEntryId>,
    },
    /// Take entries out of a playlist.
    RemoveFromPlaylist {
        /// Which.
        playlist: PlaylistId,
        /// The entries.
        entries: Vec<PlaylistEntryId>,
    },
    /// Move entries of a playlist, in the order given, in front of another.
    MoveInPlaylist {
        /// Which.
        playlist: PlaylistId,
        /// The entries.
        entries: Vec<PlaylistEntryId>,
        /// In front of this one; with none, to the end.
        #[serde(default)]
        before: Option<PlaylistEntryId>,
    },
    /// Make tracks favourites, or no longer.
    SetFavourite {
        /// The tracks.
        tracks: TrackSelection,
        /// Whether they are.
        favourite: bool,
    },
    /// Rate tracks.
    SetRating {
        /// The tracks.
        tracks: TrackSelection,
        /// 0 to 5; none takes the rating away.
        #[serde(default)]
        rating: Option<u8>,
    },
    /// Forget single listenings, and the plays they counted for.
    ForgetListens {
        /// Which.
        listens: Vec<ListenId>,
    },
    /// Forget the listenings of a period, and the plays they counted for.
    EraseHistory {
        /// From here on, in seconds since 1970; without it, from the first on.
        #[serde(default)]
        #[ts(type = "number", optional)]
        from_s: Option<i64>,
        /// Up to here; without it, all the rest.
        #[serde(default)]
        #[ts(type = "number", optional)]
        to_s: Option<i64>,
    },
}

impl UserDataEdit {
    /// The longest name of a playlist, in characters.
    pub const NAME_CHARS: usize = 200;

    /// The tracks that it is about.
    pub fn tracks(&self) -> Option<&TrackSelection> {
        match self {
            UserDataEdit::CreatePlaylist { tracks, .. } => tracks.as_ref(),
            UserDataEdit::AddToPlaylist { tracks, .. }
            | UserDataEdit::SetFavourite { tracks, .. }
            | UserDataEdit::SetRating { tracks, .. } => Some(tracks),
            _ => None,
        }
    }

    /// Refuses what no library could carry out.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::of_field(ErrorCode::OutOfRange, field, message));
        match self {
            UserDataEdit::CreatePlaylist { name, .. } | UserDataEdit::RenamePlaylist { name, .. }
                if name.trim().is_empty() || name.chars().count() > Self::NAME_CHARS =>
            {
                out_of_range("name", "A playlist's name has 1 to 200 characters.")
            }
            UserDataEdit::CreatePlaylist { tracks: Some(_), smart: Some(_), .. } => {
                out_of_range("tracks", "A smart playlist finds its tracks itself.")
            }
            UserDataEdit::ImportPlaylist { path } => file_of(path, &PLAYLIST_FILES),
            UserDataEdit::SetRating { rating: Some(rating), .. } if *rating > TrackSummary::MOST_STARS => {
                out_of_range("rating", "A rating goes from 0 to 5.")
            }
            _ => self.tracks().map_or(Ok(()), TrackSelection::validate),
        }
    }
}
