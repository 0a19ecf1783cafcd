//! Watches the roots and has them scanned when something changes.
//!
//! Where the file system supports it, inotify reports changes (one watch per folder). Elsewhere, and when the kernel has no
//! more watches, the roots are scanned at an interval. A root that appears or disappears, such as a drive, is found by
//! checking the root folder itself.

use std::{
    collections::HashMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::{sync::mpsc, time::MissedTickBehavior};

use super::scheduler::ScanScheduler;
use crate::{database::Database, error::LibraryError, files::filesystem::MountTraits, roots, threads::run_blocking};

/// How long it must be quiet after a change, so that an album that is being copied is scanned once.
const DEBOUNCE: Duration = Duration::from_millis(800);

/// Longest time that a change is debounced.
const MAX_DEBOUNCE: Duration = Duration::from_secs(10);

/// How often the root folders are checked.
const ROOT_CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// How often roots without inotify are scanned.
const POLL_INTERVAL: Duration = Duration::from_secs(600);

/// Device and inode of a root folder; `None` while it does not exist.
type Identity = Option<(u64, u64)>;

/// Starts to watch. Changes after this call are noticed until the library is closed.
pub(crate) async fn start(scheduler: &Arc<ScanScheduler>) -> Result<(), LibraryError> {
    let (change_tx, changes) = mpsc::unbounded_channel();
    let mut watch = Watch { change_tx, roots: HashMap::new(), last_scan: Instant::now() };
    watch.check_roots(&scheduler.database).await?;
    tokio::spawn(run(watch, changes, Arc::downgrade(scheduler)));
    Ok(())
}

async fn run(mut watch: Watch, mut changes: mpsc::UnboundedReceiver<()>, scheduler: Weak<ScanScheduler>) {
    let mut tick = tokio::time::interval(ROOT_CHECK_INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let scan_is_due = tokio::select! {
            Some(()) = changes.recv() => {
                wait_until_quiet(&mut changes).await;
                true
            }
            _ = tick.tick() => {
                let Some(scheduler) = scheduler.upgrade() else { return };
                match watch.check_roots(&scheduler.database).await {
                    Ok(changed) => changed,
                    // The library is closed.
                    Err(error) => return tracing::debug!(%error, "stopped watching the folders"),
                }
            }
        };
        if scan_is_due {
            let Some(scheduler) = scheduler.upgrade() else { return };
            watch.last_scan = Instant::now();
            scheduler.start();
        }
    }
}

/// Waits until no more changes arrive.
async fn wait_until_quiet(changes: &mut mpsc::UnboundedReceiver<()>) {
    let started = Instant::now();
    while started.elapsed() < MAX_DEBOUNCE
        && let Ok(Some(())) = tokio::time::timeout(DEBOUNCE, changes.recv()).await
    {}
    while changes.try_recv().is_ok() {}
}

struct Watch {
    change_tx: mpsc::UnboundedSender<()>,
    roots: HashMap<PathBuf, WatchedRoot>,
    last_scan: Instant,
}

struct WatchedRoot {
    identity: Identity,
    /// `None` if the root does not exist or must be polled.
    watcher: Option<RecommendedWatcher>,
}

impl Watch {
    /// Checks each root folder. Returns true if one appeared or disappeared, or if polled roots are due.
    async fn check_roots(&mut self, database: &Database) -> Result<bool, LibraryError> {
        let paths = roots::root_paths(database).await?;
        self.roots.retain(|path, _| paths.contains(path));
        let mut changed = false;
        for path in paths {
            let identity = identity(&path);
            let known = self.roots.get(&path).map(|root| root.identity);
            if known == Some(identity) {
                continue;
            }
            // A new root is scanned by the command that added it.
            changed |= known.is_some();
            let (watched, change_tx) = (path.clone(), self.change_tx.clone());
            let watcher = run_blocking(move || identity.and_then(|_| watcher(&watched, change_tx))).await?;
            self.roots.insert(path, WatchedRoot { identity, watcher });
        }
        let is_polled = self.roots.values().any(|root| root.identity.is_some() && root.watcher.is_none());
        Ok(changed || (is_polled && self.last_scan.elapsed() >= POLL_INTERVAL))
    }
}

fn identity(path: &Path) -> Identity {
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Starts inotify for all folders below a root; `None` where it does not work.
fn watcher(path: &Path, change_tx: mpsc::UnboundedSender<()>) -> Option<RecommendedWatcher> {
    if !MountTraits::of(path).reports_changes {
        return None;
    }
    let on_event = move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| is_relevant(&event)) {
            // The receiver is gone when the library is closed.
            let _ = change_tx.send(());
        }
    };
    let watch = || {
        let mut watcher = notify::recommended_watcher(on_event)?;
        watcher.watch(path, RecursiveMode::Recursive)?;
        Ok(watcher)
    };
    watch()
        .inspect_err(|error: &notify::Error| {
            tracing::warn!(%error, path = %path.display(), "cannot watch a folder; it is scanned every 10 minutes instead");
        })
        .ok()
}

/// Returns whether an event may change the library: reads do not, and hidden files are not scanned.
fn is_relevant(event: &Event) -> bool {
    let is_hidden = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".") && name != ".nomedia")
    };
    event.need_rescan() || (!matches!(event.kind, EventKind::Access(_)) && !event.paths.iter().all(is_hidden))
}
