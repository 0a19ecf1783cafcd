//! Decodes files to frames. No threads of its own.

mod caf_packets;
mod codecs;
mod downmix;
mod dsd;
mod error;
mod file_range;
mod mp4_edit_list;
mod mpeg_range;
mod ogg_length;
mod opus_surround;
mod pcm_file;
mod symphonia_decoder;
mod system_files;
mod track_decoder;
mod tta;
mod unsupported_format;
mod wavpack;

use std::{path::Path, time::Duration};

use auralis_core::SourceFormat;

use auralis_dsp::Frame;

pub use error::DecodeError;
pub use system_files::SystemFiles;
pub use track_decoder::{TrackDecoder, to_frame};

/// Opens files. May block: it is called on threads of their own.
pub trait OpenFile: Send + Sync {
    /// Opens a file at its first frame.
    fn open(&self, path: &Path) -> Result<Box<dyn FileDecoder>, DecodeError>;

    /// How long a file may take to open, or to deliver the next frames, before it counts as not responding. A sleeping
    /// disk takes about ten seconds to spin up.
    fn timeout(&self) -> Duration {
        Duration::from_secs(15)
    }
}

/// Decodes the frames of one file, downmixed to stereo. May panic on malformed files: [`TrackDecoder`] catches that.
pub trait FileDecoder: Send {
    /// Frames per second of the last [`read`](Self::read). Changes only within chained files.
    fn rate_hz(&self) -> u32;

    /// Returns the format of the file.
    fn format(&self) -> SourceFormat;

    /// Returns the exact number of frames, if the file states it.
    fn frames(&self) -> Option<u64>;

    /// Seeks to a frame. Beyond the end there is nothing to read, which is no error.
    fn seek(&mut self, frame: u64) -> Result<(), DecodeError>;

    /// Appends the next frames; none at the end.
    fn read(&mut self, out: &mut Vec<Frame>) -> Result<(), DecodeError>;
}
