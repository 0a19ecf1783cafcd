//! Folders come and go.

use std::path::{Path, PathBuf};

use auralis_core::{LibraryEvent, RootId};
use sqlx::Row;

use crate::{
    database::Database,
    derived::{Touched, json},
    error::{LibraryError, in_words},
    paths,
};

/// The root of files that were opened from outside of all roots. No list shows it, or the tracks below it.
pub(crate) const LOOSE: RootId = RootId(0);

/// Adds a folder by its real path.
pub(crate) async fn add(database: &Database, path: &Path) -> Result<LibraryEvent, LibraryError> {
    let refused = |reason| LibraryError::RootRefused { path: path.into(), reason };
    if !path.is_absolute() {
        return Err(refused("its path must be absolute".into()));
    }
    let real = path.canonicalize().map_err(|error| refused(in_words(&error)))?;
    std::fs::read_dir(&real).map_err(|error| refused(in_words(&error)))?;

    let mut change = database.write().await?;
    for row in sqlx::query("SELECT path FROM roots WHERE id <> 0").fetch_all(&mut *change).await? {
        let other: PathBuf = paths::path(row.get(0));
        let shown = other.display();
        if real == other {
            return Err(refused("it is in the library already".into()));
        } else if real.starts_with(&other) {
            return Err(refused(format!("it lies in {shown}, which is in the library already")));
        } else if other.starts_with(&real) {
            return Err(refused(format!("{shown} lies in it and is in the library already")));
        }
    }
    sqlx::query("INSERT INTO roots (path) VALUES (?)").bind(paths::bytes(&real)).execute(&mut *change).await?;
    database.commit(change).await
}

/// Where all of them are.
pub(crate) async fn paths(database: &Database) -> Result<Vec<PathBuf>, LibraryError> {
    let paths: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT path FROM roots WHERE id <> 0").fetch_all(&mut *database.read().await?).await?;
    Ok(paths.into_iter().map(paths::path).collect())
}

/// Forgets a folder and its tracks. No file is touched.
pub(crate) async fn remove(database: &Database, root: RootId) -> Result<LibraryEvent, LibraryError> {
    if root == LOOSE {
        return Err(LibraryError::UnknownRoot(root));
    }
    let mut change = database.write().await?;
    let ids: Vec<i64> =
        sqlx::query_scalar("SELECT tracks.id FROM folders JOIN tracks ON folder_id = folders.id WHERE root_id = ?")
            .bind(root.0)
            .fetch_all(&mut *change)
            .await?;
    let mut touched = Touched::default();
    touched.delete_tracks(&mut change, &json(&ids)).await?;
    let removed = sqlx::query("DELETE FROM roots WHERE id = ?").bind(root.0).execute(&mut *change).await?;
    if removed.rows_affected() == 0 {
        return Err(LibraryError::UnknownRoot(root));
    }
    touched.refresh(&mut change).await?;
    database.commit(change).await
}
