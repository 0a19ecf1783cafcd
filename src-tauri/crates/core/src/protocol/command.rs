//! What a surface may ask of the player. One enum, whichever surface it comes from.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ApiError, DataExport, EditableTags, EntryId, ErrorCode, MasteredExport, OutputId, PlaylistId, Preset, RootId,
    SettingsPatch, TrackId, TrackList, UserDataEdit,
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
    /// Change mastering: what is named.
    SetMastering {
        /// Whether there is any.
        #[serde(default)]
        enabled: Option<bool>,
        /// Which taste.
        #[serde(default)]
        preset: Option<Preset>,
        /// How much of it, 0 to 1.
        #[serde(default)]
        intensity: Option<f32>,
        /// Night listening, 0 to 1.
        #[serde(default)]
        night: Option<f32>,
    },
    /// Hear the plain signal, as loud as the mastered one, or the mastered one again.
    Compare {
        /// Whether the plain one.
        on: bool,
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
        tracks: TrackSelection,
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
        tracks: TrackSelection,
        /// Index of the one to start with, from 0.
        start: u32,
    },
    /// Put tracks into the queue without touching what plays.
    Enqueue {
        /// The tracks.
        tracks: TrackSelection,
        /// Where.
        place: QueuePosition,
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
    Edit(UserDataEdit),
    /// Write a playlist or the history to a file: `{"do": "export", "export": "history", …}`. Only for clients on this
    /// machine.
    Export(DataExport),
    /// Write tracks, mastered, as new files: `{"do": "export_mastered", "tracks": …, "folder": …}`. Answered when it has
    /// begun; one at a time. Only for clients on this machine.
    ExportMastered(MasteredExport),
    /// Stop writing mastered tracks. What is finished stays, what is not leaves nothing behind.
    CancelExport {},
    /// Change tags in the files of tracks. All of them change, or the refusal says why none did. Only for clients on this
    /// machine.
    EditTags {
        /// The tracks, at most [`TrackSelection::MOST_FILES`].
        tracks: TrackSelection,
        /// The new values.
        tags: Box<EditableTags>,
    },
    /// Take the last [`Command::EditTags`] back. Only for clients on this machine.
    UndoTags {},
    /// Have scans pass over files and folders. Only for clients on this machine.
    SetIgnored {
        /// All patterns: names such as `*.tmp` or `Podcasts`, paths within a root such as `Ringtones/**`. At most 100, of
        /// at most 200 characters each.
        patterns: Vec<String>,
    },
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
    /// The tracks that the library must look up first.
    pub fn tracks(&self) -> Option<&TrackSelection> {
        match self {
            Command::PlayTracks { tracks, .. }
            | Command::ReplaceQueue { tracks, .. }
            | Command::Enqueue { tracks, .. }
            | Command::ExportMastered(MasteredExport { tracks, .. }) => Some(tracks),
            _ => None,
        }
    }
}

/// Tracks named one by one or as a list of the library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum TrackSelection {
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
    /// Files, folders with all that is in them, and playlists with all that they name, whether the library has them or
    /// not. Only for clients on this machine.
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

impl TrackSelection {
    /// The most tracks that one command may name one by one.
    pub const MOST_IDS: usize = 100_000;
    /// The most tracks whose files one command may change.
    pub const MOST_FILES: usize = 10_000;
    /// The most files and folders that one command may name.
    pub const MOST_PATHS: usize = 10_000;

    /// Refuses what no library could resolve.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::of_field(ErrorCode::OutOfRange, field, message));
        match self {
            TrackSelection::Ids { ids } if ids.len() > Self::MOST_IDS => {
                out_of_range("ids", "At most 100,000 tracks can be named one by one; name a list instead.")
            }
            TrackSelection::Files { paths } if paths.len() > Self::MOST_PATHS => {
                out_of_range("paths", "At most 10,000 files can be opened at once; open their folder instead.")
            }
            TrackSelection::Files { paths } if !paths.iter().all(|path| path.starts_with('/')) => {
                out_of_range("paths", "Each file must be named by its absolute path.")
            }
            _ => Ok(()),
        }
    }
}

/// Where the listener wants tracks to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum QueuePosition {
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
