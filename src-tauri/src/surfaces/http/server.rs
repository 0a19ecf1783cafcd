//! Connections: how many there may be, what each may cost, and their end.

use std::io::ErrorKind;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use auralis_core::{ClientKind, RemoteServerState};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::api_v1::Classic;
use super::rate_limit::Pace;
use super::{access, api_v1, socket, static_files};
use crate::app::Handle;

/// Connections from this machine at a time.
const MOST_HERE: usize = 2_048;
/// Connections from other machines at a time.
const MOST_ELSEWHERE: usize = 128;
/// How long a client may take to say what it wants, also after its last request.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// The most of a request's head that is read, in bytes.
const HEAD_BYTES: usize = 16 << 10;
/// What the system may hold for a client that does not read, in bytes: more would only be older.
const SEND_BUFFER_BYTES: usize = 256 << 10;
/// How often the number of clients is told at most.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// What every request sees.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) handle: Handle,
    pub(super) port: u16,
    pub(super) classic: Arc<Classic>,
    clients: Arc<watch::Sender<u32>>,
    closing: watch::Receiver<()>,
}

impl Door {
    /// The player, as far as the client may have it.
    pub(super) fn handle_of(&self, peer: &Peer) -> Handle {
        if peer.here { self.handle.clone() } else { self.handle.from_elsewhere() }
    }

    /// Counts a client of another machine until this is dropped.
    pub(super) fn count(&self, peer: &Peer) -> Option<Counted> {
        if peer.here {
            return None;
        }
        self.clients.send_modify(|clients| *clients += 1);
        Some(Counted(self.clients.clone()))
    }

    /// Returns when the client is to leave: the door shuts, or it came by a pairing that was taken back.
    pub(super) async fn closed(&self, peer: &Peer) {
        let mut closing = self.closing.clone();
        tokio::select! {
            _ = closing.changed() => {}
            () = self.handle.secret().renewed(), if !peer.here => {}
        }
    }
}

/// See [`Door::count`].
pub(super) struct Counted(Arc<watch::Sender<u32>>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|clients| *clients -= 1);
    }
}

/// The other end of a connection.
#[derive(Clone)]
pub(super) struct Peer {
    /// Whether it is on this machine.
    pub(super) here: bool,
    /// The address of ours that it came to.
    pub(super) local: IpAddr,
    pub(super) pace: Arc<Mutex<Pace>>,
    _place: Arc<OwnedSemaphorePermit>,
}

impl Peer {
    /// Waits until the peer may have another request carried out.
    pub(super) async fn wait(&self, pipelined: bool) {
        let wait = self.pace.lock().unwrap_or_else(PoisonError::into_inner).take(pipelined);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }
}

pub(super) async fn serve(
    listener: TcpListener,
    port: u16,
    handle: Handle,
    open: RemoteServerState,
    end: impl Future<Output = ()>,
) {
    let (_close, closing) = watch::channel(());
    let (clients, counts) = watch::channel(0);
    let classic = Arc::new(Classic::new(handle.of(ClientKind::ApiClient)));
    let door = Door { handle: handle.clone(), port, classic, clients: Arc::new(clients), closing };
    let routes = Router::new()
        .route("/ws", axum::routing::any(socket::open))
        .nest("/api", api_v1::routes().merge(access::routes()))
        .fallback(static_files::page)
        .layer(axum::middleware::from_fn_with_state(door.clone(), access::pass))
        .with_state(door);
    tokio::select! {
        () = accept(listener, routes) => {}
        () = tell_clients(handle, open, counts) => {}
        () = end => {}
    }
}

async fn tell_clients(handle: Handle, mut open: RemoteServerState, mut counts: watch::Receiver<u32>) {
    while counts.changed().await.is_ok() {
        if let RemoteServerState::Open { clients, .. } = &mut open {
            *clients = *counts.borrow_and_update();
        }
        handle.set_remote(open.clone());
        tokio::time::sleep(TELL_EVERY).await;
    }
}

async fn accept(listener: TcpListener, routes: Router) {
    let places = [MOST_HERE, MOST_ELSEWHERE].map(|most| Arc::new(Semaphore::new(most)));
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        match stream {
            Ok((stream, peer)) => {
                let here = peer.ip().to_canonical().is_loopback();
                let [places_here, places_elsewhere] = &places;
                let places = if here { places_here } else { places_elsewhere };
                match (places.clone().try_acquire_owned(), stream.local_addr()) {
                    (Ok(place), Ok(local)) => {
                        let peer = Peer {
                            here,
                            local: local.ip().to_canonical(),
                            pace: Arc::default(),
                            _place: Arc::new(place),
                        };
                        connections.spawn(talk(stream, peer, routes.clone()));
                    }
                    _ => tracing::warn!(%peer, "too many clients: one was turned away"),
                }
            }
            Err(error) if is_of_one_connection(error.kind()) => {}
            Err(error) => {
                // Out of descriptors, most likely: trying at once again would only burn the processor.
                tracing::warn!(%error, "a client could not be let in");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn is_of_one_connection(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

async fn talk(stream: TcpStream, peer: Peer, routes: Router) {
    if let Err(error) = tune(&stream) {
        tracing::debug!(%error, "a connection cannot be tuned");
    }
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        routes.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection broke");
    }
}

fn tune(stream: &TcpStream) -> std::io::Result<()> {
    // Small messages must not wait for each other's acknowledgement: 44 ms a command.
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    // A phone that left without a word gives its place back.
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(10));
    socket.set_tcp_keepalive(&keepalive)
}
