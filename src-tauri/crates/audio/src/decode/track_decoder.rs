//! The frames of one track: a file, or the range of it that a CUE sheet names.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use auralis_core::{SourceFormat, TimeRange};

use super::{DecodeError, FileDecoder, OpenFile, SystemFiles};
use auralis_dsp::Frame;

/// Decodes one track at the file's rate, downmixed to stereo. A malformed file gives an error, never a panic.
pub struct TrackDecoder {
    file: Box<dyn FileDecoder>,
    /// First frame of the track in the file.
    start: u64,
    /// First frame after the track.
    end: Option<u64>,
    /// The next frame in the file.
    at: u64,
}

impl TrackDecoder {
    /// Opens a file, or a range of it, at its first frame.
    pub fn open(path: &Path, range: Option<TimeRange>) -> Result<Self, DecodeError> {
        Self::with(&SystemFiles, path, range)
    }

    /// Like [`open`](Self::open), with another source of files.
    pub fn with(opener: &dyn OpenFile, path: &Path, range: Option<TimeRange>) -> Result<Self, DecodeError> {
        let file = catch_decoder_panic(|| opener.open(path))?;
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

    /// Frames per second of the last [`read`](Self::read). Changes only within chained files.
    pub fn rate_hz(&self) -> u32 {
        self.file.rate_hz()
    }

    /// Returns the format of the file.
    pub fn format(&self) -> SourceFormat {
        self.file.format()
    }

    /// Returns the exact number of frames of the track, if the file states it.
    pub fn frames(&self) -> Option<u64> {
        let end = self.file.frames().into_iter().chain(self.end).min()?;
        Some(end.saturating_sub(self.start))
    }

    /// Returns the length in seconds, if the file states it.
    pub fn duration_s(&self) -> Option<f64> {
        self.frames().map(|frames| frames as f64 / f64::from(self.rate_hz()))
    }

    /// Seeks to a frame of the track. Beyond the end there is nothing to read, which is no error.
    pub fn seek(&mut self, frame: u64) -> Result<(), DecodeError> {
        self.at = self.start.saturating_add(frame);
        let (file, at) = (&mut self.file, self.at);
        catch_decoder_panic(|| file.seek(at))
    }

    /// Appends the next frames; none at the end.
    pub fn read(&mut self, out: &mut Vec<Frame>) -> Result<(), DecodeError> {
        let remaining = self.end.map_or(u64::MAX, |end| end.saturating_sub(self.at));
        if remaining == 0 {
            return Ok(());
        }
        let before = out.len();
        let file = &mut self.file;
        catch_decoder_panic(|| file.read(out))?;
        let got = (out.len() - before) as u64;
        out.truncate(before + got.min(remaining) as usize);
        self.at += got;
        Ok(())
    }
}

/// Returns the frame nearest to a time.
pub fn to_frame(position_s: f64, rate_hz: u32) -> u64 {
    (position_s * f64::from(rate_hz)).round() as u64
}

/// Turns a decoder's panic on a malformed file into an error.
fn catch_decoder_panic<T>(work: impl FnOnce() -> Result<T, DecodeError>) -> Result<T, DecodeError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("The file is damaged in a way that its decoder cannot handle.".into()))
}
