//! `org.mpris.MediaPlayer2`: identity, windows, quitting.

use zbus::interface;

use crate::app::{AppControl, WindowRequest};
use crate::surfaces::app_id::APP_ID;

/// Media types that the player opens. The desktop file lists the same.
pub const MIME_TYPES: [&str; 20] = [
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
    "audio/x-mpegurl",
    "audio/x-opus+ogg",
    "audio/x-scpls",
    "audio/x-vorbis+ogg",
    "audio/x-wav",
    "application/ogg",
    "application/vnd.apple.mpegurl",
    "application/xspf+xml",
];

pub(super) struct Root {
    app_control: AppControl,
}

impl Root {
    pub(super) fn new(app_control: AppControl) -> Self {
        Root { app_control }
    }
}

#[interface(name = "org.mpris.MediaPlayer2")]
impl Root {
    fn raise(&self) {
        self.app_control.request(WindowRequest::RaiseMain { token: None });
    }

    fn quit(&self) {
        self.app_control.request(WindowRequest::Quit);
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_quit(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_raise(&self) -> bool {
        self.app_control.has_windows()
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

#[cfg(test)]
mod tests {
    use super::MIME_TYPES;

    #[test]
    fn the_desktop_file_names_the_same_types() {
        let file = include_str!("../../../../packaging/io.github.auralis_player.Auralis.desktop");
        let types =
            file.lines().find_map(|line| line.strip_prefix("MimeType=")).map(|types| types.trim_end_matches(';'));
        assert_eq!(types, Some(&*MIME_TYPES.join(";")));
    }
}
