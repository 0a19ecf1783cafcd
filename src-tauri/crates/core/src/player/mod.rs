//! The player's state machine. Everything that happens goes through [`Core::handle`], which returns what is to be done.

mod commands;
mod edit_history;
mod input;
mod library_events;
mod listening;
mod notices;
mod offline;
mod pending_commands;
mod playback;
mod queue_commands;
mod saved;
mod sleep;
mod stream;
mod stream_processing;
mod track_cache;
mod transport_commands;

use std::collections::{HashMap, HashSet, VecDeque};

use fastrand::Rng;

pub use input::{CommandId, Effect, Input};
pub use saved::{RestoredState, SavedPlayback};

use crate::queue::{Queue, Step};
use crate::*;
use edit_history::RunningStep;
use listening::ActiveListen;
use offline::OfflineFolders;
use pending_commands::PendingCommand;
use playback::TRACK_REMOVED;
use queue_commands::unknown_entry;
use sleep::Sleep;
use stream::Stream;

/// The state of the player. See the module.
#[derive(Debug)]
pub struct Core {
    rng: Rng,
    queue: Queue,
    /// What playback was started from.
    context: PlaybackContext,
    active_listen: Option<ActiveListen>,
    transport: PlaybackState,
    /// The last known position and when it was known: from the engine, or set by the user while nothing is open.
    position: PositionState,
    volume: u8,
    muted: bool,
    library: LibraryState,
    output: CurrentOutput,
    outputs: AvailableOutputs,
    /// The output whose loss paused playback, and when. Forgotten when the user plays or pauses.
    lost_output: Option<(OutputId, f64)>,
    /// When playback is to end, if the user set that.
    sleep: Option<Sleep>,
    mastering: MasteringSettings,
    bypassed: bool,
    analysis: AnalysisState,
    export: Option<ExportProgress>,
    settings: Settings,
    remote: RemoteServerState,
    desktop: DesktopState,
    scrobbling: ScrobblingState,
    rooms: RoomsState,
    notices: VecDeque<Notice>,
    next_notice: u32,

    /// The engine's current stream. It always plays the current entry.
    stream: Option<Stream>,
    /// The stream that the engine has prepared to follow.
    prepared: Option<Stream>,
    next_load: u64,
    /// Entries whose file failed. They are skipped until the user starts something.
    unplayable: HashSet<EntryId>,
    offline: OfflineFolders,
    /// Whether something has played since the user last started playback.
    played_since_user_action: bool,

    /// Tracks read from the library; `None` if the library has no such track.
    track_cache: HashMap<TrackId, Option<Track>>,
    /// Tracks that are being read.
    pending_reads: HashSet<TrackId>,
    /// The command whose tracks are being resolved.
    resolving_command: Option<PendingCommand>,
    /// The undo or redo that the library is running.
    running_step: Option<RunningStep>,
    /// Edits that the library is making, with their kind and client.
    running_edits: HashMap<CommandId, (EditKind, ClientKind)>,
    /// Commands that must run after the one that is resolved or undone.
    queued_commands: VecDeque<PendingCommand>,

    now_s: f64,
    effects: Vec<Effect>,
}

impl Core {
    /// Creates a paused player from saved state. `seed` determines its shuffles.
    pub fn new(restored: RestoredState, seed: u64) -> (Self, Vec<Effect>) {
        let SavedPlayback { entry, position_s, repeat, context } = restored.playback;
        let queue = Queue::restore(restored.queue, entry, repeat);
        let entry_exists = queue.current().is_some_and(|current| Some(current.id) == entry);
        let position_s = if entry_exists && position_s.is_finite() { position_s.max(0.0) } else { 0.0 };
        let mut core = Core {
            rng: Rng::with_seed(seed),
            transport: if position_s > 0.0 { PlaybackState::Paused } else { PlaybackState::Stopped },
            position: PositionState { position_s, ..PositionState::default() },
            queue,
            context,
            active_listen: None,
            volume: restored.volume.min(100),
            muted: restored.muted,
            library: LibraryState::default(),
            output: CurrentOutput::default(),
            outputs: AvailableOutputs::default(),
            lost_output: None,
            settings: restored.settings.sanitized(),
            remote: RemoteServerState::default(),
            desktop: DesktopState::default(),
            scrobbling: ScrobblingState::default(),
            rooms: RoomsState::default(),
            mastering: restored.mastering.sanitized(),
            bypassed: false,
            analysis: AnalysisState::default(),
            export: None,
            notices: VecDeque::new(),
            next_notice: 1,
            stream: None,
            prepared: None,
            next_load: 1,
            unplayable: HashSet::new(),
            offline: OfflineFolders::default(),
            sleep: None,
            played_since_user_action: false,
            track_cache: HashMap::new(),
            pending_reads: HashSet::new(),
            resolving_command: None,
            running_step: None,
            running_edits: HashMap::new(),
            queued_commands: VecDeque::new(),
            now_s: 0.0,
            effects: Vec::new(),
        };
        core.send_gain();
        core.send_output();
        core.send_mastering();
        core.sync_engine();
        let effects = std::mem::take(&mut core.effects);
        (core, effects)
    }

    /// Handles one input and returns the effects to run. `now_s`: seconds on any monotonic clock.
    pub fn handle(&mut self, input: Input, now_s: f64) -> Vec<Effect> {
        self.now_s = now_s;
        self.check_sleep_time();
        match input {
            Input::Command { id, from, is_local, command } => {
                self.receive(PendingCommand { id, from, is_local, command });
            }
            Input::Engine(event) => self.on_engine_event(event),
            Input::Library(event) => self.on_library_event(event),
            Input::TrackRead { id, track } => self.on_track_read(id, track),
            Input::TracksResolved { id, result } => self.on_tracks_resolved(id, result),
            Input::LibraryCommandFinished { id, result } => self.on_library_command_finished(id, result),
            Input::FolderChecked { track, offline } => self.on_folder_checked(track, offline),
            Input::FolderOnline(folder) => self.on_folder_online(&folder),
            Input::RemoteServerChanged(state) => self.remote = state,
            Input::DesktopChanged(state) => self.desktop = state,
            Input::ScrobblingChanged(state) => self.scrobbling = state,
            Input::RoomsChanged(state) => self.rooms = state.bounded(),
            Input::RoomChangeFinished { id, result } => self.complete_command(id, result),
            Input::ExportProgressed(progress) => self.export = progress,
            Input::NoticeRaised { kind, subject, reason } => self.push_notice(kind, &subject, &reason),
        }
        self.sync_engine();
        if let Some((edits, newest)) = self.queue.history.take_retained() {
            self.effects.push(Effect::RetainEdits { edits, newest });
        }
        std::mem::take(&mut self.effects)
    }

    /// Returns the state to publish, or `None` until the current track has been read: incomplete states are not
    /// published.
    pub fn view(&self) -> Option<AppState> {
        if !self.is_view_complete() {
            return None;
        }
        let current = self.queue.current();
        let track = self.current_track().map(|track| track.summary.clone());
        Some(AppState {
            player: PlayerState {
                transport: self.transport,
                entry: current.map(|entry| entry.id),
                duration_s: self.duration_s().unwrap_or(0.0),
                track,
                volume: self.volume,
                muted: self.muted,
                shuffle: self.queue.is_shuffled(),
                repeat: self.queue.repeat,
                sleep: self.sleep_state(),
            },
            position: self.position,
            queue: self.queue.state(),
            library: self.library.clone(),
            output: self.output.clone(),
            outputs: self.outputs.clone(),
            signal: self.signal_path(),
            mastering: self.mastering_state(),
            export: self.export,
            settings: self.settings.clone(),
            remote: self.remote.clone(),
            desktop: self.desktop,
            scrobbling: self.scrobbling.clone(),
            rooms: self.rooms.clone(),
            notices: self.notices.iter().cloned().collect(),
        })
    }

    fn is_view_complete(&self) -> bool {
        let current = self.queue.current().map(|entry| entry.track);
        !current.is_some_and(|track| !self.track_cache.contains_key(&track) && self.pending_reads.contains(&track))
    }

    /// Whether every command has been run and its result can be published. If not, the published state is about to
    /// change.
    pub fn is_idle(&self) -> bool {
        !self.is_waiting_for_library() && self.queued_commands.is_empty() && self.is_view_complete()
    }

    /// Returns the queue entries from `offset`, at most `limit`.
    pub fn queue_slice(&self, offset: u32, limit: u32) -> Vec<Entry> {
        self.queue.slice(offset as usize, limit as usize)
    }

    /// Returns the queue's state, also while the view is incomplete.
    pub fn queue_state(&self) -> QueueState {
        self.queue.state()
    }

    /// Returns a number that changes whenever [`Core::saved_queue`] does.
    pub fn saved_queue_revision(&self) -> u64 {
        self.queue.saved_revision()
    }

    /// Returns the queue to save, with the history of edits.
    pub fn saved_queue(&self) -> SavedQueue {
        self.queue.saved()
    }

    /// Returns the current entry and position to save.
    pub fn saved_playback(&self) -> SavedPlayback {
        SavedPlayback {
            entry: self.queue.current().map(|entry| entry.id),
            position_s: self.position_s(),
            repeat: self.queue.repeat,
            context: self.context,
        }
    }

    /// Returns the current position in seconds.
    fn position_s(&self) -> f64 {
        let elapsed = if self.position.running { self.now_s - self.position.since_s } else { 0.0 };
        let position_s = self.position.position_s + elapsed;
        self.duration_s().map_or(position_s, |duration| position_s.min(duration))
    }

    /// Returns the length of the current track: from the engine if known, else from the library.
    fn duration_s(&self) -> Option<f64> {
        let from_library = self.current_track().map(|track| track.summary.duration_s).filter(|&s| s > 0.0);
        self.stream.as_ref().and_then(|stream| stream.duration_s).or(from_library)
    }

    fn set_position(&mut self, position_s: f64, running: bool) {
        self.add_listened_time(running);
        self.position = PositionState { position_s, running, since_s: if running { self.now_s } else { 0.0 } };
    }

    fn send_to_engine(&mut self, command: EngineCommand) {
        self.effects.push(Effect::Engine(command));
    }
}
