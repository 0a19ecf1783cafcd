//! What the library knew before the scan.

use std::{
    collections::{HashMap, hash_map::Entry},
    ffi::OsString,
    fs::Metadata,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use auralis_core::{RootId, TrackId};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    error::LibraryError,
    ignored::{self, Ignored},
    paths,
    roots::LOOSE,
    tags::TAGS_VERSION,
};

/// How many tracks are fetched at once: rows take many times the memory of what is kept of them.
const TRACKS: i64 = 4096;

/// Tells whether a file is the one that was read. The device is left out: a drive may get another number each time
/// it is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Stamp {
    pub inode: i64,
    pub size: i64,
    pub mtime_ns: i64,
}

impl Stamp {
    /// Of a file as it is.
    pub fn of(metadata: &Metadata) -> Self {
        Stamp {
            inode: metadata.ino() as i64,
            size: metadata.size() as i64,
            mtime_ns: metadata.mtime().wrapping_mul(1_000_000_000).wrapping_add(metadata.mtime_nsec()),
        }
    }

    /// Of a file and the cue sheet beside it: another when either changes.
    pub fn and(self, sheet: Stamp) -> Self {
        Stamp { size: self.size + sheet.size, mtime_ns: self.mtime_ns.max(sheet.mtime_ns), ..self }
    }
}

/// What SQLite wrote by its `hex`.
fn unhexed(digits: &str) -> OsString {
    let value = |digit: u8| (digit as char).to_digit(16).unwrap_or(0) as u8;
    paths::name(
        digits.as_bytes().as_chunks::<2>().0.iter().map(|[high, low]| value(*high) << 4 | value(*low)).collect(),
    )
}

/// A file as it was last read.
pub(crate) struct KnownFile {
    /// Its tracks, each by its number in the file's cue sheet; 0 where it is one.
    pub tracks: Vec<(u32, TrackId)>,
    pub stamp: Stamp,
    /// Read by this version of the tag reader.
    pub current: bool,
    /// Met again in this scan.
    pub seen: bool,
}

/// A picture beside the files: its name, and the size and time of what was read.
pub(crate) type Image = (OsString, Stamp);

pub(crate) struct KnownFolder {
    pub path: PathBuf,
    pub root: RootId,
    pub image: Option<Image>,
    pub files: HashMap<OsString, KnownFile>,
}

pub(crate) struct KnownRoot {
    pub id: RootId,
    pub path: PathBuf,
    pub online: bool,
}

pub(crate) struct Known {
    pub roots: Vec<KnownRoot>,
    pub folders: Vec<KnownFolder>,
    pub by_path: HashMap<PathBuf, usize>,
    /// Where the file with this stamp was.
    pub by_stamp: HashMap<Stamp, (usize, OsString)>,
    /// Reasons by path, and whether the file failed again.
    pub failures: HashMap<PathBuf, (String, bool)>,
    pub ignored: Ignored,
}

impl Known {
    pub async fn load(connection: &mut SqliteConnection) -> Result<Known, LibraryError> {
        let root =
            |row: SqliteRow| KnownRoot { id: RootId(row.get(0)), path: paths::path(row.get(1)), online: row.get(2) };
        let roots = sqlx::query("SELECT id, path, online FROM roots WHERE id <> 0 ORDER BY path")
            .map(root)
            .fetch_all(&mut *connection)
            .await?;

        let mut known = Known {
            roots,
            folders: Vec::new(),
            by_path: HashMap::new(),
            by_stamp: HashMap::new(),
            failures: HashMap::new(),
            ignored: Ignored::of(&ignored::patterns(&mut *connection).await?)?,
        };
        let mut index = HashMap::new();
        let folders = sqlx::query("SELECT id, root_id, path, image, image_size, image_mtime_ns FROM folders");
        for row in folders.fetch_all(&mut *connection).await? {
            let image = row
                .get::<Option<Vec<u8>>, _>(3)
                .map(|name| (paths::name(name), Stamp { inode: 0, size: row.get(4), mtime_ns: row.get(5) }));
            let path = paths::path(row.get(2));
            index.insert(row.get::<i64, _>(0), known.folders.len());
            known.by_path.insert(path.clone(), known.folders.len());
            known.folders.push(KnownFolder { path, root: RootId(row.get(1)), image, files: HashMap::new() });
        }
        let mut last = 0;
        loop {
            // One text and not a row for each: rows take longer on their way here than all that is made of them.
            let tracks = "SELECT max(id), group_concat(concat_ws(' ', id, folder_id, hex(name), inode, size, mtime_ns, tags_version, cue), '/')
                FROM (SELECT * FROM tracks WHERE id > ? ORDER BY id LIMIT ?)";
            let tracks = sqlx::query(tracks).bind(last).bind(TRACKS).fetch_one(&mut *connection).await?;
            let Some(end) = tracks.get(0) else { break };
            last = end;
            for track in tracks.get::<&str, _>(1).split('/') {
                known.track(track, &index);
            }
        }
        let failures = sqlx::query("SELECT path, reason FROM scan_failures");
        for row in failures.fetch_all(&mut *connection).await? {
            known.failures.insert(paths::path(row.get(0)), (row.get(1), false));
        }
        Ok(known)
    }

    /// Adds a track as the query tells it, of a folder by its id.
    fn track(&mut self, told: &str, folders: &HashMap<i64, usize>) {
        let mut columns = told.split(' ');
        let mut text = || columns.next().unwrap_or_default();
        let number = |text: &str| text.parse().unwrap_or(0);
        let (id, folder, name) = (number(text()), number(text()), unhexed(text()));
        let stamp = Stamp { inode: number(text()), size: number(text()), mtime_ns: number(text()) };
        let Some(&folder) = folders.get(&folder) else { return };
        // A file that was opened before its folder was added becomes a track like the others.
        let current = number(text()) == TAGS_VERSION && self.folders[folder].root != LOOSE;
        let track = (number(text()) as u32, TrackId(id));
        match self.folders[folder].files.entry(name) {
            Entry::Occupied(file) => file.into_mut().tracks.push(track),
            Entry::Vacant(place) => {
                self.by_stamp.insert(stamp, (folder, place.key().clone()));
                place.insert(KnownFile { tracks: vec![track], stamp, current, seen: false });
            }
        }
    }

    pub fn folder(&self, path: &Path) -> Option<&KnownFolder> {
        self.by_path.get(path).map(|&index| &self.folders[index])
    }

    pub fn file(&mut self, folder: &Path, name: &OsString) -> Option<&mut KnownFile> {
        let index = *self.by_path.get(folder)?;
        self.folders[index].files.get_mut(name)
    }

    /// The file that had this stamp and is no longer where it was: it has been moved here.
    pub fn moved(&mut self, stamp: Stamp) -> Option<&mut KnownFile> {
        // Without inodes, a file of the same size and time may be any other.
        let (folder, name) = self.by_stamp.get(&stamp).filter(|_| stamp.inode != 0)?;
        let folder = &mut self.folders[*folder];
        let old = folder.path.join(name);
        let file = folder.files.get_mut(name)?;
        let still_there = || old.metadata().is_ok_and(|metadata| Stamp::of(&metadata) == stamp);
        (!file.seen && !still_there()).then_some(file)
    }
}
