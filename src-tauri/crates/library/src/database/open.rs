//! Opens the database file: checks it, copies it before a migration, migrates it, and replaces a damaged one.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::{
    Connection, SqliteConnection,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Database, path_bytes, recovery};
use crate::error::{LibraryError, describe_io_error, result_code};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How many reads run at once; more wait.
const READ_CONNECTIONS: u32 = 4;

/// Page cache of each connection; negative numbers are KiB (<https://sqlite.org/pragma.html#pragma_cache_size>).
/// The writer's holds what a scan changes between two commits, so that no page is written twice. A reader needs only the
/// upper pages of the trees: the system caches the file for all of them.
const WRITER_CACHE_KIB: &str = "-32000";
const READER_CACHE_KIB: &str = "-1000";

/// Pages in the log before a checkpoint: a scan then makes a few, and not one after every commit.
const CHECKPOINT_PAGES: &str = "8000";

impl Database {
    /// Opens or creates the file at `path`. A damaged one is renamed, and its new name returned.
    pub async fn open(path: &Path) -> Result<(Database, Option<PathBuf>), LibraryError> {
        match Self::connect(path).await {
            Ok(database) => Ok((database, None)),
            Err(OpenError::Damaged) => {
                let quarantined = quarantine(path)?;
                tracing::warn!(path = %quarantined.display(), "the library database was damaged and was moved aside");
                let mut database = Self::connect(path).await.map_err(|error| error.with_path(path))?;
                if let Err(error) = database.recover(&quarantined).await {
                    tracing::warn!(%error, "nothing of the damaged library can be read");
                    database.close().await;
                    // It may hold half of the recovered rows.
                    std::fs::remove_file(path)
                        .map_err(|error| LibraryError::File { path: path.into(), reason: describe_io_error(&error) })?;
                    database = Self::connect(path).await.map_err(|error| error.with_path(path))?;
                }
                Ok((database, Some(quarantined)))
            }
            Err(error) => Err(error.with_path(path)),
        }
    }

    async fn recover(&self, damaged: &Path) -> Result<(), sqlx::Error> {
        recovery::recover(&mut *self.writer.acquire().await?, damaged).await
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
        // A log beside the file means that it was not closed: only then all of it is checked.
        let was_not_closed = path.with_extension("db-wal").metadata().is_ok_and(|wal| wal.len() > 0);
        let pool = || {
            SqlitePoolOptions::new().test_before_acquire(false).idle_timeout(None).max_lifetime(None).min_connections(1)
        };

        let mut first = SqliteConnection::connect_with(&options).await?;
        if was_not_closed {
            let found: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut first).await?;
            if found != "ok" {
                return Err(OpenError::Damaged);
            }
        }
        back_up_before_migration(&mut first, path).await?;
        MIGRATIONS.run(&mut first).await?;
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
            _ => OpenError::Other(error.into()),
        }
    }
}

impl From<MigrateError> for OpenError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(_) => OpenError::NewerSchema,
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
    let newest = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    if version == 0 || version >= newest {
        return Ok(());
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".before-{newest}"));
    let copy = PathBuf::from(name);
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
    let named = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let moved = (1..).map(|n| named(&format!(".broken-{n}"))).find(|moved| !moved.exists()).unwrap_or_default();
    std::fs::rename(path, &moved)
        .map_err(|error| LibraryError::File { path: path.into(), reason: describe_io_error(&error) })?;
    for log in ["-wal", "-shm"] {
        let mut name = moved.clone().into_os_string();
        name.push(log);
        // The log belongs to the damaged file. There may be none.
        let _ = std::fs::rename(named(log), name);
    }
    Ok(moved)
}
