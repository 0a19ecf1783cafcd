//! The commands of the player. Every surface sends the same ones.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    DataExport, EditableTags, EntryId, MasteredExport, OutputId, Preset, QueuePosition, RoomChange, RootId,
    SettingsPatch, TrackId, TrackSelection, UserDataEdit,
};

/// A command from a client. [`Command::properties`] says how each one is handled, [`Command::validate`] which values
/// it accepts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[ts(optional_fields)]
pub enum Command {
    /// Play the current entry, or resume.
    Play {},
    /// Pause playback.
    Pause {},
    /// Pause if playing, else play.
    Toggle {},
    /// Stop and return to the start of the current entry.
    Stop {},
    /// Go to the next entry.
    Next {},
    /// Go to the previous entry, or back to the start of the track if it is more than 3 s in.
    Previous {},
    /// Move within the current track.
    Seek {
        /// Seconds from the start of the track. Values below 0 count as 0; at or past the end, the track ends.
        position_s: f64,
    },
    /// Set the volume.
    SetVolume {
        /// 0 to 100, perceptual.
        volume: u8,
    },
    /// Mute or unmute. The volume is kept.
    SetMuted {
        /// Whether playback is silent.
        muted: bool,
    },
    /// Change the mastering settings that are given; the others stay.
    SetMastering {
        /// Whether mastering is on.
        #[serde(default)]
        enabled: Option<bool>,
        /// The sound preset.
        #[serde(default)]
        preset: Option<Preset>,
        /// Strength, 0 to 1.
        #[serde(default)]
        intensity: Option<f32>,
        /// Dynamic-range compression for night listening, 0 to 1.
        #[serde(default)]
        night: Option<f32>,
    },
    /// Switch the level-matched bypass: the unprocessed signal at the loudness of the mastered one.
    #[serde(rename = "compare")]
    SetBypass {
        /// Whether the unprocessed signal is heard.
        #[serde(rename = "on")]
        enabled: bool,
    },
    /// Shuffle the queue, or restore its original order.
    SetShuffle {
        /// Whether the queue is shuffled.
        enabled: bool,
    },
    /// Set the repeat mode.
    SetRepeat {
        /// The new mode.
        mode: Repeat,
    },
    /// Set when playback ends: the sleep timer.
    SetSleepTimer {
        /// The new setting.
        timer: SleepTimer,
    },
    /// Play these tracks, starting with one of them. Entries that the user queued ("Up next") stay in front of the rest.
    PlayTracks {
        /// The tracks to play.
        tracks: TrackSelection,
        /// Index of the first track to play, from 0. Without it, the first one, or a random one while shuffled.
        #[serde(default)]
        start: Option<u32>,
        /// The track that the user saw at `start`. If the list has changed, the occurrence nearest to `start` is played.
        #[serde(default)]
        start_track: Option<TrackId>,
    },
    /// Replace the whole queue, including "Up next", and play.
    ReplaceQueue {
        /// The new content.
        tracks: TrackSelection,
        /// Index of the first track to play, from 0.
        start: u32,
    },
    /// Add tracks to the queue. The current track keeps playing.
    Enqueue {
        /// The tracks to add.
        tracks: TrackSelection,
        /// Where they are inserted.
        #[serde(rename = "place")]
        position: QueuePosition,
        /// The entry to insert them before, instead of at `place`.
        #[serde(default)]
        before: Option<EntryId>,
    },
    /// Go to a queue entry and play it.
    JumpTo {
        /// The entry.
        entry: EntryId,
    },
    /// Remove entries from the queue.
    RemoveEntries {
        /// The entries to remove.
        entries: Vec<EntryId>,
    },
    /// Move queue entries, in the given order, in front of another one.
    MoveEntries {
        /// The entries to move.
        entries: Vec<EntryId>,
        /// The entry to insert them before; without it, they go to the end.
        #[serde(default)]
        before: Option<EntryId>,
    },
    /// Empty the queue and stop.
    ClearQueue {},
    /// Undo the last edit, whether of the queue, of the user's data or of tags. A tag edit can only be undone by local
    /// clients.
    Undo {},
    /// Redo the edit that was undone last. A tag edit can only be redone by local clients.
    Redo {},
    /// Add a folder to the library and scan it.
    AddRoot {
        /// An absolute path.
        path: String,
    },
    /// Remove a folder and its tracks from the library. The files stay.
    RemoveRoot {
        /// The folder.
        root: RootId,
    },
    /// Scan all library folders for changes.
    Scan {},
    /// Stop the running scan.
    CancelScan {},
    /// Change playlists, favourites, ratings or the history: `{"do": "edit", "edit": "set_rating", …}`.
    Edit(UserDataEdit),
    /// Write a playlist or the history to a file: `{"do": "export", "export": "history", …}`. Local clients only.
    Export(DataExport),
    /// Write mastered copies of tracks: `{"do": "export_mastered", "tracks": …, "folder": …}`. The response is sent when
    /// the export has started; only one runs at a time. Local clients only.
    ExportMastered(MasteredExport),
    /// Cancel the running export of mastered tracks. Finished files stay; unfinished ones are deleted.
    CancelExport {},
    /// Change tags in the files of tracks: all of them, or none if the response is an error. Local clients only.
    EditTags {
        /// The tracks, at most [`TrackSelection::MAX_EDITED_TRACKS`].
        tracks: TrackSelection,
        /// The new values.
        tags: Box<EditableTags>,
    },
    /// Set the names of files and folders that scans ignore. Local clients only.
    #[serde(rename = "set_ignored")]
    SetIgnorePatterns {
        /// All patterns: names such as `*.tmp` or `Podcasts`, or paths within a root such as `Ringtones/**`. At most 100,
        /// each of at most 200 characters.
        patterns: Vec<String>,
    },
    /// Change the settings that are given; the others stay.
    ChangeSettings {
        /// The new values.
        settings: SettingsPatch,
    },
    /// Choose the audio output. Playback continues there.
    ChooseOutput {
        /// The output; without it, the system default, which may change at any time.
        #[serde(default)]
        output: Option<OutputId>,
    },
    /// Change a room: its volume, its group and so on. Completed when its server has done so.
    SetRoom(RoomChange),
    /// Dismiss a notice on every surface.
    DismissNotice {
        /// The notice's id.
        notice: u32,
    },
}

/// When playback ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "end", rename_all = "snake_case", deny_unknown_fields)]
pub enum SleepTimer {
    /// It does not.
    Off {},
    /// After the current track.
    EndOfTrack {},
    /// After the last track in a row of the current album.
    EndOfAlbum {},
    /// After some minutes. In the state: the minutes that are left, rounded up.
    Minutes {
        /// 1 to [`SleepTimer::MAX_MINUTES`].
        minutes: u16,
    },
}

impl SleepTimer {
    /// Longest sleep timer.
    pub const MAX_MINUTES: u16 = 24 * 60;
}

/// What happens at the end of a track or of the queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Playback stops at the end of the queue.
    #[default]
    None,
    /// A track that ends starts again. Next still goes to the next entry.
    One,
    /// The queue starts again.
    All,
}
