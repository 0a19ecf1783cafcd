//! The entries of one folder that a scan looks at.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::Path,
};

use super::found_file::{ScannedFolder, has_extension, is_audio};
use crate::{
    files::{atomic, heartbeat::beat},
    tags::path_tags,
};

/// Names of cover pictures without extension, the best first.
const IMAGE_NAMES: [&str; 4] = ["cover", "folder", "front", "album"];
const IMAGE_EXTENSIONS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// An entry with the extension of an audio format.
pub(super) struct AudioEntry {
    pub name: OsString,
    /// Its metadata; `None` for a link, which is followed later.
    pub metadata: Option<io::Result<Metadata>>,
}

/// The relevant entries of a folder.
#[derive(Default)]
pub(super) struct FolderEntries {
    /// Device and inode of the folder.
    pub identity: (u64, u64),
    /// Whether a `.nomedia` file excludes the folder.
    pub has_nomedia: bool,
    /// May also be links, folders and special files.
    pub audio: Vec<AudioEntry>,
    pub folders: Vec<OsString>,
    /// Links that may lead to folders.
    pub links: Vec<OsString>,
    /// CUE sheets.
    pub sheets: Vec<OsString>,
    /// The best picture.
    pub image: Option<OsString>,
}

impl FolderEntries {
    /// Reads a folder without the entries that are hidden or ignored.
    pub fn read(path: &Path, is_ignored: impl Fn(&OsStr) -> bool) -> io::Result<FolderEntries> {
        let metadata = path.metadata()?;
        let mut entries = FolderEntries { identity: (metadata.dev(), metadata.ino()), ..FolderEntries::default() };
        let mut best = usize::MAX;
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name();
            beat();
            if name.as_encoded_bytes().starts_with(b".") {
                entries.has_nomedia |= name == ".nomedia";
                if atomic::is_temp_name(&name) {
                    atomic::remove_leftover(&entry.path());
                }
                continue;
            }
            if is_ignored(&name) {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                entries.folders.push(name);
            } else if is_audio(&name) {
                let metadata = (!kind.is_symlink()).then(|| entry.metadata());
                entries.audio.push(AudioEntry { name, metadata });
            } else if has_extension(&name, &["cue"]) {
                entries.sheets.push(name);
            } else if let Some(rank) = image_rank(&name) {
                if rank < best {
                    best = rank;
                    entries.image = Some(name);
                }
            } else if kind.is_symlink() {
                entries.links.push(name);
            }
        }
        // Sorted, so that ids follow the order of the files.
        entries.audio.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        entries.folders.sort_unstable();
        entries.sheets.sort_unstable();
        Ok(entries)
    }
}

/// Returns the picture in the parent folder of a disc such as "CD 2", relative to the disc's folder.
pub(super) fn album_image(folder: &ScannedFolder) -> Option<OsString> {
    let name = folder.path.file_name()?.to_string_lossy();
    let album = folder.path.parent().filter(|_| !folder.is_root() && path_tags::disc_number(&name).is_some())?;
    let image = FolderEntries::read(album, |_| false).ok()?.image?;
    Some(Path::new("..").join(image).into())
}

fn image_rank(name: &OsStr) -> Option<usize> {
    let stem = Path::new(name).file_stem()?;
    let rank = IMAGE_NAMES.iter().position(|known| stem.eq_ignore_ascii_case(known))?;
    has_extension(name, &IMAGE_EXTENSIONS).then_some(rank)
}
