//! Access control.
//!
//! Requests from pages of other sites are rejected by their `Origin`, and host names that an attacker points at this
//! machine by their `Host` (DNS rebinding). Clients on other machines must send the pairing secret. Without it they get
//! only the static files of the interface, which reads the secret from the pairing link and exchanges it for a cookie.

use std::time::Duration;

use auralis_core::{ApiError, ErrorCode};
use axum::extract::{DefaultBodyLimit, Extension, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::post};
use tokio::time::timeout;

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
    Router::new().route("/pair", post(pair)).layer(DefaultBodyLimit::max(1 << 10))
}

pub(super) async fn authorize(
    State(state): State<ServerState>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match check_access(&state, &peer, &request) {
        Some(error) => HttpError::from(error).into_response(),
        None => {
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
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::CONTENT_SECURITY_POLICY, static_files::CONTENT_SECURITY_POLICY),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn check_access(state: &ServerState, peer: &Peer, request: &Request) -> Option<ApiError> {
    let (headers, uri) = (request.headers(), request.uri());
    if !is_own_origin(state, peer, headers, uri) {
        return Some(ApiError::new(ErrorCode::Forbidden, "Requests from other origins are not allowed."));
    }
    let is_public = uri.path() == PAIR_PATH
        || !(uri.path() == "/ws" || uri.path().starts_with("/api/")) && request.method() == Method::GET;
    let is_paired = || credentials(headers).any(|secret| state.services.secret().matches(secret));
    if peer.is_local || is_public || is_paired() {
        return None;
    }
    let message = "This device is not paired. Scan the code that Auralis shows in its settings.";
    Some(ApiError::new(ErrorCode::Unpaired, message))
}

fn is_own_origin(state: &ServerState, peer: &Peer, headers: &HeaderMap, uri: &Uri) -> bool {
    let is_own = |authority: &str| is_own_authority(authority, peer, state.port);
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("?"));
    let host = text(header::HOST).or(uri.authority().map(|authority| authority.as_str()));
    let origin_is_ours = match text(header::ORIGIN) {
        None => true,
        Some(origin) => origin.strip_prefix("http://").is_some_and(is_own),
    };
    host.is_some_and(is_own) && origin_is_ours
}

/// Whether `authority` is a loopback address or the address that the client connected to, with the server's port.
fn is_own_authority(authority: &str, peer: &Peer, port: u16) -> bool {
    let (host, named_port) = match authority.rsplit_once(':') {
        Some((host, named)) if !named.ends_with(']') => (host, named.parse().ok()),
        _ => (authority, Some(80)),
    };
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_own = |address: std::net::IpAddr| address.is_loopback() || address.to_canonical() == peer.local_address;
    named_port == Some(port) && (address.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(is_own))
}

fn credentials(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = |name| headers.get_all(name).into_iter().filter_map(|value: &HeaderValue| value.to_str().ok());
    let cookies = values(header::COOKIE).flat_map(|cookies| cookies.split(';'));
    let cookies = cookies.filter_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    cookies.chain(values(header::AUTHORIZATION).filter_map(|value| value.strip_prefix("Bearer ")))
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
