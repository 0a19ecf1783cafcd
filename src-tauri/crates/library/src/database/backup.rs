//! Backups of the listener's data: playlists, favourites, ratings, plays, history, folders and the session. What scans find in
//! the files is left out, so a backup is small.
//!
//! A backup is a database of the same schema, in which every track with user data is a missing track. Recovery reads it like
//! a damaged database.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    Executor, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Database, path_bytes, recovery, schema::MIGRATIONS, with_suffix};
use crate::error::{LibraryError, describe_io_error};

/// How many backups are kept.
const MAX_BACKUPS: u32 = 3;

/// Age of the newest backup from which another is due.
const BACKUP_INTERVAL: Duration = Duration::from_secs(24 * 3600);

/// Returns the backups of a database that exist, the newest first.
pub(super) fn existing(database: &Path) -> Vec<PathBuf> {
    (1..=MAX_BACKUPS).map(|number| backup_path(database, number)).filter(|path| path.exists()).collect()
}

fn backup_path(database: &Path, number: u32) -> PathBuf {
    with_suffix(database, &format!(".backup-{number}"))
}

impl Database {
    /// Returns whether the newest backup is more than a day old, or there is none.
    pub fn is_backup_due(&self) -> bool {
        let modified = backup_path(&self.path, 1).metadata().and_then(|metadata| metadata.modified());
        !modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age < BACKUP_INTERVAL))
    }

    /// Writes a backup beside the database. The oldest is deleted.
    pub async fn back_up(&self) -> Result<(), LibraryError> {
        let unfinished = with_suffix(&self.path, ".backup-new");
        // One that was interrupted.
        let _ = fs::remove_file(&unfinished);
        let options = SqliteConnectOptions::new()
            .filename(&unfinished)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Delete)
            .synchronous(SqliteSynchronous::Full);
        let backup = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        let written = write(&backup, &self.path).await;
        backup.close().await;
        if let Err(error) = written {
            let _ = fs::remove_file(&unfinished);
            return Err(error);
        }
        rotate(&self.path, &unfinished)
            .map_err(|error| LibraryError::File { path: unfinished, reason: describe_io_error(&error) })
    }
}

async fn write(pool: &SqlitePool, database: &Path) -> Result<(), LibraryError> {
    MIGRATIONS.run(pool).await.map_err(|error| LibraryError::Database(error.to_string()))?;
    let mut backup = pool.acquire().await?;
    backup.execute("PRAGMA foreign_keys = OFF").await?;
    let attach = sqlx::query("ATTACH DATABASE CAST(? AS TEXT) AS source").bind(path_bytes::to_bytes(database));
    attach.execute(&mut *backup).await?;
    // One transaction, so that it is one state of the library.
    backup.execute("BEGIN").await?;
    recovery::copy_user_data(&mut backup).await?;
    backup.execute("COMMIT").await?;
    backup.execute("DETACH DATABASE source").await?;
    Ok(())
}

fn rotate(database: &Path, newest: &Path) -> std::io::Result<()> {
    for number in (1..MAX_BACKUPS).rev() {
        let (from, to) = (backup_path(database, number), backup_path(database, number + 1));
        if from.exists() {
            fs::rename(from, to)?;
        }
    }
    fs::rename(newest, backup_path(database, 1))?;
    fs::File::open(database.parent().unwrap_or(Path::new("/")))?.sync_all()
}
