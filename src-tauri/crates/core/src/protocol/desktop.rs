//! The desktop around the player: what the listener chose for it, and what it offers.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the listener chose for life on the desktop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct DesktopSettings {
    /// Closing the last window leaves the player in the tray, if there is one.
    pub close_to_tray: bool,
    /// Starting opens no window, if there is a tray.
    pub start_hidden: bool,
    /// A notification tells of each new track while no window has the focus.
    pub notifications: bool,
    /// The machine does not suspend itself while music plays.
    pub stay_awake: bool,
    /// The listener was told once that a closed player goes on in the tray.
    pub tray_explained: bool,
}

impl Default for DesktopSettings {
    fn default() -> Self {
        DesktopSettings {
            close_to_tray: false,
            start_hidden: false,
            notifications: true,
            stay_awake: true,
            tray_explained: false,
        }
    }
}

/// What the desktop offers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DesktopState {
    /// The player runs with windows.
    pub windows: bool,
    /// It has an icon in a tray.
    pub tray: bool,
}
