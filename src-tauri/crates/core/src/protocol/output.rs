//! Audio outputs: the available ones, and the open one.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::protocol::text::truncate_to_json_bytes;

/// Identifies an output across restarts: the sound server and its name for the output.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct OutputId(pub String);

impl OutputId {
    /// All rooms of the home.
    pub const ROOMS: &str = "rooms";
}

/// An available output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OutputRow {
    /// Its id.
    pub id: OutputId,
    /// Its name in the sound server.
    pub name: String,
    /// Whether it is the system default.
    pub is_default: bool,
}

/// The available outputs. The chosen one is [`crate::Settings::output`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct AvailableOutputs {
    /// At most [`AvailableOutputs::MAX_OUTPUTS`].
    pub available: Vec<OutputRow>,
}

impl AvailableOutputs {
    /// Largest number of outputs that are shown.
    pub const MAX_OUTPUTS: usize = 12;
    /// Longest id in bytes; PulseAudio's own limit for a name is 128.
    pub const MAX_ID_BYTES: usize = 144;
    /// Longest name in bytes.
    const MAX_NAME_BYTES: usize = 80;

    /// Creates the list from what a sound server reported. Its size is bounded.
    pub fn of(outputs: Vec<OutputRow>) -> Self {
        let shown =
            outputs.into_iter().filter(|output| output.id.0.len() <= Self::MAX_ID_BYTES).take(Self::MAX_OUTPUTS);
        let truncated = shown
            .map(|output| OutputRow { name: truncate_to_json_bytes(&output.name, Self::MAX_NAME_BYTES), ..output });
        AvailableOutputs { available: truncated.collect() }
    }
}

/// The open output, as the engine reports it and as clients show it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CurrentOutput {
    /// No output is open, because nothing has been played.
    #[default]
    Closed,
    /// An output is open.
    Open {
        /// Its id. Differs from the chosen output while that is unavailable.
        id: OutputId,
        /// Its name in the sound server.
        name: String,
        /// Sample rate in Hz that it accepted.
        rate_hz: u32,
        /// Bits per sample that it keeps.
        bits: u32,
    },
    /// The output was disconnected: headphones unplugged, sound server stopped. The engine has paused and keeps trying to
    /// reopen it.
    #[serde(rename = "lost")]
    Disconnected {
        /// The reason, to be shown to the user.
        reason: String,
    },
    /// No output can be opened. The engine retries periodically and on every `Play`.
    #[serde(rename = "missing")]
    Unavailable {
        /// The reason, to be shown to the user.
        reason: String,
    },
}

impl CurrentOutput {
    /// Whether the rooms of the home play.
    pub fn is_rooms(&self) -> bool {
        matches!(self, CurrentOutput::Open { id, .. } if id.0 == OutputId::ROOMS)
    }
}
