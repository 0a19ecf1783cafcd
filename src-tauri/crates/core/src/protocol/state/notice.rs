//! Notifications for the user.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A notification for the user about something that no other state shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Notice {
    /// Its id.
    pub id: u32,
    /// What happened. The interface has the texts.
    pub kind: NoticeKind,
    /// What it happened to: a file name, a folder, a device.
    pub subject: String,
    /// The reason, to be shown to the user.
    pub reason: String,
}

/// The kinds of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A file could not be played and was skipped.
    TrackSkipped,
    /// A library folder is offline, so playback was paused. Goes when the folder is back.
    FolderOffline,
    /// The output was disconnected and playback was paused.
    #[serde(rename = "output_lost")]
    OutputDisconnected,
    /// A scan could not be finished.
    ScanFailed,
    /// A playlist was imported, but some of its entries were not found.
    PlaylistIncomplete,
    /// A data file of Auralis was corrupt and has been renamed.
    #[serde(rename = "set_aside")]
    CorruptFileMoved,
    /// A data file of Auralis could not be written.
    #[serde(rename = "not_saved")]
    SaveFailed,
    /// An export of mastered tracks is finished.
    Exported,
    /// An export of mastered tracks failed at a file.
    ExportFailed,
    /// The rooms' server cannot be started or reached.
    RoomsFailed,
    /// A room that was playing has disconnected.
    RoomLost,
}
