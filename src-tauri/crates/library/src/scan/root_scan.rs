//! The scan of one root: a thread that walks it, threads that read tags, and a check that they make progress.
//!
//! Roots are scanned side by side. One whose disk hangs is given up after a while; its tracks are kept.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use auralis_core::RootId;
use tokio::sync::mpsc;

use super::{
    control::ScanControl,
    tag_reader::{ReadResult, read_jobs, spawn_thread},
    walker::{RootWalk, Walker, WalkerContext},
};
use crate::{error::LibraryError, files::heartbeat::Heartbeat};

/// How many threads read tags.
const TAG_THREADS: usize = 2;

/// What the threads of a root send to the scan.
pub(super) enum Message {
    Results(Vec<ReadResult>),
    Walked(RootWalk),
    /// A thread that reads tags has ended.
    ReaderEnded,
}

/// Sends messages of one root.
#[derive(Clone)]
pub(super) struct RootSender {
    /// Index of the root in the scan.
    root: usize,
    messages: mpsc::Sender<(usize, Message)>,
}

/// The scan was cancelled or has given up this root.
pub(super) struct Cancelled;

impl RootSender {
    pub fn send(&self, message: Message) -> Result<(), Cancelled> {
        self.messages.blocking_send((self.root, message)).map_err(|_| Cancelled)
    }
}

/// Cancel flag of one root.
pub(super) struct RootControl {
    pub scan: Arc<ScanControl>,
    is_given_up: AtomicBool,
}

impl RootControl {
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_given_up.load(Relaxed) || self.scan.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

/// The state of one root in a scan.
pub(super) struct RootScan {
    pub id: RootId,
    pub path: PathBuf,
    /// The result of the walk, once it is complete.
    pub walk: Option<RootWalk>,
    control: Arc<RootControl>,
    running_readers: usize,
    heartbeats: Vec<(Arc<Heartbeat>, u64)>,
    /// Progress intervals without any progress.
    silent_intervals: u32,
    is_given_up: bool,
}

impl RootScan {
    /// Starts the threads of a root.
    pub fn start(
        index: usize,
        id: RootId,
        path: PathBuf,
        context: WalkerContext,
        scan: Arc<ScanControl>,
        messages: mpsc::Sender<(usize, Message)>,
    ) -> Result<RootScan, LibraryError> {
        let control = Arc::new(RootControl { scan, is_given_up: AtomicBool::new(false) });
        let sender = RootSender { root: index, messages };
        let mut heartbeats = Vec::new();
        let mut spawn = |name: &str, work: Box<dyn FnOnce() + Send>| {
            let heartbeat = Heartbeat::new(None);
            heartbeats.push((heartbeat.clone(), 0));
            spawn_thread(name, move || {
                heartbeat.attach();
                work();
            })
        };
        let (jobs, queued_jobs) = std::sync::mpsc::sync_channel(64);
        let queued_jobs = Arc::new(std::sync::Mutex::new(queued_jobs));
        for _ in 0..TAG_THREADS {
            let (jobs, sender, control) = (queued_jobs.clone(), sender.clone(), control.clone());
            spawn("tags", Box::new(move || read_jobs(&jobs, &sender, &control)))?;
        }
        let walker = Walker::new(context, id, path.clone(), jobs, sender, control.clone());
        spawn("walk", Box::new(move || walker.run()))?;
        Ok(RootScan {
            id,
            path,
            walk: None,
            control,
            running_readers: TAG_THREADS,
            heartbeats,
            silent_intervals: 0,
            is_given_up: false,
        })
    }

    /// Returns a root that is not scanned because it does not respond.
    pub fn skipped(id: RootId, path: PathBuf, scan: Arc<ScanControl>) -> RootScan {
        let control = Arc::new(RootControl { scan, is_given_up: AtomicBool::new(true) });
        let (walk, heartbeats) = (None, Vec::new());
        RootScan { id, path, walk, control, running_readers: 0, heartbeats, silent_intervals: 0, is_given_up: true }
    }

    pub fn on_reader_ended(&mut self) {
        self.running_readers -= 1;
    }

    /// Returns whether all its files have been found, or never will be.
    pub fn is_walked(&self) -> bool {
        self.is_given_up || self.walk.is_some()
    }

    pub fn is_finished(&self) -> bool {
        self.is_given_up || (self.walk.is_some() && self.running_readers == 0)
    }

    /// Returns whether results of this root still count.
    pub fn is_given_up(&self) -> bool {
        self.is_given_up
    }

    /// Checks for progress, once per interval. Returns true if there was none for `max_silent_intervals`: the root is then
    /// given up.
    pub fn gives_up(&mut self, max_silent_intervals: u32) -> bool {
        if self.is_finished() {
            return false;
        }
        let is_alive =
            |(heartbeat, last): &mut (Arc<Heartbeat>, u64)| !heartbeat.has_started() || heartbeat.is_alive(last);
        // All of them, so that each `last` is updated.
        let alive = self.heartbeats.iter_mut().map(is_alive).filter(|alive| *alive).count();
        self.silent_intervals = if alive > 0 { 0 } else { self.silent_intervals + 1 };
        if self.silent_intervals < max_silent_intervals {
            return false;
        }
        self.is_given_up = true;
        self.control.is_given_up.store(true, Relaxed);
        true
    }
}
