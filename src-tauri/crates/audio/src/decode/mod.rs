//! From files to frames.

mod decoder;
mod file;
mod fold;
mod mp4;
mod sniff;
mod wavpack;

use std::path::Path;

use auralis_core::SourceFormat;

use crate::ring::Frame;

pub use decoder::{Decoder, to_frame};
pub use file::FileOpener;

/// Opens files. Called from threads of its own, so it may take its time.
pub trait Opener: Send + Sync {
    /// What stands at the first frame.
    fn open(&self, path: &Path) -> Result<Box<dyn Decode>, DecodeError>;
}

/// Gives the frames of one file, folded to stereo. May panic where the file is malformed: [`Decoder`] sees to that.
pub trait Decode: Send {
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

/// The end of a file that was cut off is not the end of its track: says whether `read` frames are all there should be.
fn check_length(read: u64, frames: Option<u64>, rate_hz: u32) -> Result<(), DecodeError> {
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
