//! Everything that runs on the audio thread: no allocation, lock, log or wait.

mod chain_crossfader;
mod clock;
mod marks;
mod meters;
mod ramp;
mod ring;
mod ring_player;
mod source;

pub use clock::PlaybackClock;
pub use marks::{PlaybackMark, SegmentState};
pub use meters::{MeterReader, meter_queue};
pub use ring::{RingReader, RingStatus, RingWriter, ring};
pub use source::{NextRing, PlaybackControls, RingSource, SourceCommand, SourceHandle, Underruns};

/// Frames rendered at once.
const BLOCK_FRAMES: usize = 64;
