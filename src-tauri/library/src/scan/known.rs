//! What the library knew before the scan.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs::Metadata,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use auralis_core::{RootId, TrackId};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{error::LibraryError, paths, roots::LOOSE, tags::TAGS_VERSION};

/// Tells whether a file is the one that was read. The device is left out: a drive may get another number each time
/// it is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Stamp {
    pub inode: i64,
    pub size: i64,
    pub mtime_ns: i64,
}

impl Stamp {
    pub fn of(metadata: &Metadata) -> Self {
        Stamp {
            inode: metadata.ino() as i64,
            size: metadata.size() as i64,
            mtime_ns: metadata.mtime().wrapping_mul(1_000_000_000).wrapping_add(metadata.mtime_nsec()),
        }
    }
}

/// A track as it was last read.
pub(crate) struct KnownTrack {
    pub id: TrackId,
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
    pub tracks: HashMap<OsString, KnownTrack>,
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
            known.folders.push(KnownFolder { path, root: RootId(row.get(1)), image, tracks: HashMap::new() });
        }
        let tracks = sqlx::query("SELECT id, folder_id, name, inode, size, mtime_ns, tags_version FROM tracks");
        for row in tracks.fetch_all(&mut *connection).await? {
            let Some(&folder) = index.get(&row.get::<i64, _>(1)) else { continue };
            let name = paths::name(row.get(2));
            let stamp = Stamp { inode: row.get(3), size: row.get(4), mtime_ns: row.get(5) };
            // A file that was opened before its folder was added becomes a track like the others.
            let current = row.get::<i64, _>(6) == TAGS_VERSION && known.folders[folder].root != LOOSE;
            known.by_stamp.insert(stamp, (folder, name.clone()));
            let track = KnownTrack { id: TrackId(row.get(0)), stamp, current, seen: false };
            known.folders[folder].tracks.insert(name, track);
        }
        let failures = sqlx::query("SELECT path, reason FROM scan_failures");
        for row in failures.fetch_all(&mut *connection).await? {
            known.failures.insert(paths::path(row.get(0)), (row.get(1), false));
        }
        Ok(known)
    }

    pub fn folder(&self, path: &Path) -> Option<&KnownFolder> {
        self.by_path.get(path).map(|&index| &self.folders[index])
    }

    pub fn track(&mut self, folder: &Path, name: &OsString) -> Option<&mut KnownTrack> {
        let index = *self.by_path.get(folder)?;
        self.folders[index].tracks.get_mut(name)
    }

    /// The track whose file had this stamp and is no longer where it was: it has been moved here.
    pub fn moved(&mut self, stamp: Stamp) -> Option<&mut KnownTrack> {
        let (folder, name) = self.by_stamp.get(&stamp)?;
        let folder = &mut self.folders[*folder];
        let old = folder.path.join(name);
        let track = folder.tracks.get_mut(name)?;
        let still_there = || old.metadata().is_ok_and(|metadata| Stamp::of(&metadata) == stamp);
        (!track.seen && !still_there()).then_some(track)
    }
}
