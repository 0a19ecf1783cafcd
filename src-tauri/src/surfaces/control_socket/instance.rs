//! One player for one library.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tokio::net::UnixListener;

use crate::app::{Handle, Places, StartError};

/// How long a player that is closing may hold the library.
const PATIENCE: Duration = Duration::from_secs(3);

/// The right to be the player of a library; ends with the process, however that ends.
#[derive(Debug)]
pub struct Instance {
    _lock: File,
    socket: PathBuf,
}

/// Why this process may not be the player.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// Another one is.
    #[error("Auralis is already running on the library in {0}.")]
    Running(PathBuf),
    /// A folder of the app cannot be made.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The lock cannot be had.
    #[error("{path} cannot be locked ({reason}). Auralis needs to write there.")]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
}

impl Instance {
    /// Takes the library, or says who has it. Waits for a player that is closing.
    pub fn claim(places: &Places) -> Result<Self, InstanceError> {
        places.create()?;
        let path = places.lock_file();
        let failed = |reason| InstanceError::Lock { path: path.clone(), reason };
        let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        let socket = places.control_socket();
        let deadline = Instant::now() + PATIENCE;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Instance { _lock: lock, socket }),
                Err(TryLockError::Error(reason)) => return Err(failed(reason)),
                Err(TryLockError::WouldBlock) if UnixStream::connect(&socket).is_ok() || Instant::now() > deadline => {
                    return Err(InstanceError::Running(places.data.clone()));
                }
                Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Lets programs in, until the player stops. Must be called in a runtime.
    pub fn listen(&self, handle: Handle) {
        match self.bind() {
            Ok(listener) => drop(tokio::spawn(super::server::serve(listener, handle))),
            Err(error) => {
                tracing::warn!(%error, path = %self.socket.display(), "the command line cannot reach this player");
            }
        }
    }

    fn bind(&self) -> io::Result<UnixListener> {
        // With the lock in hand, a socket that nobody answers at is left from a player that was killed.
        if UnixStream::connect(&self.socket).is_ok() {
            return Err(io::Error::new(io::ErrorKind::AddrInUse, "a player of another library listens there"));
        }
        match fs::remove_file(&self.socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => UnixListener::bind(&self.socket),
        }
    }
}
