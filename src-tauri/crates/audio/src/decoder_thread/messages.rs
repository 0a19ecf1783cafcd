//! Messages between the control thread and decoder threads.

use std::sync::Arc;

use auralis_core::{LoadId, SourceFormat};

use super::OpenTrack;
use crate::playback::{RingReader, RingStatus};

/// A request to decode into a new ring.
#[derive(Debug, Clone, Copy)]
pub struct DecodeRequest {
    /// Identifies the request. Grows.
    pub request_id: u64,
    /// The load.
    pub load: LoadId,
    /// Start position in seconds.
    pub position_s: f64,
    /// The device's rate.
    pub rate_hz: u32,
}

/// From the control thread to a decoder thread.
pub(super) enum DecoderCommand {
    Decode(DecodeRequest),
    Next(Option<Box<OpenTrack>>),
    Advance,
}

/// From a decoder thread to the control thread.
pub enum DecoderEvent {
    /// The track is open.
    Ready { load: LoadId, duration_s: Option<f64>, source: SourceFormat },
    /// The track cannot be opened.
    Failed { load: LoadId, reason: String },
    /// The track cannot be decoded beyond what its ring holds.
    DecodeFailed { load: LoadId, reason: String },
    /// A ring to play now.
    Filled { request_id: u64, segment: RingSegment, ring: RingReader },
    /// A ring that takes over at the end of the one before.
    NextReady { request_id: u64, segment: RingSegment, ring: RingReader },
}

/// The part of a track that one ring holds.
#[derive(Clone)]
pub struct RingSegment {
    /// Id of the ring.
    pub ring: u64,
    /// The load.
    pub load: LoadId,
    /// Position of the ring's first frame in seconds.
    pub start_s: f64,
    /// The ring's shared counters.
    pub status: Arc<RingStatus>,
}
