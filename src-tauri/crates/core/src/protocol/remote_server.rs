//! The remote door: what the listener chose for it, how it stands, and what lets another device in.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the listener chose for the remote door of the app with windows. A player without a window goes by its command
/// line instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct RemoteServerSettings {
    /// Whether it is open.
    pub enabled: bool,
    /// TCP port, from 1.
    pub port: u16,
    /// Whether other devices of the network may come, with a pairing; else only this machine.
    pub lan: bool,
}

impl Default for RemoteServerSettings {
    fn default() -> Self {
        RemoteServerSettings { enabled: false, port: RemoteServerSettings::PORT, lan: false }
    }
}

impl RemoteServerSettings {
    /// The port if none was chosen.
    pub const PORT: u16 = 8765;
}

/// How the remote door stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RemoteServerState {
    /// Shut.
    #[default]
    Off,
    /// Open.
    Open {
        /// What it is bound to, as `ADDR:PORT`.
        address: String,
        /// Where browsers find it: those of other devices if `lan`.
        url: String,
        /// Whether other devices reach it.
        lan: bool,
        /// Clients on other machines that are connected by a socket; told at most once a second.
        clients: u32,
        /// Opened by the command line, which the settings do not change.
        by_command_line: bool,
    },
    /// It should be open and cannot be.
    Failed {
        /// In words for the listener, naming the port.
        reason: String,
    },
}

/// What lets another device in. For clients on this machine only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PairingLink {
    /// The link to open there. What lets in stands behind its `#`, which browsers keep to themselves.
    pub url: String,
    /// The same as QR code (ISO/IEC 18004).
    pub qr: QrCode,
}

/// A QR code to be drawn dark on light with a margin of 4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QrCode {
    /// Modules on a side.
    pub size: u32,
    /// The dark ones as path data of SVG, one unit a module.
    pub path: String,
}
