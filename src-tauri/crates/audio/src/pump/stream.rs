//! An open track, ready to be decoded from its first frames on.

use std::path::PathBuf;

use auralis_core::{LoadId, SourceFormat, TimeRange};

use crate::{
    decode::{DecodeError, Decoder, Opener, to_frame},
    ring::Frame,
};

/// A file, or the part of it that is a track.
pub struct What {
    /// The file.
    pub path: PathBuf,
    /// Which part of it; with none, all.
    pub range: Option<TimeRange>,
}

/// An open track whose first frames are decoded.
pub struct Stream {
    /// Its name.
    pub load: LoadId,
    pub(super) decoder: Decoder,
    /// Decoded at the opening.
    head: Vec<Frame>,
    /// Nothing but the head was read, from this frame on.
    fresh_at: Option<u64>,
    pub(super) over: bool,
}

impl Stream {
    /// Opens a track at a position.
    pub fn open(opener: &dyn Opener, load: LoadId, what: &What, position_s: f64) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::with(opener, &what.path, what.range)?;
        let frame = to_frame(position_s, decoder.rate_hz());
        if frame > 0 {
            decoder.seek(frame)?;
        }
        let mut head = Vec::new();
        decoder.read(&mut head)?;
        if head.is_empty() && frame == 0 {
            return Err("The file holds no sound.".into());
        }
        Ok(Self { load, decoder, head, fresh_at: Some(frame), over: false })
    }

    /// What the file holds.
    pub fn format(&self) -> SourceFormat {
        self.decoder.format()
    }

    /// Its length, where the file tells.
    pub fn duration_s(&self) -> Option<f64> {
        self.decoder.duration_s()
    }

    pub(super) fn rewind_to(&mut self, frame: u64) -> Result<(), DecodeError> {
        if self.fresh_at != Some(frame) {
            self.head.clear();
            self.fresh_at = None;
            self.decoder.seek(frame)?;
        }
        self.over = false;
        Ok(())
    }

    /// The next frames; none at the end.
    pub(super) fn read(&mut self, into: &mut Vec<Frame>) -> Result<(), DecodeError> {
        self.fresh_at = None;
        into.clear();
        if self.head.is_empty() {
            self.decoder.read(into)?;
        } else {
            std::mem::swap(into, &mut self.head);
        }
        self.over = into.is_empty();
        Ok(())
    }
}
