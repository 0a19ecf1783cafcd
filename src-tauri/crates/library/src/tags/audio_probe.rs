//! Asks the player's decoder about files that the tag reader does not know, so that the library lists what can be played.

use std::{path::Path, sync::OnceLock};

/// What the decoder says of a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AudioProperties {
    /// Name of the codec.
    pub codec: &'static str,
    /// Length in seconds.
    pub duration_s: f64,
}

/// Returns the properties of a file that can be played, and `None` for others.
pub type AudioProbe = fn(&Path) -> Option<AudioProperties>;

static PROBE: OnceLock<AudioProbe> = OnceLock::new();

/// Sets the decoder to ask. Only the first call counts; before it, files without readable tags are not listed.
pub fn set_audio_probe(probe: AudioProbe) {
    let _ = PROBE.set(probe); // set already
}

/// Asks the decoder.
pub(crate) fn probe(path: &Path) -> Option<AudioProperties> {
    PROBE.get()?(path)
}
