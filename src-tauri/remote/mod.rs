//! The door for browsers: the interface as files, the player as a socket, covers by URL.
//!
//! Only this machine gets in. A page of another site cannot: its `Origin` is not ours, and a name that it makes point
//! here is not in the list of `Host`s (DNS rebinding).

mod pages;
mod socket;

use std::net::{IpAddr, SocketAddr};

use auralis_library::CoverSize;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Router, serve};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;

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

    /// Serves clients until `end`.
    pub async fn serve(self, handle: Handle, end: impl Future<Output = ()> + Send + 'static) {
        let door = Door { handle, port: self.address.port() };
        let routes = Router::new()
            .route("/ws", get(socket::open))
            .route("/api/health", get(health))
            .route("/api/artwork/{hash}", get(cover))
            .fallback(get(pages::page))
            .layer(middleware::from_fn_with_state(door.clone(), only_this_machine))
            .with_state(door);
        // Small messages must not wait for each other's acknowledgement: 44 ms a command.
        let listener = self.listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a client's messages are delayed");
            }
        });
        // Sockets stay open as long as their pages, so their end is not waited for.
        tokio::select! {
            result = async { serve(listener, routes).await } => {
                if let Err(error) = result {
                    tracing::error!(%error, "the remote door broke");
                }
            }
            () = end => {}
        }
    }
}

#[derive(Clone)]
struct Door {
    handle: Handle,
    port: u16,
}

async fn only_this_machine(State(door): State<Door>, request: Request, next: Next) -> Response {
    if !is_ours(&door, request.headers(), request.uri()) {
        let error =
            json!({ "error": { "code": "forbidden", "message": "Only pages of this Auralis may talk to it." } });
        return (StatusCode::FORBIDDEN, Json(error)).into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(pages::CONTENT_SECURITY_POLICY));
    response
}

fn is_ours(door: &Door, headers: &HeaderMap, uri: &Uri) -> bool {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("?"));
    let host = text(header::HOST).or(uri.authority().map(|authority| authority.as_str()));
    let host_is_ours = host.is_some_and(|host| is_own_authority(host, door.port));
    let origin_is_ours = match text(header::ORIGIN) {
        None => true,
        Some(origin) => origin.strip_prefix("http://").is_some_and(|host| is_own_authority(host, door.port)),
    };
    host_is_ours && origin_is_ours
}

fn is_own_authority(authority: &str, port: u16) -> bool {
    let (host, named_port) = match authority.rsplit_once(':') {
        Some((host, named)) if !named.ends_with(']') => (host, named.parse().ok()),
        _ => (authority, Some(80)),
    };
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_here = address == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    named_port == Some(port) && is_here
}

async fn health() -> Json<serde_json::Value> {
    Json(json!({ "status": "ok" }))
}

#[derive(Debug, Deserialize)]
struct CoverQuery {
    size: Option<u32>,
}

async fn cover(State(door): State<Door>, Path(hash): Path<String>, Query(query): Query<CoverQuery>) -> Response {
    match door.handle.cover(&hash, CoverSize::at_least(query.size.unwrap_or(256))).await {
        Ok(Some(cover)) => {
            // The hash names the content, so it never changes.
            let kept = "public, max-age=31536000, immutable";
            ([(header::CONTENT_TYPE, cover.mime), (header::CACHE_CONTROL, kept)], cover.bytes).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(refusal) => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "error": refusal }))).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_own_authority;

    #[test]
    fn only_names_of_this_machine_are_ours() {
        for ours in ["localhost:8765", "127.0.0.1:8765", "[::1]:8765"] {
            assert!(is_own_authority(ours, 8765), "{ours}");
        }
        for other in
            ["evil.example:8765", "localhost", "localhost:80", "127.0.0.1.evil.example:8765", "[::1]", "", ":8765"]
        {
            assert!(!is_own_authority(other, 8765), "{other}");
        }
        assert!(is_own_authority("localhost", 80));
    }
}
