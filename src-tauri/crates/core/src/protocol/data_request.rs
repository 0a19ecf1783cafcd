//! Data that clients request while they show it; it is never sent unasked.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Access, AudioProfile, Meters, TrackId, Waveform};

/// A request for data that is not a list.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum DataRequest {
    /// The current levels before and after mastering. May be requested up to 30 times a second.
    Meters {},
    /// The audio analysis of a track.
    Profile {
        /// The track.
        track: TrackId,
    },
    /// The waveform of a track.
    Waveform {
        /// The track.
        track: TrackId,
    },
}

impl DataRequest {
    /// Returns which clients may send the request.
    pub fn access(&self) -> Access {
        match self {
            DataRequest::Meters {} | DataRequest::Profile { .. } | DataRequest::Waveform { .. } => Access::AllClients,
        }
    }
}

/// The reply to a [`DataRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "told", content = "data", rename_all = "snake_case")]
pub enum DataReply {
    /// `None` while nothing plays.
    Meters(Option<Box<Meters>>),
    /// `None` until the track is analysed.
    Profile(Option<Box<AudioProfile>>),
    /// `None` until the track is analysed.
    Waveform(Option<Waveform>),
}
