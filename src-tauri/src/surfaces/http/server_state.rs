//! What the request handlers share, and what they know of a client.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use auralis_core::{ApiError, ErrorCode};
use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::task::spawn_blocking;

use super::client_access::ClientAccess;
use super::http_error::HttpError;
use super::limits::{ConnectionLimits, Slot};
use super::peer_user::{own_user, user_of};
use super::rate_limit::TokenBucket;
use super::refusal_log::RefusalLog;
use crate::app::{AppServices, PlayerHandle};

/// Shared state of the request handlers.
#[derive(Clone)]
pub(super) struct ServerState {
    pub(super) services: AppServices,
    pub(super) port: u16,
    pub(super) limits: Arc<ConnectionLimits>,
    pub(super) refusals: Arc<RefusalLog>,
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
        let (limits, refusals) = (ConnectionLimits::new(), Arc::default());
        ServerState { services, port, limits, refusals, clients: Arc::new(clients), shutdown }
    }

    /// Returns a handle with the rights of a client.
    pub(super) fn handle_of(&self, access: ClientAccess) -> PlayerHandle {
        match access {
            // The v1 API restricts its clients itself.
            ClientAccess::Full | ClientAccess::V1Only => PlayerHandle::clone(&self.services),
            ClientAccess::Paired => self.services.restricted(),
        }
    }

    /// Counts a remote client until the guard is dropped.
    pub(super) fn register_client(&self, access: ClientAccess) -> Option<ClientGuard> {
        if access != ClientAccess::Paired {
            return None;
        }
        self.clients.send_modify(|clients| *clients += 1);
        Some(ClientGuard(self.clients.clone()))
    }

    /// Resolves when the client must disconnect, to whether it is no longer paired; otherwise the server stops.
    pub(super) async fn wait_for_disconnect(&self, access: ClientAccess) -> bool {
        let mut shutdown = self.shutdown.clone();
        tokio::select! {
            _ = shutdown.changed() => false,
            () = self.services.secret().wait_until_renewed(), if access == ClientAccess::Paired => true,
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
    pub(super) local_address: SocketAddr,
    pub(super) address: SocketAddr,
    rate_limiter: Arc<Mutex<TokenBucket>>,
    place: Arc<Mutex<Place>>,
}

/// What a connection counts as.
enum Place {
    Unidentified { _slot: Slot },
    Identified { _permit: OwnedSemaphorePermit },
}

impl Peer {
    pub(super) fn new(address: SocketAddr, local_address: SocketAddr, slot: Slot) -> Self {
        let is_local = address.ip().to_canonical().is_loopback();
        let place = Arc::new(Mutex::new(Place::Unidentified { _slot: slot }));
        Peer { is_local, local_address, address, rate_limiter: Arc::default(), place }
    }

    /// Moves the connection to the places of its kind of client. Fails if there are too many.
    pub(super) async fn identify(&self, limits: &ConnectionLimits, access: ClientAccess) -> Result<(), HttpError> {
        let is_identified = || matches!(*self.place(), Place::Identified { .. });
        if is_identified() {
            return Ok(());
        }
        let user = if access == ClientAccess::V1Only { self.user().await } else { None };
        let permit = limits.identify(access, user).ok_or_else(|| {
            let error = ApiError::new(ErrorCode::NotPossible, "There are too many connections.");
            HttpError(StatusCode::SERVICE_UNAVAILABLE, error)
        })?;
        *self.place() = Place::Identified { _permit: permit };
        Ok(())
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the client is a process of the user who runs the player.
    pub(super) async fn is_own_user(&self) -> bool {
        let user = self.user().await;
        user.is_some() && user == own_user()
    }

    async fn user(&self) -> Option<u32> {
        if !self.is_local {
            return None;
        }
        let (client, server) = (self.address, self.local_address);
        spawn_blocking(move || user_of(client, server)).await.ok().flatten()
    }

    /// Waits until the rate limit allows another request.
    pub(super) async fn throttle(&self, pipelined: bool) {
        let wait = self.rate_limiter.lock().unwrap_or_else(PoisonError::into_inner).charge(pipelined);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }
}
