//! The tree of folders: those with tracks, and those that they lie in.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use auralis_core::{FolderId, FolderRow};
use sqlx::{Row, SqliteConnection};

use crate::{error::LibraryError, fold::sort_key, paths};

/// All folders of the library, by path.
pub(crate) struct Folders(BTreeMap<PathBuf, Folder>);

#[derive(Default)]
struct Folder {
    /// Its row, if it has tracks itself.
    row: Option<i64>,
    /// Whether the listener added it.
    root: bool,
    /// Tracks in it and below.
    tracks: u32,
}

impl Folders {
    pub async fn load(view: &mut SqliteConnection) -> Result<Folders, LibraryError> {
        let mut folders: BTreeMap<PathBuf, Folder> = BTreeMap::new();
        for row in sqlx::query("SELECT path FROM roots WHERE id <> 0").fetch_all(&mut *view).await? {
            folders.insert(paths::path(row.get(0)), Folder { root: true, ..Folder::default() });
        }
        let with_tracks = sqlx::query(
            "SELECT folders.id, folders.path, roots.path, (SELECT count(*) FROM tracks WHERE folder_id = folders.id)
             FROM roots JOIN folders ON root_id = roots.id WHERE roots.id <> 0",
        );
        for row in with_tracks.fetch_all(view).await? {
            let (path, root) = (paths::path(row.get(1)), paths::path(row.get(2)));
            for above in path.ancestors().take_while(|above| above.starts_with(&root)) {
                folders.entry(above.into()).or_default().tracks += row.get::<u32, _>(3);
            }
            folders.entry(path).or_default().row = Some(row.get(0));
        }
        Ok(Folders(folders))
    }

    /// Folders directly in `parent`, by name; without one, the roots.
    pub fn in_folder(&self, parent: Option<FolderId>) -> Result<Vec<FolderRow>, LibraryError> {
        let mut found: Vec<&Path> = match parent {
            None => self.0.iter().filter(|(_, folder)| folder.root).map(|(path, _)| path.as_path()).collect(),
            Some(parent) => self.directly_in(self.path(parent)?).collect(),
        };
        found.sort_by_cached_key(|path| (sort_key(&name(path)), *path));
        Ok(found.into_iter().map(|path| self.row(path)).collect())
    }

    /// A folder and those it lies in, outermost first.
    pub fn path_to(&self, folder: FolderId) -> Result<Vec<FolderRow>, LibraryError> {
        let path = self.path(folder)?;
        let mut above: Vec<_> =
            path.ancestors().take_while(|above| self.0.contains_key(*above)).map(|above| self.row(above)).collect();
        above.reverse();
        Ok(above)
    }

    /// The rows of a folder and all below it.
    pub fn below(&self, folder: FolderId) -> Result<Vec<i64>, LibraryError> {
        let path = self.path(folder)?;
        Ok(self.within(path).filter_map(|(_, folder)| folder.row).collect())
    }

    fn path(&self, id: FolderId) -> Result<&Path, LibraryError> {
        self.0.keys().map(PathBuf::as_path).find(|path| id_of(path) == id).ok_or(LibraryError::UnknownFolder(id))
    }

    /// Paths compare by component, so what is within a folder follows it.
    fn within<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = (&'a PathBuf, &'a Folder)> {
        self.0.range(path.to_path_buf()..).take_while(move |(other, _)| other.starts_with(path))
    }

    fn directly_in<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = &'a Path> {
        self.within(path).map(|(other, _)| other.as_path()).filter(move |other| other.parent() == Some(path))
    }

    fn row(&self, path: &Path) -> FolderRow {
        FolderRow {
            id: id_of(path),
            name: name(path),
            folders: self.directly_in(path).count() as u32,
            tracks: self.0.get(path).map_or(0, |folder| folder.tracks),
        }
    }
}

fn name(path: &Path) -> String {
    paths::shown(Path::new(path.file_name().unwrap_or(path.as_os_str())))
}

/// A number that a path always has, and that JavaScript can hold: 52 bits of its hash.
fn id_of(path: &Path) -> FolderId {
    let hash = blake3::hash(paths::bytes(path));
    let number = hash.as_bytes().iter().take(8).fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
    FolderId((number >> 12) as i64)
}
