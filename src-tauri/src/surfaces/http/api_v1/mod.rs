//! The first contract of Auralis, for clients that were written against it: an adapter over the same handle, with the
//! names and shapes of then. What is wrong with it (a queue in every message) is bounded; what was wrong with the server
//! of then (controls that did nothing) is not repeated.

mod feed;
mod library;
mod player;
mod state;

use auralis_core::{ApiError, ErrorCode};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Json;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(super) use feed::Feed;
pub(super) use state::Classic;

use super::http_error::Failure;
use super::server::Door;

/// Room for a queue of 100,000 tracks.
const MOST_BYTES: usize = 1 << 20;

pub(super) fn routes() -> Router<Door> {
    Router::new()
        .route("/health", get(health))
        .route("/version", get(version))
        .nest("/player", player::routes())
        .nest("/library", library::routes())
        .route("/artwork/{id}", get(library::artwork))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MOST_BYTES))
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

async fn version() -> Json<Value> {
    Json(json!({ "name": "Auralis", "version": env!("CARGO_PKG_VERSION") }))
}

async fn unknown(uri: Uri) -> Failure {
    ApiError::new(ErrorCode::NotFound, format!("There is no {} here.", uri.path())).into()
}

async fn wrong_method(method: Method, uri: Uri) -> Failure {
    let message = format!("{} does not take {method}.", uri.path());
    Failure(StatusCode::METHOD_NOT_ALLOWED, ApiError::new(ErrorCode::Malformed, message))
}

/// What a client is sent over the socket, besides `player_state`, which is encoded once for all.
#[derive(Debug, Serialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub(super) enum Message {
    Pong,
    ScanProgress {
        directory: String,
        files_found: u32,
        files_read: u32,
        files_failed: u32,
    },
    ScanComplete {
        directory: String,
        files_found: u32,
        files_added: u32,
        files_updated: u32,
        files_failed: u32,
        scan_time: f64,
    },
    ScanError {
        directory: String,
        error: String,
    },
    Error(ApiError),
}

/// Answers what a client says over the socket. It has one thing to say: ping.
pub(super) fn answer(request: &str) -> Message {
    #[derive(Deserialize)]
    struct Request {
        #[serde(rename = "type")]
        kind: String,
    }
    let refusal = match serde_json::from_str(request) {
        Ok(Request { kind }) if kind == "ping" => return Message::Pong,
        Ok(Request { kind }) => {
            ApiError::for_field(ErrorCode::Malformed, "type", format!("There is no message of type {kind:.40}."))
        }
        Err(error) => ApiError::new(ErrorCode::Malformed, error.to_string()),
    };
    Message::Error(refusal)
}
