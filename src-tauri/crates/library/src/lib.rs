//! What we own: the folders, the tracks in them, their covers, and the session that survives a restart.
//!
//! The one place with SQL. A [`Library`] is a handle: reads see one state of the library each and never wait for a
//! scan; every change of what lists show is one transaction, one revision and one [`LibraryEvent::Changed`].
//!
//! | | |
//! |---|---|
//! | `database`, `rescue` | the connections, migrations, revisions; what is left of a damaged file |
//! | `scan`     | walk, read, write |
//! | `watch`, `filesystem` | what changes while nobody looks |
//! | `tags`, `pieces`, `cue`, `place` | what a file says of itself, a cue sheet of a file, and where it lies |
//! | `tag_edits`, `tag_files` | what the listener changes in the files |
//! | `analyses` | what was measured of the sound |
//! | `tag_copy` | the tags of a file that is made from another |
//! | `duplicates` | what is there more than once |
//! | `derived`  | what follows from the tracks for albums and artists |
//! | `select`, `rows` | lists and their windows |
//! | `orders` | the orders of all tracks, at hand for lists that are sorted otherwise |
//! | `folders`  | the tree of folders |
//! | `query`, `search` | what the listener types, and the best that it finds |
//! | `edits`    | favourites, ratings |
//! | `playlists` | playlists, the smart ones, too |
//! | `exchange`, `playlist_files` | playlists and the history, from and to files |
//! | `history`, `statistics`, `scrobbles` | what was heard, what that tells, and what of it a server is to be told |
//! | `loose`    | files from outside of the roots |
//! | `details`, `lyrics` | what is read from a file only when it is asked for |
//! | `cover`    | small pictures by content |
//! | `background` | threads that nobody waits for |

mod analyses;
mod background;
mod cover;
mod cue;
mod database;
mod derived;
mod details;
mod duplicates;
mod edits;
mod error;
mod exchange;
mod files;
mod filesystem;
mod fold;
mod folders;
mod history;
mod ignored;
mod loose;
mod lyrics;
mod orders;
mod paths;
mod pieces;
mod place;
mod playlist_files;
mod playlists;
mod query;
mod rescue;
mod roots;
mod rows;
mod scan;
mod scrobbles;
mod search;
mod select;
mod session;
mod statistics;
mod tag_copy;
mod tag_edits;
mod tag_files;
mod tags;
mod watch;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use auralis_core::{
    AlbumId, AudioProfile, LibraryCommand, LibraryEvent, ListQuery, Listen, ListenId, RowItems, RowPage, RowQuery,
    Track, TrackId, TrackRow, TrackSelection, UserDataEdit, Waveform,
};
use tokio::sync::{Mutex as AsyncMutex, Notify};

pub use analyses::{Analysed, Unanalysed};
pub use background::background;
pub use cover::{Cover, CoverSize};
pub use database::Counts;
pub use error::LibraryError;
pub use rows::LibrarySize;
pub use scrobbles::Scrobble;
pub use tag_copy::copy_tags;

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
    /// Held by an edit of tags, so that each is whole before the next.
    tag_edits: AsyncMutex<()>,
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
            tag_edits: AsyncMutex::new(()),
            scan: Mutex::new(None),
            scan_over: Notify::new(),
        };
        let library = Library(Arc::new(inner));
        (library.0.report)(library.counts().await?.told());
        let tracks = tag_edits::undoable(&library.0.database).await?;
        if tracks > 0 {
            (library.0.report)(LibraryEvent::TagUndoChanged { tracks });
        }
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
        // Files are written for as long as it takes; everything else goes on meanwhile.
        if let LibraryCommand::EditTags { .. } | LibraryCommand::UndoTags = command {
            let _alone = self.0.tag_edits.lock().await;
            let changed = match command {
                LibraryCommand::EditTags { tracks, tags } => {
                    tag_edits::edit(&self.0.database, &self.resolve(&tracks).await?, *tags).await?
                }
                _ => tag_edits::undo(&self.0.database).await?,
            };
            changed.into_iter().for_each(|changed| (self.0.report)(changed));
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
            // See above.
            LibraryCommand::CancelScan | LibraryCommand::EditTags { .. } | LibraryCommand::UndoTags => {}
            LibraryCommand::Export(export) => exchange::export(&self.0.database, &export).await?,
            LibraryCommand::SetIgnorePatterns { patterns } => {
                (self.0.report)(ignored::set(&self.0.database, &patterns).await?);
                self.scan();
            }
            LibraryCommand::Edit(UserDataEdit::ImportPlaylist { path }) => {
                let (changed, problem) = exchange::import(&self.0.database, Path::new(&path)).await?;
                changed.into_iter().for_each(|changed| (self.0.report)(changed));
                if let Some(reason) = problem {
                    (self.0.report)(LibraryEvent::PlaylistIncomplete { subject: path, reason });
                }
            }
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
    pub async fn rows(&self, window: &RowQuery) -> Result<RowPage, LibraryError> {
        if let ListQuery::Tags { tracks } = &window.list {
            let ids = self.resolve(tracks).await?;
            let fields = tag_edits::common(&mut *self.0.database.read().await?, &ids).await?;
            let revision = self.counts().await?.revision;
            return Ok(RowPage { revision, total: 1, offset: 0, items: RowItems::Tags(vec![fields]) });
        }
        rows::window(&self.0.database, window).await
    }

    /// The rows of tracks, in the order of `ids`; `None` where there is no such track.
    pub async fn tracks(&self, ids: &[TrackId]) -> Result<Vec<Option<TrackRow>>, LibraryError> {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        rows::track_rows(&mut *self.0.database.read().await?, &ids).await
    }

    /// A track and where its file is. Its loudness is by the tags, and its album's profile is not there.
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
    /// An id that is not known, or more than [`TrackSelection::MAX_TRACK_IDS`].
    pub async fn resolve(&self, tracks: &TrackSelection) -> Result<Vec<TrackId>, LibraryError> {
        let database = &self.0.database;
        match tracks {
            TrackSelection::Ids { ids } if ids.len() > TrackSelection::MAX_TRACK_IDS => {
                Err(LibraryError::TooManyTracks(ids.len()))
            }
            TrackSelection::Ids { ids } => {
                rows::expect_tracks(&mut *database.read().await?, ids).await?;
                Ok(ids.clone())
            }
            TrackSelection::List { list } => {
                let mut view = View::new(database).await?;
                let list = select::tracks(&mut view, list).await?;
                view.list_ids(&list).await
            }
            TrackSelection::Playlist { playlist } => {
                playlists::tracks(&mut View::new(database).await?, *playlist).await
            }
            TrackSelection::Files { paths } => {
                let (ids, changed) = loose::resolve(database, paths).await?;
                changed.into_iter().for_each(|changed| (self.0.report)(changed));
                Ok(ids)
            }
        }
    }

    /// How many tracks that are there have a profile by a version of the analysis, and how many can have one: all but
    /// those that could not be analysed.
    pub async fn analysed(&self, version: u32) -> Result<(u32, u32), LibraryError> {
        analyses::count(&mut *self.0.database.read().await?, version).await
    }

    /// Those of `tracks` that a version of the analysis has not looked at as they are now, in their order.
    pub async fn unanalysed_of(&self, version: u32, tracks: &[TrackId]) -> Result<Vec<Unanalysed>, LibraryError> {
        analyses::missing_of(&mut *self.0.database.read().await?, version, tracks).await
    }

    /// The first tracks, album by album, that are there and that a version of the analysis has not looked at as they are
    /// now.
    pub async fn unanalysed(&self, version: u32, limit: u32) -> Result<Vec<Unanalysed>, LibraryError> {
        analyses::missing(&mut *self.0.database.read().await?, version, limit).await
    }

    /// Keeps what the analysis of a track found, or that it could not be analysed, so that nobody tries again before its
    /// file changes. Gives the tracks of which more is known by it: the track and, if its album is complete now, those.
    /// No list looks different for it, so it is no revision.
    pub async fn keep_analysis(
        &self,
        track: &Unanalysed,
        version: u32,
        found: Option<&Analysed>,
    ) -> Result<Vec<TrackId>, LibraryError> {
        analyses::keep(&self.0.database, track, version, found).await
    }

    /// What the analysis found of a track.
    pub async fn profile(&self, track: TrackId) -> Result<Option<AudioProfile>, LibraryError> {
        analyses::profile(&mut *self.0.database.read().await?, track).await
    }

    /// The same with the distribution of its loudness, in the encoding of whoever measured.
    pub async fn analysis(&self, track: TrackId) -> Result<Option<(AudioProfile, Vec<u8>)>, LibraryError> {
        analyses::of_track(&mut *self.0.database.read().await?, track).await
    }

    /// The outline of a track.
    pub async fn waveform(&self, track: TrackId) -> Result<Option<Waveform>, LibraryError> {
        analyses::waveform(&mut *self.0.database.read().await?, track).await
    }

    /// Profiles and distributions of an album's tracks; nothing before all of them are analysed that can be.
    pub async fn album_analyses(&self, album: AlbumId) -> Result<Option<Vec<(AudioProfile, Vec<u8>)>>, LibraryError> {
        analyses::of_album(&mut *self.0.database.read().await?, album).await
    }

    /// Adds a listening to the history, and to what is known of its track.
    pub async fn listened(&self, listen: &Listen) -> Result<(), LibraryError> {
        if let Some(changed) = history::add(&self.0.database, listen).await? {
            (self.0.report)(changed);
        }
        Ok(())
    }

    /// Notes whether plays from now on are to be told to a server; what was heard before is not.
    pub async fn scrobble(&self, on: bool) -> Result<(), LibraryError> {
        scrobbles::scrobble(&self.0.database, on).await
    }

    /// Plays that are to be told and have not been, the first `most` of them, and how many there are in all.
    pub async fn unscrobbled(&self, most: u32) -> Result<(Vec<Scrobble>, u32), LibraryError> {
        scrobbles::untold(&self.0.database, most).await
    }

    /// Notes that plays have been told, up to this one.
    pub async fn scrobbled(&self, last: ListenId) -> Result<(), LibraryError> {
        scrobbles::told(&self.0.database, last).await
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

    /// Watches the folders from now on, and scans when something changes in them.
    pub async fn watch(&self) -> Result<(), LibraryError> {
        watch::begin(&self.0).await
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
