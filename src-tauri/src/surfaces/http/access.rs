//! Who may come in.
//!
//! Pages of other sites may not: their `Origin` is not ours, and a name that they make point here is not in the list of
//! `Host`s (DNS rebinding). Clients on other machines may with the secret of the pairing; without it, they get the
//! interface's files, which hold nothing of the listener's, so that it can take the secret out of the link and have it
//! changed into a cookie.

use std::time::Duration;

use auralis_core::{ApiError, ErrorCode};
use axum::extract::{DefaultBodyLimit, Extension, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::post};
use tokio::time::timeout;

use super::http_error::Failure;
use super::params::{Fields, missing};
use super::server::{Door, Peer};
use super::static_files;

/// How long a request may take, its body included.
const PATIENCE: Duration = Duration::from_secs(30);
const COOKIE: &str = "auralis_pairing";
/// Where the secret is changed into a cookie; the one thing that needs no secret and is no file.
const PAIR: &str = "/api/pair";

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/pair", post(pair)).layer(DefaultBodyLimit::max(1 << 10))
}

pub(super) async fn pass(
    State(door): State<Door>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match refuse(&door, &peer, &request) {
        Some(refusal) => Failure::from(refusal).into_response(),
        None => {
            peer.wait(false).await;
            let timed_out = |_| {
                let refusal = ApiError::new(ErrorCode::Malformed, "The request did not come to its end in time.");
                Failure(StatusCode::REQUEST_TIMEOUT, refusal).into_response()
            };
            timeout(PATIENCE, next.run(request)).await.unwrap_or_else(timed_out)
        }
    };
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // Not even as a picture in another site's page.
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::CONTENT_SECURITY_POLICY, static_files::CONTENT_SECURITY_POLICY),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn refuse(door: &Door, peer: &Peer, request: &Request) -> Option<ApiError> {
    let (headers, uri) = (request.headers(), request.uri());
    if !is_ours(door, peer, headers, uri) {
        return Some(ApiError::new(ErrorCode::Forbidden, "Only pages of this Auralis may talk to it."));
    }
    let is_public = uri.path() == PAIR
        || !(uri.path() == "/ws" || uri.path().starts_with("/api/")) && request.method() == Method::GET;
    let is_paired = || credentials(headers).any(|secret| door.handle.secret().is(secret));
    if peer.here || is_public || is_paired() {
        return None;
    }
    let message = "This device is not paired. Scan the code that Auralis shows in its settings.";
    Some(ApiError::new(ErrorCode::Unpaired, message))
}

fn is_ours(door: &Door, peer: &Peer, headers: &HeaderMap, uri: &Uri) -> bool {
    let is_own = |authority: &str| is_own_authority(authority, peer, door.port);
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("?"));
    let host = text(header::HOST).or(uri.authority().map(|authority| authority.as_str()));
    let origin_is_ours = match text(header::ORIGIN) {
        None => true,
        Some(origin) => origin.strip_prefix("http://").is_some_and(is_own),
    };
    host.is_some_and(is_own) && origin_is_ours
}

/// Whether it names this machine by its loopback or by the address that the client came to.
fn is_own_authority(authority: &str, peer: &Peer, port: u16) -> bool {
    let (host, named_port) = match authority.rsplit_once(':') {
        Some((host, named)) if !named.ends_with(']') => (host, named.parse().ok()),
        _ => (authority, Some(80)),
    };
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_own = |address: std::net::IpAddr| address.is_loopback() || address.to_canonical() == peer.local;
    named_port == Some(port) && (address.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(is_own))
}

fn credentials(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = |name| headers.get_all(name).into_iter().filter_map(|value: &HeaderValue| value.to_str().ok());
    let cookies = values(header::COOKIE).flat_map(|cookies| cookies.split(';'));
    let cookies = cookies.filter_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    cookies.chain(values(header::AUTHORIZATION).filter_map(|value| value.strip_prefix("Bearer ")))
}

/// Changes the secret into a cookie that no script can read.
async fn pair(State(door): State<Door>, mut fields: Fields) -> Result<Response, Failure> {
    let secret: String = fields.take("token", "text")?.ok_or_else(|| missing("token"))?;
    fields.finish()?;
    if !door.handle.secret().is(&secret) {
        let message = "This pairing does not hold (any more). Scan the code again.";
        return Err(ApiError::for_field(ErrorCode::Unpaired, "token", message).into());
    }
    // As long as browsers keep any: 400 days.
    let cookie = format!("{COOKIE}={secret}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Strict");
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}
