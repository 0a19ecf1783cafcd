//! Threads for work that must not run on tokio's workers.

use std::io;

use crate::error::LibraryError;

/// Starts a thread at idle priority. Linux derives its disk priority from that (`ioprio_set(2)`).
///
/// # Errors
///
/// The system cannot start another thread.
pub fn spawn_idle(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let work = move || {
        // On Linux a priority belongs to a thread; elsewhere this would lower the whole program's.
        #[cfg(target_os = "linux")]
        if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 19) {
            tracing::warn!(%error, "could not lower the priority of a background thread");
        }
        work();
    };
    std::thread::Builder::new().name(name.into()).spawn(work).map(drop)
}

/// Runs blocking work on tokio's pool for that. A panic in it becomes an error.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, LibraryError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| LibraryError::Database(error.to_string()))
}
