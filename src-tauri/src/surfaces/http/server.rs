//! Accepts connections and serves them, within limits.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use auralis_core::{ClientKind, RemoteServerState};
use axum::body::Body;
use axum::http::Request;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::api_v1::{self, V1State};
use super::limits::Source;
use super::server_state::{Peer, ServerState};
use super::{access, socket, static_files};
use crate::app::AppServices;

/// How long a client may take to send the header of a request; also the idle timeout after its last request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// Limit of a request's header.
const MAX_HEADER_BYTES: usize = 16 << 10;
/// Send buffer of a connection: more would only delay newer messages to a client that reads slowly.
const SEND_BUFFER_BYTES: usize = 256 << 10;
/// Minimum interval between reports of the number of clients.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// Serves clients until `shutdown` resolves. `open` is the state to publish, with the number of clients.
pub(super) async fn serve(
    listener: TcpListener,
    port: u16,
    services: AppServices,
    open: RemoteServerState,
    shutdown: impl Future<Output = ()>,
) {
    let (_stop, stopped) = watch::channel(());
    let (clients, counts) = watch::channel(0);
    let v1 = Arc::new(V1State::new(services.with_client_kind(ClientKind::ApiClient)));
    let state = ServerState::new(services.clone(), port, clients, stopped);
    let routes = Router::new()
        .route("/ws", any(socket::open))
        .nest("/api", api_v1::routes().merge(access::routes()))
        .fallback(static_files::serve_file)
        .layer(from_fn_with_state(state.clone(), access::authorize))
        .layer(Extension(v1))
        .with_state(state.clone());
    tokio::select! {
        () = accept(listener, &state, routes) => {}
        () = publish_client_count(services, open, counts) => {}
        () = shutdown => {}
    }
}

async fn publish_client_count(services: AppServices, mut open: RemoteServerState, mut counts: watch::Receiver<u32>) {
    while counts.changed().await.is_ok() {
        if let RemoteServerState::Open { clients, .. } = &mut open {
            *clients = *counts.borrow_and_update();
        }
        services.report_server_state(open.clone());
        tokio::time::sleep(REPORT_INTERVAL).await;
    }
}

async fn accept(listener: TcpListener, state: &ServerState, routes: Router) {
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        match stream {
            Ok((stream, address)) => {
                let Ok(local_address) = stream.local_addr() else { continue };
                let slot = state.limits.admit(Source::of(address.ip()));
                let evicted = slot.evicted.clone();
                let peer = Peer::new(address, local_address, slot);
                let (refusals, served) = (state.refusals.clone(), serve_http(stream, peer, routes.clone()));
                connections.spawn(async move {
                    tokio::select! {
                        () = served => {}
                        () = evicted.notified() => refusals.log(address, "too many connections without a request"),
                    }
                });
            }
            Err(error) if is_connection_error(error.kind()) => {}
            Err(error) => {
                // Most likely out of file descriptors: retrying immediately would keep a core busy.
                tracing::warn!(%error, "failed to accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Whether the error concerns one connection, not the listener.
fn is_connection_error(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

async fn serve_http(stream: TcpStream, peer: Peer, routes: Router) {
    if let Err(error) = set_socket_options(&stream) {
        tracing::debug!(%error, "failed to set socket options");
    }
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        routes.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    if let Err(error) = connection.await {
        tracing::debug!(%error, "connection failed");
    }
}

fn set_socket_options(stream: &TcpStream) -> std::io::Result<()> {
    // Nagle's algorithm delays small messages by up to 44 ms.
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    // Keep-alive frees connections of clients that vanished.
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(10));
    socket.set_tcp_keepalive(&keepalive)
}
