//! From files to frames.

mod file;
mod fold;
mod mp4;
mod sniff;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use auralis_core::SourceFormat;

use crate::ring::Frame;

pub use file::FileOpener;

/// Opens files. Called from threads of its own, so it may take its time.
pub trait Opener: Send + Sync {
    /// A decoder that stands at the first frame.
    fn open(&self, path: &Path) -> Result<Box<dyn Decoder>, DecodeError>;
}

/// Gives the frames of one track, folded to stereo.
pub trait Decoder: Send {
    /// Frames per second of what [`read`](Self::read) gave last; changes only where a chained file does.
    fn rate_hz(&self) -> u32;

    /// What the file holds.
    fn format(&self) -> SourceFormat;

    /// The true number of frames, where the file tells.
    fn frames(&self) -> Option<u64>;

    /// Goes to a frame. Beyond the end there is nothing to read, and that is no error.
    fn seek(&mut self, frame: u64) -> Result<(), DecodeError>;

    /// Appends the next frames; none at the end.
    fn read(&mut self, out: &mut Vec<Frame>) -> Result<(), DecodeError>;
}

/// Why a file cannot be heard (any further), in words for the listener, without the file's name.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct DecodeError(pub String);

impl From<&str> for DecodeError {
    fn from(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

/// Runs what a decoder does, which a malformed file may bring to panic.
pub fn guarded<T>(work: impl FnOnce() -> Result<T, DecodeError>) -> Result<T, DecodeError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("The file is damaged in a way that its decoder cannot handle.".into()))
}
