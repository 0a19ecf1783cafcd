//! The frames of one track: of a file, or of the part of it that a CUE sheet names.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use auralis_core::{SourceFormat, TimeRange};

use super::{Decode, DecodeError, FileOpener, Opener};
use crate::ring::Frame;

/// Gives the frames of one track at the file's rate, folded to stereo. A malformed file ends in an error, never in a
/// panic.
pub struct Decoder {
    file: Box<dyn Decode>,
    /// The first frame of the file that belongs to the track.
    start: u64,
    /// The first that does not any more.
    end: Option<u64>,
    /// The frame of the file that comes next.
    at: u64,
}

impl Decoder {
    /// A decoder that stands at the first frame of a file, or of a range of it.
    pub fn open(path: &Path, range: Option<TimeRange>) -> Result<Self, DecodeError> {
        Self::with(&FileOpener, path, range)
    }

    /// The same with files opened by another.
    pub fn with(opener: &dyn Opener, path: &Path, range: Option<TimeRange>) -> Result<Self, DecodeError> {
        let file = guarded(|| opener.open(path))?;
        let rate_hz = file.rate_hz();
        let start = range.map_or(0, |range| to_frame(range.start_s, rate_hz));
        let end = range.and_then(|range| range.end_s).map(|end_s| to_frame(end_s, rate_hz).max(start));
        if file.frames().is_some_and(|frames| start > 0 && start >= frames) {
            return Err("The file ends before the track begins.".into());
        }
        let mut this = Self { file, start, end, at: 0 };
        if start > 0 {
            this.seek(0)?;
        }
        Ok(this)
    }

    /// Frames per second of what [`read`](Self::read) gave last; changes only where a chained file does.
    pub fn rate_hz(&self) -> u32 {
        self.file.rate_hz()
    }

    /// What the file holds.
    pub fn format(&self) -> SourceFormat {
        self.file.format()
    }

    /// The true number of frames of the track, where the file tells.
    pub fn frames(&self) -> Option<u64> {
        let end = self.file.frames().into_iter().chain(self.end).min()?;
        Some(end.saturating_sub(self.start))
    }

    /// Its length in seconds, where the file tells.
    pub fn duration_s(&self) -> Option<f64> {
        self.frames().map(|frames| frames as f64 / f64::from(self.rate_hz()))
    }

    /// Goes to a frame of the track. Beyond the end there is nothing to read, and that is no error.
    pub fn seek(&mut self, frame: u64) -> Result<(), DecodeError> {
        self.at = self.start.saturating_add(frame);
        let (file, at) = (&mut self.file, self.at);
        guarded(|| file.seek(at))
    }

    /// Appends the next frames; none at the end.
    pub fn read(&mut self, out: &mut Vec<Frame>) -> Result<(), DecodeError> {
        let left = self.end.map_or(u64::MAX, |end| end.saturating_sub(self.at));
        if left == 0 {
            return Ok(());
        }
        let before = out.len();
        let file = &mut self.file;
        guarded(|| file.read(out))?;
        let got = (out.len() - before) as u64;
        out.truncate(before + got.min(left) as usize);
        self.at += got;
        Ok(())
    }
}

/// The frame that is nearest to a time.
pub fn to_frame(position_s: f64, rate_hz: u32) -> u64 {
    (position_s * f64::from(rate_hz)).round() as u64
}

/// Runs what a decoder does, which a malformed file may bring to panic.
fn guarded<T>(work: impl FnOnce() -> Result<T, DecodeError>) -> Result<T, DecodeError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("The file is damaged in a way that its decoder cannot handle.".into()))
}
