//! WebSocket messages of the v1 API, except `player_state`, which is encoded once for all clients.

use auralis_core::{ApiError, ErrorCode};
use serde::{Deserialize, Serialize};

use crate::surfaces::connection::{EncodedMessage, RequestHandler, encode};

/// A message to a client.
#[derive(Debug, Serialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub(super) enum V1Message {
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

/// Answers the only request of a v1 client: ping.
pub(in crate::surfaces::http) struct V1RequestHandler;

impl RequestHandler for V1RequestHandler {
    async fn handle(&self, request: Result<&str, ApiError>) -> EncodedMessage {
        encode(&request.map_or_else(V1Message::Error, answer))
    }
}

fn answer(request: &str) -> V1Message {
    #[derive(Deserialize)]
    struct Request {
        #[serde(rename = "type")]
        kind: String,
    }
    let error = match serde_json::from_str(request) {
        Ok(Request { kind }) if kind == "ping" => return V1Message::Pong,
        Ok(Request { kind }) => {
            ApiError::for_field(ErrorCode::Malformed, "type", format!("There is no message of type {kind:.40}."))
        }
        Err(error) => ApiError::new(ErrorCode::Malformed, error.to_string()),
    };
    V1Message::Error(error)
}
