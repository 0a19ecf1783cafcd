//! What survives a restart.

use serde::{Deserialize, Serialize};

use crate::{EntryId, MasteringSettings, PlaybackContext, Repeat, SavedQueue, Settings};

/// The current entry and position. Small, because it is saved every second.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedPlayback {
    /// The current entry.
    pub entry: Option<EntryId>,
    /// Position in seconds.
    pub position_s: f64,
    /// The repeat mode.
    pub repeat: Repeat,
    /// What playback was started from.
    #[serde(default)]
    pub context: PlaybackContext,
}

/// The state that is loaded at start-up.
#[derive(Debug, Clone, PartialEq)]
pub struct RestoredState {
    /// The queue.
    pub queue: SavedQueue,
    /// The current entry and position.
    pub playback: SavedPlayback,
    /// 0 to 100.
    pub volume: u8,
    /// Whether playback is silent, whatever the volume.
    pub muted: bool,
    /// The mastering settings.
    pub mastering: MasteringSettings,
    /// The settings.
    pub settings: Settings,
}

impl Default for RestoredState {
    fn default() -> Self {
        RestoredState {
            queue: SavedQueue::default(),
            playback: SavedPlayback::default(),
            volume: 80,
            muted: false,
            mastering: MasteringSettings::default(),
            settings: Settings::default(),
        }
    }
}
