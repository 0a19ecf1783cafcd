//! What a surface may ask of the player. One enum, whichever surface it comes from.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Edit, EntryId, LoudnessMode, OutputId, OutputsState, PlaylistId, Refusal, RefusalCode, RemoteSettings, RootId,
    TrackId, TrackList,
};

/// A wish of a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[ts(optional_fields)]
pub enum Command {
    /// Play the current entry, or go on.
    Play {},
    /// Hold the position.
    Pause {},
    /// Play if not playing, else pause.
    Toggle {},
    /// Back to the start of the current entry, silent.
    Stop {},
    /// To the following entry.
    Next {},
    /// More than 3 s in: to the start; else to the entry before.
    Previous {},
    /// Move within the track.
    Seek {
        /// Seconds; below 0 is 0, at or past the end ends the track.
        position_s: f64,
    },
    /// Set the volume.
    SetVolume {
        /// 0 to 100, on a perceptual taper.
        volume: u8,
    },
    /// Mute or unmute; the volume stays.
    SetMuted {
        /// Whether silent.
        muted: bool,
    },
    /// Shuffle what is in the queue, or put it back in order.
    SetShuffle {
        /// Whether shuffled.
        enabled: bool,
    },
    /// What happens at the end of a track or of the queue.
    SetRepeat {
        /// Which.
        mode: Repeat,
    },
    /// Play these tracks from one of them on. Entries that the listener queued stay in front of the rest.
    PlayTracks {
        /// The tracks.
        tracks: Tracks,
        /// Index of the one to start with, from 0. With none, the first, or a random one when shuffled.
        #[serde(default)]
        start: Option<u32>,
        /// The track that the listener saw there. It is started wherever it stands by now: at `start`, or as near to it
        /// as it can be found.
        #[serde(default)]
        start_track: Option<TrackId>,
    },
    /// Play these tracks from one of them on, and nothing else: what the listener queued goes, too.
    ReplaceQueue {
        /// The tracks.
        tracks: Tracks,
        /// Index of the one to start with, from 0.
        start: u32,
    },
    /// Put tracks into the queue without touching what plays.
    Enqueue {
        /// The tracks.
        tracks: Tracks,
        /// Where.
        place: Place,
    },
    /// Go to an entry and play it.
    JumpTo {
        /// Which.
        entry: EntryId,
    },
    /// Take entries out of the queue.
    RemoveEntries {
        /// Which.
        entries: Vec<EntryId>,
    },
    /// Move entries, in the order given, in front of another.
    MoveEntries {
        /// Which.
        entries: Vec<EntryId>,
        /// In front of this one; with none, to the end.
        #[serde(default)]
        before: Option<EntryId>,
    },
    /// Empty the queue and stop.
    ClearQueue {},
    /// Take the last queue edit back.
    Undo {},
    /// Make the edit again that was taken back last.
    Redo {},
    /// Add a folder to the library and scan it.
    AddRoot {
        /// An absolute path.
        path: String,
    },
    /// Forget a folder and its tracks; the files stay.
    RemoveRoot {
        /// Which.
        root: RootId,
    },
    /// Look through the library's folders for changes.
    Scan {},
    /// Stop the running scan.
    CancelScan {},
    /// Change a playlist, favourites, ratings or the history: `{"do": "edit", "edit": "set_rating", …}`.
    Edit(Edit),
    /// Change settings: those that are named.
    ChangeSettings {
        /// New values.
        settings: SettingsPatch,
    },
    /// Let the sound go to another output; what plays goes on there.
    ChooseOutput {
        /// Which; with none, whatever the system's default is at each moment.
        #[serde(default)]
        output: Option<OutputId>,
    },
    /// Take a notice away from every surface.
    DismissNotice {
        /// Which.
        notice: u32,
    },
}

impl Command {
    /// The tracks that it brings into the queue.
    pub fn tracks(&self) -> Option<&Tracks> {
        match self {
            Command::PlayTracks { tracks, .. }
            | Command::ReplaceQueue { tracks, .. }
            | Command::Enqueue { tracks, .. } => Some(tracks),
            _ => None,
        }
    }
}

/// Tracks named one by one or as a list of the library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum Tracks {
    /// These, in this order.
    Ids {
        /// At most 100,000.
        ids: Vec<TrackId>,
    },
    /// All of a list, in its order.
    List {
        /// Which.
        list: TrackList,
    },
    /// Files, and folders with all that is in them, whether the library has them or not. Only for clients on this
    /// machine.
    Files {
        /// Absolute paths, at most 10,000.
        paths: Vec<String>,
    },
    /// All of a playlist, in its order. Entries whose track is gone are left out.
    Playlist {
        /// Which.
        playlist: PlaylistId,
    },
}

impl Tracks {
    /// The most tracks that one command may name one by one.
    pub const MOST_IDS: usize = 100_000;
    /// The most files and folders that one command may name.
    pub const MOST_PATHS: usize = 10_000;

    /// Refuses what no library could resolve.
    pub(crate) fn validate(&self) -> Result<(), Refusal> {
        let out_of_range = |field, message: &str| Err(Refusal::of_field(RefusalCode::OutOfRange, field, message));
        match self {
            Tracks::Ids { ids } if ids.len() > Self::MOST_IDS => {
                out_of_range("ids", "At most 100,000 tracks can be named one by one; name a list instead.")
            }
            Tracks::Files { paths } if paths.len() > Self::MOST_PATHS => {
                out_of_range("paths", "At most 10,000 files can be opened at once; open their folder instead.")
            }
            Tracks::Files { paths } if !paths.iter().all(|path| path.starts_with('/')) => {
                out_of_range("paths", "Each file must be named by its absolute path.")
            }
            _ => Ok(()),
        }
    }
}

/// Where the listener wants tracks to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Directly after what plays now.
    Next,
    /// After what the listener queued before, in front of the rest of the context.
    Queue,
    /// At the very end.
    End,
}

/// What happens at the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// The queue ends.
    #[default]
    None,
    /// The track starts again when it ends by itself.
    One,
    /// The queue starts again.
    All,
}

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
    /// Whether the queue panel is open.
    pub queue_open: bool,
    /// The output that was chosen, also while it is not there; with none, the system's default. Changed by
    /// [`Command::ChooseOutput`].
    pub output: Option<OutputId>,
    /// What is made equally loud.
    pub loudness: LoudnessMode,
    /// dB on top of what the loudness asks for, −15 to 15.
    pub pre_amp_db: f32,
    /// Seconds for which one track fades into the next, 0 to 12. Never within an album.
    pub crossfade_s: f32,
    /// The remote door.
    pub remote: RemoteSettings,
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
    /// See [`Settings::queue_open`].
    pub queue_open: Option<bool>,
    /// See [`Settings::loudness`].
    pub loudness: Option<LoudnessMode>,
    /// See [`Settings::pre_amp_db`].
    pub pre_amp_db: Option<f32>,
    /// See [`Settings::crossfade_s`].
    pub crossfade_s: Option<f32>,
    /// See [`Settings::remote`]; all of it. Only for clients on this machine.
    pub remote: Option<RemoteSettings>,
}

impl Settings {
    /// The range of [`Settings::pre_amp_db`], either way.
    pub const MOST_PRE_AMP_DB: f32 = 15.0;
    /// The longest [`Settings::crossfade_s`].
    pub const LONGEST_CROSSFADE_S: f32 = 12.0;

    /// The same within the ranges: a file may have been edited by hand.
    pub fn clamped(self) -> Self {
        let within = |value: f32, least, most| if value.is_finite() { value.clamp(least, most) } else { 0.0 };
        Settings {
            output: self.output.filter(|output| output.0.len() <= OutputsState::ID_BYTES),
            pre_amp_db: within(self.pre_amp_db, -Self::MOST_PRE_AMP_DB, Self::MOST_PRE_AMP_DB),
            crossfade_s: within(self.crossfade_s, 0.0, Self::LONGEST_CROSSFADE_S),
            ..self
        }
    }
}

impl SettingsPatch {
    /// Refuses what is out of range.
    pub(crate) fn validate(&self) -> Result<(), Refusal> {
        let out_of_range = |field, message: &str| Err(Refusal::of_field(RefusalCode::OutOfRange, field, message));
        let pre_amp_db = -Settings::MOST_PRE_AMP_DB..=Settings::MOST_PRE_AMP_DB;
        if self.view.as_ref().is_some_and(|view| view.len() > 200) {
            return out_of_range("view", "A view's name has at most 200 bytes.");
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
        Ok(())
    }
}
