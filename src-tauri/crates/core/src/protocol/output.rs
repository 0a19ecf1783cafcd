//! What the sound goes to: what there is to choose from, and what is open.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::protocol::text::clip;

/// Names an output across restarts: the sound server and its own name for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct OutputId(pub String);

/// Something that sound can go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OutputRow {
    /// Names it.
    pub id: OutputId,
    /// As the sound server calls it.
    pub name: String,
    /// Whether the system would choose it.
    pub is_default: bool,
}

/// What there is to choose from. Which one the listener chose is in [`crate::Settings::output`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct AvailableOutputs {
    /// At most [`AvailableOutputs::MOST`].
    pub available: Vec<OutputRow>,
}

impl AvailableOutputs {
    /// Outputs that are shown.
    pub const MOST: usize = 12;
    /// Bytes of the longest id; PulseAudio's own limit for a name is 128.
    pub const ID_BYTES: usize = 144;
    /// Bytes of the longest name.
    const NAME_BYTES: usize = 80;

    /// What is shown of these outputs: of bounded size, whatever a sound server calls them.
    pub fn of(outputs: Vec<OutputRow>) -> Self {
        let shown = outputs.into_iter().filter(|output| output.id.0.len() <= Self::ID_BYTES).take(Self::MOST);
        let clipped = shown.map(|output| OutputRow { name: clip(&output.name, Self::NAME_BYTES), ..output });
        AvailableOutputs { available: clipped.collect() }
    }
}

/// What is open: as the engine reports it, and as clients show it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CurrentOutput {
    /// Nothing is open; nothing was asked to sound.
    #[default]
    Closed,
    /// Sound leaves by this output.
    Open {
        /// Names it; another than the chosen one while that is not there.
        id: OutputId,
        /// As the sound server calls it.
        name: String,
        /// Frames per second that it accepted.
        rate_hz: u32,
        /// Bits of a sample that it keeps.
        bits: u32,
    },
    /// It was there and is gone: headphones pulled, server stopped. The engine has paused and keeps looking for it.
    Lost {
        /// In words for the listener.
        reason: String,
    },
    /// There is none. The engine tries again by itself and on every `Play`.
    Missing {
        /// In words for the listener.
        reason: String,
    },
}
