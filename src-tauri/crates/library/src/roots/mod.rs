//! The folders of the library: adding and removing them.

pub(crate) mod folder_tree;
pub(crate) mod ignore_rules;

use std::path::{Path, PathBuf};

use auralis_core::{LibraryEvent, RootId};
use sqlx::Row;

use crate::{
    database::{Database, aggregates::StaleAggregates, json_ids::json_ids, path_bytes},
    error::{LibraryError, describe_io_error},
    file_access::FileAccess,
};

/// The artificial root of external files, which lie outside of all roots. Lists leave it and its tracks out.
pub(crate) const EXTERNAL_ROOT: RootId = RootId(0);

/// Adds a folder by its canonical path.
pub(crate) async fn add(database: &Database, files: &FileAccess, path: &Path) -> Result<LibraryEvent, LibraryError> {
    let refused = |reason| LibraryError::RootRefused { path: path.into(), reason };
    if !path.is_absolute() {
        return Err(refused("its path must be absolute".into()));
    }
    let folder = path.to_path_buf();
    let check = move || {
        let canonical = folder.canonicalize()?;
        std::fs::read_dir(&canonical).map(|_| canonical)
    };
    let canonical = files.run(path, check).await?.map_err(|error| refused(describe_io_error(&error)))?;

    let mut tx = database.begin_write().await?;
    for row in sqlx::query("SELECT path FROM roots WHERE id <> 0").fetch_all(&mut *tx).await? {
        let other: PathBuf = path_bytes::path_from(row.get(0));
        let other_path = other.display();
        if canonical == other {
            return Err(refused("it is in the library already".into()));
        } else if canonical.starts_with(&other) {
            return Err(refused(format!("it lies in {other_path}, which is in the library already")));
        } else if other.starts_with(&canonical) {
            return Err(refused(format!("{other_path} lies in it and is in the library already")));
        }
    }
    sqlx::query("INSERT INTO roots (path) VALUES (?)").bind(path_bytes::to_bytes(&canonical)).execute(&mut *tx).await?;
    database.commit_tracks_changed(tx).await
}

/// Returns the paths of all roots.
pub(crate) async fn root_paths(database: &Database) -> Result<Vec<PathBuf>, LibraryError> {
    let paths: Vec<Vec<u8>> = sqlx::query_scalar("SELECT path FROM roots WHERE id <> 0")
        .fetch_all(&mut *database.begin_read().await?)
        .await?;
    Ok(paths.into_iter().map(path_bytes::path_from).collect())
}

/// Returns the root that contains a file, if the root is offline: missing, empty or not responding.
pub(crate) async fn offline_root(
    database: &Database,
    files: &FileAccess,
    file: &Path,
) -> Result<Option<PathBuf>, LibraryError> {
    let Some(root) = root_paths(database).await?.into_iter().find(|root| file.starts_with(root)) else {
        return Ok(None);
    };
    let folder = root.clone();
    // An empty folder is the mount point of a drive that is not mounted.
    let has_entries = move || std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    let is_online = matches!(files.run(&root, has_entries).await, Ok(true));
    Ok((!is_online).then_some(root))
}

/// Removes a folder and its tracks from the library. No file is touched.
pub(crate) async fn remove(database: &Database, root: RootId) -> Result<LibraryEvent, LibraryError> {
    if root == EXTERNAL_ROOT {
        return Err(LibraryError::UnknownRoot(root));
    }
    let mut tx = database.begin_write().await?;
    let ids: Vec<i64> =
        sqlx::query_scalar("SELECT tracks.id FROM folders JOIN tracks ON folder_id = folders.id WHERE root_id = ?")
            .bind(root.0)
            .fetch_all(&mut *tx)
            .await?;
    let mut stale = StaleAggregates::default();
    stale.delete_tracks(&mut tx, &json_ids(&ids)).await?;
    let removed = sqlx::query("DELETE FROM roots WHERE id = ?").bind(root.0).execute(&mut *tx).await?;
    if removed.rows_affected() == 0 {
        return Err(LibraryError::UnknownRoot(root));
    }
    stale.recompute(&mut tx).await?;
    database.commit_tracks_changed(tx).await
}
