//! The threads of one root.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use crate::files::heartbeat::Heartbeat;

/// How many operations run at once.
const MAX_THREADS: usize = 4;

/// How many threads there are at most with those that hang. A retry needs one that does not.
const MAX_THREADS_WITH_STUCK: usize = 8;

/// How long an unused thread stays.
const IDLE_TIME: Duration = Duration::from_secs(10);

type Work = Box<dyn FnOnce() + Send>;

/// Queue and threads of one root. The threads are detached: nothing ever waits for their end.
pub(super) struct Lane {
    state: Mutex<State>,
    has_work: Condvar,
    /// Rises with each step of any operation.
    progress: Arc<AtomicU64>,
    changed: Arc<Notify>,
    /// How often an operation is let through while the root does not respond.
    retry_interval: Duration,
}

#[derive(Default)]
struct State {
    queue: VecDeque<(Work, Arc<Heartbeat>)>,
    threads: usize,
    idle: usize,
    /// When the last retry was let through; `None` while the root responds.
    stalled: Option<Instant>,
}

/// An operation on its way.
pub(super) struct Submitted {
    lane: Arc<Lane>,
    heartbeat: Arc<Heartbeat>,
    last_beat: u64,
    last_progress: u64,
}

impl Submitted {
    /// Returns whether the operation has made progress since the last call. One that waits in the queue counts as alive while
    /// any other operation makes progress.
    pub fn is_alive(&mut self) -> bool {
        if self.heartbeat.has_started() {
            return self.heartbeat.is_alive(&mut self.last_beat);
        }
        let progress = self.lane.progress.load(Relaxed);
        std::mem::replace(&mut self.last_progress, progress) != progress
    }

    pub fn mark_stalled(&self) {
        self.lane.mark_stalled();
    }
}

impl Lane {
    pub fn new(retry_interval: Duration, changed: Arc<Notify>) -> Arc<Lane> {
        let (state, has_work) = (Mutex::default(), Condvar::new());
        Arc::new(Lane { state, has_work, progress: Arc::default(), changed, retry_interval })
    }

    pub fn is_responding(&self) -> bool {
        self.state().stalled.is_none()
    }

    pub fn mark_stalled(&self) {
        let mut state = self.state();
        let is_new = state.stalled.is_none();
        state.stalled = Some(Instant::now());
        drop(state);
        if is_new {
            self.changed.notify_one();
        }
    }

    /// Queues work; `None` if the root does not respond and no retry is due.
    pub fn submit(self: &Arc<Self>, work: Work) -> Option<Submitted> {
        let mut state = self.state();
        if let Some(last_retry) = &mut state.stalled {
            if last_retry.elapsed() < self.retry_interval {
                return None;
            }
            *last_retry = Instant::now();
        }
        let heartbeat = Heartbeat::new(Some(self.progress.clone()));
        state.queue.push_back((work, heartbeat.clone()));
        let limit = if state.stalled.is_some() { MAX_THREADS_WITH_STUCK } else { MAX_THREADS };
        if state.idle < state.queue.len() && state.threads < limit {
            let lane = self.clone();
            let started = std::thread::Builder::new().name("files".into()).spawn(move || lane.work());
            state.threads += usize::from(started.is_ok());
        }
        drop(state);
        self.has_work.notify_one();
        let last_progress = self.progress.load(Relaxed);
        Some(Submitted { lane: self.clone(), heartbeat, last_beat: 0, last_progress })
    }

    fn work(&self) {
        while let Some((work, heartbeat)) = self.next() {
            heartbeat.attach();
            // The caller sees that its result never comes.
            let _ = catch_unwind(AssertUnwindSafe(work));
            Heartbeat::detach();
            self.progress.fetch_add(1, Relaxed);
            if self.state().stalled.take().is_some() {
                self.changed.notify_one();
            }
        }
    }

    /// Returns the next work; `None` after [`IDLE_TIME`] without any.
    fn next(&self) -> Option<(Work, Arc<Heartbeat>)> {
        let mut state = self.state();
        state.idle += 1;
        if state.queue.is_empty() {
            let waited = self.has_work.wait_timeout_while(state, IDLE_TIME, |state| state.queue.is_empty());
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.idle -= 1;
        let next = state.queue.pop_front();
        if next.is_none() {
            state.threads -= 1;
        }
        next
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
