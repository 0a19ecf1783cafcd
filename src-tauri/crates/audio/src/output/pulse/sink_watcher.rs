//! Tells whether the server's outputs changed. The server notifies; polling it costs more than playing.

use std::{
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use pulseaudio::protocol::{Command, ProtocolError, SubscriptionMask};

use super::connection::Connection;

/// A subscription to changes of outputs and of the default output.
pub struct SinkWatcher {
    socket: UnixStream,
    changed: Arc<AtomicBool>,
    disconnected: Arc<AtomicBool>,
}

impl SinkWatcher {
    /// Subscribes. The first call of [`take_changed`](Self::take_changed) returns true.
    pub fn watch() -> Result<Self, ProtocolError> {
        let mut connection = Connection::open()?;
        connection.send(Command::Subscribe(SubscriptionMask::SINK | SubscriptionMask::SERVER))?;
        connection.receive()?;
        let socket = connection.clear_read_timeout()?;
        let (changed, disconnected) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
        let (changed_flag, disconnected_flag) = (changed.clone(), disconnected.clone());
        let listen = move || {
            while let Ok(message) = connection.receive() {
                if matches!(message, Command::SubscribeEvent(_)) {
                    changed_flag.store(true, Relaxed);
                }
            }
            disconnected_flag.store(true, Relaxed);
        };
        std::thread::Builder::new().name("outputs".into()).spawn(listen)?;
        Ok(Self { socket, changed, disconnected })
    }

    /// Whether something changed since the last call.
    pub fn take_changed(&self) -> bool {
        self.changed.swap(false, Relaxed)
    }

    /// Whether the server is gone.
    pub fn is_disconnected(&self) -> bool {
        self.disconnected.load(Relaxed)
    }
}

impl Drop for SinkWatcher {
    fn drop(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both); // fails only if the connection is already closed
    }
}
