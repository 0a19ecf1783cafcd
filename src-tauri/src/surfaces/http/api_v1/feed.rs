//! What a client of the first contract is sent: the state on every change, and how a scan goes.

use std::sync::Arc;

use auralis_core::{
    AppState, LibraryState, MasteringSettings, Notice, NoticeKind, ScanProgress, ScanSummary, StateSection,
};
use axum::extract::ws::Utf8Bytes;
use tokio::sync::watch;

use super::state::Entries;
use super::{Classic, Message};
use crate::app::Snapshot;
use crate::surfaces::http::socket::encode;

pub(in crate::surfaces::http) struct Feed {
    classic: Arc<Classic>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    here: bool,
    seen: Option<Seen>,
}

/// What the client was told of.
struct Seen {
    rev: u64,
    library: LibraryState,
    mastering: MasteringSettings,
    entries: Arc<Entries>,
    notice: u32,
}

impl Feed {
    pub(super) fn new(classic: Arc<Classic>, snapshots: watch::Receiver<Arc<Snapshot>>, here: bool) -> Self {
        Feed { classic, snapshots, here, seen: None }
    }

    /// Waits until there may be something new. False when the player has stopped.
    pub(in crate::surfaces::http) async fn changed(&mut self) -> bool {
        self.snapshots.changed().await.is_ok()
    }

    /// The messages that the client has not been given.
    pub(in crate::surfaces::http) async fn news(&mut self) -> Vec<Utf8Bytes> {
        let snapshot = self.snapshots.borrow_and_update().clone();
        let view = snapshot.view();
        let told = match self.classic.message(&snapshot, self.here).await {
            Ok(Some(told)) => told,
            // The queue has moved on: what is true now comes with the next change.
            Ok(None) => return Vec::new(),
            Err(refusal) => {
                tracing::warn!(%refusal, "a client cannot be told the state");
                return Vec::new();
            }
        };
        let mut messages = Vec::new();
        if self.seen.as_ref().is_none_or(|seen| seen.is_older(&snapshot, &told.entries)) {
            messages.push(told.json);
        }
        messages.extend(self.scan(view).await.iter().map(encode));
        self.seen = Some(Seen {
            rev: snapshot.rev(),
            library: view.library.clone(),
            mastering: view.mastering.settings,
            entries: told.entries,
            notice: view.notices.last().map_or(0, |notice| notice.id),
        });
        messages
    }

    /// What of scans the client does not know: how the last ones ended, and how far the running one is.
    async fn scan(&self, view: &AppState) -> Vec<Message> {
        let now = &view.library;
        let seen = self.seen.as_ref();
        let directory = || async { if self.here { self.classic.scanned.lock().await.clone() } else { String::new() } };
        let mut messages = Vec::new();
        let is_news = |notice: &&Notice| seen.is_some_and(|seen| notice.id > seen.notice);
        for notice in view.notices.iter().filter(is_news).filter(|notice| notice.kind == NoticeKind::ScanFailed) {
            let error = if self.here { notice.reason.clone() } else { "The scan failed.".to_owned() };
            messages.push(Message::ScanError { directory: directory().await, error });
        }
        if let Some(ScanSummary { progress, duration_s, .. }) = &now.last_scan
            && seen.is_some_and(|seen| seen.library.last_scan != now.last_scan)
        {
            messages.push(Message::ScanComplete {
                directory: directory().await,
                files_found: progress.found,
                files_added: progress.added,
                files_updated: progress.updated,
                files_failed: progress.failed,
                scan_time: *duration_s,
            });
        }
        if let Some(ScanProgress { found, done, failed, .. }) = &now.scan
            && seen.is_none_or(|seen| seen.library.scan != now.scan)
        {
            messages.push(Message::ScanProgress {
                directory: directory().await,
                files_found: *found,
                files_read: done - failed.min(done),
                files_failed: *failed,
            });
        }
        messages
    }
}

impl Seen {
    /// Whether the client does not know the state of the player, or the tags of what is queued.
    fn is_older(&self, snapshot: &Snapshot, entries: &Arc<Entries>) -> bool {
        self.mastering != snapshot.view().mastering.settings
            || snapshot.newer_than(self.rev).any(|published| is_of_the_player(&published.message.section))
            || !self.entries.is_same_as(entries)
    }
}

fn is_of_the_player(section: &StateSection) -> bool {
    matches!(section, StateSection::Player(_) | StateSection::Position(_) | StateSection::Queue(_))
}
