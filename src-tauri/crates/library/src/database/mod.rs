//! The connections: one that writes, a few that only read. WAL lets readers go on while the writer works.

pub(crate) mod aggregates;
mod backup;
pub(crate) mod cached;
pub(crate) mod counts;
pub(crate) mod json_ids;
pub(crate) mod key_value;
mod open;
pub(crate) mod path_bytes;
mod recovery;
mod schema;
pub(crate) mod snapshot;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use auralis_core::LibraryEvent;
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction, pool::PoolConnection};

use crate::error::{LibraryError, result_code};
use counts::Counts;

/// The connection pools. Clones share them.
#[derive(Clone)]
pub(crate) struct Database {
    path: Arc<Path>,
    /// One connection: writers wait for each other.
    writer: SqlitePool,
    waiting_writers: Arc<AtomicUsize>,
    readers: SqlitePool,
    /// The stored revision at opening. It is reported as 1.
    base_revision: i64,
}

impl Database {
    pub fn path(&self) -> PathBuf {
        self.path.to_path_buf()
    }

    /// Begins a read. It sees the library as it is now until it is dropped.
    pub async fn begin_read(&self) -> Result<Transaction<'static, Sqlite>, LibraryError> {
        Ok(self.readers.begin().await?)
    }

    /// Begins a write. Dropped without a commit, nothing has changed.
    pub async fn begin_write(&self) -> Result<Transaction<'static, Sqlite>, LibraryError> {
        let _waiting = WaitingWriter::new(&self.waiting_writers);
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Returns the write connection outside of a transaction.
    pub async fn writer(&self) -> Result<PoolConnection<Sqlite>, LibraryError> {
        let _waiting = WaitingWriter::new(&self.waiting_writers);
        Ok(self.writer.acquire().await?)
    }

    /// Returns whether another task waits to write. A long write then commits early.
    pub fn has_waiting_writer(&self) -> bool {
        self.waiting_writers.load(Relaxed) > 0
    }

    /// Commits a change of tracks, updates revision and counts, and returns the `Changed` event.
    pub async fn commit_tracks_changed(
        &self,
        mut tx: Transaction<'static, Sqlite>,
    ) -> Result<LibraryEvent, LibraryError> {
        sqlx::query(
            "UPDATE totals SET revision = revision + 1, content = revision + 1,
             tracks = (SELECT count(*) FROM tracks) -
                 (SELECT count(*) FROM folders JOIN tracks ON folder_id = folders.id WHERE root_id = 0),
             albums = (SELECT count(*) FROM albums), artists = (SELECT count(*) FROM artists),
             roots = (SELECT count(*) FROM roots WHERE id <> 0)",
        )
        .execute(&mut *tx)
        .await?;
        self.commit_and_report(tx).await
    }

    /// Commits a change of the listener's data only: the counts stay as they are.
    pub async fn commit_user_data_changed(
        &self,
        mut tx: Transaction<'static, Sqlite>,
    ) -> Result<LibraryEvent, LibraryError> {
        sqlx::query("UPDATE totals SET revision = revision + 1").execute(&mut *tx).await?;
        self.commit_and_report(tx).await
    }

    async fn commit_and_report(&self, mut tx: Transaction<'static, Sqlite>) -> Result<LibraryEvent, LibraryError> {
        let counts = self.counts(&mut tx).await?;
        tx.commit().await?;
        Ok(counts.into_event())
    }

    /// Returns what is in the library, as `connection` sees it.
    pub async fn counts(&self, connection: &mut SqliteConnection) -> Result<Counts, LibraryError> {
        Counts::load(connection, self.base_revision).await
    }

    /// Returns whether the database file is whole. It takes seconds for a large library.
    pub async fn is_intact(&self) -> Result<bool, LibraryError> {
        let found = sqlx::query_scalar::<_, String>("PRAGMA integrity_check(1)");
        match found.fetch_one(&mut *self.begin_read().await?).await {
            Ok(found) => Ok(found == "ok"),
            Err(error) if matches!(result_code(&error), Some(11 | 26)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Has the next start recover the database.
    pub fn request_recovery(&self) {
        let marker = recovery_marker(&self.path);
        if let Err(error) = std::fs::write(&marker, "") {
            tracing::error!(%error, path = %marker.display(), "the recovery at the next start cannot be requested");
        }
    }

    /// Closes all connections; the last one checkpoints the log into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// The file that requests a recovery at the next start.
fn recovery_marker(database: &Path) -> PathBuf {
    with_suffix(database, ".damaged")
}

/// Returns a path with a suffix appended to its file name.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Counts a task as waiting to write until it got the connection or gave up.
struct WaitingWriter<'d>(&'d AtomicUsize);

impl<'d> WaitingWriter<'d> {
    fn new(waiting: &'d AtomicUsize) -> Self {
        waiting.fetch_add(1, Relaxed);
        WaitingWriter(waiting)
    }
}

impl Drop for WaitingWriter<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// Returns the steps of SQLite's plan for a statement.
#[cfg(test)]
pub(crate) async fn query_plan(connection: &mut SqliteConnection, sql: &str) -> Vec<String> {
    use sqlx::Row;
    let plan = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
    plan.map(|row: sqlx::sqlite::SqliteRow| row.get(3)).fetch_all(connection).await.unwrap_or_default()
}
