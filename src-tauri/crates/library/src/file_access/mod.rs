//! The one way to files in music folders. Network shares and drives hang, so each root has threads of its own, and an operation
//! that makes no progress for 5 s fails. The root is then *not responding* until an operation on it ends.

mod lane;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock, mpsc},
    time::Duration,
};

use tokio::sync::{Notify, oneshot};

use crate::{error::LibraryError, files::filesystem::mount_point};
use lane::{Lane, Submitted};

/// How long an operation may make no progress.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Runs file operations on the threads of their root. Files outside of all roots share the threads of their mount point.
pub(crate) struct FileAccess {
    time_limit: Duration,
    roots: RwLock<Vec<PathBuf>>,
    lanes: Mutex<HashMap<PathBuf, Arc<Lane>>>,
    /// Notified when a root stops or starts responding.
    changed: Arc<Notify>,
}

impl Default for FileAccess {
    fn default() -> Self {
        FileAccess::with_time_limit(TIME_LIMIT)
    }
}

impl FileAccess {
    pub fn with_time_limit(time_limit: Duration) -> FileAccess {
        FileAccess { time_limit, roots: RwLock::default(), lanes: Mutex::default(), changed: Arc::default() }
    }

    /// Replaces the roots that have threads of their own.
    pub fn set_roots(&self, roots: Vec<PathBuf>) {
        *self.roots.write().unwrap_or_else(PoisonError::into_inner) = roots;
    }

    /// Runs `work`, which reads or writes files at or below `path`.
    ///
    /// # Errors
    ///
    /// [`LibraryError::NotResponding`] if it makes no progress for [`TIME_LIMIT`], or at once if the root is known not to
    /// respond. `work` may still run then; nothing waits for it.
    pub async fn run<T: Send + 'static>(
        &self,
        path: &Path,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, LibraryError> {
        let (done, mut result) = oneshot::channel();
        let mut submitted = self.submit(path, move || {
            // Nobody waits any more for a result that comes too late.
            let _ = done.send(work());
        })?;
        loop {
            match tokio::time::timeout(self.time_limit, &mut result).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(_)) => return Err(LibraryError::Internal("a file operation panicked")),
                Err(_) if submitted.is_alive() => {}
                Err(_) => return Err(not_responding(path, &submitted)),
            }
        }
    }

    /// [`FileAccess::run`] for callers that are not async.
    pub fn run_sync<T: Send + 'static>(
        &self,
        path: &Path,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, LibraryError> {
        let (done, result) = mpsc::sync_channel(1);
        let mut submitted = self.submit(path, move || {
            // Nobody waits any more for a result that comes too late.
            let _ = done.send(work());
        })?;
        loop {
            match result.recv_timeout(self.time_limit) {
                Ok(value) => return Ok(value),
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(LibraryError::Internal("a file operation panicked"));
                }
                Err(_) if submitted.is_alive() => crate::files::heartbeat::beat(),
                Err(_) => return Err(not_responding(path, &submitted)),
            }
        }
    }

    /// Returns whether the root or mount point of `path` responds.
    pub fn is_responding(&self, path: &Path) -> bool {
        self.lane(path).is_responding()
    }

    /// Returns how many roots and mount points do not respond.
    pub fn stalled_count(&self) -> usize {
        let lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.values().filter(|lane| !lane.is_responding()).count()
    }

    /// States that the root of `path` does not respond, found out by other means.
    pub fn mark_stalled(&self, path: &Path) {
        self.lane(path).mark_stalled();
    }

    /// Waits until a root stops or starts responding.
    pub fn changed(&self) -> Arc<Notify> {
        self.changed.clone()
    }

    fn submit(&self, path: &Path, work: impl FnOnce() + Send + 'static) -> Result<Submitted, LibraryError> {
        self.lane(path).submit(Box::new(work)).ok_or_else(|| LibraryError::NotResponding(path.into()))
    }

    fn lane(&self, path: &Path) -> Arc<Lane> {
        let roots = self.roots.read().unwrap_or_else(PoisonError::into_inner);
        let root = roots.iter().filter(|root| path.starts_with(root)).max_by_key(|root| root.components().count());
        let key = root.cloned().unwrap_or_else(|| mount_point(path));
        drop(roots);
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.entry(key).or_insert_with(|| Lane::new(self.time_limit, self.changed.clone())).clone()
    }
}

fn not_responding(path: &Path, submitted: &Submitted) -> LibraryError {
    tracing::warn!(path = %path.display(), "a folder does not respond");
    submitted.mark_stalled();
    LibraryError::NotResponding(path.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::files::heartbeat::beat;

    const SHORT: Duration = Duration::from_millis(100);

    #[tokio::test]
    async fn one_root_that_hangs_costs_no_other_root_anything() {
        let access = FileAccess::with_time_limit(SHORT);
        access.set_roots(vec!["/hangs".into(), "/works".into()]);
        let (release, hung) = mpsc::channel::<()>();
        let stuck = access.run(Path::new("/hangs/a"), move || hung.recv().is_ok()).await;
        assert!(matches!(stuck, Err(LibraryError::NotResponding(_))));
        assert!(!access.is_responding(Path::new("/hangs/b")) && access.is_responding(Path::new("/works/b")));
        assert!(access.run(Path::new("/hangs/b"), || 1).await.is_err(), "refused at once");
        assert_eq!(access.run(Path::new("/works/b"), || 2).await.unwrap(), 2);
        release.send(()).unwrap();
        while !access.is_responding(Path::new("/hangs/b")) {
            access.changed().notified().await;
        }
        assert_eq!(access.run(Path::new("/hangs/b"), || 3).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn slow_progress_is_no_hang() {
        let access = FileAccess::with_time_limit(SHORT);
        access.set_roots(vec!["/slow".into()]);
        let (step, steps) = mpsc::channel::<()>();
        let work = access.run(Path::new("/slow/a"), move || {
            while steps.recv().is_ok() {
                beat();
            }
        });
        let steps = async {
            for _ in 0..20 {
                step.send(()).unwrap();
                tokio::time::sleep(SHORT / 4).await;
            }
            drop(step);
        };
        assert!(tokio::join!(work, steps).0.is_ok());
    }
}
