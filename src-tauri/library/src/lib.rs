//! What we own: the folders, the tracks in them, their covers, and the session that survives a restart.
//!
//! The one place with SQL. A [`Library`] is a handle: reads see one state of the library each and never wait for a
//! scan; every change of what lists show is one transaction, one revision and one [`LibraryEvent::Changed`].
//!
//! | | |
//! |---|---|
//! | `database` | the connections, migrations, revisions |
//! | `scan`     | walk, read, write |
//! | `tags`     | what a file says of itself |
//! | `derived`  | what follows from the tracks for albums and artists |
//! | `select`, `rows` | lists and their windows |
//! | `folders`  | the tree of folders |
//! | `search`   | what the listener types, and the best that it finds |
//! | `edits`    | favourites, ratings |
//! | `playlists` | playlists, the smart ones, too |
//! | `history`, `statistics` | what was heard, and what that tells |
//! | `loose`    | files from outside of the roots |
//! | `details`, `lyrics` | what is read from a file only when it is asked for |
//! | `cover`    | small pictures by content |

mod cover;
mod database;
mod derived;
mod details;
mod edits;
mod error;
mod fold;
mod folders;
mod history;
mod loose;
mod lyrics;
mod paths;
mod playlists;
mod roots;
mod rows;
mod scan;
mod search;
mod select;
mod session;
mod statistics;
mod tags;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use auralis_core::{LibraryCommand, LibraryEvent, Listen, Rows, Track, TrackId, TrackRow, Tracks, Window};
use tokio::sync::{Mutex as AsyncMutex, Notify};

pub use cover::{Cover, CoverSize};
pub use database::Counts;
pub use error::LibraryError;
pub use rows::LibrarySize;

use cover::Covers;
use database::Database;
use rows::View;

/// A handle to the library; clones are handles to the same one.
#[derive(Clone)]
pub struct Library(Arc<Inner>);

/// What [`Library::open`] gives.
pub struct Opened {
    /// The handle.
    pub library: Library,
    /// Where a damaged database was moved to, if there was one: a new one has taken its place.
    pub set_aside: Option<PathBuf>,
}

struct Inner {
    database: Database,
    covers: Covers,
    report: Box<dyn Fn(LibraryEvent) + Send + Sync>,
    /// Held by a command, so that no scan starts while a folder goes.
    commands: AsyncMutex<()>,
    scan: Mutex<Option<RunningScan>>,
    scan_over: Notify,
}

struct RunningScan {
    shared: Arc<scan::Shared>,
    /// Whether another follows it.
    again: bool,
}

impl Library {
    /// Opens `<data_dir>/library.db`, or makes it; small covers are kept in `<cache_dir>/covers`. `report` is told
    /// first what is in it, by one `Changed`, and then what happens, from any thread; it must not block.
    ///
    /// # Errors
    ///
    /// A folder that cannot be written, or a database of a newer version.
    pub async fn open(
        data_dir: &Path,
        cache_dir: &Path,
        report: impl Fn(LibraryEvent) + Send + Sync + 'static,
    ) -> Result<Opened, LibraryError> {
        std::fs::create_dir_all(data_dir)
            .map_err(|error| LibraryError::File { path: data_dir.into(), reason: error::in_words(&error) })?;
        let (database, set_aside) = Database::open(&data_dir.join("library.db")).await?;
        let inner = Inner {
            database,
            covers: Covers::open(cache_dir)?,
            report: Box::new(report),
            commands: AsyncMutex::new(()),
            scan: Mutex::new(None),
            scan_over: Notify::new(),
        };
        let library = Library(Arc::new(inner));
        (library.0.report)(library.counts().await?.told());
        Ok(Opened { library, set_aside })
    }

    /// Does what the core wishes. A scan goes on in the background after this returns.
    ///
    /// # Errors
    ///
    /// A folder that cannot be added, or is not known. Nothing has changed then.
    pub async fn execute(&self, command: LibraryCommand) -> Result<(), LibraryError> {
        if let LibraryCommand::CancelScan = command {
            self.cancel();
            return Ok(());
        }
        let _alone = self.0.commands.lock().await;
        match command {
            LibraryCommand::AddRoot { path } => {
                (self.0.report)(roots::add(&self.0.database, &path).await?);
                self.scan();
            }
            LibraryCommand::RemoveRoot { root } => {
                // A scan would put back what goes.
                let scanned = self.stop().await;
                let removed = roots::remove(&self.0.database, root).await;
                if scanned {
                    self.scan();
                }
                (self.0.report)(removed?);
            }
            LibraryCommand::Scan => self.scan(),
            LibraryCommand::CancelScan => {}
            LibraryCommand::Edit(edit) => {
                // Read before it is written, so that a long list does not keep the writer.
                let tracks = match edits::tracks(&edit) {
                    Some(tracks) => self.resolve(tracks).await?,
                    None => Vec::new(),
                };
                (self.0.report)(edits::carry_out(&self.0.database, edit, &tracks).await?);
            }
        }
        Ok(())
    }

    /// The rows of a window of any list but the queue.
    ///
    /// # Errors
    ///
    /// A window that is too large, or of the queue.
    pub async fn rows(&self, window: &Window) -> Result<Rows, LibraryError> {
        rows::window(&self.0.database, window).await
    }

    /// The rows of tracks, in the order of `ids`; `None` where there is no such track.
    pub async fn tracks(&self, ids: &[TrackId]) -> Result<Vec<Option<TrackRow>>, LibraryError> {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        rows::track_rows(&mut *self.0.database.read().await?, &ids).await
    }

    /// A track and where its file is.
    pub async fn track(&self, id: TrackId) -> Result<Option<Track>, LibraryError> {
        rows::track(&mut *self.0.database.read().await?, id).await
    }

    /// Where the files of tracks are, in the order of `ids`; `None` where there is no such track.
    pub async fn paths(&self, ids: &[TrackId]) -> Result<Vec<Option<PathBuf>>, LibraryError> {
        rows::track_paths(&mut *self.0.database.read().await?, ids).await
    }

    /// How much music there is.
    pub async fn size(&self) -> Result<LibrarySize, LibraryError> {
        rows::size(&mut *self.0.database.read().await?).await
    }

    /// The ids that `tracks` names, in order.
    ///
    /// # Errors
    ///
    /// An id that is not known, or more than [`Tracks::MOST_IDS`].
    pub async fn resolve(&self, tracks: &Tracks) -> Result<Vec<TrackId>, LibraryError> {
        let database = &self.0.database;
        match tracks {
            Tracks::Ids { ids } if ids.len() > Tracks::MOST_IDS => Err(LibraryError::TooManyTracks(ids.len())),
            Tracks::Ids { ids } => {
                rows::expect_tracks(&mut *database.read().await?, ids).await?;
                Ok(ids.clone())
            }
            Tracks::List { list } => {
                let mut view = View::new(database).await?;
                let list = select::tracks(&mut view, list).await?;
                view.list_ids(&list).await
            }
            Tracks::Playlist { playlist } => playlists::tracks(&mut View::new(database).await?, *playlist).await,
            Tracks::Files { paths } => {
                let (ids, changed) = loose::resolve(database, paths).await?;
                changed.into_iter().for_each(|changed| (self.0.report)(changed));
                Ok(ids)
            }
        }
    }

    /// Adds a listening to the history, and to what is known of its track.
    pub async fn listened(&self, listen: &Listen) -> Result<(), LibraryError> {
        if let Some(changed) = history::add(&self.0.database, listen).await? {
            (self.0.report)(changed);
        }
        Ok(())
    }

    /// A cover by its content hash, as rows have it. `None` if there is none of that name or it is broken.
    pub async fn cover(&self, hash: &str, size: CoverSize) -> Result<Option<Cover>, LibraryError> {
        self.0.covers.get(&self.0.database, hash, size).await
    }

    /// The file of a cover, made if it is not there yet. `None` as in [`Library::cover`], or where it cannot be written.
    pub async fn cover_file(&self, hash: &str, size: CoverSize) -> Result<Option<PathBuf>, LibraryError> {
        self.0.covers.file(&self.0.database, hash, size).await
    }

    /// Keeps values under their keys until they are replaced: all of them or, if the power goes, none. A later save is
    /// never there without the earlier.
    pub async fn save_state(&self, values: &[(&str, &[u8])]) -> Result<(), LibraryError> {
        session::save(&self.0.database, values).await
    }

    /// What was last saved under `key`.
    pub async fn load_state(&self, key: &str) -> Result<Option<Vec<u8>>, LibraryError> {
        session::load(&self.0.database, key).await
    }

    /// How much there is of everything, and the revision of that.
    pub async fn counts(&self) -> Result<Counts, LibraryError> {
        self.0.database.counts(&mut *self.0.database.read().await?).await
    }

    /// Stops a scan and closes the database. Other handles fail from then on.
    pub async fn close(self) {
        let _alone = self.0.commands.lock().await;
        self.stop().await;
        self.0.database.close().await;
    }

    /// Starts a scan, or has the running one followed by another.
    fn scan(&self) {
        let mut running = self.running();
        if let Some(scan) = &mut *running {
            scan.again = true;
            return;
        }
        let mut shared = Arc::new(scan::Shared::default());
        *running = Some(RunningScan { shared: shared.clone(), again: false });
        let library = self.clone();
        tokio::spawn(async move {
            loop {
                scan::run(&library.0, shared).await;
                let mut running = library.running();
                match &mut *running {
                    Some(scan) if scan.again => {
                        shared = Arc::new(scan::Shared::default());
                        *scan = RunningScan { shared: shared.clone(), again: false };
                    }
                    _ => {
                        *running = None;
                        library.0.scan_over.notify_waiters();
                        return;
                    }
                }
            }
        });
    }

    /// Tells the running scan to stop, and none to follow it.
    fn cancel(&self) -> bool {
        let mut running = self.running();
        if let Some(scan) = &mut *running {
            scan.again = false;
            scan.shared.cancel();
        }
        running.is_some()
    }

    /// Stops the running scan, and waits until it has; false if there was none.
    async fn stop(&self) -> bool {
        let over = self.0.scan_over.notified();
        let running = self.cancel();
        if running {
            over.await;
        }
        running
    }

    fn running(&self) -> MutexGuard<'_, Option<RunningScan>> {
        self.0.scan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
