//! What the request handlers share, and what they know of a client.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, watch};

use super::rate_limit::TokenBucket;
use crate::app::{AppServices, PlayerHandle};

/// Shared state of the request handlers.
#[derive(Clone)]
pub(super) struct ServerState {
    pub(super) services: AppServices,
    pub(super) port: u16,
    /// Number of connected remote clients.
    clients: Arc<watch::Sender<u32>>,
    shutdown: watch::Receiver<()>,
}

impl ServerState {
    /// `shutdown`: its sender is dropped when the server stops.
    pub(super) fn new(
        services: AppServices,
        port: u16,
        clients: watch::Sender<u32>,
        shutdown: watch::Receiver<()>,
    ) -> Self {
        ServerState { services, port, clients: Arc::new(clients), shutdown }
    }

    /// Returns a handle with the rights of a client.
    pub(super) fn handle_of(&self, peer: &Peer) -> PlayerHandle {
        if peer.is_local { PlayerHandle::clone(&self.services) } else { self.services.restricted() }
    }

    /// Counts a remote client until the guard is dropped.
    pub(super) fn register_client(&self, peer: &Peer) -> Option<ClientGuard> {
        if peer.is_local {
            return None;
        }
        self.clients.send_modify(|clients| *clients += 1);
        Some(ClientGuard(self.clients.clone()))
    }

    /// Resolves when the client must disconnect: the server stops, or the pairing secret was renewed.
    pub(super) async fn wait_for_disconnect(&self, peer: &Peer) {
        let mut shutdown = self.shutdown.clone();
        tokio::select! {
            _ = shutdown.changed() => {}
            () = self.services.secret().wait_until_renewed(), if !peer.is_local => {}
        }
    }
}

/// See [`ServerState::register_client`].
pub(super) struct ClientGuard(Arc<watch::Sender<u32>>);

impl Drop for ClientGuard {
    fn drop(&mut self) {
        self.0.send_modify(|clients| *clients -= 1);
    }
}

/// The client of a connection.
#[derive(Clone)]
pub(super) struct Peer {
    /// Whether it is on this machine.
    pub(super) is_local: bool,
    /// Our address that it connected to.
    pub(super) local_address: IpAddr,
    rate_limiter: Arc<Mutex<TokenBucket>>,
    _permit: Arc<OwnedSemaphorePermit>,
}

impl Peer {
    pub(super) fn new(is_local: bool, local_address: IpAddr, permit: OwnedSemaphorePermit) -> Self {
        Peer { is_local, local_address, rate_limiter: Arc::default(), _permit: Arc::new(permit) }
    }

    /// Waits until the rate limit allows another request.
    pub(super) async fn throttle(&self, pipelined: bool) {
        let wait = self.rate_limiter.lock().unwrap_or_else(PoisonError::into_inner).charge(pipelined);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }
}
