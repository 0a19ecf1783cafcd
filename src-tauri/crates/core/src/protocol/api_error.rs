//! Errors that are returned to clients.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The error of a request that failed. Nothing changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
#[ts(optional_fields)]
pub struct ApiError {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// The field with the wrong value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
}

/// The kinds of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not a valid message of the protocol.
    Malformed,
    /// A value is out of range.
    OutOfRange,
    /// No such track, entry, album, folder, …
    NotFound,
    /// The current state does not allow it.
    NotPossible,
    /// Player or queue have changed since `if_rev`.
    Stale,
    /// A file, the database or a device failed.
    Failed,
    /// Not allowed for this client: it is on another machine, or a page of another site.
    Forbidden,
    /// The client is on another machine and is not paired.
    Unpaired,
}

impl ApiError {
    /// Creates an error that concerns no single field.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        ApiError { code, message: message.into(), field: None }
    }

    /// Creates the error for remote clients that use what is [`crate::Access::LocalOnly`].
    pub fn local_only() -> Self {
        ApiError::new(ErrorCode::Forbidden, "This is only available on the computer running Auralis.")
    }

    /// Creates an error about the value of one field.
    pub fn for_field(code: ErrorCode, field: &str, message: impl Into<String>) -> Self {
        ApiError { code, message: message.into(), field: Some(field.into()) }
    }
}
