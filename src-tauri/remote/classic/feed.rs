//! What a client of the first contract is sent: the state on every change, and how a scan goes.

use std::sync::Arc;

use auralis_core::{LibraryState, NoticeKind, ScanProgress, ScanSummary, Section, View};
use axum::extract::ws::Utf8Bytes;
use tokio::sync::watch;

use super::{Classic, Message};
use crate::app::Snapshot;
use crate::remote::socket::encode;

pub(in crate::remote) struct Feed {
    classic: Arc<Classic>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    here: bool,
    seen: Option<(u64, LibraryState)>,
}

impl Feed {
    pub(super) fn new(classic: Arc<Classic>, snapshots: watch::Receiver<Arc<Snapshot>>, here: bool) -> Self {
        Feed { classic, snapshots, here, seen: None }
    }

    /// Waits until there may be something new. False when the player has stopped.
    pub(in crate::remote) async fn changed(&mut self) -> bool {
        self.snapshots.changed().await.is_ok()
    }

    /// The messages that the client has not been given.
    pub(in crate::remote) async fn news(&mut self) -> Vec<Utf8Bytes> {
        let snapshot = self.snapshots.borrow_and_update().clone();
        let rev = self.seen.as_ref().map_or(0, |(rev, _)| *rev);
        let mut messages = Vec::new();
        if snapshot.newer_than(rev).any(|published| is_of_the_player(&published.message.section)) {
            match self.classic.message(&snapshot, self.here).await {
                Ok(Some(message)) => messages.push(message),
                // The queue has moved on: what is true now comes with the next change.
                Ok(None) => return messages,
                Err(refusal) => tracing::warn!(%refusal, "a client cannot be told the state"),
            }
        }
        let view = snapshot.view();
        if let Some((_, seen)) = &self.seen {
            messages.extend(self.scan(seen, view).await.map(|message| encode(&message)));
        }
        self.seen = Some((snapshot.rev(), view.library.clone()));
        messages
    }

    async fn scan(&self, seen: &LibraryState, view: &View) -> Option<Message> {
        let now = &view.library;
        if seen.scan == now.scan && seen.last_scan == now.last_scan {
            return None;
        }
        let directory = match self.here {
            true => self.classic.scanned.lock().await.clone(),
            false => String::new(),
        };
        match (&now.scan, &now.last_scan) {
            (Some(ScanProgress { found, done, failed, .. }), _) => Some(Message::ScanProgress {
                directory,
                files_found: *found,
                files_read: done - failed.min(done),
                files_failed: *failed,
            }),
            (None, Some(ScanSummary { progress, seconds, .. })) if seen.last_scan != now.last_scan => {
                Some(Message::ScanComplete {
                    directory,
                    files_found: progress.found,
                    files_added: progress.added,
                    files_updated: progress.updated,
                    files_failed: progress.failed,
                    scan_time: *seconds,
                })
            }
            (None, _) => {
                let failed = view.notices.iter().rev().find(|notice| notice.kind == NoticeKind::ScanFailed)?;
                let error = if self.here { failed.reason.clone() } else { "The scan failed.".to_owned() };
                Some(Message::ScanError { directory, error })
            }
        }
    }
}

fn is_of_the_player(section: &Section) -> bool {
    matches!(section, Section::Player(_) | Section::Position(_) | Section::Queue(_))
}
