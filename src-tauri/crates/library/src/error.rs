use std::path::PathBuf;

use auralis_core::{FolderId, ListenId, PlaylistEntryId, PlaylistId, RootId, RowQuery, TrackId, TrackSelection};

/// Why the library could not do what was asked. Nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The folder cannot be one of the library's.
    #[error("{} cannot be added: {reason}", path.display())]
    RootRefused {
        /// The folder as it was given.
        path: PathBuf,
        /// In words for the listener.
        reason: String,
    },
    /// No such folder.
    #[error("there is no folder {} in the library", .0.0)]
    UnknownRoot(RootId),
    /// No such track.
    #[error("there is no track {} in the library", .0.0)]
    UnknownTrack(TrackId),
    /// No such folder in the tree of folders.
    #[error("there is no such folder in the library (any more)")]
    UnknownFolder(FolderId),
    /// No such playlist.
    #[error("there is no playlist {} (any more)", .0.0)]
    UnknownPlaylist(PlaylistId),
    /// No such place in the playlist.
    #[error("the playlist has no entry {} (any more)", .0.0)]
    UnknownEntry(PlaylistEntryId),
    /// No such listening.
    #[error("the history has no listening {} (any more)", .0.0)]
    UnknownListen(ListenId),
    /// Two playlists cannot have one name.
    #[error("there is a playlist “{0}” already")]
    NameTaken(String),
    /// A smart playlist cannot be edited by entry, and another cannot find anything.
    #[error("{0}")]
    WrongKind(&'static str),
    /// A search that is to be kept is not understood.
    #[error("{0}")]
    Search(String),
    /// More tracks in one edit of tags than [`TrackSelection::MAX_EDITED_TRACKS`].
    #[error("{0} files were to be changed at once, at most {max} can be", max = TrackSelection::MAX_EDITED_TRACKS)]
    TooManyFiles(usize),
    /// More ids in one command than [`TrackSelection::MAX_TRACK_IDS`].
    #[error("{0} tracks were named at once, at most {max} can be", max = TrackSelection::MAX_TRACK_IDS)]
    TooManyTracks(usize),
    /// More rows than a window holds.
    #[error("{0} rows were asked for, a window has at most {max}", max = RowQuery::MAX_ROWS)]
    WindowTooLarge(u32),
    /// The queue is not the library's to list.
    #[error("the queue is not a list of the library")]
    NotOfTheLibrary,
    /// The database has migrations that this version does not know.
    #[error("{} was made by a newer version of Auralis, and was left as it is. Install that version again.", .0.display())]
    Newer(PathBuf),
    /// A folder or file of our own.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// In words for the listener.
        reason: String,
    },
    /// The database failed.
    #[error("the library's database failed: {0}")]
    Database(String),
}

impl From<sqlx::Error> for LibraryError {
    fn from(error: sqlx::Error) -> Self {
        /// SQLite's `SQLITE_IOERR_SHMSIZE`: there is no room for the index of the log.
        const NO_ROOM: i32 = 4874;
        LibraryError::Database(match result_code(&error) {
            _ if extended_code(&error) == Some(NO_ROOM) => "the disk is full".into(),
            Some(8) => "it is read-only".into(),
            Some(11 | 26) => "it is damaged".into(),
            Some(13) => "the disk is full".into(),
            Some(14) => "it cannot be opened".into(),
            _ => error.to_string(),
        })
    }
}

/// SQLite's primary result code (<https://sqlite.org/rescode.html>) of an error, if it is SQLite's.
pub(crate) fn result_code(error: &sqlx::Error) -> Option<i32> {
    extended_code(error).map(|code| code & 0xff)
}

fn extended_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// An error of the file system, in words for the listener.
pub(crate) fn in_words(error: &std::io::Error) -> String {
    use std::io::ErrorKind::*;
    match error.kind() {
        NotFound => "it is not there".into(),
        PermissionDenied => "no permission to read it".into(),
        NotADirectory => "it is not a folder".into(),
        UnexpectedEof => "it is cut short".into(),
        StorageFull => "the disk is full".into(),
        ReadOnlyFilesystem => "the disk is read-only".into(),
        InvalidFilename => "its path is too long".into(),
        _ => error.to_string(),
    }
}
