//! Scrobbling: sending plays to a server, if the user wants that.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::protocol::text::json_bytes;
use crate::{ApiError, ErrorCode};

/// Scrobbling settings. While it is off, nothing leaves the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct ScrobblingSettings {
    /// Whether plays from now on are sent.
    pub enabled: bool,
    /// URL of a server with the ListenBrainz API (<https://listenbrainz.readthedocs.io>).
    pub server: String,
    /// The user token. Empty for clients on another machine.
    pub token: String,
}

impl Default for ScrobblingSettings {
    fn default() -> Self {
        ScrobblingSettings { enabled: false, server: ScrobblingSettings::LISTENBRAINZ.into(), token: String::new() }
    }
}

impl ScrobblingSettings {
    /// The default server.
    pub const LISTENBRAINZ: &str = "https://api.listenbrainz.org";
    /// Longest address and longest token, in bytes of JSON.
    const MAX_FIELD_BYTES: usize = 64;

    /// Rejects an address or token that cannot work.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::for_field(ErrorCode::OutOfRange, field, message));
        let is_valid =
            |text: &str| json_bytes(text) <= Self::MAX_FIELD_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic());
        let host = ["https://", "http://"].iter().find_map(|scheme| self.server.strip_prefix(scheme));
        if host.is_none_or(str::is_empty) || !is_valid(&self.server) {
            return out_of_range(
                "server",
                "The server address must begin with https:// or http:// and have at most 64 characters.",
            );
        }
        if !is_valid(&self.token) {
            return out_of_range("token", "The token must have at most 64 characters and no spaces.");
        }
        if self.enabled && self.token.is_empty() {
            return out_of_range("token", "Enter the token that the server gave you.");
        }
        Ok(())
    }

    /// Returns the settings if they are valid, else the defaults.
    pub(crate) fn sanitized(self) -> Self {
        if self.validate().is_ok() { self } else { Self::default() }
    }
}

/// State of scrobbling.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScrobblingState {
    /// Number of plays that have not been sent yet.
    #[serde(rename = "waiting")]
    pub pending: u32,
    /// Why sending fails, to be shown to the user; `None` if it works.
    #[serde(rename = "problem")]
    pub error: Option<String>,
}
