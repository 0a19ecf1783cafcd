//! The connections: one that writes, a few that only read. WAL lets readers go on while the writer works.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use auralis_core::{LibraryEvent, YearRow};
use sqlx::{
    Connection, Row, Sqlite, SqliteConnection, SqlitePool, Transaction,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    duplicates::Group,
    error::{LibraryError, in_words, result_code},
    folders::Folders,
    orders::Orders,
    rescue,
};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How many reads run at once; more wait.
const READERS: u32 = 4;

/// Pages that each connection keeps in memory; negative numbers are KiB (<https://sqlite.org/pragma.html#pragma_cache_size>).
/// The writer's holds what it changes between two commits, so that nothing is written twice. A reader's need not hold more
/// than the upper pages of what it looks through: the system keeps the file in memory already, once for all of them.
const WRITER_CACHE_KIB: &str = "-32000";
const READER_CACHE_KIB: &str = "-1000";

/// How long the log grows before it is folded back: a scan then does that a few times, not after every commit.
const CHECKPOINT_PAGES: &str = "8000";

pub(crate) struct Database {
    path: PathBuf,
    /// One connection: whoever writes waits for the one before.
    writer: SqlitePool,
    /// How many wait for it.
    wanted: AtomicUsize,
    readers: SqlitePool,
    /// The stored revision when it was opened, which is told as 1.
    opened_at: i64,
    pub orders: Arc<Orders>,
    pub folders: Arc<Cached<Folders>>,
    pub years: Arc<Cached<Vec<YearRow>>>,
    /// By the files, and how many of their tracks were analysed.
    pub duplicates: Cached<Vec<Group>, (i64, i64)>,
}

/// What takes a look at all files: made when it is first asked for, and kept until what it was made of has changed.
pub(crate) struct Cached<T, K = i64>(Mutex<Option<(K, Arc<T>)>>);

impl<T, K> Default for Cached<T, K> {
    fn default() -> Self {
        Cached(Mutex::new(None))
    }
}

impl<T, K: Copy + PartialEq> Cached<T, K> {
    /// The value for the files as `view` sees them.
    pub async fn get(
        &self,
        view: &mut SqliteConnection,
        content: K,
        make: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, LibraryError>,
    ) -> Result<Arc<T>, LibraryError> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, value)) = kept().as_ref().filter(|(of, _)| *of == content) {
            return Ok(value.clone());
        }
        let value = Arc::new(make(view).await?);
        *kept() = Some((content, value.clone()));
        Ok(value)
    }
}

impl Database {
    /// Opens or makes the file at `path`. A damaged one is renamed, and its new name returned.
    pub async fn open(path: &Path) -> Result<(Database, Option<PathBuf>), LibraryError> {
        match Self::connect(path).await {
            Ok(database) => Ok((database, None)),
            Err(OpenError::Damaged) => {
                let aside = set_aside(path)?;
                tracing::warn!(path = %aside.display(), "the library was damaged and set aside");
                let mut database = Self::connect(path).await.map_err(|error| error.of(path))?;
                if let Err(error) = database.rescue(&aside).await {
                    tracing::warn!(%error, "nothing of the damaged library can be read");
                    database.close().await;
                    // Whatever half of it was taken over must not stay.
                    std::fs::remove_file(path)
                        .map_err(|error| LibraryError::File { path: path.into(), reason: in_words(&error) })?;
                    database = Self::connect(path).await.map_err(|error| error.of(path))?;
                }
                Ok((database, Some(aside)))
            }
            Err(error) => Err(error.of(path)),
        }
    }

    async fn rescue(&self, damaged: &Path) -> Result<(), sqlx::Error> {
        rescue::rescue(&mut *self.writer.acquire().await?, damaged).await
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
        // A log beside the file means that it was not closed: the one time when a look through all of it is due.
        let check = path.with_extension("db-wal").metadata().is_ok_and(|wal| wal.len() > 0);
        let pool = || {
            SqlitePoolOptions::new().test_before_acquire(false).idle_timeout(None).max_lifetime(None).min_connections(1)
        };

        let mut first = SqliteConnection::connect_with(&options).await?;
        if check {
            let found: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut first).await?;
            if found != "ok" {
                return Err(OpenError::Damaged);
            }
        }
        back_up(&mut first, path).await?;
        MIGRATIONS.run(&mut first).await?;
        let opened_at = sqlx::query_scalar("SELECT revision FROM totals").fetch_one(&mut first).await?;
        first.close().await?;

        // Where the disk is full or fails, SQLite has ended the transaction before anybody asks it to; that connection is of no
        // more use.
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
            .max_connections(READERS)
            .connect_with(options.read_only(true).pragma("cache_size", READER_CACHE_KIB))
            .await?;
        Ok(Database {
            path: path.into(),
            writer,
            wanted: AtomicUsize::new(0),
            readers,
            opened_at,
            orders: Arc::default(),
            folders: Arc::default(),
            years: Arc::default(),
            duplicates: Cached::default(),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A view of the library as it is now; it stays as it is until dropped.
    pub async fn read(&self) -> Result<Transaction<'static, Sqlite>, LibraryError> {
        Ok(self.readers.begin().await?)
    }

    /// [`Database::read`] for a task of its own, with what is in the library then.
    pub fn reading(
        &self,
    ) -> impl Future<Output = Result<(Transaction<'static, Sqlite>, Counts), LibraryError>> + Send + use<> {
        let (readers, opened_at) = (self.readers.clone(), self.opened_at);
        async move {
            let mut view = readers.begin().await?;
            let counts = Counts::of(&mut view, opened_at).await?;
            Ok((view, counts))
        }
    }

    /// Starts to write. Dropped without [`Database::commit`], nothing has happened.
    pub async fn write(&self) -> Result<Transaction<'static, Sqlite>, LibraryError> {
        let _wanting = Wanting::new(&self.wanted);
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Whether somebody waits to write: whoever writes for long is to make way.
    pub fn is_wanted(&self) -> bool {
        self.wanted.load(Relaxed) > 0
    }

    /// Makes a change of the library true, and says what is in it now. Every list may look different afterwards.
    pub async fn commit(&self, mut change: Transaction<'static, Sqlite>) -> Result<LibraryEvent, LibraryError> {
        sqlx::query(
            "UPDATE totals SET revision = revision + 1, content = revision + 1,
             tracks = (SELECT count(*) FROM tracks) -
                 (SELECT count(*) FROM folders JOIN tracks ON folder_id = folders.id WHERE root_id = 0),
             albums = (SELECT count(*) FROM albums), artists = (SELECT count(*) FROM artists),
             roots = (SELECT count(*) FROM roots WHERE id <> 0)",
        )
        .execute(&mut *change)
        .await?;
        self.told(change).await
    }

    /// [`Database::commit`] for what the listener made of the tracks: there are as many of everything as before.
    pub async fn commit_edit(&self, mut change: Transaction<'static, Sqlite>) -> Result<LibraryEvent, LibraryError> {
        sqlx::query("UPDATE totals SET revision = revision + 1").execute(&mut *change).await?;
        self.told(change).await
    }

    async fn told(&self, mut change: Transaction<'static, Sqlite>) -> Result<LibraryEvent, LibraryError> {
        let counts = self.counts(&mut change).await?;
        change.commit().await?;
        Ok(counts.told())
    }

    /// What is in the library, as `connection` sees it.
    pub async fn counts(&self, connection: &mut SqliteConnection) -> Result<Counts, LibraryError> {
        Counts::of(connection, self.opened_at).await
    }

    /// Closes all connections; the last one folds the log back into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// One that waits to write, also if it gives up.
struct Wanting<'d>(&'d AtomicUsize);

impl<'d> Wanting<'d> {
    fn new(wanted: &'d AtomicUsize) -> Self {
        wanted.fetch_add(1, Relaxed);
        Wanting(wanted)
    }
}

impl Drop for Wanting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// How much there is of everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rises with every change; 1 when the library is opened, so that it counts the `Changed` events.
    pub revision: u64,
    /// Tracks in all.
    pub tracks: u32,
    /// Albums in all.
    pub albums: u32,
    /// Artists in all.
    pub artists: u32,
    /// Folders that the listener added.
    pub roots: u32,
    /// Names the state of the files, whatever the listener made of them.
    pub(crate) content: i64,
}

impl Counts {
    async fn of(connection: &mut SqliteConnection, opened_at: i64) -> Result<Counts, LibraryError> {
        let row = sqlx::query("SELECT revision, tracks, albums, artists, roots, content FROM totals")
            .fetch_one(connection)
            .await?;
        Ok(Counts {
            revision: (row.get::<i64, _>(0) - opened_at + 1) as u64,
            tracks: row.get(1),
            albums: row.get(2),
            artists: row.get(3),
            roots: row.get(4),
            content: row.get(5),
        })
    }

    /// As an event.
    pub(crate) fn told(self) -> LibraryEvent {
        let Counts { revision, tracks, albums, artists, roots, content: _ } = self;
        LibraryEvent::Changed { revision, tracks, albums, artists, roots }
    }
}

enum OpenError {
    Damaged,
    Newer,
    Other(LibraryError),
}

impl OpenError {
    fn of(self, path: &Path) -> LibraryError {
        match self {
            OpenError::Newer => LibraryError::Newer(path.into()),
            OpenError::Damaged => LibraryError::File { path: path.into(), reason: "it is damaged".into() },
            OpenError::Other(LibraryError::Database(reason)) => {
                // SQLite says that it cannot; its folder may say why.
                let folder = path.parent().unwrap_or(Path::new("/"));
                let reason = tempfile::tempfile_in(folder).err().map_or(reason, |error| in_words(&error));
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
            MigrateError::VersionMissing(_) => OpenError::Newer,
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            error => OpenError::Other(LibraryError::Database(error.to_string())),
        }
    }
}

/// Copies a database of an older version to `library.db.before-<version>`, in case that what follows does it no good.
async fn back_up(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
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
    // One that was cut short is in the way.
    let _ = std::fs::remove_file(&copy);
    let into = sqlx::query("VACUUM INTO CAST(? AS TEXT)").bind(crate::paths::bytes(&copy));
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
fn set_aside(path: &Path) -> Result<PathBuf, LibraryError> {
    let named = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let aside = (1..).map(|n| named(&format!(".broken-{n}"))).find(|aside| !aside.exists()).unwrap_or_default();
    std::fs::rename(path, &aside)
        .map_err(|error| LibraryError::File { path: path.into(), reason: in_words(&error) })?;
    for log in ["-wal", "-shm"] {
        let mut name = aside.clone().into_os_string();
        name.push(log);
        // The log belongs to the damaged file; where there is none, there is nothing to move.
        let _ = std::fs::rename(named(log), name);
    }
    Ok(aside)
}

/// The steps in which SQLite carries out a statement.
#[cfg(test)]
pub(crate) async fn plan(view: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let plan = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
    plan.map(|row: sqlx::sqlite::SqliteRow| row.get(3)).fetch_all(view).await.unwrap_or_default()
}
