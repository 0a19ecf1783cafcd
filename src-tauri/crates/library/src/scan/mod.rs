//! Brings the database into step with the files: one thread walks the folders, two read tags, one task writes.

mod known;
mod read;
mod walk;
mod write;

use std::{
    collections::{HashMap, VecDeque},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{
            AtomicBool, AtomicU32,
            Ordering::{Acquire, Relaxed},
        },
    },
    time::{Duration, Instant},
};

use auralis_core::{LibraryEvent, ScanProgress, ScanSummary};
use tokio::{
    sync::{mpsc, oneshot},
    time::MissedTickBehavior,
};

use crate::{Inner, error::LibraryError};
use known::Known;
use walk::{Walk, Walked};

pub(crate) use known::Stamp;
pub(crate) use read::{Outcome, ReadFile};
pub(crate) use walk::{Folder, FoundFile, is_audio};
pub(crate) use write::{Change, Left};

/// How many threads read tags.
const READERS: usize = 2;

/// How many outcomes are written at once.
const BATCH: usize = 512;

/// How many lots of outcomes may wait for the writer.
const LOTS: usize = 32;

/// How long the first change waits before it is committed and told; each that follows waits twice as long. So the first tracks
/// are seen at once, and a long scan is not held up by telling of each.
const COMMIT_EVERY: Duration = Duration::from_millis(450);

/// How long a change waits at most. One that somebody else waits for does not.
const COMMIT_AT_LEAST_EVERY: Duration = Duration::from_secs(4);

/// How often progress is told, and the wish to cancel looked at.
const TICK: Duration = Duration::from_millis(100);

/// Over how many ticks the rate is taken.
const RATE_TICKS: usize = 40;

/// What the walk and the writer both know.
#[derive(Default)]
pub(crate) struct Shared {
    cancelled: AtomicBool,
    counted: AtomicBool,
    found: AtomicU32,
    unchanged: AtomicU32,
}

impl Shared {
    /// Makes the scan stop soon.
    pub fn cancel(&self) {
        self.cancelled.store(true, Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.cancelled.load(Relaxed)
    }
}

/// Scans every root, and tells how it goes and how it ended.
pub(crate) async fn run(library: &Arc<Inner>, shared: Arc<Shared>) {
    let started = Instant::now();
    let mut scan = Scan {
        library,
        shared,
        told: None,
        written: ScanProgress::default(),
        failures: HashMap::new(),
        recent: VecDeque::new(),
        change: None,
        left: Left::default(),
    };
    match scan.run().await {
        Ok(()) => {
            let summary = ScanSummary {
                progress: scan.progress(),
                duration_s: started.elapsed().as_secs_f64(),
                cancelled: scan.shared.cancelled(),
            };
            tracing::info!(?summary, "scan ended");
            (library.report)(LibraryEvent::ScanEnded(summary));
        }
        Err(error) => {
            tracing::error!(%error, "scan failed");
            scan.shared.cancel();
            let subject = library.database.path().display().to_string();
            (library.report)(LibraryEvent::ScanFailed { subject, reason: error.to_string() });
        }
    }
}

struct Scan<'a> {
    library: &'a Arc<Inner>,
    shared: Arc<Shared>,
    /// What was last told.
    told: Option<ScanProgress>,
    /// The writer's part of the progress: all but `found`, `counted` and the unchanged.
    written: ScanProgress,
    /// Reasons of the last scan's failures by path, and whether the file failed again.
    failures: HashMap<PathBuf, (String, bool)>,
    /// How many files were dealt with, at each of the last ticks.
    recent: VecDeque<(Instant, u32)>,
    change: Option<Change>,
    /// What the last change left to the next.
    left: Left,
}

impl Scan<'_> {
    async fn run(&mut self) -> Result<(), LibraryError> {
        self.tell();
        let mut view = self.library.database.read().await?;
        let mut known = Known::load(&mut view).await?;
        self.left = Left::at_first(&mut view).await?;
        drop(view);
        self.failures = std::mem::take(&mut known.failures);

        let (jobs, queued) = std::sync::mpsc::sync_channel(64);
        let (read, mut outcomes) = mpsc::channel(LOTS);
        read::spawn(READERS, queued, read.clone(), &self.shared)?;
        let (walked, walk) = oneshot::channel();
        let walker = Walk::new(known, jobs, read, self.shared.clone());
        read::thread("walk", move || {
            // Where nobody waits for it any more, the scan has failed and said so.
            let _ = walked.send(walker.run());
        })?;

        let mut waiting = Vec::with_capacity(BATCH);
        let (mut since, mut every) = (Instant::now(), COMMIT_EVERY);
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.shared.cancelled() {
            tokio::select! {
                lot = outcomes.recv() => {
                    let Some(lot) = lot else { break };
                    if waiting.is_empty() && self.change.is_none() {
                        since = Instant::now();
                    }
                    waiting.extend(lot.into_iter().filter(|outcome| self.count(outcome)));
                }
                _ = tick.tick() => self.tell(),
            }
            let due = since.elapsed() >= every || self.library.database.is_wanted();
            if waiting.len() >= BATCH || due {
                self.write(&mut waiting).await?;
            }
            if due && self.change.is_some() {
                self.commit().await?;
                every = (every * 2).min(COMMIT_AT_LEAST_EVERY);
            }
        }
        outcomes.close();
        self.write(&mut waiting).await?;
        if !self.shared.cancelled()
            && let Ok(walked) = walk.await
        {
            self.end(&walked).await?;
        }
        self.commit().await?;
        self.tell();
        Ok(())
    }

    /// Counts an outcome; false if the library knows it already.
    fn count(&mut self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::File(read) => {
                let tracks = read.tracks.len() as u32;
                self.written.done += 1;
                match read.file.tracks.is_empty() {
                    false => self.written.updated += tracks,
                    true => self.written.added += tracks,
                }
            }
            Outcome::Image(_) => {}
            Outcome::Failed { path, reason, file } => {
                self.written.done += u32::from(*file);
                self.written.failed += 1;
                if let Some((known, again)) = self.failures.get_mut(path) {
                    *again = true;
                    return known != reason;
                }
            }
        }
        true
    }

    async fn change(&mut self) -> Result<&mut Change, LibraryError> {
        let change = match self.change.take() {
            Some(change) => change,
            None => Change::begin(&self.library.database, std::mem::take(&mut self.left)).await?,
        };
        Ok(self.change.insert(change))
    }

    async fn write(&mut self, outcomes: &mut Vec<Outcome>) -> Result<(), LibraryError> {
        if !outcomes.is_empty() {
            self.change().await?.write(outcomes.drain(..)).await?;
        }
        Ok(())
    }

    /// Deletes what was not met again.
    async fn end(&mut self, walked: &Walked) -> Result<(), LibraryError> {
        let mended = self.failures.iter().filter(|(_, (_, again))| !again).map(|(path, _)| path.clone());
        let mended: Vec<_> = mended.collect();
        let nothing = mended.is_empty() && walked.vanished.is_empty() && walked.online.is_empty();
        if self.change.is_some() || !nothing {
            self.change().await?.end(walked, &mended).await?;
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), LibraryError> {
        if let Some(change) = self.change.take() {
            let (changed, left) = change.commit(&self.library.database).await?;
            self.left = left;
            (self.library.report)(changed);
        }
        Ok(())
    }

    fn progress(&self) -> ScanProgress {
        // `counted` first: once it is set, `found` grows no more.
        let counted = self.shared.counted.load(Acquire);
        let found = self.shared.found.load(Relaxed);
        let done = self.written.done + self.shared.unchanged.load(Relaxed);
        let files_per_s = self.recent.front().map_or(0.0, |(since, before)| {
            f64::from(done.saturating_sub(*before)) / since.elapsed().as_secs_f64().max(TICK.as_secs_f64())
        });
        let left_s = (counted && files_per_s > 0.0).then(|| (f64::from(found - done) / files_per_s).ceil() as u32);
        ScanProgress {
            found,
            discovery_done: counted,
            done,
            files_per_s: files_per_s as u32,
            remaining_s: left_s,
            ..self.written.clone()
        }
    }

    fn tell(&mut self) {
        if self.recent.len() > RATE_TICKS {
            self.recent.pop_front();
        }
        self.recent.push_back((Instant::now(), self.written.done + self.shared.unchanged.load(Relaxed)));
        let progress = self.progress();
        if self.told.as_ref() != Some(&progress) {
            self.told = Some(progress.clone());
            (self.library.report)(LibraryEvent::ScanProgressed(progress));
        }
    }
}
