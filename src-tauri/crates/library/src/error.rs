//! The errors of the library.

use std::path::PathBuf;

use auralis_core::{FolderId, ListenId, PlaylistEntryId, PlaylistId, RootId, RowQuery, TrackId, TrackSelection};

/// Why a request failed. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The folder cannot be one of the library's.
    #[error("{} cannot be added: {reason}", path.display())]
    RootRefused {
        /// The folder as it was given.
        path: PathBuf,
        /// Why, as a text for people.
        reason: String,
    },
    /// No such folder.
    #[error("there is no folder {} in the library", .0.0)]
    UnknownRoot(RootId),
    /// No such track.
    #[error("there is no track {} in the library", .0.0)]
    UnknownTrack(TrackId),
    /// No such folder in the tree of folders.
    #[error("this folder is no longer in the library")]
    UnknownFolder(FolderId),
    /// No such playlist.
    #[error("playlist {} does not exist (any more)", .0.0)]
    UnknownPlaylist(PlaylistId),
    /// No such playlist entry.
    #[error("the playlist has no entry {} (any more)", .0.0)]
    UnknownEntry(PlaylistEntryId),
    /// No such listen.
    #[error("the history has no entry {} (any more)", .0.0)]
    UnknownListen(ListenId),
    /// Another playlist has this name.
    #[error("there is already a playlist “{0}”")]
    NameTaken(String),
    /// The edit does not apply to its subject, such as moving entries of a smart playlist.
    #[error("{0}")]
    InvalidEdit(&'static str),
    /// A search or ignore pattern that is to be stored is invalid.
    #[error("{0}")]
    InvalidPattern(String),
    /// More tracks in one edit of tags than [`TrackSelection::MAX_EDITED_TRACKS`].
    #[error("{0} files were to be changed at once, at most {max} can be", max = TrackSelection::MAX_EDITED_TRACKS)]
    TooManyFiles(usize),
    /// More ids in one command than [`TrackSelection::MAX_TRACK_IDS`].
    #[error("{0} tracks were named at once, at most {max} can be", max = TrackSelection::MAX_TRACK_IDS)]
    TooManyTracks(usize),
    /// More rows than a window holds.
    #[error("{0} rows were asked for, a window has at most {max}", max = RowQuery::MAX_ROWS)]
    WindowTooLarge(u32),
    /// The queue was requested here. The core answers that.
    #[error("the queue is not a list of the library")]
    QueueNotAList,
    /// The database has migrations that this version does not know.
    #[error("{} was created by a newer version of Auralis and was not changed. Install that version again.", .0.display())]
    NewerSchema(PathBuf),
    /// A file or folder cannot be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why, as a text for people.
        reason: String,
    },
    /// The disk or network share did not answer in time.
    #[error("{} does not respond", .0.display())]
    NotResponding(PathBuf),
    /// A defect of the library.
    #[error("internal error: {0}")]
    Internal(&'static str),
    /// The database failed.
    #[error("the library database failed: {0}")]
    Database(String),
}

impl From<sqlx::Error> for LibraryError {
    fn from(error: sqlx::Error) -> Self {
        /// SQLite's `SQLITE_IOERR_SHMSIZE`: no disk space for the index of the log.
        const SHM_DISK_FULL: i32 = 4874;
        LibraryError::Database(match result_code(&error) {
            _ if extended_code(&error) == Some(SHM_DISK_FULL) => "the disk is full".into(),
            Some(8) => "it is read-only".into(),
            Some(11 | 26) => "it is damaged".into(),
            Some(13) => "the disk is full".into(),
            Some(14) => "it cannot be opened".into(),
            _ => error.to_string(),
        })
    }
}

/// Returns SQLite's primary result code (<https://sqlite.org/rescode.html>) of an error, if there is one.
pub(crate) fn result_code(error: &sqlx::Error) -> Option<i32> {
    extended_code(error).map(|code| code & 0xff)
}

fn extended_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// Describes an I/O error for people.
pub(crate) fn describe_io_error(error: &std::io::Error) -> String {
    use std::io::ErrorKind::*;
    match error.kind() {
        NotFound => "it does not exist".into(),
        PermissionDenied => "no permission to read it".into(),
        NotADirectory => "it is not a folder".into(),
        UnexpectedEof => "it is truncated".into(),
        StorageFull => "the disk is full".into(),
        ReadOnlyFilesystem => "the disk is read-only".into(),
        InvalidFilename => "its path is too long".into(),
        _ => error.to_string(),
    }
}
