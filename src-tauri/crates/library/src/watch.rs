//! Looks out for changes of the roots, and has them scanned.
//!
//! The kernel tells of changes where the file system does (inotify, one watch a folder); elsewhere, and when it has no more
//! watches to give, the roots are scanned from time to time. A root that comes or goes, as a drive does, is noticed by a look at
//! it: no file of it is touched.

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

use crate::{Inner, Library, error::LibraryError, filesystem::Filesystem, loose::blocking, roots};

/// How long it must be quiet after a change, so that an album that is copied is scanned once.
const QUIET: Duration = Duration::from_millis(800);

/// How long a change waits at most while others follow.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often roots are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How often roots are scanned that nobody tells of.
const POLL_EVERY: Duration = Duration::from_secs(600);

/// Device and inode of a root's folder; nothing while it is not there.
type Identity = Option<(u64, u64)>;

/// Begins to watch: what changes after this is noticed, until the library is closed.
pub(crate) async fn begin(library: &Arc<Inner>) -> Result<(), LibraryError> {
    let (told, events) = mpsc::unbounded_channel();
    let mut watch = Watch { told, roots: HashMap::new(), scanned: Instant::now() };
    watch.look(library).await?;
    tokio::spawn(run(watch, events, Arc::downgrade(library)));
    Ok(())
}

async fn run(mut watch: Watch, mut events: mpsc::UnboundedReceiver<()>, library: Weak<Inner>) {
    let mut tick = tokio::time::interval(LOOK_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let scan_due = tokio::select! {
            Some(()) = events.recv() => {
                settle(&mut events).await;
                true
            }
            _ = tick.tick() => {
                let Some(library) = library.upgrade() else { return };
                match watch.look(&library).await {
                    Ok(changed) => changed,
                    // It is closed.
                    Err(error) => return tracing::debug!(%error, "no longer watching"),
                }
            }
        };
        if scan_due {
            let Some(library) = library.upgrade() else { return };
            watch.scanned = Instant::now();
            Library(library).scan();
        }
    }
}

/// Waits until no more changes are told.
async fn settle(events: &mut mpsc::UnboundedReceiver<()>) {
    let began = Instant::now();
    while began.elapsed() < PATIENCE
        && let Ok(Some(())) = tokio::time::timeout(QUIET, events.recv()).await
    {}
    while events.try_recv().is_ok() {}
}

struct Watch {
    told: mpsc::UnboundedSender<()>,
    roots: HashMap<PathBuf, Root>,
    scanned: Instant,
}

struct Root {
    identity: Identity,
    /// Nothing where the root is not there or must be polled.
    watcher: Option<RecommendedWatcher>,
}

impl Watch {
    /// Looks at each root; true if one came or went, or is to be scanned by the clock.
    async fn look(&mut self, library: &Arc<Inner>) -> Result<bool, LibraryError> {
        let paths = roots::paths(&library.database).await?;
        self.roots.retain(|path, _| paths.contains(path));
        let mut changed = false;
        for path in paths {
            let identity = identity(&path);
            let known = self.roots.get(&path).map(|root| root.identity);
            if known == Some(identity) {
                continue;
            }
            // One that is new here is scanned by whoever added it.
            changed |= known.is_some();
            let (watched, told) = (path.clone(), self.told.clone());
            let watcher = blocking(move || identity.and_then(|_| watcher(&watched, told))).await?;
            self.roots.insert(path, Root { identity, watcher });
        }
        let polled = self.roots.values().any(|root| root.identity.is_some() && root.watcher.is_none());
        Ok(changed || (polled && self.scanned.elapsed() >= POLL_EVERY))
    }
}

fn identity(path: &Path) -> Identity {
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Has the kernel tell of what changes below a root; nothing where it cannot.
fn watcher(path: &Path, told: mpsc::UnboundedSender<()>) -> Option<RecommendedWatcher> {
    if !Filesystem::of(path).notifies {
        return None;
    }
    let tell = move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| matters(&event)) {
            // Nobody listens any more when the library is closed.
            let _ = told.send(());
        }
    };
    let watch = || {
        let mut watcher = notify::recommended_watcher(tell)?;
        watcher.watch(path, RecursiveMode::Recursive)?;
        Ok(watcher)
    };
    watch()
        .inspect_err(|error: &notify::Error| {
            tracing::warn!(%error, path = %path.display(), "not watched; it will be scanned from time to time");
        })
        .ok()
}

/// Reading changes nothing, and what is hidden is not scanned.
fn matters(event: &Event) -> bool {
    let hidden = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".") && name != ".nomedia")
    };
    event.need_rescan() || (!matches!(event.kind, EventKind::Access(_)) && !event.paths.iter().all(hidden))
}
