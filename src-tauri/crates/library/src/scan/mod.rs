//! One scan: it brings the database into step with the files. Threads of each root walk it and read tags, one task writes.

pub(crate) mod control;
mod existing_files;
mod folder_entries;
pub(crate) mod found_file;
mod root_scan;
pub(crate) mod scheduler;
pub(crate) mod tag_reader;
mod track_insert;
mod upserts;
mod walker;
pub(crate) mod watcher;
pub(crate) mod writer;

use std::{
    collections::{HashMap, VecDeque},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use auralis_core::{LibraryEvent, RootId, ScanProgress, ScanSummary};
use tokio::{sync::mpsc, time::MissedTickBehavior};

use crate::{
    database::Database,
    error::LibraryError,
    events::EventSink,
    file_access::{FileAccess, TIME_LIMIT},
};
use control::ScanControl;
use existing_files::ExistingFiles;
use root_scan::{Message, RootScan};
use tag_reader::ReadResult;
use walker::WalkerContext;
use writer::{CarryOver, ScanTransaction, WalkResult};

/// How many files are written at once.
const FILES_PER_WRITE: usize = 512;

/// How many batches of results may wait for the writer.
const MAX_QUEUED_BATCHES: usize = 32;

/// Delay of the first commit. It doubles with each commit up to the maximum, so first results appear fast and long scans
/// commit rarely.
const FIRST_COMMIT_INTERVAL: Duration = Duration::from_millis(450);

/// Longest time between two commits. A waiting writer shortens it.
const MAX_COMMIT_INTERVAL: Duration = Duration::from_secs(4);

/// How often progress is reported and the cancel flag is checked.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// Progress intervals without progress after which a root is given up: 5 s.
const MAX_SILENT_INTERVALS: u32 = (TIME_LIMIT.as_millis() / PROGRESS_INTERVAL.as_millis()) as u32;

/// Over how many progress intervals the rate is averaged.
const RATE_INTERVALS: usize = 40;

/// Scans every root, and reports progress and the end.
pub(crate) async fn run(database: &Database, files: &Arc<FileAccess>, report: &EventSink, control: Arc<ScanControl>) {
    let started = Instant::now();
    let mut scan = Scan {
        database,
        files,
        report,
        existing: None,
        was_online: HashMap::new(),
        control,
        last_progress: None,
        write_counters: ScanProgress::default(),
        failures: HashMap::new(),
        recent: VecDeque::new(),
        tx: None,
        carry_over: CarryOver::default(),
    };
    match scan.run().await {
        Ok(()) => {
            let summary = ScanSummary {
                progress: scan.progress(),
                duration_s: started.elapsed().as_secs_f64(),
                cancelled: scan.control.is_cancelled(),
            };
            tracing::info!(?summary, "scan ended");
            report(LibraryEvent::ScanEnded(summary));
        }
        Err(error) => {
            tracing::error!(%error, "scan failed");
            scan.control.cancel();
            let subject = database.path().display().to_string();
            report(LibraryEvent::ScanFailed { subject, reason: error.to_string() });
        }
    }
}

struct Scan<'a> {
    database: &'a Database,
    files: &'a Arc<FileAccess>,
    report: &'a EventSink,
    control: Arc<ScanControl>,
    existing: Option<Arc<Mutex<ExistingFiles>>>,
    /// Which roots were online before.
    was_online: HashMap<RootId, bool>,
    /// The progress that was last reported.
    last_progress: Option<ScanProgress>,
    /// The writer's part of the progress: everything but `found`, `counted` and unchanged files.
    write_counters: ScanProgress,
    /// Failures of earlier scans: the reason, and whether the file failed again.
    failures: HashMap<PathBuf, (String, bool)>,
    /// How many files were done at each of the last progress intervals.
    recent: VecDeque<(Instant, u32)>,
    tx: Option<ScanTransaction>,
    carry_over: CarryOver,
}

impl Scan<'_> {
    async fn run(&mut self) -> Result<(), LibraryError> {
        self.report_progress();
        let mut connection = self.database.begin_read().await?;
        let mut existing = ExistingFiles::load(&mut connection).await?;
        self.carry_over = CarryOver::initial(&mut connection).await?;
        drop(connection);
        self.failures = std::mem::take(&mut existing.failures);

        let (sender, mut messages) = mpsc::channel(MAX_QUEUED_BATCHES);
        let mut roots = self.start_roots(existing, &sender)?;

        let mut pending = Vec::with_capacity(FILES_PER_WRITE);
        let (mut pending_since, mut commit_interval) = (Instant::now(), FIRST_COMMIT_INTERVAL);
        let mut tick = tokio::time::interval(PROGRESS_INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.control.is_cancelled() && !roots.iter().all(RootScan::is_finished) {
            tokio::select! {
                message = messages.recv() => {
                    let Some((root, message)) = message else { break };
                    if pending.is_empty() && self.tx.is_none() {
                        pending_since = Instant::now();
                    }
                    let root = &mut roots[root];
                    match message {
                        Message::Results(_) if root.is_given_up() => {}
                        Message::Results(batch) => {
                            pending.extend(batch.into_iter().filter(|result| self.count(result)));
                        }
                        Message::Walked(walk) => root.walk = Some(walk),
                        Message::ReaderEnded => root.on_reader_ended(),
                    }
                }
                _ = tick.tick() => {
                    self.report_progress();
                    for root in roots.iter_mut().filter_map(|root| root.gives_up(MAX_SILENT_INTERVALS).then_some(root)) {
                        tracing::warn!(path = %root.path.display(), "a folder does not respond");
                        self.files.mark_stalled(&root.path);
                    }
                }
            }
            if roots.iter().all(RootScan::is_walked) {
                self.control.set_counted();
            }
            let is_due = pending_since.elapsed() >= commit_interval || self.database.has_waiting_writer();
            if pending.len() >= FILES_PER_WRITE || is_due {
                self.write(&mut pending).await?;
            }
            if is_due && self.tx.is_some() {
                self.commit().await?;
                commit_interval = (commit_interval * 2).min(MAX_COMMIT_INTERVAL);
            }
        }
        messages.close();
        if !self.control.is_cancelled() {
            let stalled = roots.iter().filter(|root| root.is_given_up());
            let failures = stalled.map(|root| ReadResult::Failed {
                path: root.path.clone(),
                reason: "it does not respond; its tracks are kept".into(),
                is_audio: false,
            });
            pending.extend(failures.filter(|result| self.count(result)));
        }
        self.write(&mut pending).await?;
        if !self.control.is_cancelled() {
            self.control.set_counted();
            self.delete_missing(&roots).await?;
        }
        self.commit().await?;
        self.report_progress();
        Ok(())
    }

    /// Starts the scans of all roots that respond.
    fn start_roots(
        &mut self,
        existing: ExistingFiles,
        sender: &mpsc::Sender<(usize, Message)>,
    ) -> Result<Vec<RootScan>, LibraryError> {
        let roots: Vec<_> = existing.roots.iter().map(|root| (root.id, root.path.clone(), root.online)).collect();
        self.was_online = roots.iter().map(|(id, _, online)| (*id, *online)).collect();
        let context = WalkerContext {
            root_paths: roots.iter().map(|(_, path, _)| path.clone()).collect(),
            ignored: existing.ignored.clone(),
            access: self.files.clone(),
            existing: self.existing.insert(Arc::new(Mutex::new(existing))).clone(),
        };
        let start = |(index, (id, path, _)): (usize, (RootId, PathBuf, bool))| {
            if !self.files.is_responding(&path) {
                return Ok(RootScan::skipped(id, path, self.control.clone()));
            }
            RootScan::start(index, id, path, context.clone(), self.control.clone(), sender.clone())
        };
        roots.into_iter().enumerate().map(start).collect()
    }

    /// Counts a result. Returns false if the library knows it already.
    fn count(&mut self, result: &ReadResult) -> bool {
        match result {
            ReadResult::File(read) => {
                let tracks = read.tracks.len() as u32;
                self.write_counters.done += 1;
                match read.file.tracks.is_empty() {
                    false => self.write_counters.updated += tracks,
                    true => self.write_counters.added += tracks,
                }
            }
            ReadResult::Image(_) => {}
            ReadResult::Failed { path, reason, is_audio } => {
                self.write_counters.done += u32::from(*is_audio);
                self.write_counters.failed += 1;
                if let Some((known, failed_again)) = self.failures.get_mut(path) {
                    *failed_again = true;
                    return known != reason;
                }
            }
        }
        true
    }

    async fn transaction(&mut self) -> Result<&mut ScanTransaction, LibraryError> {
        let tx = match self.tx.take() {
            Some(tx) => tx,
            None => ScanTransaction::begin(self.database, std::mem::take(&mut self.carry_over)).await?,
        };
        Ok(self.tx.insert(tx))
    }

    async fn write(&mut self, results: &mut Vec<ReadResult>) -> Result<(), LibraryError> {
        if !results.is_empty() {
            self.transaction().await?.write(results.drain(..)).await?;
        }
        Ok(())
    }

    /// Deletes tracks that the walks did not find, and failures that did not happen again. Roots that are offline or do not
    /// respond keep their tracks.
    async fn delete_missing(&mut self, roots: &[RootScan]) -> Result<(), LibraryError> {
        let mut result = WalkResult::default();
        if let Some(existing) = &self.existing {
            let existing = existing.lock().unwrap_or_else(PoisonError::into_inner);
            for (root, walk) in roots.iter().filter_map(|root| Some((root, root.walk.as_ref()?))) {
                if walk.is_online {
                    result.missing.extend(existing.missing(root.id, &walk.unreadable));
                }
                if self.was_online.get(&root.id) != Some(&walk.is_online) {
                    result.online.push((root.id, walk.is_online));
                }
            }
        }
        let resolved = self.failures.iter().filter(|(_, (_, failed_again))| !failed_again);
        // What lies in a root that was not scanned may fail again.
        let is_scanned = |path: &Path| !roots.iter().any(|root| root.walk.is_none() && path.starts_with(&root.path));
        let resolved: Vec<_> = resolved.map(|(path, _)| path.clone()).filter(|path| is_scanned(path)).collect();
        let nothing_to_do = resolved.is_empty() && result.missing.is_empty() && result.online.is_empty();
        if self.tx.is_some() || !nothing_to_do {
            self.transaction().await?.delete_missing(&result, &resolved).await?;
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), LibraryError> {
        if let Some(tx) = self.tx.take() {
            let (changed, carry_over) = tx.commit(self.database).await?;
            self.carry_over = carry_over;
            (self.report)(changed);
        }
        Ok(())
    }

    fn progress(&self) -> ScanProgress {
        let counted = self.control.is_counted();
        let found = self.control.found();
        let done = self.write_counters.done + self.control.unchanged();
        let files_per_s = self.recent.front().map_or(0.0, |(since, before)| {
            let seconds = since.elapsed().as_secs_f64().max(PROGRESS_INTERVAL.as_secs_f64());
            f64::from(done.saturating_sub(*before)) / seconds
        });
        let remaining_s =
            (counted && files_per_s > 0.0).then(|| (f64::from(found.saturating_sub(done)) / files_per_s).ceil() as u32);
        ScanProgress {
            found,
            discovery_done: counted,
            done,
            files_per_s: files_per_s as u32,
            remaining_s,
            ..self.write_counters.clone()
        }
    }

    fn report_progress(&mut self) {
        if self.recent.len() > RATE_INTERVALS {
            self.recent.pop_front();
        }
        self.recent.push_back((Instant::now(), self.write_counters.done + self.control.unchanged()));
        let progress = self.progress();
        if self.last_progress.as_ref() != Some(&progress) {
            self.last_progress = Some(progress.clone());
            (self.report)(LibraryEvent::ScanProgressed(progress));
        }
    }
}
