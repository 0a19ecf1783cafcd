//! An error as HTTP response: `{error: {code, message, field?}}`.

use auralis_core::{ApiError, ErrorCode};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde::Serialize;

/// The status and the error of a failed request.
#[derive(Debug)]
pub(super) struct HttpError(pub(super) StatusCode, pub(super) ApiError);

impl From<ApiError> for HttpError {
    fn from(error: ApiError) -> Self {
        let status = match error.code {
            ErrorCode::Malformed => StatusCode::BAD_REQUEST,
            ErrorCode::OutOfRange => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorCode::NotFound => StatusCode::NOT_FOUND,
            ErrorCode::NotPossible | ErrorCode::Stale => StatusCode::CONFLICT,
            ErrorCode::Forbidden => StatusCode::FORBIDDEN,
            ErrorCode::Unpaired => StatusCode::UNAUTHORIZED,
            ErrorCode::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        };
        HttpError(status, error)
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: ApiError,
        }
        (self.0, Json(Body { error: self.1 })).into_response()
    }
}
