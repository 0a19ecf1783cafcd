//! The public handle of the library.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use auralis_core::{
    AlbumId, AudioProfile, LibraryEvent, Listen, ListenId, RowPage, RowQuery, Track, TrackId, TrackRow, TrackSelection,
    Waveform,
};
use tokio::sync::Mutex;

use crate::{
    analyses::{self, AnalysisJob, AnalysisResult},
    covers::{Cover, CoverCache, CoverSize},
    database::{Database, counts::Counts, key_value},
    edits,
    error::{LibraryError, describe_io_error},
    events::EventSink,
    file_access::FileAccess,
    listening::{
        history,
        scrobble_queue::{self, Scrobble},
    },
    lists::{
        caches::ListCaches,
        rows::{self, LibrarySize},
    },
    roots,
    scan::{scheduler::ScanScheduler, watcher},
    windows,
};

/// How long the end of the program waits for a command, and for the database.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// When the database is first checked and backed up after a start.
const MAINTENANCE_DELAY: Duration = Duration::from_secs(60);

/// How often it is looked whether that is due again.
const MAINTENANCE_INTERVAL: Duration = Duration::from_secs(3600);

/// A handle to the library. Clones are handles to the same one.
#[derive(Clone)]
pub struct Library(pub(crate) Arc<Inner>);

/// The result of [`Library::open`].
pub struct OpenedLibrary {
    /// The handle.
    pub library: Library,
    /// Where a damaged database was moved to. A new one has taken its place.
    pub quarantined_database: Option<PathBuf>,
}

pub(crate) struct Inner {
    pub database: Database,
    pub files: Arc<FileAccess>,
    pub caches: ListCaches,
    pub covers: CoverCache,
    pub report: EventSink,
    pub scans: Arc<ScanScheduler>,
    /// Held by a command, so that commands run one after the other.
    pub commands: Mutex<()>,
    /// Held by a tag edit, so that tag edits run one after the other, beside other commands.
    pub tag_edits: Mutex<()>,
}

impl Library {
    /// Opens or creates `<data_dir>/library.db`; scaled covers are stored in `<cache_dir>/covers`. `report` receives one
    /// `Changed` with what the library contains, and then all events, from any thread. It must not block.
    ///
    /// # Errors
    ///
    /// A folder that cannot be written, or a database of a newer version.
    pub async fn open(
        data_dir: &Path,
        cache_dir: &Path,
        report: impl Fn(LibraryEvent) + Send + Sync + 'static,
    ) -> Result<OpenedLibrary, LibraryError> {
        std::fs::create_dir_all(data_dir)
            .map_err(|error| LibraryError::File { path: data_dir.into(), reason: describe_io_error(&error) })?;
        let (database, quarantined_database) = Database::open(&data_dir.join("library.db")).await?;
        let report: EventSink = Arc::new(report);
        let files = Arc::new(FileAccess::default());
        files.set_roots(roots::root_paths(&database).await?);
        let inner = Inner {
            caches: ListCaches::default(),
            covers: CoverCache::open(cache_dir)?,
            scans: ScanScheduler::new(database.clone(), files.clone(), report.clone()),
            database,
            files,
            report,
            commands: Mutex::default(),
            tag_edits: Mutex::default(),
        };
        let library = Library(Arc::new(inner));
        library.report_responding_roots();
        library.maintain_database();
        library.report(library.counts().await?.into_event());
        Ok(OpenedLibrary { library, quarantined_database })
    }

    /// Returns a window of any list but the queue.
    ///
    /// # Errors
    ///
    /// A window that is too large, or of the queue.
    pub async fn rows(&self, query: &RowQuery) -> Result<RowPage, LibraryError> {
        let (page, event) = windows::list_window(&self.0.database, &self.0.caches, &self.0.files, query).await?;
        event.into_iter().for_each(|event| self.report(event));
        Ok(page)
    }

    /// Returns one row for each id; `None` where there is no such track.
    pub async fn tracks(&self, ids: &[TrackId]) -> Result<Vec<Option<TrackRow>>, LibraryError> {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        rows::track_rows(&mut *self.0.database.begin_read().await?, &ids).await
    }

    /// Returns a track and its file. Its loudness is that of the tags, and its album's profile is missing.
    pub async fn track(&self, id: TrackId) -> Result<Option<Track>, LibraryError> {
        rows::track(&mut *self.0.database.begin_read().await?, id).await
    }

    /// Returns the library folder of a track if it is offline: missing, empty or not responding within some seconds.
    pub async fn offline_folder(&self, track: TrackId) -> Result<Option<PathBuf>, LibraryError> {
        let Some(track) = self.track(track).await? else { return Ok(None) };
        roots::offline_root(&self.0.database, &self.0.files, &track.path).await
    }

    /// Returns the path of each track's file; `None` where there is no such track.
    pub async fn paths(&self, ids: &[TrackId]) -> Result<Vec<Option<PathBuf>>, LibraryError> {
        rows::track_paths(&mut *self.0.database.begin_read().await?, ids).await
    }

    /// Returns how much music there is.
    pub async fn size(&self) -> Result<LibrarySize, LibraryError> {
        rows::size(&mut *self.0.database.begin_read().await?).await
    }

    /// Returns the ids that a selection names, in order.
    ///
    /// # Errors
    ///
    /// An unknown id, or more than [`TrackSelection::MAX_TRACK_IDS`].
    pub async fn track_ids(&self, tracks: &TrackSelection) -> Result<Vec<TrackId>, LibraryError> {
        let (ids, event) = edits::track_ids(&self.0.database, &self.0.caches, &self.0.files, tracks).await?;
        event.into_iter().for_each(|event| self.report(event));
        Ok(ids)
    }

    /// Returns how many available tracks have a profile by a version of the analysis, and how many can have one: all except
    /// those that could not be analysed.
    pub async fn analysis_progress(&self, version: u32) -> Result<(u32, u32), LibraryError> {
        analyses::count(&mut *self.0.database.begin_read().await?, version).await
    }

    /// Returns those of `tracks` that a version of the analysis has not processed as they are now, in their order.
    pub async fn tracks_to_analyse_among(
        &self,
        version: u32,
        tracks: &[TrackId],
    ) -> Result<Vec<AnalysisJob>, LibraryError> {
        analyses::pending_among(&mut *self.0.database.begin_read().await?, version, tracks).await
    }

    /// Returns the first available tracks, album by album, that a version of the analysis has not processed as they are now.
    pub async fn tracks_to_analyse(&self, version: u32, limit: u32) -> Result<Vec<AnalysisJob>, LibraryError> {
        analyses::pending(&mut *self.0.database.begin_read().await?, version, limit).await
    }

    /// Stores an analysis result or its failure. Returns the tracks whose profile is now available: this one, or its whole
    /// album once complete. No list shows it, so the revision stays.
    pub async fn store_analysis(
        &self,
        track: &AnalysisJob,
        version: u32,
        result: Option<&AnalysisResult>,
    ) -> Result<Vec<TrackId>, LibraryError> {
        analyses::store(&self.0.database, track, version, result).await
    }

    /// Returns the profile of a track.
    pub async fn profile(&self, track: TrackId) -> Result<Option<AudioProfile>, LibraryError> {
        analyses::profile(&mut *self.0.database.begin_read().await?, track).await
    }

    /// Returns the profile of a track and the distribution of its loudness, in the analyser's encoding.
    pub async fn analysis(&self, track: TrackId) -> Result<Option<(AudioProfile, Vec<u8>)>, LibraryError> {
        analyses::of_track(&mut *self.0.database.begin_read().await?, track).await
    }

    /// Returns the waveform of a track.
    pub async fn waveform(&self, track: TrackId) -> Result<Option<Waveform>, LibraryError> {
        analyses::waveform(&mut *self.0.database.begin_read().await?, track).await
    }

    /// Returns profiles and distributions of an album's tracks; `None` until all that can be analysed are.
    pub async fn album_analyses(&self, album: AlbumId) -> Result<Option<Vec<(AudioProfile, Vec<u8>)>>, LibraryError> {
        analyses::of_album(&mut *self.0.database.begin_read().await?, album).await
    }

    /// Adds an entry to the history and updates the play counts of its track.
    pub async fn record_listen(&self, listen: &Listen) -> Result<(), LibraryError> {
        if let Some(changed) = history::add(&self.0.database, listen).await? {
            self.report(changed);
        }
        Ok(())
    }

    /// Switches scrobbling on or off. Listens from before it is switched on are never sent.
    pub async fn set_scrobbling(&self, enabled: bool) -> Result<(), LibraryError> {
        scrobble_queue::set_enabled(&self.0.database, enabled).await
    }

    /// Returns the first pending scrobbles, at most `limit`, and the number of all.
    pub async fn pending_scrobbles(&self, limit: u32) -> Result<(Vec<Scrobble>, u32), LibraryError> {
        scrobble_queue::pending(&self.0.database, &self.0.files, limit).await
    }

    /// Marks all plays up to this one as sent.
    pub async fn mark_scrobbled(&self, last: ListenId) -> Result<(), LibraryError> {
        scrobble_queue::mark_sent(&self.0.database, last).await
    }

    /// Returns a cover by its content hash; `None` if there is none or it cannot be decoded.
    pub async fn cover(&self, hash: &str, size: CoverSize) -> Result<Option<Cover>, LibraryError> {
        self.0.covers.get(&self.0.database, &self.0.files, hash, size).await
    }

    /// Returns the file of a cover, which is generated if need be; `None` as in [`Library::cover`], or if it cannot be
    /// written.
    pub async fn cover_file(&self, hash: &str, size: CoverSize) -> Result<Option<PathBuf>, LibraryError> {
        self.0.covers.file(&self.0.database, &self.0.files, hash, size).await
    }

    /// Stores values under their keys in one transaction. A later save is never durable without the earlier ones.
    pub async fn save_state(&self, values: &[(&str, &[u8])]) -> Result<(), LibraryError> {
        key_value::save(&self.0.database, values).await
    }

    /// Returns the value last saved under `key`.
    pub async fn load_state(&self, key: &str) -> Result<Option<Vec<u8>>, LibraryError> {
        key_value::load(&self.0.database, key).await
    }

    /// Watches the folders from now on, and scans when something changes in them.
    pub async fn watch(&self) -> Result<(), LibraryError> {
        watcher::start(&self.0.scans).await
    }

    /// Returns how much there is of everything, and the revision.
    pub async fn counts(&self) -> Result<Counts, LibraryError> {
        self.0.database.counts(&mut *self.0.database.begin_read().await?).await
    }

    /// Backs up the listener's data now. It happens by itself every day.
    pub async fn back_up(&self) -> Result<(), LibraryError> {
        self.0.database.back_up().await
    }

    /// Cancels a scan and closes the database. Other handles fail from then on.
    pub async fn close(self) {
        self.0.scans.close().await;
        // A command that waits for a disk must not hold up the end.
        let _guard = tokio::time::timeout(CLOSE_TIMEOUT, self.0.commands.lock()).await;
        if tokio::time::timeout(CLOSE_TIMEOUT, self.0.database.close()).await.is_err() {
            tracing::warn!("the library database is still in use at the end");
        }
    }

    /// Reports a change of the library whenever a root stops or starts responding, because lists show that.
    fn report_responding_roots(&self) {
        let (library, changed) = (Arc::downgrade(&self.0), self.0.files.changed());
        tokio::spawn(async move {
            let mut stalled = 0;
            loop {
                changed.notified().await;
                let Some(inner) = library.upgrade() else { return };
                let before = std::mem::replace(&mut stalled, inner.files.stalled_count());
                if stalled < before {
                    // The scan has left out the root that responds again.
                    inner.scans.start();
                }
                let report = async || {
                    let tx = inner.database.begin_write().await?;
                    inner.database.commit_user_data_changed(tx).await
                };
                match report().await {
                    Ok(event) => (inner.report)(event),
                    // The library is closed.
                    Err(error) => return tracing::debug!(%error, "the state of a folder was not reported"),
                }
            }
        });
    }

    /// Backs up the listener's data every day, and checks the database, while nobody waits for it.
    fn maintain_database(&self) {
        let library = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            let mut is_checked = false;
            loop {
                tokio::time::sleep(if is_checked { MAINTENANCE_INTERVAL } else { MAINTENANCE_DELAY }).await;
                let Some(inner) = library.upgrade().filter(|inner| !inner.scans.is_closed()) else { return };
                if !inner.database.is_backup_due() && is_checked {
                    continue;
                }
                match inner.database.is_intact().await {
                    Ok(true) => is_checked = true,
                    Ok(false) => {
                        tracing::error!("the library database is damaged");
                        inner.database.request_recovery();
                        let subject = inner.database.path().display().to_string();
                        let reason = "it is damaged and will be repaired at the next start".into();
                        return (inner.report)(LibraryEvent::ScanFailed { subject, reason });
                    }
                    Err(error) => tracing::warn!(%error, "the library database cannot be checked"),
                }
                // A damaged database must not replace a good backup.
                if is_checked
                    && inner.database.is_backup_due()
                    && let Err(error) = inner.database.back_up().await
                {
                    tracing::warn!(%error, "the library cannot be backed up");
                }
            }
        });
    }

    pub(crate) fn report(&self, event: LibraryEvent) {
        (self.0.report)(event);
    }
}
