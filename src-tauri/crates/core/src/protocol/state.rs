//! What the core tells its clients: one message a section, each of bounded size, whatever the queue or library holds.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    AvailableOutputs, ClientKind, Command, CurrentOutput, DataReply, DataRequest, DesktopState, EngineDiagnostics,
    EntryId, ExportProgress, MasteringState, PairingLink, RemoteServerState, Repeat, RowPage, RowQuery, ScanProgress,
    ScanSummary, ScrobblingState, Settings, SignalPath, TrackSummary,
};

/// What the player is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PlaybackState {
    /// Silent, position 0.
    #[default]
    Stopped,
    /// Sound is leaving.
    Playing,
    /// Silent, position held.
    Paused,
    /// A track is being opened.
    Loading,
    /// Nothing in the queue can be played; a notice says why.
    Error,
}

/// The player: everything about it that does not move by itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct PlayerState {
    /// What it is doing.
    pub transport: PlaybackState,
    /// The current entry of the queue.
    pub entry: Option<EntryId>,
    /// Its track.
    pub track: Option<TrackSummary>,
    /// Length of the current track in seconds, as the engine found it; 0 without a track.
    pub duration_s: f64,
    /// 0 to 100.
    pub volume: u8,
    /// Silent, whatever the volume.
    pub muted: bool,
    /// Whether the queue is shuffled.
    pub shuffle: bool,
    /// What happens at the end.
    pub repeat: Repeat,
}

/// Where the listener is. A client extrapolates from the moment it gets this.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct PositionState {
    /// Seconds into the track.
    pub position_s: f64,
    /// Whether it moves.
    pub running: bool,
    /// Since when it moves, on the core's clock; 0 while it does not. Never sent: it makes a jump back to the place that
    /// was told last another state, which is told, too.
    #[serde(skip)]
    pub since_s: f64,
}

/// The queue, without its rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct QueueState {
    /// Rises with every edit; rows are asked for by [`crate::ListQuery::Queue`].
    #[ts(type = "number")]
    pub revision: u64,
    /// Entries in all.
    pub length: u32,
    /// Index of the current entry.
    pub current: Option<u32>,
    /// Which hand changed it last.
    pub edited_by: Option<ClientKind>,
    /// How many edits can be taken back.
    pub undo: u32,
    /// The one that would be taken back first.
    pub undo_edit: Option<QueueEdit>,
    /// How many can be made again.
    pub redo: u32,
    /// The one that would be made again first.
    pub redo_edit: Option<QueueEdit>,
}

/// An edit of the queue, for a menu to name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueueEdit {
    /// What was done.
    pub kind: QueueEditKind,
    /// To how many entries.
    pub entries: u32,
    /// Which hand did it.
    pub by: ClientKind,
}

/// What can be done to the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum QueueEditKind {
    /// Something else was started in its place.
    Play,
    /// Entries were put in.
    Insert,
    /// Entries were taken out.
    Remove,
    /// Entries were moved.
    Move,
    /// It was emptied.
    Clear,
    /// It was shuffled.
    Shuffle,
    /// It was put back in order.
    Unshuffle,
}

/// The library, without its rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct LibraryState {
    /// Rises whenever a list may look different.
    #[ts(type = "number")]
    pub revision: u64,
    /// Tracks in all.
    pub tracks: u32,
    /// Albums in all.
    pub albums: u32,
    /// Artists in all.
    pub artists: u32,
    /// Folders in all.
    pub roots: u32,
    /// The running scan.
    pub scan: Option<ScanProgress>,
    /// Of how many tracks the last edit of tags can be taken back; 0 if there is nothing to take back.
    pub undo_tags: u32,
    /// How the last one ended.
    pub last_scan: Option<ScanSummary>,
}

/// Something the listener should know that no other state says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Notice {
    /// Names it.
    pub id: u32,
    /// What happened; the interface has the words.
    pub kind: NoticeKind,
    /// What it happened to: a file's name, a folder, a device.
    pub subject: String,
    /// Why.
    pub reason: String,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A file could not be played and was skipped.
    TrackSkipped,
    /// The device went away and playing was paused.
    OutputLost,
    /// A scan could not go on.
    ScanFailed,
    /// Of a playlist file, some entries were not found.
    PlaylistIncomplete,
    /// A file of ours could not be read and was set aside.
    SetAside,
    /// A file of ours could not be written.
    NotSaved,
    /// Mastered tracks are written into a folder.
    Exported,
    /// An export of mastered tracks ended at a file.
    ExportFailed,
}

/// Everything of one kind that a client shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum StateSection {
    /// The player.
    Player(PlayerState),
    /// Where the listener is.
    Position(PositionState),
    /// The queue.
    Queue(QueueState),
    /// The library.
    Library(LibraryState),
    /// What is open.
    Output(CurrentOutput),
    /// What could be.
    Outputs(AvailableOutputs),
    /// What is done to the sound of the current track; nothing while no file is open.
    Signal(Option<SignalPath>),
    /// Mastering.
    Mastering(MasteringState),
    /// The export of mastered tracks that runs.
    Export(Option<ExportProgress>),
    /// The listener's choices.
    Settings(Settings),
    /// The remote door.
    Remote(RemoteServerState),
    /// What the desktop offers.
    Desktop(DesktopState),
    /// Scrobbling.
    Scrobbling(ScrobblingState),
    /// The last few things to know, oldest first.
    Notices(Vec<Notice>),
}

/// Every section at once: what a client gets first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct AppState {
    /// The player.
    pub player: PlayerState,
    /// Where the listener is.
    pub position: PositionState,
    /// The queue.
    pub queue: QueueState,
    /// The library.
    pub library: LibraryState,
    /// What is open.
    pub output: CurrentOutput,
    /// What could be.
    pub outputs: AvailableOutputs,
    /// What is done to the sound of the current track; nothing while no file is open.
    pub signal: Option<SignalPath>,
    /// Mastering.
    pub mastering: MasteringState,
    /// The export of mastered tracks that runs.
    pub export: Option<ExportProgress>,
    /// The listener's choices.
    pub settings: Settings,
    /// The remote door.
    pub remote: RemoteServerState,
    /// What the desktop offers.
    pub desktop: DesktopState,
    /// Scrobbling.
    pub scrobbling: ScrobblingState,
    /// The last few things to know, oldest first.
    pub notices: Vec<Notice>,
}

/// What is sent to a client without being asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct StateUpdate {
    /// Changes when the core restarts; a client then forgets what it had.
    pub session: String,
    /// One counter for the whole player, strictly rising. A client drops what is not newer than what it has.
    #[ts(type = "number")]
    pub rev: u64,
    /// What changed.
    #[serde(flatten)]
    pub section: StateSection,
}

/// The first message: the whole truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Hello {
    /// See [`StateUpdate::session`].
    pub session: String,
    /// The newest revision that this holds.
    #[ts(type = "number")]
    pub rev: u64,
    /// Version of the program.
    pub version: String,
    /// What this client may ask for.
    pub capabilities: Capabilities,
    /// Everything.
    pub view: AppState,
}

/// What a client may ask for, beside what all may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Capabilities {
    /// What concerns the files and doors of the machine that plays: the library's folders, tags, exports, paths, pairing.
    pub this_machine: bool,
}

/// What a client sends over a socket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[ts(optional_fields)]
pub enum Request {
    /// Do something. Answered by one [`Response`].
    Command {
        /// Chosen by the client, given back in the answer.
        #[ts(type = "number")]
        id: u64,
        /// Only if neither player nor queue has changed since this revision.
        #[serde(default)]
        #[ts(type = "number", optional)]
        if_rev: Option<u64>,
        /// What.
        data: Command,
    },
    /// Tell something. Answered by one [`Response`].
    Query {
        /// Chosen by the client, given back in the answer.
        #[ts(type = "number")]
        id: u64,
        /// What.
        data: RowQuery,
    },
    /// Tell how the engine fares. Answered by one [`Response`].
    Diagnostics {
        /// Chosen by the client, given back in the answer.
        #[ts(type = "number")]
        id: u64,
    },
    /// What lets another device in; only for clients on this machine. Answered by one [`Response`].
    Pair {
        /// Chosen by the client, given back in the answer.
        #[ts(type = "number")]
        id: u64,
        /// Forget every device that was let in before.
        #[serde(default)]
        renew: bool,
    },
    /// Tell something that is no list. Answered by one [`Response`].
    Ask {
        /// Chosen by the client, given back in the answer.
        #[ts(type = "number")]
        id: u64,
        /// What.
        data: DataRequest,
    },
    /// Show the window, in front of others; only for clients on this machine. Answered by one [`Response`].
    Raise {
        /// Chosen by the client, given back in the answer.
        #[ts(type = "number")]
        id: u64,
        /// What the desktop gave whoever asks, so that its window may come to the front (XDG activation).
        #[serde(default)]
        #[ts(type = "string", optional)]
        token: Option<String>,
    },
    /// Answered by `{"type":"pong"}`.
    Ping {},
}

/// The answer to a [`Request`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Response {
    /// The command was carried out.
    Result {
        /// Of the request.
        #[ts(type = "number")]
        id: u64,
        /// The revision it caused, or that was in force if it changed nothing.
        #[ts(type = "number")]
        rev: u64,
    },
    /// The rows.
    Rows {
        /// Of the request.
        #[ts(type = "number")]
        id: u64,
        /// As asked for.
        data: RowPage,
    },
    /// How the engine fares.
    Diagnostics {
        /// Of the request.
        #[ts(type = "number")]
        id: u64,
        /// At this moment.
        data: EngineDiagnostics,
    },
    /// What lets another device in.
    Pairing {
        /// Of the request.
        #[ts(type = "number")]
        id: u64,
        /// As asked for.
        data: PairingLink,
    },
    /// What was asked.
    Told {
        /// Of the request.
        #[ts(type = "number")]
        id: u64,
        /// The answer.
        data: DataReply,
    },
    /// The request was refused; nothing changed.
    Refused {
        /// Of the request, where it could be read.
        #[ts(type = "number | null")]
        id: Option<u64>,
        /// Why.
        error: ApiError,
    },
    /// To a ping.
    Pong {},
}

/// Why a request was refused. Nothing changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
#[ts(optional_fields)]
pub struct ApiError {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// The field that was wrong.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
}

/// The kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not a message of this protocol.
    Malformed,
    /// A value is out of its range.
    OutOfRange,
    /// No such track, entry, album or folder.
    NotFound,
    /// The state does not allow it.
    NotPossible,
    /// `if_rev` is older than the last change.
    Stale,
    /// A file, the database or the device failed.
    Failed,
    /// Not for this client: it is on another machine, or of another site.
    Forbidden,
    /// The client is on another machine and was not let in.
    Unpaired,
}

impl ApiError {
    /// A refusal without a field.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        ApiError { code, message: message.into(), field: None }
    }

    /// A refusal of one field's value.
    pub fn of_field(code: ErrorCode, field: &str, message: impl Into<String>) -> Self {
        ApiError { code, message: message.into(), field: Some(field.into()) }
    }
}
