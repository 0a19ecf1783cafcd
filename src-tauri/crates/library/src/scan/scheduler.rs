//! Starts, repeats, pauses and cancels scans. At most one runs at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use auralis_core::LibraryEvent;
use tokio::sync::Notify;

use super::control::ScanControl;
use crate::{database::Database, events::EventSink, file_access::FileAccess};

/// Runs the scans of one library.
pub(crate) struct ScanScheduler {
    pub database: Database,
    pub files: Arc<FileAccess>,
    pub report: EventSink,
    state: Mutex<State>,
    /// Notified when no scan runs any more.
    idle: Notify,
}

#[derive(Default)]
struct State {
    running: Option<Arc<ScanControl>>,
    /// Another scan follows the running one, or starts at the end of a pause.
    rescan_requested: bool,
    is_paused: bool,
    is_closed: bool,
}

impl ScanScheduler {
    pub fn new(database: Database, files: Arc<FileAccess>, report: EventSink) -> Arc<ScanScheduler> {
        Arc::new(ScanScheduler { database, files, report, state: Mutex::default(), idle: Notify::new() })
    }

    /// Starts a scan, or has the running one followed by another. In a pause it starts at the end of that.
    pub fn start(self: &Arc<Self>) {
        let mut state = self.state();
        if state.is_closed {
            return;
        }
        if state.is_paused || state.running.is_some() {
            state.rescan_requested = true;
            return;
        }
        let control = Arc::new(ScanControl::default());
        state.running = Some(control.clone());
        drop(state);
        tokio::spawn(self.clone().run(control));
    }

    async fn run(self: Arc<Self>, mut control: Arc<ScanControl>) {
        loop {
            let scheduler = self.clone();
            let scan =
                async move { super::run(&scheduler.database, &scheduler.files, &scheduler.report, control).await };
            // A task of its own, so that a panic does not end this loop.
            if let Err(error) = tokio::spawn(scan).await {
                tracing::error!(%error, "a scan panicked");
                let subject = self.database.path().display().to_string();
                (self.report)(LibraryEvent::ScanFailed { subject, reason: "an internal error".into() });
            }
            let mut state = self.state();
            let runs_again = state.rescan_requested && !state.is_paused && !state.is_closed;
            if !runs_again {
                state.running = None;
                self.idle.notify_waiters();
                return;
            }
            control = Arc::new(ScanControl::default());
            state.rescan_requested = false;
            state.running = Some(control.clone());
        }
    }

    /// Cancels the running scan and the one that was to follow it.
    pub fn cancel(&self) {
        let mut state = self.state();
        state.rescan_requested = false;
        if let Some(control) = &state.running {
            control.cancel();
        }
    }

    /// Cancels the running scan and waits for its end. No scan runs until the returned guard is dropped; then one starts if
    /// one was cancelled or requested meanwhile.
    pub async fn pause(self: &Arc<Self>) -> ScanPause {
        {
            let mut state = self.state();
            state.is_paused = true;
            state.rescan_requested |= state.running.is_some();
            if let Some(control) = &state.running {
                control.cancel();
            }
        }
        let pause = ScanPause(self.clone());
        self.wait_until_idle().await;
        pause
    }

    /// Cancels the running scan and waits for its end. No scan runs afterwards.
    pub async fn close(&self) {
        {
            let mut state = self.state();
            state.is_closed = true;
            if let Some(control) = &state.running {
                control.cancel();
            }
        }
        self.wait_until_idle().await;
    }

    pub fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    async fn wait_until_idle(&self) {
        loop {
            let idle = self.idle.notified();
            if self.state().running.is_none() {
                return;
            }
            idle.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// No scan runs while this exists.
pub(crate) struct ScanPause(Arc<ScanScheduler>);

impl Drop for ScanPause {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_paused = false;
        let starts = std::mem::take(&mut state.rescan_requested);
        drop(state);
        if starts {
            self.0.start();
        }
    }
}
