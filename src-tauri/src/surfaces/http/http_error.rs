//! A refusal as an answer of HTTP: `{error: {code, message, field?}}`.

use auralis_core::{ApiError, ErrorCode};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde::Serialize;

/// Why a request failed, and the status that says so.
#[derive(Debug)]
pub(super) struct Failure(pub(super) StatusCode, pub(super) ApiError);

impl From<ApiError> for Failure {
    fn from(refusal: ApiError) -> Self {
        let status = match refusal.code {
            ErrorCode::Malformed => StatusCode::BAD_REQUEST,
            ErrorCode::OutOfRange => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorCode::NotFound => StatusCode::NOT_FOUND,
            ErrorCode::NotPossible | ErrorCode::Stale => StatusCode::CONFLICT,
            ErrorCode::Forbidden => StatusCode::FORBIDDEN,
            ErrorCode::Unpaired => StatusCode::UNAUTHORIZED,
            ErrorCode::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Failure(status, refusal)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: ApiError,
        }
        (self.0, Json(Body { error: self.1 })).into_response()
    }
}
