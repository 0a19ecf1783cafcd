//! Folders and files on their way through a scan.

use std::{
    ffi::{OsStr, OsString},
    fs::Metadata,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use auralis_core::{RootId, TrackId};

use crate::tags::cue_sheet::CueSheet;

/// Extensions of files that may contain audio, in lower case.
const AUDIO_EXTENSIONS: [&str; 28] = [
    "aac", "aif", "aifc", "aiff", "ape", "au", "caf", "dff", "dsf", "flac", "m4a", "m4b", "mka", "mp2", "mp3", "mp4",
    "mpc", "oga", "ogg", "opus", "snd", "tta", "w64", "wav", "wave", "webm", "wma", "wv",
];

/// A folder that is scanned.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScannedFolder {
    pub root: RootId,
    pub path: PathBuf,
    /// How many components of the path lie below the root.
    depth: usize,
}

impl ScannedFolder {
    pub fn new(root: RootId, root_path: &Path, path: &Path) -> ScannedFolder {
        let depth = path.strip_prefix(root_path).map_or(0, |within| within.components().count());
        ScannedFolder { root, path: path.into(), depth }
    }

    pub fn is_root(&self) -> bool {
        self.depth == 0
    }

    /// Returns the path relative to the root.
    pub fn within_root(&self) -> &Path {
        let mut within = self.path.components();
        let above = within.clone().count() - self.depth;
        within.by_ref().take(above).for_each(drop);
        within.as_path()
    }
}

/// Tells whether a file is the one that was read. The device is left out: a drive may get another number each time
/// it is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FileStamp {
    pub inode: i64,
    pub size: i64,
    pub mtime_ns: i64,
}

impl FileStamp {
    pub fn new(metadata: &Metadata) -> Self {
        FileStamp {
            inode: metadata.ino() as i64,
            size: metadata.size() as i64,
            mtime_ns: metadata.mtime().wrapping_mul(1_000_000_000).wrapping_add(metadata.mtime_nsec()),
        }
    }

    /// Returns the stamp of a file and the CUE sheet beside it. It changes when either does.
    pub fn with_sheet(self, sheet: FileStamp) -> Self {
        FileStamp { size: self.size + sheet.size, mtime_ns: self.mtime_ns.max(sheet.mtime_ns), ..self }
    }
}

/// A file that must be read.
#[derive(Debug, Clone)]
pub(crate) struct FoundFile {
    pub folder: Arc<ScannedFolder>,
    pub name: OsString,
    pub stamp: FileStamp,
    /// The sheet beside it that splits it into tracks.
    pub sheet: Option<Arc<CueSheet>>,
    /// Its existing tracks, each with its index in the CUE sheet (0 without one).
    pub tracks: Vec<(u32, TrackId)>,
    /// Other tracks that the library has at this path.
    pub replaced: Vec<TrackId>,
}

/// A picture beside the files: its name, and the size and time of what was read.
pub(crate) type ImageFile = (OsString, FileStamp);

/// Returns whether a file of this name may contain audio.
pub(crate) fn is_audio(name: &OsStr) -> bool {
    has_extension(name, &AUDIO_EXTENSIONS)
}

/// Returns whether a name has one of these extensions, in any case.
pub(crate) fn has_extension(name: &OsStr, extensions: &[&str]) -> bool {
    Path::new(name).extension().is_some_and(|own| extensions.iter().any(|known| own.eq_ignore_ascii_case(known)))
}
