//! Opens the database file: checks it, copies it before a migration, migrates it, and replaces a damaged one.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::{
    Connection, SqliteConnection,
    migrate::MigrateError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Database, backup, path_bytes, recovery, recovery_marker,
    schema::{MIGRATIONS, newest_version},
    with_suffix,
};
use crate::error::{LibraryError, describe_io_error, result_code};

/// How many reads run at once; more wait.
const READ_CONNECTIONS: u32 = 4;

/// Page cache of each connection; negative numbers are KiB (<https://sqlite.org/pragma.html#pragma_cache_size>).
/// The writer's holds what a scan changes between two commits, so that no page is written twice. A reader needs only the
/// upper pages of the trees: the system caches the file for all of them.
const WRITER_CACHE_KIB: &str = "-32000";
const READER_CACHE_KIB: &str = "-1000";

/// Pages in the log before a checkpoint: a scan then makes a few, and not one after every commit.
const CHECKPOINT_PAGES: &str = "8000";

/// Largest file that is checked at every start, in bytes: that takes a few milliseconds. A larger one is checked after an
/// unclean end and in idle time.
const MAX_BYTES_CHECKED_AT_START: u64 = 8 << 20;

impl Database {
    /// Opens or creates the file at `path`. A damaged one is renamed, its new name returned, and its content recovered as far
    /// as possible, with the help of the backups.
    pub async fn open(path: &Path) -> Result<(Database, Option<PathBuf>), LibraryError> {
        let opened = if is_known_to_be_damaged(path) { Err(OpenError::Damaged) } else { Self::connect(path).await };
        match opened {
            Ok(database) => Ok((database, None)),
            Err(OpenError::Damaged) => {
                let quarantined = quarantine(path)?;
                // Its request has been followed.
                let _ = std::fs::remove_file(recovery_marker(path));
                tracing::warn!(path = %quarantined.display(), "the library database was damaged and was moved aside");
                Ok((Self::recovered(path, &quarantined).await?, Some(quarantined)))
            }
            Err(error) => Err(error.with_path(path)),
        }
    }

    /// Creates a database with what can be recovered: from the damaged file and the backups, else from the backups, else
    /// nothing.
    async fn recovered(path: &Path, damaged: &Path) -> Result<Database, LibraryError> {
        let backups = backup::existing(path);
        let mut sources: Vec<&Path> = std::iter::once(damaged).chain(backups.iter().map(PathBuf::as_path)).collect();
        loop {
            let database = Self::connect(path).await.map_err(|error| error.with_path(path))?;
            let Some((first, others)) = sources.split_first() else { return Ok(database) };
            let others: Vec<PathBuf> = others.iter().map(|path| path.to_path_buf()).collect();
            let recover = async {
                recovery::recover(&mut *database.writer.acquire().await?, first, &others).await?;
                check_content(&mut *database.writer.acquire().await?).await
            };
            match recover.await {
                Ok(()) => return Ok(database),
                Err(_) => tracing::warn!(path = %first.display(), "nothing can be recovered from a damaged database"),
            }
            database.close().await;
            // It may hold half of the recovered rows.
            std::fs::remove_file(path)
                .map_err(|error| LibraryError::File { path: path.into(), reason: describe_io_error(&error) })?;
            sources.remove(0);
        }
    }

    async fn connect(path: &Path) -> Result<Database, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .pragma("cache_size", WRITER_CACHE_KIB)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .create_if_missing(true);
        // A log beside the file means that it was not closed.
        let was_not_closed = path.with_extension("db-wal").metadata().is_ok_and(|wal| wal.len() > 0);
        let is_small = path.metadata().is_ok_and(|file| file.len() <= MAX_BYTES_CHECKED_AT_START);
        let pool = || {
            SqlitePoolOptions::new().test_before_acquire(false).idle_timeout(None).max_lifetime(None).min_connections(1)
        };

        let mut first = SqliteConnection::connect_with(&options).await?;
        if was_not_closed || is_small {
            let check = if is_small { "PRAGMA integrity_check(1)" } else { "PRAGMA quick_check(1)" };
            let found: String = sqlx::query_scalar(check).fetch_one(&mut first).await?;
            if found != "ok" {
                tracing::warn!(found, "the library database is damaged");
                return Err(OpenError::Damaged);
            }
        }
        back_up_before_migration(&mut first, path).await?;
        MIGRATIONS.run(&mut first).await?;
        check_content(&mut first).await?;
        let base_revision = sqlx::query_scalar("SELECT revision FROM totals").fetch_one(&mut first).await?;
        first.close().await?;

        // On a full or failing disk SQLite ends the transaction itself. sqlx does not know that, so the connection is
        // replaced.
        let writer = pool()
            .max_connections(1)
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(options.clone())
            .await?;
        let readers = pool()
            .max_connections(READ_CONNECTIONS)
            .connect_with(options.read_only(true).pragma("cache_size", READER_CACHE_KIB))
            .await?;
        Ok(Database { path: path.into(), writer, waiting_writers: Arc::default(), readers, base_revision })
    }
}

/// Returns whether the last run found damage, or the file is empty although there is a backup of its content.
fn is_known_to_be_damaged(path: &Path) -> bool {
    let is_empty = path.metadata().is_ok_and(|file| file.len() == 0);
    recovery_marker(path).exists() || (is_empty && !backup::existing(path).is_empty())
}

/// Reads what every start needs. Whatever fails here is damage, because the schema is right.
async fn check_content(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    for sql in ["SELECT revision, tracks, albums, artists, roots, content FROM totals", "SELECT count(path) FROM roots"]
    {
        if let Err(error) = sqlx::query(sql).fetch_one(&mut *connection).await {
            tracing::warn!(%error, "the library database is damaged");
            return Err(OpenError::Damaged);
        }
    }
    Ok(())
}

enum OpenError {
    Damaged,
    NewerSchema,
    Other(LibraryError),
}

impl OpenError {
    fn with_path(self, path: &Path) -> LibraryError {
        match self {
            OpenError::NewerSchema => LibraryError::NewerSchema(path.into()),
            OpenError::Damaged => LibraryError::File { path: path.into(), reason: "it is damaged".into() },
            OpenError::Other(LibraryError::Database(reason)) => {
                // SQLite only says that it cannot open the file. Writing into its folder may tell why.
                let folder = path.parent().unwrap_or(Path::new("/"));
                let reason = tempfile::tempfile_in(folder).err().map_or(reason, |error| describe_io_error(&error));
                LibraryError::File { path: path.into(), reason }
            }
            OpenError::Other(error) => error,
        }
    }
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        match result_code(&error) {
            Some(11 | 26) => OpenError::Damaged,
            // A value of a type that is never written.
            None if matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => OpenError::Damaged,
            _ => OpenError::Other(error.into()),
        }
    }
}

impl From<MigrateError> for OpenError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) if version > newest_version() => OpenError::NewerSchema,
            // The table of migrations itself is damaged.
            MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) | MigrateError::Dirty(_) => {
                OpenError::Damaged
            }
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            error => OpenError::Other(LibraryError::Database(error.to_string())),
        }
    }
}

/// Copies a database of an older version to `library.db.before-<version>`, in case the migration goes wrong.
async fn back_up_before_migration(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    let is_new = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations')";
    if sqlx::query_scalar(is_new).fetch_one(&mut *connection).await? {
        return Ok(());
    }
    let version = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations";
    let version: i64 = sqlx::query_scalar(version).fetch_one(&mut *connection).await?;
    let newest = newest_version();
    if version == 0 || version >= newest {
        return Ok(());
    }
    let copy = with_suffix(path, &format!(".before-{newest}"));
    // `VACUUM INTO` refuses to write over an earlier copy that was interrupted.
    let _ = std::fs::remove_file(&copy);
    let into = sqlx::query("VACUUM INTO CAST(? AS TEXT)").bind(path_bytes::to_bytes(&copy));
    if let Err(error) = into.execute(connection).await {
        if let Some(11 | 26) = result_code(&error) {
            return Err(OpenError::Damaged);
        }
        let reason =
            format!("the library cannot be copied before it is brought up to date ({})", LibraryError::from(error));
        return Err(OpenError::Other(LibraryError::File { path: copy, reason }));
    }
    Ok(())
}

/// Renames the database and its log to the first free `library.db.broken-<n>`.
fn quarantine(path: &Path) -> Result<PathBuf, LibraryError> {
    let moved =
        (1..).map(|n| with_suffix(path, &format!(".broken-{n}"))).find(|moved| !moved.exists()).unwrap_or_default();
    std::fs::rename(path, &moved)
        .map_err(|error| LibraryError::File { path: path.into(), reason: describe_io_error(&error) })?;
    for log in ["-wal", "-shm"] {
        // The log belongs to the damaged file. There may be none.
        let _ = std::fs::rename(with_suffix(path, log), with_suffix(&moved, log));
    }
    Ok(moved)
}
