//! Threads that nobody waits for.

use std::io;

/// Starts a thread that takes what no other wants: of the processor, and so of the disk, whose priority Linux derives from
/// that (`ioprio_set(2)`).
pub fn background(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let work = move || {
        // On Linux a priority belongs to a thread; elsewhere this would be the whole program's.
        #[cfg(target_os = "linux")]
        if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 19) {
            tracing::warn!(%error, "a thread runs at the priority of all others");
        }
        work();
    };
    std::thread::Builder::new().name(name.into()).spawn(work).map(drop)
}
