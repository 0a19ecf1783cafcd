//! Desktop integration: its settings, and what the desktop supports.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Settings of the desktop integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct DesktopSettings {
    /// Closing the last window keeps the player running in the tray, if there is one.
    pub close_to_tray: bool,
    /// Auralis starts without a window, if there is a tray.
    pub start_hidden: bool,
    /// A notification announces each new track while no window has the focus.
    pub notifications: bool,
    /// The computer does not suspend while music plays.
    #[serde(rename = "stay_awake")]
    pub inhibit_suspend: bool,
    /// The user was told once that a closed player keeps running in the tray.
    #[serde(rename = "tray_explained")]
    pub tray_hint_shown: bool,
}

impl Default for DesktopSettings {
    fn default() -> Self {
        DesktopSettings {
            close_to_tray: false,
            start_hidden: false,
            notifications: true,
            inhibit_suspend: true,
            tray_hint_shown: false,
        }
    }
}

/// What the desktop supports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DesktopState {
    /// The player runs with windows.
    pub windows: bool,
    /// There is a tray icon.
    pub tray: bool,
}
