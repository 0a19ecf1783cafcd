//! What the core tells its clients: one message a section, each of bounded size, whatever the queue or library holds.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Command, Diagnostics, EntryId, OutputState, OutputsState, Pairing, RemoteState, Repeat, Rows, ScanProgress,
    ScanSummary, Settings, SignalPath, TrackSummary, Window,
};

/// What the player is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
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
    pub transport: Transport,
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct PositionState {
    /// Seconds into the track.
    pub position_s: f64,
    /// Whether it moves.
    pub running: bool,
}

/// The queue, without its rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct QueueState {
    /// Rises with every edit; rows are asked for by [`crate::List::Queue`].
    #[ts(type = "number")]
    pub revision: u64,
    /// Entries in all.
    pub length: u32,
    /// Index of the current entry.
    pub current: Option<u32>,
    /// How many edits can be taken back.
    pub undo: u32,
    /// How many can be made again.
    pub redo: u32,
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
    /// A file of ours could not be read and was set aside.
    SetAside,
    /// A file of ours could not be written.
    NotSaved,
}

/// Everything of one kind that a client shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Section {
    /// The player.
    Player(PlayerState),
    /// Where the listener is.
    Position(PositionState),
    /// The queue.
    Queue(QueueState),
    /// The library.
    Library(LibraryState),
    /// What is open.
    Output(OutputState),
    /// What could be.
    Outputs(OutputsState),
    /// What is done to the sound of the current track; nothing while no file is open.
    Signal(Option<SignalPath>),
    /// The listener's choices.
    Settings(Settings),
    /// The remote door.
    Remote(RemoteState),
    /// The last few things to know, oldest first.
    Notices(Vec<Notice>),
}

/// Every section at once: what a client gets first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct View {
    /// The player.
    pub player: PlayerState,
    /// Where the listener is.
    pub position: PositionState,
    /// The queue.
    pub queue: QueueState,
    /// The library.
    pub library: LibraryState,
    /// What is open.
    pub output: OutputState,
    /// What could be.
    pub outputs: OutputsState,
    /// What is done to the sound of the current track; nothing while no file is open.
    pub signal: Option<SignalPath>,
    /// The listener's choices.
    pub settings: Settings,
    /// The remote door.
    pub remote: RemoteState,
    /// The last few things to know, oldest first.
    pub notices: Vec<Notice>,
}

/// What is sent to a client without being asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Message {
    /// Changes when the core restarts; a client then forgets what it had.
    pub session: String,
    /// One counter for the whole player, strictly rising. A client drops what is not newer than what it has.
    #[ts(type = "number")]
    pub rev: u64,
    /// What changed.
    #[serde(flatten)]
    pub section: Section,
}

/// The first message: the whole truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Hello {
    /// See [`Message::session`].
    pub session: String,
    /// The newest revision that this holds.
    #[ts(type = "number")]
    pub rev: u64,
    /// Version of the program.
    pub version: String,
    /// Everything.
    pub view: View,
}

/// What a client sends over a socket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[ts(optional_fields)]
pub enum Request {
    /// Do something. Answered by one [`Answer`].
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
    /// Tell something. Answered by one [`Answer`].
    Query {
        /// Chosen by the client, given back in the answer.
        #[ts(type = "number")]
        id: u64,
        /// What.
        data: Window,
    },
    /// Tell how the engine fares. Answered by one [`Answer`].
    Diagnostics {
        /// Chosen by the client, given back in the answer.
        #[ts(type = "number")]
        id: u64,
    },
    /// What lets another device in; only for clients on this machine. Answered by one [`Answer`].
    Pair {
        /// Chosen by the client, given back in the answer.
        #[ts(type = "number")]
        id: u64,
        /// Forget every device that was let in before.
        #[serde(default)]
        renew: bool,
    },
    /// Answered by `{"type":"pong"}`.
    Ping {},
}

/// The answer to a [`Request`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Answer {
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
        data: Rows,
    },
    /// How the engine fares.
    Diagnostics {
        /// Of the request.
        #[ts(type = "number")]
        id: u64,
        /// At this moment.
        data: Diagnostics,
    },
    /// What lets another device in.
    Pairing {
        /// Of the request.
        #[ts(type = "number")]
        id: u64,
        /// As asked for.
        data: Pairing,
    },
    /// The request was refused; nothing changed.
    Refused {
        /// Of the request, where it could be read.
        #[ts(type = "number | null")]
        id: Option<u64>,
        /// Why.
        error: Refusal,
    },
    /// To a ping.
    Pong {},
}

/// Why a request was refused. Nothing changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
#[ts(optional_fields)]
pub struct Refusal {
    /// For programs.
    pub code: RefusalCode,
    /// For people.
    pub message: String,
    /// The field that was wrong.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
}

/// The kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
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

impl Refusal {
    /// A refusal without a field.
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Refusal { code, message: message.into(), field: None }
    }

    /// A refusal of one field's value.
    pub fn of_field(code: RefusalCode, field: &str, message: impl Into<String>) -> Self {
        Refusal { code, message: message.into(), field: Some(field.into()) }
    }
}
