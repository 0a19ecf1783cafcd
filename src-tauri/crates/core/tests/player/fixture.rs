//! A player with a fake library and engine that reply at once, so that a test reads like a script.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use auralis_core::*;

pub struct PlayerFixture {
    pub core: Core,
    pub now_s: f64,
    /// Commands to the engine since the last `take_engine_log`.
    pub engine_log: Vec<String>,
    /// Results of all commands.
    pub answers: Vec<Result<(), ApiError>>,
    pub listens: Vec<Listen>,
    /// Tracks whose file cannot be decoded.
    pub corrupt: HashSet<i64>,
    /// Whether lookups wait for [`PlayerFixture::library_answers`].
    pub slow_library: bool,
    /// Whether opening a file waits for [`PlayerFixture::engine_answers`].
    pub slow_engine: bool,
    /// The engine's current stream and the prepared one, with their tracks.
    pub current: Option<(LoadId, i64)>,
    pub prepared: Option<(LoadId, i64)>,
    /// The last seek sent to the engine.
    pub last_seek: SeekId,
    /// The gains of the engine's streams, and its output.
    pub gains: HashMap<LoadId, f32>,
    /// Whether the last gain change used the slow ramp.
    pub slow_ramp: bool,
    pub output: Option<OutputId>,
    /// The analyses that mastering uses, and its settings.
    pub profiles: HashMap<LoadId, AnalysisProfiles>,
    pub profiles_at_start: Vec<AnalysisProfiles>,
    pub mastering: (MasteringSettings, bool),
    /// Analysed tracks. Their album counts as analysed, too.
    pub analysed: HashSet<i64>,
    /// Crossfade of the prepared stream.
    pub crossfade_s: f64,
    /// Tracks with an album of their own.
    pub singles: HashSet<i64>,
    /// Tracks whose folder is offline, and how often the library was to wait for one.
    pub offline: HashSet<i64>,
    pub awaited_folders: u32,
    /// Whether the client is on this machine.
    pub is_local: bool,
    /// The library's replies to edits; without one, an edit changes nothing.
    pub edit_results: VecDeque<Result<Option<EditRecord>, ApiError>>,
    /// Whether library commands wait for [`PlayerFixture::library_answers`].
    pub slow_edits: bool,
    /// The last edits that the library was to keep.
    pub retained_edits: Option<Vec<LibraryEditId>>,
    held_effects: Vec<Effect>,
    held_events: Vec<EngineEvent>,
    inbox: VecDeque<Input>,
    next_command: u64,
}

/// Length of every test track. Ids start at 1; from 1,000 on they are unknown.
pub const DURATION_S: f64 = 100.0;

impl PlayerFixture {
    pub fn new() -> Self {
        PlayerFixture::restored(RestoredState::default())
    }

    pub fn restored(restored: RestoredState) -> Self {
        let (core, effects) = Core::new(restored, 7);
        let mut fixture = PlayerFixture {
            core,
            now_s: 0.0,
            engine_log: Vec::new(),
            answers: Vec::new(),
            listens: Vec::new(),
            corrupt: HashSet::new(),
            slow_library: false,
            slow_engine: false,
            current: None,
            prepared: None,
            last_seek: SeekId(0),
            gains: HashMap::new(),
            slow_ramp: false,
            output: None,
            profiles: HashMap::new(),
            profiles_at_start: Vec::new(),
            mastering: Default::default(),
            analysed: HashSet::new(),
            crossfade_s: 0.0,
            singles: HashSet::new(),
            offline: HashSet::new(),
            awaited_folders: 0,
            is_local: true,
            edit_results: VecDeque::new(),
            slow_edits: false,
            retained_edits: None,
            held_effects: Vec::new(),
            held_events: Vec::new(),
            inbox: VecDeque::new(),
            next_command: 0,
        };
        fixture.run_effects(effects);
        fixture.drain();
        fixture
    }

    /// Creates a player that plays track `start` of these.
    pub fn playing(tracks: &[i64], start: u32) -> Self {
        let mut fixture = PlayerFixture::new();
        fixture.run(play(tracks, start));
        fixture.engine_log.clear();
        fixture
    }

    pub fn run(&mut self, command: Command) -> &mut Self {
        self.run_from(ClientKind::MainWindow, command)
    }

    pub fn run_from(&mut self, from: ClientKind, command: Command) -> &mut Self {
        self.next_command += 1;
        let id = CommandId(self.next_command);
        self.input(Input::Command { id, from, is_local: self.is_local, command })
    }

    /// Handles an input and everything that follows from it, in the same order as the app: effects are run before the
    /// next input.
    pub fn input(&mut self, input: Input) -> &mut Self {
        self.inbox.push_back(input);
        self.drain();
        self
    }

    fn drain(&mut self) {
        while let Some(input) = self.inbox.pop_front() {
            let effects = self.core.handle(input, self.now_s);
            self.run_effects(effects);
        }
    }

    /// The engine reports that playback has started.
    pub fn starts_playing(&mut self) -> &mut Self {
        self.plays_for(0.0)
    }

    /// `seconds` of the current track are played.
    pub fn plays_for(&mut self, seconds: f64) -> &mut Self {
        self.now_s += seconds;
        let position_s = self.view().position.position_s + seconds;
        let (load, _) = self.current.expect("something sounds");
        let seek = self.last_seek;
        self.input(Input::Engine(EngineEvent::Position { load, seek, position_s, running: true }))
    }

    /// The current track ends: the engine advances to the prepared one, or stops.
    pub fn track_ends(&mut self) -> &mut Self {
        let (load, _) = self.current.take().expect("something sounds");
        self.current = self.prepared.take();
        match self.current {
            Some((load, _)) => self.input(Input::Engine(EngineEvent::Advanced { load })),
            None => self.input(Input::Engine(EngineEvent::Ended { load })),
        }
    }

    /// A slow library replies to the lookups so far.
    pub fn library_answers(&mut self) -> &mut Self {
        for effect in std::mem::take(&mut self.held_effects) {
            let input = match effect {
                Effect::Library { id, command } => self.run_in_library(id, &command),
                effect => reply_to(effect),
            };
            self.input(input);
        }
        self
    }

    /// A slow engine reports the files it was to open so far.
    pub fn engine_answers(&mut self) -> &mut Self {
        for event in std::mem::take(&mut self.held_events) {
            self.input(Input::Engine(event));
        }
        self
    }

    fn run_effects(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::ReadTrack(_) | Effect::ResolveTracks { .. } if self.slow_library => {
                    self.held_effects.push(effect)
                }
                Effect::ReadTrack(id) => {
                    let mut track = track(id.0, self.singles.contains(&id.0));
                    if let Some(track) = track.as_mut().filter(|_| self.analysed.contains(&id.0)) {
                        track.profile = Some(profile(id.0));
                        track.album_profile = Some(profile(0));
                    }
                    self.inbox.push_back(Input::TrackRead { id, track });
                }
                Effect::ResolveTracks { .. } => self.inbox.push_back(reply_to(effect)),
                Effect::ChangeRoom { id, .. } => {
                    self.inbox.push_back(Input::RoomChangeFinished { id, result: Ok(()) });
                }
                Effect::Library { .. } if self.slow_edits => self.held_effects.push(effect),
                Effect::Library { id, command } => {
                    let input = self.run_in_library(id, &command);
                    self.inbox.push_back(input);
                }
                Effect::CheckFolder(track) => {
                    let is_offline = self.offline.contains(&track.0);
                    self.inbox.push_back(Input::FolderChecked { track, offline: is_offline.then(|| "/music".into()) });
                }
                Effect::AwaitFolder { .. } => self.awaited_folders += 1,
                Effect::RetainEdits { edits, .. } => self.retained_edits = Some(edits),
                Effect::CompleteCommand { result, .. } => self.answers.push(result),
                Effect::ExportMastered { tracks, settings, .. } => {
                    self.engine_log.push(format!("export {} with {:?}", tracks.len(), settings.preset));
                }
                Effect::CancelExport => self.engine_log.push("cancel the export".into()),
                Effect::RecordListen(listen) => self.listens.push(listen),
                Effect::Engine(command) => self.engine(command),
            }
        }
    }

    fn run_in_library(&mut self, id: CommandId, command: &LibraryCommand) -> Input {
        if let LibraryCommand::RevertEdit { edit } = command {
            self.engine_log.push(format!("revert {}", edit.0));
        }
        Input::LibraryCommandFinished { id, result: self.edit_results.pop_front().unwrap_or(Ok(None)) }
    }

    fn engine(&mut self, command: EngineCommand) {
        match command {
            EngineCommand::Load { load, path, position_s, gain_db, profiles, .. } => {
                self.profiles_at_start.push(profiles.clone());
                self.profiles = HashMap::from([(load, profiles)]);
                self.last_seek = SeekId(0);
                self.gains = HashMap::from([(load, gain_db)]);
                let track = track_number(&path);
                self.engine_log.push(format!("load {track} at {position_s}"));
                self.current = Some((load, track));
                self.prepared = None;
                self.open(load, track);
            }
            EngineCommand::Prepare { load, path, gain_db, profiles, crossfade_s, .. } => {
                self.profiles.insert(load, profiles);
                self.gains.insert(load, gain_db);
                self.crossfade_s = crossfade_s;
                let track = track_number(&path);
                self.engine_log.push(format!("prepare {track}"));
                self.prepared = Some((load, track));
                self.open(load, track);
            }
            EngineCommand::ClearPrepared => {
                self.engine_log.push("clear prepared".into());
                self.prepared = None;
            }
            EngineCommand::Play => self.engine_log.push("play".into()),
            EngineCommand::Pause => self.engine_log.push("pause".into()),
            EngineCommand::Stop => {
                self.engine_log.push("stop".into());
                (self.current, self.prepared) = (None, None);
            }
            EngineCommand::Seek { seek, position_s, .. } => {
                self.last_seek = seek;
                self.engine_log.push(format!("seek {position_s}"));
            }
            EngineCommand::SetStreamGain { load, gain_db, slow_ramp } => {
                self.gains.insert(load, gain_db);
                self.slow_ramp = slow_ramp;
            }
            EngineCommand::SetStreamProfiles { load, profiles } => drop(self.profiles.insert(load, profiles)),
            EngineCommand::SetMastering { settings, bypassed } => self.mastering = (settings, bypassed),
            EngineCommand::ChooseOutput { output } => self.output = output,
            EngineCommand::SetGain { .. } => {}
        }
    }

    fn open(&mut self, load: LoadId, track: i64) {
        let event = if self.corrupt.contains(&track) || self.offline.contains(&track) {
            for stream in [&mut self.current, &mut self.prepared] {
                stream.take_if(|stream| stream.0 == load);
            }
            EngineEvent::Failed { load, reason: "It is broken.".into() }
        } else {
            EngineEvent::Ready { load, duration_s: Some(DURATION_S), source: cd_format() }
        };
        match self.slow_engine {
            true => self.held_events.push(event),
            false => self.inbox.push_back(Input::Engine(event)),
        }
    }

    pub fn view(&self) -> AppState {
        self.core.view().expect("the view is whole")
    }

    /// The queue in one line: `1 2 [3] +4 5`, with the current entry in brackets and a plus for "Up next".
    pub fn queue(&self) -> String {
        let current = self.view().player.entry;
        let entries = self.core.queue_slice(0, u32::MAX);
        let show = |entry: Entry| match (Some(entry.id) == current, entry.user_queued) {
            (true, _) => format!("[{}]", entry.track.0),
            (false, true) => format!("+{}", entry.track.0),
            (false, false) => entry.track.0.to_string(),
        };
        entries.into_iter().map(show).collect::<Vec<_>>().join(" ")
    }

    pub fn entry(&self, index: u32) -> EntryId {
        self.core.queue_slice(index, 1)[0].id
    }

    /// Playback state, track in the engine and queue in one line.
    pub fn state(&self) -> String {
        let transport = format!("{:?}", self.view().player.transport).to_lowercase();
        let heard = self.current.map_or("-".to_owned(), |(_, track)| track.to_string());
        format!("{transport} {heard} | {}", self.queue())
    }

    pub fn take_engine_log(&mut self) -> String {
        std::mem::take(&mut self.engine_log).join(", ")
    }

    pub fn last_error_code(&self) -> Option<ErrorCode> {
        self.answers.last()?.as_ref().err().map(|refusal| refusal.code)
    }
}

pub fn play(tracks: &[i64], start: u32) -> Command {
    Command::PlayTracks { tracks: ids(tracks), start: Some(start), start_track: None }
}

/// A position that does not advance.
pub fn at(position_s: f64) -> PositionState {
    PositionState { position_s, ..PositionState::default() }
}

pub fn change(settings: SettingsPatch) -> Command {
    Command::ChangeSettings { settings }
}

pub fn enqueue(tracks: &[i64], position: QueuePosition) -> Command {
    Command::Enqueue { tracks: ids(tracks), position, before: None }
}

pub fn ids(tracks: &[i64]) -> TrackSelection {
    TrackSelection::Ids { ids: tracks.iter().copied().map(TrackId).collect() }
}

fn reply_to(effect: Effect) -> Input {
    match effect {
        Effect::ReadTrack(id) => Input::TrackRead { id, track: track(id.0, false) },
        Effect::ResolveTracks { id, tracks: TrackSelection::Ids { ids } } => {
            Input::TracksResolved { id, result: Ok(ids) }
        }
        // Every list contains these.
        Effect::ResolveTracks { id, .. } => Input::TracksResolved { id, result: Ok(vec![TrackId(1), TrackId(2)]) },
        other => panic!("{other:?} is not for the library"),
    }
}

/// The format of every test file.
pub fn cd_format() -> SourceFormat {
    SourceFormat { codec: "FLAC".into(), lossless: true, rate_hz: 44_100, bits: Some(16), channels: 2 }
}

/// The gain of track `id` is −`id` dB, that of its album −20 dB.
fn track(id: i64, single: bool) -> Option<Track> {
    (id < 1_000).then(|| Track {
        summary: TrackSummary {
            id: TrackId(id),
            title: format!("Track {id}"),
            artist: "Artist".into(),
            album: "Album".into(),
            album_id: Some(AlbumId(if single { 1_000 + id } else { 1 })),
            artist_id: None,
            duration_s: DURATION_S,
            cover: None,
            favourite: false,
            rating: None,
        },
        path: PathBuf::from(format!("/music/{id}.flac")),
        range: None,
        loudness: Loudness {
            track_gain_db: Some(-id as f32),
            track_peak: Some(1.0),
            album_gain_db: Some(-20.0),
            album_peak: Some(1.0),
        },
        profile: None,
        album_profile: None,
    })
}

/// A profile that differs by `id`; 0 is the album's.
pub fn profile(id: i64) -> Arc<AudioProfile> {
    Arc::new(AudioProfile {
        duration_s: DURATION_S,
        integrated_lufs: -20.0 - id as f32,
        range_lu: 8.0,
        momentary_max_lufs: -12.0,
        short_term_max_lufs: -14.0,
        true_peak_dbtp: -3.0,
        sample_peak_dbfs: -3.2,
        crest_db: 12.0,
        mid_db: vec![-30.0; SPECTRUM_BANDS],
        side_db: vec![-40.0; SPECTRUM_BANDS],
        correlation: vec![0.8; SPECTRUM_BANDS],
        centroid_hz: 1_500.0,
        onsets_per_s: 2.0,
        noise_floor_dbfs: -75.0,
    })
}

fn track_number(path: &std::path::Path) -> i64 {
    path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok()).expect("a path of this desk")
}
