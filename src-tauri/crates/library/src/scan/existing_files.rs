//! The files that the database knows when a scan starts.

use std::{
    collections::{HashMap, hash_map::Entry},
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use auralis_core::{RootId, TrackId};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::found_file::{FileStamp, ImageFile};
use crate::{
    database::path_bytes,
    error::LibraryError,
    roots::{
        EXTERNAL_ROOT,
        ignore_rules::{self, IgnoreRules},
    },
    tags::TAGS_VERSION,
};

/// How many tracks are fetched at once. Rows take many times the memory of what is kept of them.
const TRACKS_PER_QUERY: i64 = 4096;

/// Decodes the result of SQLite's `hex`.
fn decode_hex(digits: &str) -> OsString {
    let value = |digit: u8| (digit as char).to_digit(16).unwrap_or(0) as u8;
    path_bytes::name_from(
        digits.as_bytes().as_chunks::<2>().0.iter().map(|[high, low]| value(*high) << 4 | value(*low)).collect(),
    )
}

/// A file as it was last read.
pub(crate) struct ExistingFile {
    /// Its tracks, each with its index in the CUE sheet (0 without one).
    pub tracks: Vec<(u32, TrackId)>,
    pub stamp: FileStamp,
    /// Whether this version of the tag reader read it.
    pub is_up_to_date: bool,
    /// Whether this scan found it.
    pub is_seen: bool,
}

pub(crate) struct ExistingFolder {
    pub path: PathBuf,
    pub root: RootId,
    pub image: Option<ImageFile>,
    pub files: HashMap<OsString, ExistingFile>,
}

pub(crate) struct ExistingRoot {
    pub id: RootId,
    pub path: PathBuf,
    pub online: bool,
}

pub(crate) struct ExistingFiles {
    pub roots: Vec<ExistingRoot>,
    pub folders: Vec<ExistingFolder>,
    pub by_path: HashMap<PathBuf, usize>,
    /// Folder and name of the file with this stamp.
    pub by_stamp: HashMap<FileStamp, (usize, OsString)>,
    /// Failures of earlier scans: the reason, and whether the file failed again.
    pub failures: HashMap<PathBuf, (String, bool)>,
    pub ignored: Arc<IgnoreRules>,
}

impl ExistingFiles {
    pub async fn load(connection: &mut SqliteConnection) -> Result<ExistingFiles, LibraryError> {
        let root = |row: SqliteRow| ExistingRoot {
            id: RootId(row.get(0)),
            path: path_bytes::path_from(row.get(1)),
            online: row.get(2),
        };
        let roots = sqlx::query("SELECT id, path, online FROM roots WHERE id <> 0 ORDER BY path")
            .map(root)
            .fetch_all(&mut *connection)
            .await?;

        let mut existing = ExistingFiles {
            roots,
            folders: Vec::new(),
            by_path: HashMap::new(),
            by_stamp: HashMap::new(),
            failures: HashMap::new(),
            ignored: Arc::new(IgnoreRules::new(&ignore_rules::patterns(&mut *connection).await?)?),
        };
        let mut index = HashMap::new();
        let folders = sqlx::query("SELECT id, root_id, path, image, image_size, image_mtime_ns FROM folders");
        for row in folders.fetch_all(&mut *connection).await? {
            let image = row.get::<Option<Vec<u8>>, _>(3).map(|name| {
                (path_bytes::name_from(name), FileStamp { inode: 0, size: row.get(4), mtime_ns: row.get(5) })
            });
            let path = path_bytes::path_from(row.get(2));
            index.insert(row.get::<i64, _>(0), existing.folders.len());
            existing.by_path.insert(path.clone(), existing.folders.len());
            existing.folders.push(ExistingFolder { path, root: RootId(row.get(1)), image, files: HashMap::new() });
        }
        let mut last = 0;
        loop {
            // One text instead of one row per track: fetching rows takes longer than everything else here.
            let tracks = "SELECT max(id), group_concat(concat_ws(' ', id, folder_id, hex(name), inode, size, mtime_ns, tags_version, cue), '/')
                FROM (SELECT * FROM tracks WHERE id > ? ORDER BY id LIMIT ?)";
            let tracks = sqlx::query(tracks).bind(last).bind(TRACKS_PER_QUERY).fetch_one(&mut *connection).await?;
            let Some(end) = tracks.get(0) else { break };
            last = end;
            for track in tracks.get::<&str, _>(1).split('/') {
                existing.add_track(track, &index);
            }
        }
        let failures = sqlx::query("SELECT path, reason FROM scan_failures");
        for row in failures.fetch_all(&mut *connection).await? {
            existing.failures.insert(path_bytes::path_from(row.get(0)), (row.get(1), false));
        }
        Ok(existing)
    }

    /// Adds a track from its columns, separated by spaces.
    fn add_track(&mut self, columns: &str, folders: &HashMap<i64, usize>) {
        let mut columns = columns.split(' ');
        let mut text = || columns.next().unwrap_or_default();
        let number = |text: &str| text.parse().unwrap_or(0);
        let (id, folder, name) = (number(text()), number(text()), decode_hex(text()));
        let stamp = FileStamp { inode: number(text()), size: number(text()), mtime_ns: number(text()) };
        let Some(&folder) = folders.get(&folder) else { return };
        // An external file whose folder was added later becomes a library track.
        let is_up_to_date = number(text()) == TAGS_VERSION && self.folders[folder].root != EXTERNAL_ROOT;
        let track = (number(text()) as u32, TrackId(id));
        match self.folders[folder].files.entry(name) {
            Entry::Occupied(file) => file.into_mut().tracks.push(track),
            Entry::Vacant(place) => {
                self.by_stamp.insert(stamp, (folder, place.key().clone()));
                place.insert(ExistingFile { tracks: vec![track], stamp, is_up_to_date, is_seen: false });
            }
        }
    }

    pub fn folder(&self, path: &Path) -> Option<&ExistingFolder> {
        self.by_path.get(path).map(|&index| &self.folders[index])
    }

    pub fn file(&mut self, folder: &Path, name: &OsString) -> Option<&mut ExistingFile> {
        let index = *self.by_path.get(folder)?;
        self.folders[index].files.get_mut(name)
    }

    /// Returns whether a root had files.
    pub fn has_files(&self, root: RootId) -> bool {
        self.folders.iter().any(|folder| folder.root == root && !folder.files.is_empty())
    }

    /// Returns the path of the file with this stamp that this scan has not found yet. If it is no longer there, it was moved.
    pub fn path_of_stamp(&mut self, stamp: FileStamp) -> Option<PathBuf> {
        // Without inode numbers, another file may have the same size and time.
        let (folder, name) = self.by_stamp.get(&stamp).filter(|_| stamp.inode != 0)?;
        let folder = &self.folders[*folder];
        (!folder.files.get(name)?.is_seen).then(|| folder.path.join(name))
    }

    /// Returns the file with this stamp.
    pub fn file_with_stamp(&mut self, stamp: FileStamp) -> Option<&mut ExistingFile> {
        let (folder, name) = self.by_stamp.get(&stamp)?;
        self.folders[*folder].files.get_mut(name).filter(|file| !file.is_seen)
    }

    /// Returns the tracks of a root whose file was not found, except below folders that could not be read.
    pub fn missing(&self, root: RootId, unreadable: &[PathBuf]) -> impl Iterator<Item = TrackId> {
        let is_readable = |folder: &&ExistingFolder| !unreadable.iter().any(|path| folder.path.starts_with(path));
        let folders = self.folders.iter().filter(move |folder| folder.root == root).filter(is_readable);
        let files = folders.flat_map(|folder| folder.files.values()).filter(|file| !file.is_seen);
        files.flat_map(|file| &file.tracks).map(|(_, id)| *id)
    }
}
