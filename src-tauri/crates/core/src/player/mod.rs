//! The machine: everything that can happen goes through [`Core::handle`], everything it wants done comes out.

mod commands;
mod listening;
mod playback;
mod stream_processing;
mod track_lookup;

use std::collections::{HashMap, HashSet, VecDeque};

use fastrand::Rng;
use serde::{Deserialize, Serialize};

use crate::protocol::text::clip;
use crate::queue::Queue;
use crate::*;
use listening::Listening;

/// Names a command until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommandId(pub u64);

/// Everything that can happen to the player.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A client wants something. Answered by exactly one [`Effect::Answer`].
    Command {
        /// Names it in the answer.
        id: CommandId,
        /// Whose wish it is.
        from: ClientKind,
        /// What.
        command: Command,
    },
    /// The engine reports.
    Engine(EngineEvent),
    /// The library reports.
    Library(LibraryEvent),
    /// The answer to [`Effect::ReadTrack`]; `None` if the library does not know it.
    TrackRead {
        /// Which was asked for.
        id: TrackId,
        /// What it is.
        track: Option<Track>,
    },
    /// The answer to [`Effect::ResolveTracks`].
    TracksResolved {
        /// The command that wanted them.
        id: CommandId,
        /// Their ids, all known to the library.
        result: Result<Vec<TrackId>, ApiError>,
    },
    /// The answer to an [`Effect::Library`] that carried a command's id.
    LibraryAnswered {
        /// That command.
        id: CommandId,
        /// What became of it.
        result: Result<(), ApiError>,
    },
    /// The remote door stands otherwise.
    Remote(RemoteServerState),
    /// The desktop offers something else.
    Desktop(DesktopState),
    /// Scrobbling stands otherwise.
    Scrobbling(ScrobblingState),
    /// The export that was asked for is so far; with none, it is over.
    Exporting(Option<ExportProgress>),
    /// Something outside of the player's rules that the listener should know.
    Noticed {
        /// What happened.
        kind: NoticeKind,
        /// To what.
        subject: String,
        /// Why.
        reason: String,
    },
}

/// What the player wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// By the audio engine.
    Engine(EngineCommand),
    /// By the library, which answers with [`Input::LibraryAnswered`].
    Library {
        /// The command to answer.
        id: CommandId,
        /// What.
        command: LibraryCommand,
    },
    /// The library is to tell what a track is, by [`Input::TrackRead`].
    ReadTrack(TrackId),
    /// The library is to tell which tracks these are, by [`Input::TracksResolved`].
    ResolveTracks {
        /// The command that wants them.
        id: CommandId,
        /// Which.
        tracks: TrackSelection,
    },
    /// These tracks are to be written as new files. How far that is comes as [`Input::Exporting`].
    ExportMastered {
        /// The tracks.
        tracks: Vec<TrackId>,
        /// What becomes of them.
        export: MasteredExport,
        /// How they are mastered.
        settings: MasteringSettings,
    },
    /// The export that runs is to end.
    CancelExport,
    /// A track was left. The library notes what was heard of it.
    Listened(Listen),
    /// The command is done, or refused and nothing changed.
    Answer {
        /// Which command.
        id: CommandId,
        /// What became of it.
        result: Result<(), ApiError>,
    },
}

/// Where the listener was: small, because it is kept every second.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedPlayback {
    /// The current entry.
    pub entry: Option<EntryId>,
    /// Seconds into it.
    pub position_s: f64,
    /// What happens at the end.
    pub repeat: Repeat,
    /// Where the queue came from, but for what the listener put into it.
    #[serde(default)]
    pub context: PlaybackContext,
}

/// What a restart brings back.
#[derive(Debug, Clone, PartialEq)]
pub struct RestoredState {
    /// The queue.
    pub queue: SavedQueue,
    /// Where the listener was in it.
    pub place: SavedPlayback,
    /// 0 to 100.
    pub volume: u8,
    /// Silent, whatever the volume.
    pub muted: bool,
    /// How the sound is mastered.
    pub mastering: MasteringSettings,
    /// The listener's choices.
    pub settings: Settings,
}

impl Default for RestoredState {
    fn default() -> Self {
        RestoredState {
            queue: SavedQueue::default(),
            place: SavedPlayback::default(),
            volume: 80,
            muted: false,
            mastering: MasteringSettings::default(),
            settings: Settings::default(),
        }
    }
}

/// A stream that the engine was told of, and the entry it plays.
#[derive(Debug, Clone, PartialEq)]
struct Stream {
    load: LoadId,
    entry: Entry,
    /// The last seek in it.
    seek: SeekId,
    /// Seconds that it and the one before it sound together.
    crossfade_s: f64,
    gain: Gain,
    /// What the engine was told that mastering follows from.
    profiles: AnalysisProfiles,
    /// Whether it stands among others of its album, in their order, once that is known.
    in_album: Option<bool>,
    /// What mastering does to it, as the engine told.
    heard: ProcessingMode,
    steps: Vec<MasteringStep>,
    duration_s: Option<f64>,
    /// What the file holds, once it is open.
    source: Option<SourceFormat>,
}

impl Stream {
    fn is_ready(&self) -> bool {
        self.source.is_some()
    }
}

/// A command under way.
#[derive(Debug)]
struct Wish {
    id: CommandId,
    from: ClientKind,
    command: Command,
}

/// The truth about the player. See the module.
#[derive(Debug)]
pub struct Core {
    rng: Rng,
    queue: Queue,
    /// Where the queue came from.
    context: PlaybackContext,
    /// What is heard of the current track.
    listening: Option<Listening>,
    transport: PlaybackState,
    /// As last told by the engine, or wished by the listener while nothing is open.
    anchor: PositionState,
    volume: u8,
    muted: bool,
    library: LibraryState,
    output: CurrentOutput,
    outputs: AvailableOutputs,
    /// The output whose loss interrupted what plays, and when, until the listener does something about it.
    interrupted: Option<(OutputId, f64)>,
    mastering: MasteringSettings,
    comparing: bool,
    analysis: AnalysisState,
    export: Option<ExportProgress>,
    settings: Settings,
    remote: RemoteServerState,
    desktop: DesktopState,
    scrobbling: ScrobblingState,
    notices: VecDeque<Notice>,
    next_notice: u32,

    /// What the engine has as its current stream. Belongs to the current entry whenever it is there.
    stream: Option<Stream>,
    /// What the engine has ready to follow.
    prepared: Option<Stream>,
    next_load: u64,
    /// Entries whose file could not be played; passed over until the listener asks for one by name.
    broken: HashSet<EntryId>,
    /// Whether anything was heard since the listener last started something.
    heard: bool,

    /// What the library told of the tracks that matter now: the current one and the one that follows.
    /// `None` where it has no such track.
    tracks: HashMap<TrackId, Option<Track>>,
    /// Tracks that the library was asked for.
    reading: HashSet<TrackId>,
    /// The command whose tracks the library is looking up.
    resolving: Option<Wish>,
    /// Commands that came after it and must be carried out after it.
    waiting: VecDeque<Wish>,

    now_s: f64,
    effects: Vec<Effect>,
}

impl Core {
    /// A player as it was left, paused. `seed` decides its shuffles.
    pub fn new(restored: RestoredState, seed: u64) -> (Self, Vec<Effect>) {
        let SavedPlayback { entry, position_s, repeat, context } = restored.place;
        let queue = Queue::restore(restored.queue, entry, repeat);
        let here = queue.current().is_some_and(|current| Some(current.id) == entry);
        let position_s = if here && position_s.is_finite() { position_s.max(0.0) } else { 0.0 };
        let mut core = Core {
            rng: Rng::with_seed(seed),
            transport: if position_s > 0.0 { PlaybackState::Paused } else { PlaybackState::Stopped },
            anchor: PositionState { position_s, ..PositionState::default() },
            queue,
            context,
            listening: None,
            volume: restored.volume.min(100),
            muted: restored.muted,
            library: LibraryState::default(),
            output: CurrentOutput::default(),
            outputs: AvailableOutputs::default(),
            interrupted: None,
            settings: restored.settings.clamped(),
            remote: RemoteServerState::default(),
            desktop: DesktopState::default(),
            scrobbling: ScrobblingState::default(),
            mastering: restored.mastering.clamped(),
            comparing: false,
            analysis: AnalysisState::default(),
            export: None,
            notices: VecDeque::new(),
            next_notice: 1,
            stream: None,
            prepared: None,
            next_load: 1,
            broken: HashSet::new(),
            heard: false,
            tracks: HashMap::new(),
            reading: HashSet::new(),
            resolving: None,
            waiting: VecDeque::new(),
            now_s: 0.0,
            effects: Vec::new(),
        };
        core.send_gain();
        core.send_output();
        core.send_mastering();
        core.settle();
        let effects = std::mem::take(&mut core.effects);
        (core, effects)
    }

    /// Takes one thing that happened at `now_s` (seconds on any clock that only goes forward) and says what is to be
    /// done about it.
    pub fn handle(&mut self, input: Input, now_s: f64) -> Vec<Effect> {
        self.now_s = now_s;
        match input {
            Input::Command { id, from, command } => self.receive(Wish { id, from, command }),
            Input::Engine(event) => self.hear(event),
            Input::Library(event) => self.learn(event),
            Input::TrackRead { id, track } => self.track_read(id, track),
            Input::TracksResolved { id, result } => self.tracks_resolved(id, result),
            Input::LibraryAnswered { id, result } => self.answer(id, result),
            Input::Remote(state) => self.remote = state,
            Input::Desktop(state) => self.desktop = state,
            Input::Scrobbling(state) => self.scrobbling = state,
            Input::Exporting(progress) => self.export = progress,
            Input::Noticed { kind, subject, reason } => self.notice(kind, subject, reason),
        }
        self.settle();
        std::mem::take(&mut self.effects)
    }

    /// What clients are shown, or `None` while the library is telling what the current track is: half of a change
    /// is not shown.
    pub fn view(&self) -> Option<AppState> {
        if !self.is_whole() {
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
            },
            position: self.anchor,
            queue: self.queue.state(),
            library: self.library.clone(),
            output: self.output.clone(),
            outputs: self.outputs.clone(),
            signal: self.signal(),
            mastering: self.mastering_state(),
            export: self.export,
            settings: self.settings.clone(),
            remote: self.remote.clone(),
            desktop: self.desktop,
            scrobbling: self.scrobbling.clone(),
            notices: self.notices.iter().cloned().collect(),
        })
    }

    fn is_whole(&self) -> bool {
        let current = self.queue.current().map(|entry| entry.track);
        !current.is_some_and(|track| !self.tracks.contains_key(&track) && self.reading.contains(&track))
    }

    /// Whether everything that was asked for is carried out and can be shown. If not, what a client was shown last is
    /// about to change.
    pub fn is_settled(&self) -> bool {
        self.resolving.is_none() && self.is_whole()
    }

    /// Entries of the queue from `offset` on, at most `limit`.
    pub fn queue_window(&self, offset: u32, limit: u32) -> Vec<Entry> {
        self.queue.window(offset as usize, limit as usize)
    }

    /// The queue as it is, also while there is no whole view.
    pub fn queue_state(&self) -> QueueState {
        self.queue.state()
    }

    /// The queue as a restart should find it. Changes only when the queue's revision does.
    pub fn saved_queue(&self) -> SavedQueue {
        self.queue.saved()
    }

    /// Where the listener is, as a restart should find it.
    pub fn saved_place(&self) -> SavedPlayback {
        SavedPlayback {
            entry: self.queue.current().map(|entry| entry.id),
            position_s: self.position_s(),
            repeat: self.queue.repeat,
            context: self.context,
        }
    }

    /// Seconds into the current track, now.
    fn position_s(&self) -> f64 {
        let moved = if self.anchor.running { self.now_s - self.anchor.since_s } else { 0.0 };
        let position = self.anchor.position_s + moved;
        self.duration_s().map_or(position, |duration| position.min(duration))
    }

    /// Length of the current track: as the engine found it, else as the library has it.
    fn duration_s(&self) -> Option<f64> {
        let told = self.current_track().map(|track| track.summary.duration_s).filter(|&s| s > 0.0);
        self.stream.as_ref().and_then(|stream| stream.duration_s).or(told)
    }

    fn current_track(&self) -> Option<&Track> {
        self.tracks.get(&self.queue.current()?.track)?.as_ref()
    }

    fn anchor(&mut self, position_s: f64, running: bool) {
        self.count_heard(running);
        self.anchor = PositionState { position_s, running, since_s: if running { self.now_s } else { 0.0 } };
    }

    fn answer(&mut self, id: CommandId, result: Result<(), ApiError>) {
        self.effects.push(Effect::Answer { id, result });
    }

    fn engine(&mut self, command: EngineCommand) {
        self.effects.push(Effect::Engine(command));
    }

    fn notice(&mut self, kind: NoticeKind, subject: String, reason: String) {
        const KEPT: usize = 6;
        // A file's name has up to 255 bytes, and all notices go out together.
        let (subject, reason) = (clip(&subject, 256), clip(&reason, 280));
        if self.notices.len() == KEPT {
            self.notices.pop_front();
        }
        self.notices.push_back(Notice { id: self.next_notice, kind, subject, reason });
        self.next_notice += 1;
    }

    fn learn(&mut self, event: LibraryEvent) {
        match event {
            LibraryEvent::Changed { revision, tracks, albums, artists, roots } => {
                self.library = LibraryState { revision, tracks, albums, artists, roots, ..self.library.clone() };
                // Their tags may be what changed.
                for id in self.tracks.keys().copied().collect::<Vec<_>>() {
                    self.read(id);
                }
            }
            LibraryEvent::TagsUndoable { tracks } => self.library.undo_tags = tracks,
            LibraryEvent::ScanProgressed(progress) => self.library.scan = Some(progress),
            LibraryEvent::ScanEnded(summary) => {
                self.library.scan = None;
                self.library.last_scan = Some(summary);
            }
            LibraryEvent::Analysed { tracks, state } => {
                self.analysis = state;
                for id in tracks.into_iter().filter(|id| self.tracks.contains_key(id)).collect::<Vec<_>>() {
                    self.read(id);
                }
            }
            LibraryEvent::PlaylistIncomplete { subject, reason } => {
                self.notice(NoticeKind::PlaylistIncomplete, subject, reason);
            }
            LibraryEvent::ScanFailed { subject, reason } => {
                self.library.scan = None;
                self.notice(NoticeKind::ScanFailed, subject, reason);
            }
        }
    }
}
