//! Version 1 of the HTTP and WebSocket API, kept for existing clients. An adapter over the same handle as every other
//! client. Each message contains part of the queue, at most 200 entries.

mod client;
mod library;
mod message;
mod player;
mod state;
mod stream;

use auralis_core::{ApiError, ErrorCode};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Json;
use axum::routing::get;
use serde_json::{Value, json};

pub(super) use message::V1RequestHandler;
pub(super) use state::V1State;
pub(super) use stream::V1Stream;

use super::http_error::HttpError;
use super::server_state::ServerState;

/// Request size limit: a queue of 100,000 tracks fits.
const MAX_REQUEST_BYTES: usize = 1 << 20;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/health", get(health))
        .route("/version", get(version))
        .nest("/player", player::routes())
        .nest("/library", library::routes())
        .route("/artwork/{id}", get(library::artwork))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

async fn version() -> Json<Value> {
    Json(json!({ "name": "Auralis", "version": env!("CARGO_PKG_VERSION") }))
}

async fn unknown(uri: Uri) -> HttpError {
    ApiError::new(ErrorCode::NotFound, format!("There is no {} here.", uri.path())).into()
}

async fn wrong_method(method: Method, uri: Uri) -> HttpError {
    let message = format!("{} does not take {method}.", uri.path());
    HttpError(StatusCode::METHOD_NOT_ALLOWED, ApiError::new(ErrorCode::Malformed, message))
}
