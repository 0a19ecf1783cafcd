//! Errors as clients see them.

use auralis_core::{ApiError, ErrorCode};
use auralis_library::LibraryError;

/// The answer to everything that arrives during shutdown.
pub(super) fn shutting_down() -> ApiError {
    ApiError::new(ErrorCode::NotPossible, "Auralis is closing.")
}

pub(super) fn library_error(error: LibraryError) -> ApiError {
    let code = match &error {
        LibraryError::UnknownRoot(_)
        | LibraryError::UnknownTrack(_)
        | LibraryError::UnknownFolder(_)
        | LibraryError::UnknownPlaylist(_)
        | LibraryError::UnknownEntry(_)
        | LibraryError::UnknownListen(_) => ErrorCode::NotFound,
        LibraryError::InvalidPattern(_)
        | LibraryError::TooManyFiles(_)
        | LibraryError::TooManyTracks(_)
        | LibraryError::WindowTooLarge(_) => ErrorCode::OutOfRange,
        LibraryError::RootRefused { .. }
        | LibraryError::QueueNotAList
        | LibraryError::NameTaken(_)
        | LibraryError::InvalidEdit(_) => ErrorCode::NotPossible,
        LibraryError::NewerSchema(_)
        | LibraryError::File { .. }
        | LibraryError::NotResponding(_)
        | LibraryError::Internal(_)
        | LibraryError::Database(_) => ErrorCode::Failed,
    };
    ApiError::new(code, error.to_string())
}
