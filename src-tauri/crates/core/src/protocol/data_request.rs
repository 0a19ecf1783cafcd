//! What a client may ask for beside lists: pulled while it is shown, never sent by itself.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AudioProfile, Meters, TrackId, Waveform};

/// A question. Answered at once, from what is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum DataRequest {
    /// The levels before and after mastering. To be asked while they are shown, up to 30 times a second.
    Meters {},
    /// What the analysis of a track found.
    Profile {
        /// Which.
        track: TrackId,
    },
    /// A track's outline.
    Waveform {
        /// Which.
        track: TrackId,
    },
}

/// The answer to a [`DataRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "told", content = "data", rename_all = "snake_case")]
pub enum DataReply {
    /// Nothing while nothing sounds.
    Meters(Option<Box<Meters>>),
    /// Nothing while the track is not analysed.
    Profile(Option<Box<AudioProfile>>),
    /// Nothing while the track is not analysed.
    Waveform(Option<Waveform>),
}
