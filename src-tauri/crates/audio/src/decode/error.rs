//! Why a file cannot be decoded.

use std::io::ErrorKind;

/// Why a file cannot be decoded (any further), in words for the listener, without the file's name.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct DecodeError(pub String);

impl From<&str> for DecodeError {
    fn from(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

/// Detects truncated files: fails if `read` frames are over a second less than the file states.
pub fn check_length(read: u64, frames: Option<u64>, rate_hz: u32) -> Result<(), DecodeError> {
    let second = u64::from(rate_hz);
    match frames {
        Some(frames) if read + second < frames => Err(DecodeError(format!(
            "The file is cut off: it ends after {} of {} seconds.",
            read / second,
            frames / second
        ))),
        _ => Ok(()),
    }
}

impl DecodeError {
    /// The file system hangs, as network mounts do.
    pub fn not_responding() -> Self {
        "The file does not respond. Its disk or network share may be unavailable.".into()
    }
}

/// Maps an I/O error.
pub fn io_error(error: &std::io::Error) -> DecodeError {
    match error.kind() {
        ErrorKind::NotFound => "The file is not there any more.".into(),
        ErrorKind::UnexpectedEof => "The file is damaged.".into(),
        ErrorKind::PermissionDenied => "You do not have permission to read this file.".into(),
        _ => DecodeError(format!("The file cannot be read: {error}.")),
    }
}
