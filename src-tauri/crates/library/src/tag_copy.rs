//! The tags of one file in another that was made from it.

use std::{fs::OpenOptions, path::Path};

use auralis_core::EditableTags;
use lofty::{
    config::WriteOptions,
    file::{AudioFile, TaggedFileExt},
    tag::{ItemKey, Tag},
};

use crate::{
    error::{LibraryError, in_words},
    tag_files,
    tags::{self, prepare_thread_to_write},
};

/// What was measured of the sound, and is not true of another.
const MEASURED: [ItemKey; 4] = [
    ItemKey::ReplayGainAlbumGain,
    ItemKey::ReplayGainAlbumPeak,
    ItemKey::ReplayGainTrackGain,
    ItemKey::ReplayGainTrackPeak,
];

/// Writes what the file `from` says of itself into `to`, pictures too, but not how loud it is; and, in place of what it
/// says of that, what is named in `own`.
///
/// # Errors
///
/// One of the files cannot be read, or `to` cannot be written.
pub fn copy_tags(from: &Path, to: &Path, own: &EditableTags) -> Result<(), LibraryError> {
    let failed = |path: &Path, reason: String| LibraryError::File { path: path.into(), reason };
    prepare_thread_to_write();
    let source = tags::open(from, false).map_err(|reason| failed(from, reason))?;
    let mut target = tags::open(to, false).map_err(|reason| failed(to, reason))?;
    let found = source.primary_tag().or_else(|| source.first_tag()).cloned();
    if found.is_none() && *own == EditableTags::default() {
        return Ok(());
    }
    let mut tag = found.unwrap_or_else(|| Tag::new(target.primary_tag_type()));
    MEASURED.iter().for_each(|key| tag.remove_key(*key));
    tag.re_map(target.primary_tag_type());
    tag_files::set(&mut tag, own);
    target.insert_tag(tag);
    let mut file = OpenOptions::new().read(true).write(true).open(to).map_err(|error| failed(to, in_words(&error)))?;
    target
        .save_to(&mut file, WriteOptions::default())
        .map_err(|error| failed(to, format!("its tags cannot be written ({error})")))
}
