//! The user's settings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::protocol::text::json_bytes;
use crate::{
    Access, ApiError, AvailableOutputs, DesktopSettings, ErrorCode, NormalizationMode, OutputId, RemoteServerSettings,
    RoomsSettings, ScrobblingSettings,
};

const MAX_ROUTE_BYTES: usize = 200;
const MAX_LANGUAGE_BYTES: usize = 35;
const MAX_SHORTCUTS: usize = 48;
const MAX_ACTION_BYTES: usize = 24;
const MAX_KEYS_BYTES: usize = 31;

/// The colour theme.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// The theme of the desktop.
    #[default]
    System,
    /// Dark text on light.
    Light,
    /// Light text on dark.
    Dark,
}

/// The user's settings; stored in the settings file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// The colour theme.
    pub theme: Theme,
    /// The interface route that was open last. A new window opens there.
    #[serde(rename = "view")]
    pub last_route: String,
    /// The open side panel.
    #[serde(rename = "panel")]
    pub open_panel: Panel,
    /// The language as a BCP 47 tag; empty for the system language.
    pub language: String,
    /// Keyboard shortcuts that differ from the defaults, by action. An empty value removes the shortcut.
    pub shortcuts: BTreeMap<String, String>,
    /// The chosen output, which may be unavailable; `None` for the system default. Changed by
    /// [`crate::Command::ChooseOutput`].
    pub output: Option<OutputId>,
    /// The loudness normalisation mode.
    #[serde(rename = "loudness")]
    pub normalization: NormalizationMode,
    /// Gain in dB that is added to the normalisation gain, −15 to 15.
    pub pre_amp_db: f32,
    /// Crossfade between tracks in seconds, 0 to 12. Never used within an album.
    pub crossfade_s: f32,
    /// The remote server.
    pub remote: RemoteServerSettings,
    /// The desktop integration.
    pub desktop: DesktopSettings,
    /// Scrobbling.
    pub scrobbling: ScrobblingSettings,
    /// The rooms.
    pub rooms: RoomsSettings,
}

/// The side panel beside the view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Panel {
    /// Closed.
    #[default]
    None,
    /// The queue.
    Queue,
    /// Mastering.
    Mastering,
    /// Lyrics.
    Lyrics,
    /// The rooms.
    Rooms,
}

/// A change of settings: the fields that are given get new values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct SettingsPatch {
    /// See [`Settings::theme`].
    pub theme: Option<Theme>,
    /// See [`Settings::last_route`]; at most 200 bytes.
    #[serde(rename = "view")]
    pub last_route: Option<String>,
    /// See [`Settings::open_panel`].
    #[serde(rename = "panel")]
    pub open_panel: Option<Panel>,
    /// See [`Settings::language`]; at most 35 bytes.
    pub language: Option<String>,
    /// See [`Settings::shortcuts`]. Replaces all of them: at most 48, with actions of 24 bytes and keys of 32 bytes at
    /// most.
    pub shortcuts: Option<BTreeMap<String, String>>,
    /// See [`Settings::normalization`].
    #[serde(rename = "loudness")]
    pub normalization: Option<NormalizationMode>,
    /// See [`Settings::pre_amp_db`].
    pub pre_amp_db: Option<f32>,
    /// See [`Settings::crossfade_s`].
    pub crossfade_s: Option<f32>,
    /// See [`Settings::remote`]. Replaces all of it. Local clients only.
    pub remote: Option<RemoteServerSettings>,
    /// See [`Settings::desktop`]. Replaces all of it. Local clients only.
    pub desktop: Option<DesktopSettings>,
    /// See [`Settings::scrobbling`]. Replaces all of it. Local clients only.
    pub scrobbling: Option<ScrobblingSettings>,
    /// See [`Settings::rooms`]. Replaces all of it. Local clients only.
    pub rooms: Option<RoomsSettings>,
}

impl Settings {
    /// Largest magnitude of [`Settings::pre_amp_db`].
    pub const MAX_PRE_AMP_DB: f32 = 15.0;
    /// Longest [`Settings::crossfade_s`].
    pub const MAX_CROSSFADE_S: f32 = 12.0;

    /// Replaces values that were edited by hand and are out of range.
    pub fn sanitized(self) -> Self {
        let clamp = |value: f32, min, max| if value.is_finite() { value.clamp(min, max) } else { 0.0 };
        let short = |text: String, max_bytes| if json_bytes(&text) <= max_bytes { text } else { String::new() };
        Settings {
            last_route: short(self.last_route, MAX_ROUTE_BYTES),
            language: short(self.language, MAX_LANGUAGE_BYTES),
            shortcuts: if within_limits(&self.shortcuts) { self.shortcuts } else { BTreeMap::new() },
            output: self.output.filter(|output| output.0.len() <= AvailableOutputs::MAX_ID_BYTES),
            pre_amp_db: clamp(self.pre_amp_db, -Self::MAX_PRE_AMP_DB, Self::MAX_PRE_AMP_DB),
            crossfade_s: clamp(self.crossfade_s, 0.0, Self::MAX_CROSSFADE_S),
            scrobbling: self.scrobbling.sanitized(),
            rooms: self.rooms.sanitized(),
            ..self
        }
    }

    /// Replaces the settings that the patch names.
    pub(crate) fn apply(&mut self, patch: SettingsPatch) {
        let SettingsPatch {
            theme,
            last_route,
            open_panel,
            language,
            shortcuts,
            normalization,
            pre_amp_db,
            crossfade_s,
            remote,
            desktop,
            scrobbling,
            rooms,
        } = patch;
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        set(&mut self.theme, theme);
        set(&mut self.last_route, last_route);
        set(&mut self.open_panel, open_panel);
        set(&mut self.language, language);
        set(&mut self.shortcuts, shortcuts);
        set(&mut self.normalization, normalization);
        set(&mut self.pre_amp_db, pre_amp_db);
        set(&mut self.crossfade_s, crossfade_s);
        set(&mut self.remote, remote);
        set(&mut self.desktop, desktop);
        set(&mut self.scrobbling, scrobbling);
        set(&mut self.rooms, rooms);
    }
}

fn within_limits(shortcuts: &BTreeMap<String, String>) -> bool {
    let is_short = |(action, keys): (&String, &String)| {
        json_bytes(action) <= MAX_ACTION_BYTES && json_bytes(keys) <= MAX_KEYS_BYTES
    };
    shortcuts.len() <= MAX_SHORTCUTS && shortcuts.iter().all(is_short)
}

impl SettingsPatch {
    /// Returns which clients may make the change.
    pub(crate) fn access(&self) -> Access {
        // Every field is named, so that a new one must be sorted in.
        let SettingsPatch {
            theme: _,
            last_route: _,
            open_panel: _,
            language: _,
            shortcuts: _,
            normalization: _,
            pre_amp_db: _,
            crossfade_s: _,
            remote,
            desktop,
            scrobbling,
            rooms,
        } = self;
        let is_local = remote.is_some() || desktop.is_some() || scrobbling.is_some() || rooms.is_some();
        if is_local { Access::LocalOnly } else { Access::AllClients }
    }

    /// Rejects values that are out of range.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::for_field(ErrorCode::OutOfRange, field, message));
        let pre_amp_db = -Settings::MAX_PRE_AMP_DB..=Settings::MAX_PRE_AMP_DB;
        let exceeds = |text: &Option<String>, max_bytes| text.as_ref().is_some_and(|text| json_bytes(text) > max_bytes);
        if exceeds(&self.last_route, MAX_ROUTE_BYTES) {
            return out_of_range("view", "A view's name can have at most 200 bytes.");
        }
        if exceeds(&self.language, MAX_LANGUAGE_BYTES) {
            return out_of_range("language", "A language tag can have at most 35 bytes.");
        }
        if self.shortcuts.as_ref().is_some_and(|shortcuts| !within_limits(shortcuts)) {
            return out_of_range("shortcuts", "At most 48 shortcuts of at most 32 bytes can be changed.");
        }
        if self.pre_amp_db.is_some_and(|db| !pre_amp_db.contains(&db)) {
            return out_of_range("pre_amp_db", "The pre-amp must be between −15 and 15 dB.");
        }
        if self.crossfade_s.is_some_and(|s| !(0.0..=Settings::MAX_CROSSFADE_S).contains(&s)) {
            return out_of_range("crossfade_s", "The crossfade must be between 0 and 12 seconds.");
        }
        if self.remote.as_ref().is_some_and(|remote| remote.port == 0) {
            return out_of_range("port", "The port must be between 1 and 65535.");
        }
        self.scrobbling.as_ref().map_or(Ok(()), ScrobblingSettings::validate)?;
        self.rooms.as_ref().map_or(Ok(()), RoomsSettings::validate)
    }
}
