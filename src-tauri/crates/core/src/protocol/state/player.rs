//! The player and the playback position.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{EntryId, Repeat, SleepTimer, TrackSummary};

/// What the player is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PlaybackState {
    /// Silent, at position 0.
    #[default]
    Stopped,
    /// Playing.
    Playing,
    /// Silent; the position is kept.
    Paused,
    /// Opening a track.
    Loading,
    /// Nothing in the queue can be played. A notice gives the reason.
    Error,
}

/// The player, without its position.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct PlayerState {
    /// What the player is doing.
    pub transport: PlaybackState,
    /// The current queue entry.
    pub entry: Option<EntryId>,
    /// The current track.
    pub track: Option<TrackSummary>,
    /// Length of the current track in seconds, as measured by the engine; 0 without a track.
    pub duration_s: f64,
    /// Volume, 0 to 100.
    pub volume: u8,
    /// Whether playback is silent, whatever the volume.
    pub muted: bool,
    /// Whether the queue is shuffled.
    pub shuffle: bool,
    /// What happens at the end of a track or of the queue.
    pub repeat: Repeat,
    /// When playback ends by itself, if the user set that.
    pub sleep: Option<SleepTimer>,
}

/// The playback position. Clients extrapolate from the moment they receive it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct PositionState {
    /// Seconds into the track.
    pub position_s: f64,
    /// Whether the position advances.
    pub running: bool,
    /// When it started to advance, on the core's clock; 0 while it does not. Never sent: it makes a seek back to the
    /// position that was published last a new state, so that it is published, too.
    #[serde(skip)]
    pub since_s: f64,
}
