//! Everything that is shown about one track, read from its file on demand.

use std::path::Path;

use auralis_core::TrackDetails;

use crate::{database::path_bytes, tags};

/// Reads the tags and properties of a file. Of one that cannot be read, only the path is returned.
pub(crate) fn read_track_details(path: &Path) -> TrackDetails {
    tags::configure_lofty_read();
    TrackDetails {
        path: path_bytes::to_display(path),
        size_bytes: path.metadata().map_or(0, |metadata| metadata.len()),
        ..tags::read_details(path).unwrap_or_default()
    }
}
