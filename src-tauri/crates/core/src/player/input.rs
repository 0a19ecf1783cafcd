//! What can happen to the player, and what it wants done.

use crate::{
    ApiError, ClientKind, Command, DesktopState, EditRecord, EngineCommand, EngineEvent, ExportProgress,
    LibraryCommand, LibraryEditId, LibraryEvent, Listen, MasteredExport, MasteringSettings, NoticeKind,
    RemoteServerState, RoomChange, RoomsState, ScrobblingState, Track, TrackId, TrackSelection,
};

/// Identifies a command until it is completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommandId(pub u64);

/// Everything that can happen to the player.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A command from a client. Completed by exactly one [`Effect::CompleteCommand`].
    Command {
        /// Identifies the command.
        id: CommandId,
        /// The client that sent it.
        from: ClientKind,
        /// Whether the client is on this machine.
        is_local: bool,
        /// The command.
        command: Command,
    },
    /// An event of the engine.
    Engine(EngineEvent),
    /// An event of the library.
    Library(LibraryEvent),
    /// The reply to [`Effect::ReadTrack`].
    TrackRead {
        /// The requested id.
        id: TrackId,
        /// The track; `None` if it is not in the library.
        track: Option<Track>,
    },
    /// The reply to [`Effect::ResolveTracks`].
    TracksResolved {
        /// The command that needs them.
        id: CommandId,
        /// Their ids, all of them in the library.
        result: Result<Vec<TrackId>, ApiError>,
    },
    /// The reply to [`Effect::Library`].
    LibraryCommandFinished {
        /// The command.
        id: CommandId,
        /// Its result: if it was an edit that can be undone, the record of it.
        result: Result<Option<EditRecord>, ApiError>,
    },
    /// The reply to [`Effect::CheckFolder`].
    FolderChecked {
        /// The track.
        track: TrackId,
        /// Its library folder, if that is offline.
        offline: Option<String>,
    },
    /// A folder of an [`Effect::AwaitFolder`] is online again.
    FolderOnline(String),
    /// The remote server's state changed.
    RemoteServerChanged(RemoteServerState),
    /// The desktop integration's state changed.
    DesktopChanged(DesktopState),
    /// The scrobbling state changed.
    ScrobblingChanged(ScrobblingState),
    /// The rooms changed.
    RoomsChanged(RoomsState),
    /// The reply to [`Effect::ChangeRoom`].
    RoomChangeFinished {
        /// The command.
        id: CommandId,
        /// Its result.
        result: Result<(), ApiError>,
    },
    /// Progress of the running export; `None` when it has ended.
    ExportProgressed(Option<ExportProgress>),
    /// Something outside of the player happened that the user should know.
    NoticeRaised {
        /// What happened.
        kind: NoticeKind,
        /// What it happened to.
        subject: String,
        /// The reason.
        reason: String,
    },
}

/// Something that the player wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Send a command to the engine.
    Engine(EngineCommand),
    /// Run a command in the library and reply with [`Input::LibraryCommandFinished`].
    Library {
        /// The client's command, to be completed by the reply.
        id: CommandId,
        /// The library's part of it.
        command: LibraryCommand,
    },
    /// Read a track from the library and reply with [`Input::TrackRead`].
    ReadTrack(TrackId),
    /// Resolve a selection to track ids and reply with [`Input::TracksResolved`].
    ResolveTracks {
        /// The command that needs them.
        id: CommandId,
        /// The selection.
        tracks: TrackSelection,
    },
    /// Check whether the library folder of a track is offline and reply with [`Input::FolderChecked`].
    CheckFolder(TrackId),
    /// Wait until the library folder of a track is online and report [`Input::FolderOnline`].
    AwaitFolder {
        /// The track.
        track: TrackId,
        /// Its folder.
        folder: String,
    },
    /// Write mastered copies of tracks. Progress comes back as [`Input::ExportProgressed`].
    ExportMastered {
        /// The tracks.
        tracks: Vec<TrackId>,
        /// Where to and in which format.
        export: MasteredExport,
        /// How they are mastered.
        settings: MasteringSettings,
    },
    /// Cancel the running export.
    CancelExport,
    /// Drop the library's records of edits up to `newest`, except these: they can no longer be undone or redone.
    RetainEdits {
        /// The edits to keep.
        edits: Vec<LibraryEditId>,
        /// The newest edit that the core knows.
        newest: LibraryEditId,
    },
    /// Have the rooms' server change a room and reply with [`Input::RoomChangeFinished`].
    ChangeRoom {
        /// The client's command, to be completed by the reply.
        id: CommandId,
        /// The change.
        change: RoomChange,
    },
    /// Store a listen in the history.
    RecordListen(Listen),
    /// Tell the client the result of its command. After an error, nothing has changed.
    CompleteCommand {
        /// The command.
        id: CommandId,
        /// Its result.
        result: Result<(), ApiError>,
    },
}
