//! A refusal as an answer of HTTP: `{error: {code, message, field?}}`.

use auralis_core::{Refusal, RefusalCode};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde::Serialize;

/// Why a request failed, and the status that says so.
#[derive(Debug)]
pub(super) struct Failure(pub(super) StatusCode, pub(super) Refusal);

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.code {
            RefusalCode::Malformed => StatusCode::BAD_REQUEST,
            RefusalCode::OutOfRange => StatusCode::UNPROCESSABLE_ENTITY,
            RefusalCode::NotFound => StatusCode::NOT_FOUND,
            RefusalCode::NotPossible | RefusalCode::Stale => StatusCode::CONFLICT,
            RefusalCode::Forbidden => StatusCode::FORBIDDEN,
            RefusalCode::Unpaired => StatusCode::UNAUTHORIZED,
            RefusalCode::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Failure(status, refusal)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: Refusal,
        }
        (self.0, Json(Body { error: self.1 })).into_response()
    }
}
