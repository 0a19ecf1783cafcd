//! `org.mpris.MediaPlayer2`: who the player is.

use zbus::interface;

use crate::app::{Program, Wish};
use crate::bus::APP_ID;

/// Media types that the desktop may hand over. The desktop file names the same.
pub const MIME_TYPES: [&str; 16] = [
    "audio/aac",
    "audio/flac",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/opus",
    "audio/vnd.wave",
    "audio/wav",
    "audio/x-aiff",
    "audio/x-flac",
    "audio/x-m4a",
    "audio/x-mp3",
    "audio/x-opus+ogg",
    "audio/x-vorbis+ogg",
    "audio/x-wav",
    "application/ogg",
];

pub(super) struct Root {
    program: Program,
}

impl Root {
    pub(super) fn new(program: Program) -> Self {
        Root { program }
    }
}

#[interface(name = "org.mpris.MediaPlayer2")]
impl Root {
    fn raise(&self) {
        self.program.wish(Wish::Raise);
    }

    fn quit(&self) {
        self.program.wish(Wish::Quit);
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_quit(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_raise(&self) -> bool {
        self.program.has_window()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn fullscreen(&self) -> bool {
        false
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_set_fullscreen(&self) -> bool {
        false
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn has_track_list(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn identity(&self) -> &str {
        "Auralis"
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn desktop_entry(&self) -> &str {
        APP_ID
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn supported_uri_schemes(&self) -> Vec<&'static str> {
        vec!["file"]
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn supported_mime_types(&self) -> Vec<&'static str> {
        MIME_TYPES.to_vec()
    }
}
