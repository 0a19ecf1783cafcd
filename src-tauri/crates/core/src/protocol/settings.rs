//! What the listener chose.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::protocol::text::json_bytes;
use crate::{
    ApiError, AvailableOutputs, DesktopSettings, ErrorCode, NormalizationMode, OutputId, RemoteServerSettings,
    ScrobblingSettings,
};

const LONGEST_VIEW: usize = 200;
const LONGEST_LANGUAGE: usize = 35;
const MOST_SHORTCUTS: usize = 48;
const LONGEST_ACTION: usize = 24;
const LONGEST_KEYS: usize = 32;

/// The colours of the interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the desktop has it.
    #[default]
    System,
    /// Dark text on light.
    Light,
    /// Light text on dark.
    Dark,
}

/// What the listener chose; kept in the settings file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// The colours.
    pub theme: Theme,
    /// The view that was last open, as the interface's own route; a new window opens there.
    pub view: String,
    /// The side panel that is open.
    pub panel: Panel,
    /// The language, as BCP 47 writes it; empty is the system's.
    pub language: String,
    /// The keys that are not the usual ones: what they do, and the keys. No keys take them away.
    pub shortcuts: BTreeMap<String, String>,
    /// The output that was chosen, also while it is not there; with none, the system's default. Changed by
    /// [`Command::ChooseOutput`].
    pub output: Option<OutputId>,
    /// What is made equally loud.
    pub loudness: NormalizationMode,
    /// dB on top of what the loudness asks for, −15 to 15.
    pub pre_amp_db: f32,
    /// Seconds for which one track fades into the next, 0 to 12. Never within an album.
    pub crossfade_s: f32,
    /// The remote door.
    pub remote: RemoteServerSettings,
    /// Life on the desktop.
    pub desktop: DesktopSettings,
    /// What is told of what was heard.
    pub scrobbling: ScrobblingSettings,
}

/// The panel beside the view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Panel {
    /// Closed.
    #[default]
    None,
    /// What plays next.
    Queue,
    /// What mastering does to it.
    Mastering,
    /// The words that are sung.
    Lyrics,
}

/// The settings that a client wants changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct SettingsPatch {
    /// See [`Settings::theme`].
    pub theme: Option<Theme>,
    /// See [`Settings::view`]; at most 200 bytes.
    pub view: Option<String>,
    /// See [`Settings::panel`].
    pub panel: Option<Panel>,
    /// See [`Settings::language`]; at most 35 bytes.
    pub language: Option<String>,
    /// See [`Settings::shortcuts`]; all of them, at most 48, of names of 24 bytes and keys of
    /// 32 bytes at most.
    pub shortcuts: Option<BTreeMap<String, String>>,
    /// See [`Settings::loudness`].
    pub loudness: Option<NormalizationMode>,
    /// See [`Settings::pre_amp_db`].
    pub pre_amp_db: Option<f32>,
    /// See [`Settings::crossfade_s`].
    pub crossfade_s: Option<f32>,
    /// See [`Settings::remote`]; all of it. Only for clients on this machine.
    pub remote: Option<RemoteServerSettings>,
    /// See [`Settings::desktop`]; all of it. Only for clients on this machine.
    pub desktop: Option<DesktopSettings>,
    /// See [`Settings::scrobbling`]; all of it. Only for clients on this machine.
    pub scrobbling: Option<ScrobblingSettings>,
}

impl Settings {
    /// The range of [`Settings::pre_amp_db`], either way.
    pub const MOST_PRE_AMP_DB: f32 = 15.0;
    /// The longest [`Settings::crossfade_s`].
    pub const LONGEST_CROSSFADE_S: f32 = 12.0;

    /// The same within the ranges: a file may have been edited by hand.
    pub fn clamped(self) -> Self {
        let within = |value: f32, least, most| if value.is_finite() { value.clamp(least, most) } else { 0.0 };
        let short = |text: String, most| if json_bytes(&text) <= most { text } else { String::new() };
        Settings {
            view: short(self.view, LONGEST_VIEW),
            language: short(self.language, LONGEST_LANGUAGE),
            shortcuts: if are_short(&self.shortcuts) { self.shortcuts } else { BTreeMap::new() },
            output: self.output.filter(|output| output.0.len() <= AvailableOutputs::ID_BYTES),
            pre_amp_db: within(self.pre_amp_db, -Self::MOST_PRE_AMP_DB, Self::MOST_PRE_AMP_DB),
            crossfade_s: within(self.crossfade_s, 0.0, Self::LONGEST_CROSSFADE_S),
            scrobbling: self.scrobbling.clamped(),
            ..self
        }
    }
}

fn are_short(shortcuts: &BTreeMap<String, String>) -> bool {
    let short =
        |(action, keys): (&String, &String)| json_bytes(action) <= LONGEST_ACTION && json_bytes(keys) <= LONGEST_KEYS;
    shortcuts.len() <= MOST_SHORTCUTS && shortcuts.iter().all(short)
}

impl SettingsPatch {
    /// Refuses what is out of range.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::of_field(ErrorCode::OutOfRange, field, message));
        let pre_amp_db = -Settings::MOST_PRE_AMP_DB..=Settings::MOST_PRE_AMP_DB;
        let longer = |text: &Option<String>, most| text.as_ref().is_some_and(|text| json_bytes(text) > most);
        if longer(&self.view, LONGEST_VIEW) {
            return out_of_range("view", "A view's name has at most 200 bytes.");
        }
        if longer(&self.language, LONGEST_LANGUAGE) {
            return out_of_range("language", "A language's name has at most 35 bytes.");
        }
        if self.shortcuts.as_ref().is_some_and(|shortcuts| !are_short(shortcuts)) {
            return out_of_range("shortcuts", "At most 48 shortcuts of at most 32 bytes can be changed.");
        }
        if self.pre_amp_db.is_some_and(|db| !pre_amp_db.contains(&db)) {
            return out_of_range("pre_amp_db", "The pre-amp goes from −15 to 15 dB.");
        }
        if self.crossfade_s.is_some_and(|s| !(0.0..=Settings::LONGEST_CROSSFADE_S).contains(&s)) {
            return out_of_range("crossfade_s", "A crossfade takes 0 to 12 seconds.");
        }
        if self.remote.as_ref().is_some_and(|remote| remote.port == 0) {
            return out_of_range("port", "The port goes from 1 to 65535.");
        }
        self.scrobbling.as_ref().map_or(Ok(()), ScrobblingSettings::validate)
    }
}
