//! Tells a thread that waits for a disk from one that is slow.
//!
//! A thread that works on files has a [`Heartbeat`]. The functions that read and write files call [`beat`] after each step, so
//! a long operation that makes progress is never taken for one that hangs.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicI32, AtomicU64, Ordering::Relaxed},
    },
};

thread_local! {
    static CURRENT: RefCell<Option<Arc<Heartbeat>>> = const { RefCell::new(None) };
}

/// The progress of one thread or operation.
#[derive(Default)]
pub(crate) struct Heartbeat {
    beats: AtomicU64,
    /// The thread id; 0 before it has started.
    thread: AtomicI32,
    /// Also counts the beats, such as those of all operations on one root.
    parent: Option<Arc<AtomicU64>>,
}

impl Heartbeat {
    pub fn new(parent: Option<Arc<AtomicU64>>) -> Arc<Heartbeat> {
        Arc::new(Heartbeat { parent, ..Heartbeat::default() })
    }

    pub fn has_started(&self) -> bool {
        self.thread.load(Relaxed) != 0
    }

    /// Returns whether the thread has made progress since the last call with the same `last`, or is about to: one that waits
    /// for a processor does not wait for a disk.
    pub fn is_alive(&self, last: &mut u64) -> bool {
        let beats = self.beats.load(Relaxed);
        let has_beaten = std::mem::replace(last, beats) != beats;
        has_beaten || (self.has_started() && is_runnable(self.thread.load(Relaxed)))
    }

    /// Makes this the heartbeat of the calling thread.
    pub fn attach(self: &Arc<Self>) {
        #[cfg(target_os = "linux")]
        self.thread.store(rustix::thread::gettid().as_raw_nonzero().get(), Relaxed);
        CURRENT.set(Some(self.clone()));
        beat();
    }

    /// Ends the heartbeat of the calling thread.
    pub fn detach() {
        CURRENT.set(None);
    }
}

/// Records progress of the calling thread, if it has a heartbeat.
pub(crate) fn beat() {
    CURRENT.with_borrow(|current| {
        if let Some(heartbeat) = current {
            heartbeat.beats.fetch_add(1, Relaxed);
            if let Some(parent) = &heartbeat.parent {
                parent.fetch_add(1, Relaxed);
            }
        }
    });
}

/// Returns whether a thread of this process runs or waits for a processor (`proc_pid_stat(5)`).
fn is_runnable(thread: i32) -> bool {
    let stat = std::fs::read(format!("/proc/self/task/{thread}/stat")).unwrap_or_default();
    let after_name = stat.iter().rposition(|byte| *byte == b')').map(|at| at + 2);
    after_name.and_then(|at| stat.get(at)) == Some(&b'R')
}
