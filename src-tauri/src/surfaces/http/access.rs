//! Access control; the rules stand in `docs/security.md`.
//!
//! Requests from pages of other sites are rejected by their `Origin`, and host names that an attacker points at this
//! machine by their `Host` (DNS rebinding). Clients must send the pairing secret. Without it, those on other machines get
//! only the static files of the interface, which reads the secret from the pairing link and exchanges it for a cookie; those
//! on this machine, which may be other users, also get the v1 API.

use std::net::IpAddr;
use std::time::Duration;

use auralis_core::{ApiError, ErrorCode};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::time::timeout;

use super::client_access::ClientAccess;
use super::http_error::HttpError;
use super::params::{RequestParams, missing};
use super::server_state::{Peer, ServerState};
use super::static_files;

/// Request timeout, including the body.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
const COOKIE: &str = "auralis_pairing";
/// Exchanges the pairing secret for a cookie; the only API path that needs no secret.
const PAIR_PATH: &str = "/api/pair";

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/pair", get(is_paired).post(pair)).layer(DefaultBodyLimit::max(1 << 10))
}

/// Middleware: rejects requests that the client may not send, and tells the handlers its rights.
pub(super) async fn authorize(
    State(state): State<ServerState>,
    Extension(peer): Extension<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let access = check_access(&state, &peer, &request);
    let identified = match access {
        Ok(Some(access)) => {
            request.extensions_mut().insert(access);
            peer.identify(&state.limits, access).await
        }
        Ok(None) => Ok(()),
        Err(error) => Err(error.into()),
    };
    let mut response = match identified {
        Err(error) => {
            state.refusals.log(peer.address, &error.1.message);
            error.into_response()
        }
        Ok(()) => {
            peer.throttle(false).await;
            let timed_out = |_| {
                let error = ApiError::new(ErrorCode::Malformed, "The request timed out.");
                HttpError(StatusCode::REQUEST_TIMEOUT, error).into_response()
            };
            timeout(REQUEST_TIMEOUT, next.run(request)).await.unwrap_or_else(timed_out)
        }
    };
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // Other sites must not embed covers.
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::CONTENT_SECURITY_POLICY, static_files::CONTENT_SECURITY_POLICY),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Returns the rights of the client for this request; `None` for a request that needs none.
fn check_access(state: &ServerState, peer: &Peer, request: &Request) -> Result<Option<ClientAccess>, ApiError> {
    let (headers, uri) = (request.headers(), request.uri());
    if !is_own_origin(state, peer, headers, uri) {
        return Err(ApiError::new(ErrorCode::Forbidden, "Requests from other origins are not allowed."));
    }
    let is_paired = credentials(headers).any(|secret| state.services.secret().matches(secret));
    let is_socket = uri.path() == "/ws";
    let is_api = is_socket || uri.path().starts_with("/api/");
    if is_paired {
        return Ok(Some(if peer.is_local { ClientAccess::Full } else { ClientAccess::Paired }));
    }
    if !is_api && request.method() == Method::GET || uri.path() == PAIR_PATH && request.method() == Method::POST {
        return Ok(None);
    }
    if !peer.is_local {
        let message = "This device is not paired. Scan the code that Auralis shows in its settings.";
        return Err(ApiError::new(ErrorCode::Unpaired, message));
    }
    let is_v1 =
        is_api && uri.path() != PAIR_PATH && !(is_socket && headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL));
    if is_v1 && state.services.snapshot().view().settings.remote.allow_unpaired_local {
        return Ok(Some(ClientAccess::V1Only));
    }
    let message = "This browser or program is not paired. Run `auralis open` for a link that pairs it.";
    Err(ApiError::new(ErrorCode::Unpaired, message))
}

fn is_own_origin(state: &ServerState, peer: &Peer, headers: &HeaderMap, uri: &Uri) -> bool {
    let is_own = |authority: &str| is_own_authority(authority, peer.local_address.ip().to_canonical(), state.port);
    // Of two headers, another program may read the other one.
    let is_repeated = |name| headers.get_all(name).iter().count() > 1;
    if is_repeated(header::HOST) || is_repeated(header::ORIGIN) {
        return false;
    }
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("?"));
    let host = text(header::HOST).or(uri.authority().map(|authority| authority.as_str()));
    let origin_is_ours = match text(header::ORIGIN) {
        None => true,
        Some(origin) => origin.strip_prefix("http://").is_some_and(is_own),
    };
    host.is_some_and(is_own) && origin_is_ours
}

/// Whether `authority` is a loopback address or `local`, the address that the client connected to, with the server's port.
fn is_own_authority(authority: &str, local: IpAddr, port: u16) -> bool {
    let (host, named_port) = match authority.rsplit_once(':') {
        Some((host, named)) if !named.ends_with(']') => (host, named.parse().ok()),
        _ => (authority, Some(80)),
    };
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_own = |address: IpAddr| address.is_loopback() || address.to_canonical() == local;
    named_port == Some(port) && (address.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(is_own))
}

fn credentials(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = |name| headers.get_all(name).into_iter().filter_map(|value: &HeaderValue| value.to_str().ok());
    let cookies = values(header::COOKIE).flat_map(|cookies| cookies.split(';'));
    let cookies = cookies.filter_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    cookies.chain(values(header::AUTHORIZATION).filter_map(|value| value.strip_prefix("Bearer ")))
}

/// Succeeds for paired clients; the others do not get here. A browser asks why its WebSocket does not open.
async fn is_paired() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Exchanges the pairing secret for a cookie that scripts cannot read.
async fn pair(State(state): State<ServerState>, mut params: RequestParams) -> Result<Response, HttpError> {
    let secret: String = params.take("token", "text")?.ok_or_else(|| missing("token"))?;
    params.reject_unknown()?;
    if !state.services.secret().matches(&secret) {
        let message = "This pairing link is no longer valid. Scan the code again.";
        return Err(ApiError::for_field(ErrorCode::Unpaired, "token", message).into());
    }
    // Browsers keep cookies for at most 400 days.
    let cookie = format!("{COOKIE}={secret}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Strict");
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}
