//! The edits that can be undone: of the queue, of the user's data and of tags.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ClientKind, UserDataEdit, protocol::text::truncate_to_json_bytes};

/// An edit, as menus and messages name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EditSummary {
    /// The kind of edit.
    pub kind: EditKind,
    /// Number of queue entries, tracks, playlist entries or listens that were edited.
    #[serde(rename = "entries")]
    pub count: u32,
    /// The client that made it.
    #[serde(rename = "by")]
    pub client: ClientKind,
    /// The playlist that was edited, at most [`EditSummary::MAX_NAME_BYTES`]; otherwise empty.
    #[serde(default)]
    pub name: String,
}

impl EditSummary {
    /// Longest name in bytes of JSON.
    pub const MAX_NAME_BYTES: usize = 64;

    /// Creates a summary with a truncated name.
    pub(crate) fn new(kind: EditKind, count: usize, client: ClientKind, name: &str) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        EditSummary { kind, count, client, name: truncate_to_json_bytes(name, Self::MAX_NAME_BYTES) }
    }
}

/// The kinds of edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EditKind {
    /// Other tracks were started.
    Play,
    /// Tracks were added to the queue.
    Insert,
    /// Queue entries were removed.
    Remove,
    /// Queue entries were moved.
    Move,
    /// The queue was emptied.
    Clear,
    /// The queue was shuffled.
    Shuffle,
    /// The original order of the queue was restored.
    Unshuffle,
    /// A playlist was created or imported.
    CreatePlaylist,
    /// A playlist was renamed.
    RenamePlaylist,
    /// A playlist was deleted.
    DeletePlaylist,
    /// The search of a smart playlist was changed.
    ChangeSmartPlaylist,
    /// Tracks were added to a playlist.
    AddToPlaylist,
    /// Entries were removed from a playlist.
    RemoveFromPlaylist,
    /// Entries of a playlist were moved.
    MoveInPlaylist,
    /// Tracks were added to the favourites.
    AddFavourites,
    /// Tracks were removed from the favourites.
    RemoveFavourites,
    /// Tracks were rated.
    Rate,
    /// Listens were deleted from the history.
    EraseHistory,
    /// Tags were changed in files.
    EditTags,
}

impl From<&UserDataEdit> for EditKind {
    fn from(edit: &UserDataEdit) -> Self {
        match edit {
            UserDataEdit::CreatePlaylist { .. } | UserDataEdit::ImportPlaylist { .. } => EditKind::CreatePlaylist,
            UserDataEdit::RenamePlaylist { .. } => EditKind::RenamePlaylist,
            UserDataEdit::DeletePlaylist { .. } => EditKind::DeletePlaylist,
            UserDataEdit::ChangeSmartPlaylist { .. } => EditKind::ChangeSmartPlaylist,
            UserDataEdit::AddToPlaylist { .. } => EditKind::AddToPlaylist,
            UserDataEdit::RemoveFromPlaylist { .. } => EditKind::RemoveFromPlaylist,
            UserDataEdit::MoveInPlaylist { .. } => EditKind::MoveInPlaylist,
            UserDataEdit::SetFavourite { favourite: true, .. } => EditKind::AddFavourites,
            UserDataEdit::SetFavourite { favourite: false, .. } => EditKind::RemoveFavourites,
            UserDataEdit::SetRating { .. } => EditKind::Rate,
            UserDataEdit::ForgetListens { .. } | UserDataEdit::EraseHistory { .. } => EditKind::EraseHistory,
        }
    }
}

/// The last edit that was made, undone or redone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LastEdit {
    /// Increases with each one, so that a client announces it once.
    pub id: u32,
    /// What was done.
    pub action: EditAction,
    /// The edit.
    pub edit: EditSummary,
}

/// What was done with an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EditAction {
    /// It was made.
    Made,
    /// It was undone.
    Undone,
    /// It was redone.
    Redone,
}
