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
use tokio::{sync::mpsc, task::JoinSet, time::MissedTickBehavior};

use super::scheduler::ScanScheduler;
use crate::{error::LibraryError, files::filesystem::MountTraits, roots, threads::spawn_idle};

/// How long it must be quiet after a change, so that an album that is being copied is scanned once.
const DEBOUNCE: Duration = Duration::from_millis(800);

/// Longest time that a change is debounced.
const MAX_DEBOUNCE: Duration = Duration::from_secs(10);

/// How often the root folders are checked.
const ROOT_CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// How often roots without inotify are scanned.
const POLL_INTERVAL: Duration = Duration::from_secs(600);

/// Longest pause before watching is tried again after a database error.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(60);

/// Device and inode of a root folder; `None` while it does not exist.
type Identity = Option<(u64, u64)>;

/// Starts to watch. Changes after this call are noticed until the library is closed.
pub(crate) async fn start(scheduler: &Arc<ScanScheduler>) -> Result<(), LibraryError> {
    let (change_tx, mut changes) = mpsc::unbounded_channel();
    let mut watch = Watch {
        change_tx,
        roots: HashMap::new(),
        last_scan: Instant::now(),
        pending_set_ups: 0,
        has_early_changes: false,
    };
    watch.check_roots(scheduler).await?;
    // Usually that takes milliseconds.
    let set_up = watch.wait_for_watchers(&mut changes);
    let is_complete = tokio::time::timeout(ROOT_CHECK_INTERVAL, set_up).await.is_ok();
    tracing::debug!(is_complete, "watching the folders");
    if watch.has_early_changes {
        // The receiver is in this function.
        let _ = watch.change_tx.send(Change::Files);
    }
    tokio::spawn(run(watch, changes, Arc::downgrade(scheduler)));
    Ok(())
}

/// Something that the watcher acts on.
enum Change {
    /// A file changed.
    Files,
    /// inotify is set up for a root, or does not work there.
    Watching(SetUp),
}

/// The result of setting up inotify.
struct SetUp {
    path: PathBuf,
    identity: Identity,
    watcher: Option<RecommendedWatcher>,
    duration: Duration,
}

async fn run(mut watch: Watch, mut changes: mpsc::UnboundedReceiver<Change>, scheduler: Weak<ScanScheduler>) {
    let mut tick = tokio::time::interval(ROOT_CHECK_INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut retry_delay = ROOT_CHECK_INTERVAL;
    loop {
        let scan_is_due = tokio::select! {
            Some(change) = changes.recv() => match change {
                Change::Files => {
                    watch.wait_until_quiet(&mut changes).await;
                    true
                }
                Change::Watching(set_up) => {
                    // Changes during a long set-up were missed.
                    let is_late = set_up.duration > ROOT_CHECK_INTERVAL;
                    watch.on_watching(set_up);
                    is_late
                }
            },
            _ = tick.tick() => {
                let Some(scheduler) = scheduler.upgrade() else { return };
                match watch.check_roots(&scheduler).await {
                    Ok(changed) => {
                        retry_delay = ROOT_CHECK_INTERVAL;
                        changed
                    }
                    Err(_) if scheduler.is_closed() => return,
                    Err(error) => {
                        tracing::warn!(%error, "the folders cannot be watched; trying again");
                        drop(scheduler);
                        tokio::time::sleep(retry_delay).await;
                        retry_delay = (retry_delay * 2).min(MAX_RETRY_DELAY);
                        // What changed meanwhile may have been missed.
                        true
                    }
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

struct Watch {
    change_tx: mpsc::UnboundedSender<Change>,
    roots: HashMap<PathBuf, WatchedRoot>,
    last_scan: Instant,
    pending_set_ups: usize,
    /// Whether files changed before the watch began to run.
    has_early_changes: bool,
}

struct WatchedRoot {
    identity: Identity,
    is_responding: bool,
    /// `None` if the root does not exist or must be polled.
    watcher: Option<RecommendedWatcher>,
}

impl Watch {
    /// Checks each root folder. Returns true if one appeared, disappeared or responds again, or if polled roots are due.
    async fn check_roots(&mut self, scheduler: &Arc<ScanScheduler>) -> Result<bool, LibraryError> {
        let paths = roots::root_paths(&scheduler.database).await?;
        self.roots.retain(|path, _| paths.contains(path));
        // Side by side: one that hangs must not delay the others.
        let mut checks = JoinSet::new();
        for path in paths {
            let files = scheduler.files.clone();
            checks.spawn(async move {
                let folder = path.clone();
                let identity = files.run(&path, move || identity(&folder)).await;
                (path, identity.ok())
            });
        }
        let mut changed = false;
        while let Some(Ok((path, identity))) = checks.join_next().await {
            let known = self.roots.get_mut(&path);
            let Some(identity) = identity else {
                // It is not responding. It may still be there.
                match known {
                    Some(known) => known.is_responding = false,
                    None => {
                        let root = WatchedRoot { identity: None, is_responding: false, watcher: None };
                        self.roots.insert(path, root);
                    }
                }
                continue;
            };
            // A new root is scanned by the command that added it.
            changed |= known.as_ref().is_some_and(|known| !known.is_responding || known.identity != identity);
            if let Some(known) = known.filter(|known| known.identity == identity) {
                known.is_responding = true;
                continue;
            }
            if identity.is_some() {
                self.set_up_watcher(path.clone(), identity);
            }
            self.roots.insert(path, WatchedRoot { identity, is_responding: true, watcher: None });
        }
        let is_polled = self.roots.values().any(|root| root.identity.is_some() && root.watcher.is_none());
        Ok(changed || (is_polled && self.last_scan.elapsed() >= POLL_INTERVAL))
    }

    /// Sets up inotify on a thread of its own: that visits every folder, which may take minutes, and nothing waits for it.
    fn set_up_watcher(&mut self, path: PathBuf, identity: Identity) {
        self.pending_set_ups += 1;
        let (change_tx, watching_tx) = (self.change_tx.clone(), self.change_tx.clone());
        let set_up = move || {
            let started = Instant::now();
            let watcher = watcher(&path, change_tx);
            let duration = started.elapsed();
            // The receiver is gone when the library is closed.
            let _ = watching_tx.send(Change::Watching(SetUp { path, identity, watcher, duration }));
        };
        if let Err(error) = spawn_idle("watch-setup", set_up) {
            self.pending_set_ups -= 1;
            tracing::warn!(%error, "a folder cannot be watched; it is scanned every 10 minutes instead");
        }
    }

    /// Waits until inotify is set up for all roots.
    async fn wait_for_watchers(&mut self, changes: &mut mpsc::UnboundedReceiver<Change>) {
        while self.pending_set_ups > 0 {
            match changes.recv().await {
                Some(Change::Watching(set_up)) => self.on_watching(set_up),
                // Noted again, so that it is not lost.
                Some(Change::Files) => self.has_early_changes = true,
                None => return,
            }
        }
    }

    fn on_watching(&mut self, SetUp { path, identity, watcher, .. }: SetUp) {
        self.pending_set_ups -= 1;
        if let Some(root) = self.roots.get_mut(&path).filter(|root| root.identity == identity) {
            root.watcher = watcher;
        }
    }

    /// Waits until no more changes arrive.
    async fn wait_until_quiet(&mut self, changes: &mut mpsc::UnboundedReceiver<Change>) {
        let started = Instant::now();
        while started.elapsed() < MAX_DEBOUNCE {
            match tokio::time::timeout(DEBOUNCE, changes.recv()).await {
                Ok(Some(Change::Files)) => {}
                Ok(Some(Change::Watching(set_up))) => self.on_watching(set_up),
                Ok(None) | Err(_) => return,
            }
        }
    }
}

fn identity(path: &Path) -> Identity {
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Starts inotify for all folders below a root; `None` where it does not work.
fn watcher(path: &Path, change_tx: mpsc::UnboundedSender<Change>) -> Option<RecommendedWatcher> {
    if !MountTraits::of(path).reports_changes {
        return None;
    }
    let on_event = move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| is_relevant(&event)) {
            // The receiver is gone when the library is closed.
            let _ = change_tx.send(Change::Files);
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
