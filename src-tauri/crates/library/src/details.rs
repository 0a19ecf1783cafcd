//! What a listener asks of one track, read from its file at that moment.

use std::path::PathBuf;

use auralis_core::TrackDetails;

use crate::{error::LibraryError, paths, tags};

/// Reads the details of a file; of one that cannot be read, no more than where it is.
pub(crate) async fn read(path: PathBuf) -> Result<TrackDetails, LibraryError> {
    let read = tokio::task::spawn_blocking(move || {
        tags::prepare_thread();
        TrackDetails {
            path: paths::shown(&path),
            size_bytes: path.metadata().map_or(0, |metadata| metadata.len()),
            ..tags::read_details(&path).unwrap_or_default()
        }
    });
    read.await.map_err(|error| LibraryError::Database(error.to_string()))
}
