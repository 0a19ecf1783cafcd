//! Brings the database into step with the files: one thread walks the folders, two read tags, one task writes.

mod known;
mod read;
mod walk;
mod write;

use std::{
    collections::HashMap,
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
use read::FolderImage;
use walk::{Walk, Walked};

pub(crate) use known::Stamp;
pub(crate) use read::{Outcome, ReadTrack};
pub(crate) use walk::{Folder, FoundFile, is_audio};
pub(crate) use write::Change;

/// How many threads read tags.
const READERS: usize = 2;

/// How many outcomes are written at once.
const BATCH: usize = 512;

/// How long a change may wait before it is committed and told: so lists are redrawn at most about twice a second.
const COMMIT_EVERY: Duration = Duration::from_millis(450);

/// How often progress is told, and the wish to cancel looked at.
const TICK: Duration = Duration::from_millis(100);

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
        change: None,
        images: Vec::new(),
    };
    match scan.run().await {
        Ok(()) => {
            let summary = ScanSummary {
                progress: scan.progress(),
                seconds: started.elapsed().as_secs_f64(),
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
    change: Option<Change>,
    /// Pictures of folders that have no track yet.
    images: Vec<FolderImage>,
}

impl Scan<'_> {
    async fn run(&mut self) -> Result<(), LibraryError> {
        self.tell();
        let mut known = Known::load(&mut *self.library.database.read().await?).await?;
        self.failures = std::mem::take(&mut known.failures);

        let (jobs, queued) = std::sync::mpsc::sync_channel(64);
        let (read, mut outcomes) = mpsc::channel(BATCH);
        read::spawn(READERS, queued, read.clone(), &self.shared)?;
        let (walked, walk) = oneshot::channel();
        let walker = Walk::new(known, jobs, read, self.shared.clone());
        read::thread("walk", move || {
            // Where nobody waits for it any more, the scan has failed and said so.
            let _ = walked.send(walker.run());
        })?;

        let mut received = Vec::with_capacity(BATCH);
        let mut waiting = Vec::with_capacity(BATCH);
        let mut since = Instant::now();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.shared.cancelled() {
            tokio::select! {
                count = outcomes.recv_many(&mut received, BATCH - waiting.len()) => {
                    if count == 0 {
                        break;
                    }
                    if waiting.is_empty() && self.change.is_none() {
                        since = Instant::now();
                    }
                    waiting.extend(received.drain(..).filter(|outcome| self.count(outcome)));
                }
                _ = tick.tick() => self.tell(),
            }
            let due = since.elapsed() >= COMMIT_EVERY;
            if waiting.len() == BATCH || due {
                self.write(&mut waiting).await?;
            }
            if due {
                self.commit().await?;
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
            Outcome::Track(track) => {
                self.written.done += 1;
                match track.file.track {
                    Some(_) => self.written.updated += 1,
                    None => self.written.added += 1,
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
            None => Change::begin(&self.library.database, std::mem::take(&mut self.images)).await?,
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
            let (changed, images) = change.commit(&self.library.database).await?;
            self.images = images;
            (self.library.report)(changed);
        }
        Ok(())
    }

    fn progress(&self) -> ScanProgress {
        // `counted` first: once it is set, `found` grows no more.
        let counted = self.shared.counted.load(Acquire);
        ScanProgress {
            found: self.shared.found.load(Relaxed),
            counted,
            done: self.written.done + self.shared.unchanged.load(Relaxed),
            ..self.written.clone()
        }
    }

    fn tell(&mut self) {
        let progress = self.progress();
        if self.told.as_ref() != Some(&progress) {
            self.told = Some(progress.clone());
            (self.library.report)(LibraryEvent::ScanProgressed(progress));
        }
    }
}
