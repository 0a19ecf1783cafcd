//! Copies the tags of a file to a file that was rendered from it.

use std::{fs::OpenOptions, path::Path};

use auralis_core::EditableTags;
use lofty::{
    config::WriteOptions,
    file::{AudioFile, TaggedFileExt},
    tag::{ItemKey, Tag},
};

use crate::{
    error::{LibraryError, describe_io_error},
    tags::{self, configure_lofty_write, writer},
};

/// Measurements of the original sound, which are wrong for another.
const MEASUREMENTS: [ItemKey; 4] = [
    ItemKey::ReplayGainAlbumGain,
    ItemKey::ReplayGainAlbumPeak,
    ItemKey::ReplayGainTrackGain,
    ItemKey::ReplayGainTrackPeak,
];

/// Copies the tags and pictures of `from` to `to`, except for loudness tags. The fields that are present in `replacements`
/// replace those of `from`.
///
/// # Errors
///
/// One of the files cannot be read, or `to` cannot be written.
pub fn copy_tags(from: &Path, to: &Path, replacements: &EditableTags) -> Result<(), LibraryError> {
    let failed = |path: &Path, reason: String| LibraryError::File { path: path.into(), reason };
    configure_lofty_write();
    let source = tags::open(from, false).map_err(|reason| failed(from, reason))?;
    let mut target = tags::open(to, false).map_err(|reason| failed(to, reason))?;
    let found = source.primary_tag().or_else(|| source.first_tag()).cloned();
    if found.is_none() && *replacements == EditableTags::default() {
        return Ok(());
    }
    let mut tag = found.unwrap_or_else(|| Tag::new(target.primary_tag_type()));
    MEASUREMENTS.iter().for_each(|key| tag.remove_key(*key));
    tag.re_map(target.primary_tag_type());
    writer::apply_fields(&mut tag, replacements);
    target.insert_tag(tag);
    let mut file =
        OpenOptions::new().read(true).write(true).open(to).map_err(|error| failed(to, describe_io_error(&error)))?;
    target
        .save_to(&mut file, WriteOptions::default())
        .map_err(|error| failed(to, format!("its tags cannot be written ({error})")))
}
