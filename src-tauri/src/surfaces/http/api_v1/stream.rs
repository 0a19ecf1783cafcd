//! The updates of a v1 client: the player's state on every change, and the progress of scans.

use std::sync::Arc;

use auralis_core::{
    AppState, LibraryState, MasteringSettings, Notice, NoticeKind, ScanProgress, ScanSummary, StateSection,
};
use tokio::sync::watch;

use super::message::V1Message;
use super::state::{PathVisibility, QueueJson, V1State};
use crate::app::Snapshot;
use crate::surfaces::connection::{EncodedMessage, Updates, encode};

pub(in crate::surfaces::http) struct V1Stream {
    v1: Arc<V1State>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    paths: PathVisibility,
    sent: Option<SentState>,
}

/// What the client was sent last.
struct SentState {
    rev: u64,
    library: LibraryState,
    mastering: MasteringSettings,
    entries: Arc<QueueJson>,
    notice: u32,
}

impl V1Stream {
    pub(in crate::surfaces::http) fn new(v1: Arc<V1State>, paths: PathVisibility) -> Self {
        let snapshots = v1.watch();
        V1Stream { v1, snapshots, paths, sent: None }
    }
}

impl Updates for V1Stream {
    async fn changed(&mut self) -> bool {
        self.snapshots.changed().await.is_ok()
    }

    async fn pending_messages(&mut self) -> Vec<EncodedMessage> {
        let snapshot = self.snapshots.borrow_and_update().clone();
        let view = snapshot.view();
        let cached = match self.v1.message(&snapshot, self.paths).await {
            Ok(Some(cached)) => cached,
            // The queue has changed since; the next snapshot has a newer state.
            Ok(None) => return Vec::new(),
            Err(error) => {
                tracing::warn!(%error, "failed to build the v1 state");
                return Vec::new();
            }
        };
        let mut messages = Vec::new();
        if self.sent.as_ref().is_none_or(|sent| sent.is_older(&snapshot, &cached.entries)) {
            messages.push(cached.json);
        }
        messages.extend(self.scan(view).await.iter().map(encode));
        self.sent = Some(SentState {
            rev: snapshot.rev(),
            library: view.library.clone(),
            mastering: view.mastering.settings,
            entries: cached.entries,
            notice: view.notices.last().map_or(0, |notice| notice.id),
        });
        messages
    }
}

impl V1Stream {
    /// Returns messages about scans: finished ones, then the progress of the running one.
    async fn scan(&self, view: &AppState) -> Vec<V1Message> {
        let now = &view.library;
        let sent = self.sent.as_ref();
        let shows_directory = self.paths != PathVisibility::Hidden;
        let directory =
            || async { if shows_directory { self.v1.last_scan_directory.lock().await.clone() } else { String::new() } };
        let mut messages = Vec::new();
        let is_news = |notice: &&Notice| sent.is_some_and(|sent| notice.id > sent.notice);
        for notice in view.notices.iter().filter(is_news).filter(|notice| notice.kind == NoticeKind::ScanFailed) {
            let error = if shows_directory { notice.reason.clone() } else { "The scan failed.".to_owned() };
            messages.push(V1Message::ScanError { directory: directory().await, error });
        }
        if let Some(ScanSummary { progress, duration_s, .. }) = &now.last_scan
            && sent.is_some_and(|sent| sent.library.last_scan != now.last_scan)
        {
            messages.push(V1Message::ScanComplete {
                directory: directory().await,
                files_found: progress.found,
                files_added: progress.added,
                files_updated: progress.updated,
                files_failed: progress.failed,
                scan_time: *duration_s,
            });
        }
        if let Some(ScanProgress { found, done, failed, .. }) = &now.scan
            && sent.is_none_or(|sent| sent.library.scan != now.scan)
        {
            messages.push(V1Message::ScanProgress {
                directory: directory().await,
                files_found: *found,
                files_read: done - failed.min(done),
                files_failed: *failed,
            });
        }
        messages
    }
}

impl SentState {
    /// Whether the state of the player, or the tags of the queue, have changed since.
    fn is_older(&self, snapshot: &Snapshot, entries: &Arc<QueueJson>) -> bool {
        self.mastering != snapshot.view().mastering.settings
            || snapshot.newer_than(self.rev).any(|published| is_of_the_player(&published.message.section))
            || !self.entries.is_same_as(entries)
    }
}

fn is_of_the_player(section: &StateSection) -> bool {
    matches!(section, StateSection::Player(_) | StateSection::Position(_) | StateSection::Queue(_))
}
