//! The HTTP server: the interface as static files, the player by WebSocket and by the v1 API, covers by URL.
//!
//! - `server`: accepts and serves connections
//! - `server_state`: what request handlers share
//! - `access`, `client_access`: which clients may do what
//! - `limits`, `rate_limit`: how many connections and requests a client may have
//! - `socket`: WebSockets, for the protocol of the app's own interface and for the v1 API
//! - `api_v1`: version 1 of the HTTP and WebSocket API
//! - `static_files`: the interface

mod access;
mod api_v1;
mod client_access;
mod http_error;
mod limits;
mod params;
mod peer_user;
mod rate_limit;
mod refusal_log;
mod server;
mod server_state;
mod socket;
mod static_files;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use auralis_core::{RemoteServerSettings, RemoteServerState};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::app::{AppServices, lan_address};

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be bound.
    #[error("Port {port} on {host} cannot be used ({reason}). Choose another with --port.")]
    Bind {
        /// The requested address.
        host: IpAddr,
        /// The requested port; 0 is any free one.
        port: u16,
        /// Why.
        reason: std::io::Error,
    },
}

/// A bound listener that does not accept connections yet.
#[derive(Debug)]
pub struct BoundServer {
    listener: TcpListener,
    address: SocketAddr,
}

impl BoundServer {
    /// Binds the address. Port 0 takes any free one.
    pub async fn bind(host: IpAddr, port: u16) -> Result<Self, ServerError> {
        let failed = |reason| ServerError::Bind { host, port, reason };
        let listener = TcpListener::bind((host, port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(BoundServer { listener, address })
    }

    /// Returns the bound address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the link that pairs a browser on this machine.
    pub fn local_link(&self, services: &AppServices) -> Result<String, std::io::Error> {
        services.secret().local_link(self.address)
    }

    /// Serves clients until `shutdown` resolves, then disconnects them. Publishes the state of the server.
    pub async fn serve(self, services: AppServices, started_by_cli: bool, shutdown: impl Future<Output = ()>) {
        // Local clients need the secret from the first request on.
        if let Err(error) = self.local_link(&services) {
            tracing::error!(%error, "failed to create the pairing secret");
        }
        let ip = self.address.ip().to_canonical();
        let open = RemoteServerState::Open {
            address: self.address.to_string(),
            url: format!("http://{}/", SocketAddr::new(lan_address(ip), self.address.port())),
            allow_lan: !ip.is_loopback(),
            clients: 0,
            started_by_cli,
        };
        services.report_server_state(open.clone());
        server::serve(self.listener, self.address.port(), services.clone(), open, shutdown).await;
        services.report_server_state(RemoteServerState::Off);
    }
}

/// Starts and stops the server as the settings say, until the player stops.
pub async fn follow_settings(services: AppServices) {
    let mut snapshots = services.watch();
    let mut current = RemoteServerSettings::default();
    let mut running = None;
    while snapshots.changed().await.is_ok() {
        let settings = snapshots.borrow_and_update().view().settings.remote.clone();
        if settings != current {
            stop(running.take()).await;
            running = start(&services, &settings).await;
            current = settings;
        }
    }
    stop(running).await;
}

/// A running server and what stops it when dropped.
struct RunningServer {
    shutdown: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn start(services: &AppServices, settings: &RemoteServerSettings) -> Option<RunningServer> {
    if !settings.enabled {
        services.report_server_state(RemoteServerState::Off);
        return None;
    }
    let host = if settings.allow_lan { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    match BoundServer::bind(host.into(), settings.port).await {
        Ok(server) => {
            let (shutdown, stopped) = oneshot::channel();
            let task = tokio::spawn(server.serve(services.clone(), false, async { drop(stopped.await) }));
            Some(RunningServer { shutdown, task })
        }
        Err(ServerError::Bind { port, reason, .. }) => {
            tracing::warn!(port, %reason, "HTTP server not started");
            let reason = format!("Port {port} cannot be used ({reason}). Choose another.");
            services.report_server_state(RemoteServerState::Failed { reason });
            None
        }
    }
}

async fn stop(running: Option<RunningServer>) {
    if let Some(RunningServer { shutdown, task }) = running {
        drop(shutdown);
        let _ = task.await;
    }
}
