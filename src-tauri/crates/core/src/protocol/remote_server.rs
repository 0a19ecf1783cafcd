//! The remote server: its settings, its state, and pairing with other devices.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Settings of the remote server of the desktop app. A headless player uses its command-line options instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct RemoteServerSettings {
    /// Whether the server runs.
    pub enabled: bool,
    /// TCP port, from 1.
    pub port: u16,
    /// Whether paired devices of the local network may connect; otherwise only this machine.
    #[serde(rename = "lan")]
    pub allow_lan: bool,
    /// Whether programs on this machine, of any user, may use the v1 API without the pairing secret. Also applies to a
    /// headless player.
    pub allow_unpaired_local: bool,
}

impl Default for RemoteServerSettings {
    fn default() -> Self {
        RemoteServerSettings {
            enabled: false,
            port: RemoteServerSettings::DEFAULT_PORT,
            allow_lan: false,
            allow_unpaired_local: true,
        }
    }
}

impl RemoteServerSettings {
    /// The default port.
    pub const DEFAULT_PORT: u16 = 8765;
}

/// State of the remote server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RemoteServerState {
    /// Not running.
    #[default]
    Off,
    /// Running.
    Open {
        /// The address it is bound to, as `ADDR:PORT`.
        address: String,
        /// The URL for browsers; with `allow_lan`, for those of other devices.
        url: String,
        /// Whether other devices can connect.
        #[serde(rename = "lan")]
        allow_lan: bool,
        /// Number of connected sockets from other machines; updated at most once a second.
        clients: u32,
        /// Started by the command line. The settings do not change it.
        #[serde(rename = "by_command_line")]
        started_by_cli: bool,
    },
    /// It is enabled but could not be started.
    Failed {
        /// The reason, which names the port, to be shown to the user.
        reason: String,
    },
}

/// The link that pairs another device. For local clients only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PairingLink {
    /// The URL to open there. The secret is in its fragment, which browsers do not send.
    pub url: String,
    /// The URL as a QR code (ISO/IEC 18004).
    pub qr: QrCode,
}

/// A QR code, to be drawn dark on light with a margin of 4 modules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QrCode {
    /// Number of modules per side.
    pub size: u32,
    /// The dark modules as SVG path data, one unit per module.
    #[serde(rename = "path")]
    pub svg_path: String,
}
