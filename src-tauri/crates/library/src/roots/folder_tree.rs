//! The tree of folders: those with tracks, and their ancestors up to a root.

use std::{
    collections::HashMap,
    ffi::OsStr,
    iter::successors,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use auralis_core::{FolderId, FolderRow};
use sqlx::{Row, SqliteConnection};

use crate::{database::path_bytes, error::LibraryError, text::sort_key};

/// All folders of the library.
#[derive(Default)]
pub(crate) struct FolderTree {
    nodes: Vec<FolderNode>,
    /// Index in `nodes`.
    by_id: HashMap<FolderId, usize>,
}

struct FolderNode {
    path: PathBuf,
    /// The parent; `None` for a root.
    parent: Option<usize>,
    /// Folders directly in it.
    folders: Vec<usize>,
    /// Its id in the table `folders`, if it has tracks itself.
    folder_id: Option<i64>,
    is_root: bool,
    /// Number of tracks in it and below.
    tracks: u32,
}

impl FolderTree {
    pub async fn load(connection: &mut SqliteConnection) -> Result<FolderTree, LibraryError> {
        let mut tree = FolderTree::default();
        let mut roots = HashMap::new();
        for row in sqlx::query("SELECT id, path FROM roots WHERE id <> 0").fetch_all(&mut *connection).await? {
            let path = path_bytes::path_from(row.get(1));
            let at = tree.insert(&path, &path);
            tree.nodes[at].is_root = true;
            roots.insert(row.get::<i64, _>(0), path);
        }
        // One text instead of one row per folder, which is slower to fetch. A path contains no zero byte.
        let with_tracks: Option<Vec<u8>> = sqlx::query_scalar(WITH_TRACKS).fetch_one(connection).await?;
        for row in with_tracks.unwrap_or_default().split(|byte| *byte == 0) {
            let mut parts = row.splitn(4, |byte| *byte == b' ');
            let mut number = || std::str::from_utf8(parts.next()?).ok()?.parse::<u32>().ok();
            let (Some(id), Some(root), Some(tracks), Some(path)) = (number(), number(), number(), parts.next()) else {
                continue;
            };
            let Some(root) = roots.get(&root.into()) else { continue };
            let at = tree.insert(Path::new(OsStr::from_bytes(path)), root);
            tree.nodes[at].folder_id = Some(id.into());
            let mut within = Some(at);
            while let Some(at) = within {
                tree.nodes[at].tracks += tracks;
                within = tree.nodes[at].parent;
            }
        }
        Ok(tree)
    }

    /// Returns the index of a folder, and adds it and its ancestors if need be.
    fn insert(&mut self, path: &Path, root: &Path) -> usize {
        let id = id_of(path);
        if let Some(at) = self.by_id.get(&id) {
            return *at;
        }
        let above = path.parent().filter(|above| above.starts_with(root));
        let parent = above.map(|above| self.insert(above, root));
        let at = self.nodes.len();
        self.nodes.push(FolderNode {
            path: path.into(),
            parent,
            folders: Vec::new(),
            folder_id: None,
            is_root: false,
            tracks: 0,
        });
        self.by_id.insert(id, at);
        if let Some(parent) = parent {
            self.nodes[parent].folders.push(at);
        }
        at
    }

    /// Returns the folders directly in `parent`, by name; without a parent, the roots.
    pub fn children(&self, parent: Option<FolderId>) -> Result<Vec<FolderRow>, LibraryError> {
        let mut found: Vec<&FolderNode> = match parent {
            None => self.nodes.iter().filter(|folder| folder.is_root).collect(),
            Some(parent) => self.nodes[self.find(parent)?].folders.iter().map(|at| &self.nodes[*at]).collect(),
        };
        found.sort_by_cached_key(|folder| (sort_key(&name(&folder.path)), &folder.path));
        Ok(found.into_iter().map(FolderNode::to_row).collect())
    }

    /// Returns a folder and its ancestors, outermost first.
    pub fn ancestors(&self, folder: FolderId) -> Result<Vec<FolderRow>, LibraryError> {
        let folder = &self.nodes[self.find(folder)?];
        let parent = |folder: &&FolderNode| Some(&self.nodes[folder.parent?]);
        let mut path: Vec<FolderRow> = successors(Some(folder), parent).map(FolderNode::to_row).collect();
        path.reverse();
        Ok(path)
    }

    /// Returns the ids in the table `folders` of a folder and all below it.
    pub fn descendant_ids(&self, folder: FolderId) -> Result<Vec<i64>, LibraryError> {
        let mut descendants = vec![self.find(folder)?];
        let mut visited = 0;
        while visited < descendants.len() {
            descendants.extend(&self.nodes[descendants[visited]].folders);
            visited += 1;
        }
        Ok(descendants.into_iter().filter_map(|at| self.nodes[at].folder_id).collect())
    }

    fn find(&self, id: FolderId) -> Result<usize, LibraryError> {
        self.by_id.get(&id).copied().ok_or(LibraryError::UnknownFolder(id))
    }
}

impl FolderNode {
    fn to_row(&self) -> FolderRow {
        FolderRow {
            id: id_of(&self.path),
            name: name(&self.path),
            folders: self.folders.len() as u32,
            tracks: self.tracks,
        }
    }
}

/// Id, root, number of tracks and path of each folder that has tracks.
const WITH_TRACKS: &str = "SELECT CAST(group_concat(folders.id || ' ' || root_id || ' ' || tracks || ' ' || CAST(path AS TEXT), char(0)) AS BLOB)
     FROM (SELECT folder_id, count(*) AS tracks FROM tracks GROUP BY folder_id) JOIN folders ON folders.id = folder_id";

fn name(path: &Path) -> String {
    path_bytes::to_display(Path::new(path.file_name().unwrap_or(path.as_os_str())))
}

/// Returns a stable id of a path: 52 bits of its hash, which JavaScript can represent.
fn id_of(path: &Path) -> FolderId {
    let hash = blake3::hash(path_bytes::to_bytes(path));
    let number = hash.as_bytes().iter().take(8).fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
    FolderId((number >> 12) as i64)
}
