//! The state that every client shows, in sections that are published one by one. Each section has a bounded size,
//! however long the queue or large the library.

mod edits;
mod library;
mod notice;
mod player;
mod queue;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use edits::*;
pub use library::*;
pub use notice::*;
pub use player::*;
pub use queue::*;

use crate::{
    AvailableOutputs, CurrentOutput, DesktopState, ExportProgress, MasteringState, RemoteServerState, RoomsState,
    ScrobblingState, Settings, SignalPath,
};

/// One independently updated part of the state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum StateSection {
    /// The player.
    Player(PlayerState),
    /// The playback position.
    Position(PositionState),
    /// The queue.
    Queue(QueueState),
    /// The library.
    Library(LibraryState),
    /// The open output.
    Output(CurrentOutput),
    /// The available outputs.
    Outputs(AvailableOutputs),
    /// The processing of the current track; `None` while no file is open.
    Signal(Option<SignalPath>),
    /// Mastering.
    Mastering(MasteringState),
    /// The running export of mastered tracks.
    Export(Option<ExportProgress>),
    /// The settings.
    Settings(Settings),
    /// The remote server.
    Remote(RemoteServerState),
    /// The desktop integration.
    Desktop(DesktopState),
    /// Scrobbling.
    Scrobbling(ScrobblingState),
    /// The rooms.
    Rooms(RoomsState),
    /// The latest notices, oldest first.
    Notices(Vec<Notice>),
}

/// The complete state: every section at once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct AppState {
    /// The player.
    pub player: PlayerState,
    /// The playback position.
    pub position: PositionState,
    /// The queue.
    pub queue: QueueState,
    /// The library.
    pub library: LibraryState,
    /// The open output.
    pub output: CurrentOutput,
    /// The available outputs.
    pub outputs: AvailableOutputs,
    /// The processing of the current track; `None` while no file is open.
    pub signal: Option<SignalPath>,
    /// Mastering.
    pub mastering: MasteringState,
    /// The running export of mastered tracks.
    pub export: Option<ExportProgress>,
    /// The settings.
    pub settings: Settings,
    /// The remote server.
    pub remote: RemoteServerState,
    /// The desktop integration.
    pub desktop: DesktopState,
    /// Scrobbling.
    pub scrobbling: ScrobblingState,
    /// The rooms.
    pub rooms: RoomsState,
    /// The latest notices, oldest first.
    pub notices: Vec<Notice>,
}

/// An update of one section, sent to every client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct StateUpdate {
    /// Changes when the player restarts. Clients then discard what they had.
    pub session: String,
    /// One strictly increasing counter for the whole player. Clients ignore updates that are not newer than what they
    /// have.
    #[ts(type = "number")]
    pub rev: u64,
    /// The new content of the section.
    #[serde(flatten)]
    pub section: StateSection,
}

/// The first message to a client: the complete state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Hello {
    /// See [`StateUpdate::session`].
    pub session: String,
    /// The newest revision that is included.
    #[ts(type = "number")]
    pub rev: u64,
    /// Version of the program.
    pub version: String,
    /// What this client may do.
    pub capabilities: Capabilities,
    /// The complete state.
    pub view: AppState,
}

/// What a client may do beyond what every client may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Capabilities {
    /// The client is on this machine. It may use local files and settings: library folders, tags, exports, paths and
    /// pairing.
    #[serde(rename = "this_machine")]
    pub is_local: bool,
}
