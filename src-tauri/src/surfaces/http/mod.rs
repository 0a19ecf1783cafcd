//! The remote door: the interface as files, the player as a socket and as plain HTTP, covers by URL.
//!
//! - `server`: who is connected, and how many may be
//! - `gate`: who may come in
//! - `socket`: the compact stream that the app's own interface speaks, and the older one
//! - `classic`: the first contract, for clients that were written against it
//! - `pages`: the interface

mod access;
mod api_v1;
mod http_error;
mod params;
mod rate_limit;
mod server;
mod socket;
mod static_files;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use auralis_core::{RemoteServerSettings, RemoteServerState};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::app::Handle;

/// Why the door cannot open.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The address cannot be bound.
    #[error("Port {port} on {host} cannot be used ({reason}). Choose another with --port.")]
    Bind {
        /// As asked for.
        host: IpAddr,
        /// As asked for; 0 is any free one.
        port: u16,
        /// Why.
        reason: std::io::Error,
    },
}

/// An open door that nobody has come through yet.
#[derive(Debug)]
pub struct Remote {
    listener: TcpListener,
    address: SocketAddr,
}

impl Remote {
    /// Binds the address. Port 0 takes any free one.
    pub async fn open(host: IpAddr, port: u16) -> Result<Self, RemoteError> {
        let failed = |reason| RemoteError::Bind { host, port, reason };
        let listener = TcpListener::bind((host, port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Remote { listener, address })
    }

    /// Where clients find it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves clients until `end`; then they are let go. The player tells how the door stands.
    pub async fn serve(self, handle: Handle, started_by_cli: bool, end: impl Future<Output = ()>) {
        let ip = self.address.ip().to_canonical();
        let open = RemoteServerState::Open {
            address: self.address.to_string(),
            url: format!("http://{}/", SocketAddr::new(reachable(ip), self.address.port())),
            allow_lan: !ip.is_loopback(),
            clients: 0,
            started_by_cli,
        };
        handle.set_remote(open.clone());
        server::serve(self.listener, self.address.port(), handle.clone(), open, end).await;
        handle.set_remote(RemoteServerState::Off);
    }
}

/// Opens and shuts the door as the settings say, until the player stops.
pub async fn follow_settings(handle: Handle) {
    let mut snapshots = handle.watch();
    let mut followed = RemoteServerSettings::default();
    let mut serving = None;
    while snapshots.changed().await.is_ok() {
        let settings = snapshots.borrow_and_update().view().settings.remote.clone();
        if settings != followed {
            shut(serving.take()).await;
            serving = open(&handle, &settings).await;
            followed = settings;
        }
    }
    shut(serving).await;
}

type Serving = (oneshot::Sender<()>, JoinHandle<()>);

async fn open(handle: &Handle, settings: &RemoteServerSettings) -> Option<Serving> {
    if !settings.enabled {
        handle.set_remote(RemoteServerState::Off);
        return None;
    }
    let host = if settings.allow_lan { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    match Remote::open(host.into(), settings.port).await {
        Ok(remote) => {
            let (end, ended) = oneshot::channel();
            let serving = remote.serve(handle.clone(), false, async { drop(ended.await) });
            Some((end, tokio::spawn(serving)))
        }
        Err(RemoteError::Bind { port, reason, .. }) => {
            tracing::warn!(port, %reason, "the remote door stays shut");
            let reason = format!("Port {port} cannot be used ({reason}). Choose another.");
            handle.set_remote(RemoteServerState::Failed { reason });
            None
        }
    }
}

async fn shut(serving: Option<Serving>) {
    if let Some((end, serving)) = serving {
        drop(end);
        let _ = serving.await;
    }
}

/// The address of this machine that others reach, for one that stands for all.
fn reachable(ip: IpAddr) -> IpAddr {
    if !ip.is_unspecified() {
        return ip;
    }
    // Sends nothing: it only asks the system which way it would go (to an address that is kept for examples, RFC 5737).
    let route = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    };
    route().map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip())
}
