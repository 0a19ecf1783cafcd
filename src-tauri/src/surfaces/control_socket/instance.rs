//! Single-instance lock: one player per library.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tokio::net::UnixListener;

use crate::app::{AppDirs, DirectoryError, PlayerHandle};

/// How long to wait for an instance that is closing.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(3);

/// The lock of a library; released when the process ends, in whatever way.
#[derive(Debug)]
pub struct Instance {
    _lock: File,
    socket: PathBuf,
}

/// Why this process may not run the player.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// Another process does.
    #[error("Auralis is already running on the library in {0}.")]
    Running(PathBuf),
    /// A directory of the app cannot be created.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The lock file cannot be opened or locked.
    #[error("{path} cannot be locked ({reason}). Auralis needs to write there.")]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
}

impl Instance {
    /// Locks the library. Waits for an instance that is closing.
    pub fn claim(dirs: &AppDirs) -> Result<Self, InstanceError> {
        dirs.create_all()?;
        let path = dirs.lock_file();
        let failed = |reason| InstanceError::Lock { path: path.clone(), reason };
        let lock = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(failed)?;
        let socket = dirs.control_socket();
        let deadline = Instant::now() + SHUTDOWN_WAIT;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Instance { _lock: lock, socket }),
                Err(TryLockError::Error(reason)) => return Err(failed(reason)),
                Err(TryLockError::WouldBlock) if UnixStream::connect(&socket).is_ok() || Instant::now() > deadline => {
                    return Err(InstanceError::Running(dirs.data.clone()));
                }
                Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Listens on the control socket until the player stops. Must be called in a runtime.
    pub fn listen(&self, handle: PlayerHandle) {
        match self.bind() {
            Ok(listener) => drop(tokio::spawn(super::server::serve(listener, handle))),
            Err(error) => {
                tracing::warn!(%error, path = %self.socket.display(), "control socket not available");
            }
        }
    }

    fn bind(&self) -> io::Result<UnixListener> {
        // This process holds the lock, so a socket without a listener is left from a killed player.
        if UnixStream::connect(&self.socket).is_ok() {
            return Err(io::Error::new(io::ErrorKind::AddrInUse, "another player is listening on it"));
        }
        match fs::remove_file(&self.socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => UnixListener::bind(&self.socket),
        }
    }
}
