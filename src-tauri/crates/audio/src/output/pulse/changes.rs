//! Whether the server's outputs have changed, told by the server: to ask it time and again costs more than to play.

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

/// A watch over the outputs, and over which is the default.
pub struct Changes {
    socket: UnixStream,
    changed: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
}

impl Changes {
    /// Begins to watch, with a first change.
    pub fn watch() -> Result<Self, ProtocolError> {
        let mut connection = Connection::open()?;
        connection.send(Command::Subscribe(SubscriptionMask::SINK | SubscriptionMask::SERVER))?;
        connection.receive()?;
        let socket = connection.be_patient()?;
        let (changed, over) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
        let (told, gone) = (changed.clone(), over.clone());
        let listen = move || {
            while let Ok(message) = connection.receive() {
                if matches!(message, Command::SubscribeEvent(_)) {
                    told.store(true, Relaxed);
                }
            }
            gone.store(true, Relaxed);
        };
        std::thread::Builder::new().name("outputs".into()).spawn(listen)?;
        Ok(Self { socket, changed, over })
    }

    /// Whether there was a change since the last time.
    pub fn take(&self) -> bool {
        self.changed.swap(false, Relaxed)
    }

    /// Whether the server has gone.
    pub fn is_over(&self) -> bool {
        self.over.load(Relaxed)
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both); // gone already if this fails
    }
}
