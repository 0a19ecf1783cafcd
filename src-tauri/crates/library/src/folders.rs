//! The tree of folders: those with tracks, and those that they lie in.

use std::{
    collections::HashMap,
    ffi::OsStr,
    iter::successors,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use auralis_core::{FolderId, FolderRow};
use sqlx::{Row, SqliteConnection};

use crate::{error::LibraryError, fold::sort_key, paths};

/// All folders of the library.
#[derive(Default)]
pub(crate) struct Folders {
    all: Vec<Folder>,
    /// Where each is in `all`.
    by_id: HashMap<FolderId, usize>,
}

struct Folder {
    path: PathBuf,
    /// The folder that it lies in, if that is one of the library.
    parent: Option<usize>,
    /// Those directly in it.
    folders: Vec<usize>,
    /// Its row, if it has tracks itself.
    row: Option<i64>,
    /// Whether the listener added it.
    root: bool,
    /// Tracks in it and below.
    tracks: u32,
}

impl Folders {
    pub async fn load(view: &mut SqliteConnection) -> Result<Folders, LibraryError> {
        let mut folders = Folders::default();
        let mut roots = HashMap::new();
        for row in sqlx::query("SELECT id, path FROM roots WHERE id <> 0").fetch_all(&mut *view).await? {
            let path = paths::path(row.get(1));
            let at = folders.insert(&path, &path);
            folders.all[at].root = true;
            roots.insert(row.get::<i64, _>(0), path);
        }
        // One text and not a row for each, of which there may be many. No path has a zero in it.
        let with_tracks: Option<Vec<u8>> = sqlx::query_scalar(WITH_TRACKS).fetch_one(view).await?;
        for row in with_tracks.unwrap_or_default().split(|byte| *byte == 0) {
            let mut parts = row.splitn(4, |byte| *byte == b' ');
            let mut number = || std::str::from_utf8(parts.next()?).ok()?.parse::<u32>().ok();
            let (Some(id), Some(root), Some(tracks), Some(path)) = (number(), number(), number(), parts.next()) else {
                continue;
            };
            let Some(root) = roots.get(&root.into()) else { continue };
            let at = folders.insert(Path::new(OsStr::from_bytes(path)), root);
            folders.all[at].row = Some(id.into());
            let mut within = Some(at);
            while let Some(at) = within {
                folders.all[at].tracks += tracks;
                within = folders.all[at].parent;
            }
        }
        Ok(folders)
    }

    /// Where a folder of a root is, with those that it lies in.
    fn insert(&mut self, path: &Path, root: &Path) -> usize {
        let id = id_of(path);
        if let Some(at) = self.by_id.get(&id) {
            return *at;
        }
        let above = path.parent().filter(|above| above.starts_with(root));
        let parent = above.map(|above| self.insert(above, root));
        let at = self.all.len();
        self.all.push(Folder { path: path.into(), parent, folders: Vec::new(), row: None, root: false, tracks: 0 });
        self.by_id.insert(id, at);
        if let Some(parent) = parent {
            self.all[parent].folders.push(at);
        }
        at
    }

    /// Folders directly in `parent`, by name; without one, the roots.
    pub fn in_folder(&self, parent: Option<FolderId>) -> Result<Vec<FolderRow>, LibraryError> {
        let mut found: Vec<&Folder> = match parent {
            None => self.all.iter().filter(|folder| folder.root).collect(),
            Some(parent) => self.all[self.find(parent)?].folders.iter().map(|at| &self.all[*at]).collect(),
        };
        found.sort_by_cached_key(|folder| (sort_key(&name(&folder.path)), &folder.path));
        Ok(found.into_iter().map(Folder::shown).collect())
    }

    /// A folder and those it lies in, outermost first.
    pub fn path_to(&self, folder: FolderId) -> Result<Vec<FolderRow>, LibraryError> {
        let folder = &self.all[self.find(folder)?];
        let above = |folder: &&Folder| Some(&self.all[folder.parent?]);
        let mut path: Vec<FolderRow> = successors(Some(folder), above).map(Folder::shown).collect();
        path.reverse();
        Ok(path)
    }

    /// The rows of a folder and all below it.
    pub fn below(&self, folder: FolderId) -> Result<Vec<i64>, LibraryError> {
        let mut below = vec![self.find(folder)?];
        let mut met = 0;
        while met < below.len() {
            below.extend(&self.all[below[met]].folders);
            met += 1;
        }
        Ok(below.into_iter().filter_map(|at| self.all[at].row).collect())
    }

    fn find(&self, id: FolderId) -> Result<usize, LibraryError> {
        self.by_id.get(&id).copied().ok_or(LibraryError::UnknownFolder(id))
    }
}

impl Folder {
    fn shown(&self) -> FolderRow {
        FolderRow {
            id: id_of(&self.path),
            name: name(&self.path),
            folders: self.folders.len() as u32,
            tracks: self.tracks,
        }
    }
}

/// Row, root, number of tracks and path of each folder that has tracks.
const WITH_TRACKS: &str = "SELECT CAST(group_concat(folders.id || ' ' || root_id || ' ' || tracks || ' ' || CAST(path AS TEXT), char(0)) AS BLOB)
     FROM (SELECT folder_id, count(*) AS tracks FROM tracks GROUP BY folder_id) JOIN folders ON folders.id = folder_id";

fn name(path: &Path) -> String {
    paths::shown(Path::new(path.file_name().unwrap_or(path.as_os_str())))
}

/// A number that a path always has, and that JavaScript can hold: 52 bits of its hash.
fn id_of(path: &Path) -> FolderId {
    let hash = blake3::hash(paths::bytes(path));
    let number = hash.as_bytes().iter().take(8).fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
    FolderId((number >> 12) as i64)
}
