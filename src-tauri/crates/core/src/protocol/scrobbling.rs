//! Telling a server what was heard, as the listener may want: what was chosen for it, and how it stands.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::protocol::text::json_bytes;
use crate::{ApiError, ErrorCode};

/// What the listener chose for scrobbling. Off, nothing ever leaves the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct ScrobblingSettings {
    /// Whether plays from now on are told.
    pub enabled: bool,
    /// Where to: the address of a server that speaks as ListenBrainz does (<https://listenbrainz.readthedocs.io>).
    pub server: String,
    /// What the server knows the listener by. Empty for clients on another machine.
    pub token: String,
}

impl Default for ScrobblingSettings {
    fn default() -> Self {
        ScrobblingSettings { enabled: false, server: ScrobblingSettings::LISTENBRAINZ.into(), token: String::new() }
    }
}

impl ScrobblingSettings {
    /// The server if none was chosen.
    pub const LISTENBRAINZ: &str = "https://api.listenbrainz.org";
    /// The longest address, and the longest token, in bytes as they travel.
    const LONGEST: usize = 64;

    /// Refuses what no server could be asked with.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::of_field(ErrorCode::OutOfRange, field, message));
        let plain = |text: &str| json_bytes(text) <= Self::LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic());
        let host = ["https://", "http://"].iter().find_map(|scheme| self.server.strip_prefix(scheme));
        if host.is_none_or(str::is_empty) || !plain(&self.server) {
            return out_of_range(
                "server",
                "A server's address begins with https:// or http:// and has at most 64 characters.",
            );
        }
        if !plain(&self.token) {
            return out_of_range("token", "A token has at most 64 characters, and no space.");
        }
        if self.enabled && self.token.is_empty() {
            return out_of_range("token", "Enter the token that the server gave you.");
        }
        Ok(())
    }

    /// The same if it makes sense, else the default.
    pub(crate) fn clamped(self) -> Self {
        if self.validate().is_ok() { self } else { Self::default() }
    }
}

/// How scrobbling stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScrobblingState {
    /// Plays that have not been told yet.
    pub waiting: u32,
    /// Why not, in words for the listener; with none, nothing is wrong.
    pub problem: Option<String>,
}
