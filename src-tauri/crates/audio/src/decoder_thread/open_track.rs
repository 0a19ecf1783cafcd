//! An opened track, ready to decode.

use std::path::PathBuf;

use auralis_core::{LoadId, SourceFormat, TimeRange};

use crate::decode::{DecodeError, OpenFile, TrackDecoder, to_frame};
use auralis_dsp::Frame;

/// A file, or the range of it that is a track.
pub struct MediaRange {
    /// The file.
    pub path: PathBuf,
    /// The range; `None` for the whole file.
    pub range: Option<TimeRange>,
}

/// An opened track whose first frames are already decoded.
pub struct OpenTrack {
    /// The load.
    pub load: LoadId,
    pub(super) decoder: TrackDecoder,
    /// Frames decoded on open.
    first_frames: Vec<Frame>,
    /// Position of `first_frames`, while nothing else was read.
    head_frame: Option<u64>,
    pub(super) at_end: bool,
}

impl OpenTrack {
    /// Opens a track at a position in seconds.
    pub fn open(opener: &dyn OpenFile, load: LoadId, media: &MediaRange, position_s: f64) -> Result<Self, DecodeError> {
        let mut decoder = TrackDecoder::with(opener, &media.path, media.range)?;
        let frame = to_frame(position_s, decoder.rate_hz());
        if frame > 0 {
            decoder.seek(frame)?;
        }
        let mut first_frames = Vec::new();
        decoder.read(&mut first_frames)?;
        if first_frames.is_empty() && frame == 0 {
            return Err("The file holds no sound.".into());
        }
        Ok(Self { load, decoder, first_frames, head_frame: Some(frame), at_end: false })
    }

    /// Returns the format of the file.
    pub fn format(&self) -> SourceFormat {
        self.decoder.format()
    }

    /// Returns the length in seconds, if the file states it.
    pub fn duration_s(&self) -> Option<f64> {
        self.decoder.duration_s()
    }

    pub(super) fn rewind_to(&mut self, frame: u64) -> Result<(), DecodeError> {
        if self.head_frame != Some(frame) {
            self.first_frames.clear();
            self.head_frame = None;
            self.decoder.seek(frame)?;
        }
        self.at_end = false;
        Ok(())
    }

    /// Reads the next frames; none at the end.
    pub(super) fn read(&mut self, into: &mut Vec<Frame>) -> Result<(), DecodeError> {
        self.head_frame = None;
        into.clear();
        if self.first_frames.is_empty() {
            self.decoder.read(into)?;
        } else {
            std::mem::swap(into, &mut self.first_frames);
        }
        self.at_end = into.is_empty();
        Ok(())
    }
}
