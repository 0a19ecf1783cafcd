//! A player with a library and an engine that answer at once, so that a test reads as a script.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use auralis_core::*;

pub struct Desk {
    pub core: Core,
    pub now_s: f64,
    /// What the engine was told, since the last look.
    pub told: Vec<String>,
    /// Answers to commands, since the last look.
    pub answers: Vec<Result<(), ApiError>>,
    pub listens: Vec<Listen>,
    /// Tracks whose file cannot be decoded.
    pub undecodable: HashSet<i64>,
    /// Whether lookups wait for [`Desk::library_answers`].
    pub slow_library: bool,
    /// Whether files that are opened wait for [`Desk::engine_answers`].
    pub slow_engine: bool,
    /// The stream that sounds and the one behind it, as a true engine has them.
    pub current: Option<(LoadId, i64)>,
    pub prepared: Option<(LoadId, i64)>,
    /// The last seek that the engine was told of.
    pub sought: SeekId,
    /// What the engine amplifies its streams by, and where it lets the sound go.
    pub gains: HashMap<LoadId, f32>,
    /// Whether the last of those that changed is reached slow_ramp.
    pub slow_ramp: bool,
    pub output: Option<OutputId>,
    /// What mastering follows from, and how it is set.
    pub profiles: HashMap<LoadId, AnalysisProfiles>,
    pub profiles_at_start: Vec<AnalysisProfiles>,
    pub mastering: (MasteringSettings, bool),
    /// Tracks that are analysed; their album is if it has any.
    pub analysed: HashSet<i64>,
    /// How long the prepared stream is to fade in.
    pub crossfade_s: f64,
    /// Tracks that are of no album but their own number.
    pub singles: HashSet<i64>,
    held: Vec<Effect>,
    opening: Vec<EngineEvent>,
    inbox: VecDeque<Input>,
    next_command: u64,
}

/// Every track of the test library is 100 s long; ids from 1 on; 1,000 and above are unknown.
pub const DURATION_S: f64 = 100.0;

impl Desk {
    pub fn new() -> Self {
        Desk::restored(RestoredState::default())
    }

    pub fn restored(restored: RestoredState) -> Self {
        let (core, effects) = Core::new(restored, 7);
        let mut desk = Desk {
            core,
            now_s: 0.0,
            told: Vec::new(),
            answers: Vec::new(),
            listens: Vec::new(),
            undecodable: HashSet::new(),
            slow_library: false,
            slow_engine: false,
            current: None,
            prepared: None,
            sought: SeekId(0),
            gains: HashMap::new(),
            slow_ramp: false,
            output: None,
            profiles: HashMap::new(),
            profiles_at_start: Vec::new(),
            mastering: Default::default(),
            analysed: HashSet::new(),
            crossfade_s: 0.0,
            singles: HashSet::new(),
            held: Vec::new(),
            opening: Vec::new(),
            inbox: VecDeque::new(),
            next_command: 0,
        };
        desk.carry_out(effects);
        desk.drain();
        desk
    }

    /// A player that plays track `start` of an album with these tracks.
    pub fn playing(tracks: &[i64], start: u32) -> Self {
        let mut desk = Desk::new();
        desk.run(play(tracks, start));
        desk.told.clear();
        desk
    }

    pub fn run(&mut self, command: Command) -> &mut Self {
        self.run_from(ClientKind::MainWindow, command)
    }

    pub fn run_from(&mut self, from: ClientKind, command: Command) -> &mut Self {
        self.next_command += 1;
        self.input(Input::Command { id: CommandId(self.next_command), from, command })
    }

    /// Lets something happen, and all that follows from it, in the order in which it would in the app: what was
    /// decided is carried out before anything else is taken in.
    pub fn input(&mut self, input: Input) -> &mut Self {
        self.inbox.push_back(input);
        self.drain();
        self
    }

    fn drain(&mut self) {
        while let Some(input) = self.inbox.pop_front() {
            let effects = self.core.handle(input, self.now_s);
            self.carry_out(effects);
        }
    }

    /// The engine says that sound begins to leave.
    pub fn sounds(&mut self) -> &mut Self {
        self.hear(0.0)
    }

    /// The listener hears `seconds` of the current track.
    pub fn hear(&mut self, seconds: f64) -> &mut Self {
        self.now_s += seconds;
        let position_s = self.view().position.position_s + seconds;
        let (load, _) = self.current.expect("something sounds");
        let seek = self.sought;
        self.input(Input::Engine(EngineEvent::Position { load, seek, position_s, running: true }))
    }

    /// The current track ends as an engine ends it: into the prepared one, or into silence.
    pub fn track_ends(&mut self) -> &mut Self {
        let (load, _) = self.current.take().expect("something sounds");
        self.current = self.prepared.take();
        match self.current {
            Some((load, _)) => self.input(Input::Engine(EngineEvent::Advanced { load })),
            None => self.input(Input::Engine(EngineEvent::Ended { load })),
        }
    }

    /// A slow library answers what it was asked so far.
    pub fn library_answers(&mut self) -> &mut Self {
        for effect in std::mem::take(&mut self.held) {
            self.input(look_up(effect));
        }
        self
    }

    /// A slow engine tells what became of the files that it was to open so far.
    pub fn engine_answers(&mut self) -> &mut Self {
        for event in std::mem::take(&mut self.opening) {
            self.input(Input::Engine(event));
        }
        self
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::ReadTrack(_) | Effect::ResolveTracks { .. } if self.slow_library => self.held.push(effect),
                Effect::ReadTrack(id) => {
                    let mut track = track(id.0, self.singles.contains(&id.0));
                    if let Some(track) = track.as_mut().filter(|_| self.analysed.contains(&id.0)) {
                        track.profile = Some(profile(id.0));
                        track.album_profile = Some(profile(0));
                    }
                    self.inbox.push_back(Input::TrackRead { id, track });
                }
                Effect::ResolveTracks { .. } => self.inbox.push_back(look_up(effect)),
                Effect::Library { id, .. } => {
                    self.inbox.push_back(Input::LibraryCommandFinished { id, result: Ok(()) })
                }
                Effect::CompleteCommand { result, .. } => self.answers.push(result),
                Effect::ExportMastered { tracks, settings, .. } => {
                    self.told.push(format!("export {} with {:?}", tracks.len(), settings.preset));
                }
                Effect::CancelExport => self.told.push("cancel the export".into()),
                Effect::RecordListen(listen) => self.listens.push(listen),
                Effect::Engine(command) => self.engine(command),
            }
        }
    }

    fn engine(&mut self, command: EngineCommand) {
        match command {
            EngineCommand::Load { load, path, position_s, gain_db, profiles, .. } => {
                self.profiles_at_start.push(profiles.clone());
                self.profiles = HashMap::from([(load, profiles)]);
                self.sought = SeekId(0);
                self.gains = HashMap::from([(load, gain_db)]);
                let track = number(&path);
                self.told.push(format!("load {track} at {position_s}"));
                self.current = Some((load, track));
                self.prepared = None;
                self.open(load, track);
            }
            EngineCommand::Prepare { load, path, gain_db, profiles, crossfade_s, .. } => {
                self.profiles.insert(load, profiles);
                self.gains.insert(load, gain_db);
                self.crossfade_s = crossfade_s;
                let track = number(&path);
                self.told.push(format!("prepare {track}"));
                self.prepared = Some((load, track));
                self.open(load, track);
            }
            EngineCommand::ClearPrepared => {
                self.told.push("unprepare".into());
                self.prepared = None;
            }
            EngineCommand::Play => self.told.push("play".into()),
            EngineCommand::Pause => self.told.push("pause".into()),
            EngineCommand::Stop => {
                self.told.push("stop".into());
                (self.current, self.prepared) = (None, None);
            }
            EngineCommand::Seek { seek, position_s, .. } => {
                self.sought = seek;
                self.told.push(format!("seek {position_s}"));
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
        let event = if self.undecodable.contains(&track) {
            for stream in [&mut self.current, &mut self.prepared] {
                stream.take_if(|stream| stream.0 == load);
            }
            EngineEvent::Failed { load, reason: "It is broken.".into() }
        } else {
            EngineEvent::Ready { load, duration_s: Some(DURATION_S), source: cd() }
        };
        match self.slow_engine {
            true => self.opening.push(event),
            false => self.inbox.push_back(Input::Engine(event)),
        }
    }

    pub fn view(&self) -> AppState {
        self.core.view().expect("the view is whole")
    }

    /// The queue in one line: `1 2 [3] +4 5`, the current entry in brackets, the listener's own with a plus.
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

    /// Transport, track heard by the engine and queue: what a listener can tell.
    pub fn state(&self) -> String {
        let transport = format!("{:?}", self.view().player.transport).to_lowercase();
        let heard = self.current.map_or("-".to_owned(), |(_, track)| track.to_string());
        format!("{transport} {heard} | {}", self.queue())
    }

    pub fn told(&mut self) -> String {
        std::mem::take(&mut self.told).join(", ")
    }

    pub fn last_refusal(&self) -> Option<ErrorCode> {
        self.answers.last()?.as_ref().err().map(|refusal| refusal.code)
    }
}

pub fn play(tracks: &[i64], start: u32) -> Command {
    Command::PlayTracks { tracks: ids(tracks), start: Some(start), start_track: None }
}

/// A position that does not move.
pub fn at(position_s: f64) -> PositionState {
    PositionState { position_s, ..PositionState::default() }
}

pub fn change(settings: SettingsPatch) -> Command {
    Command::ChangeSettings { settings }
}

pub fn enqueue(tracks: &[i64], position: QueuePosition) -> Command {
    Command::Enqueue { tracks: ids(tracks), position }
}

pub fn ids(tracks: &[i64]) -> TrackSelection {
    TrackSelection::Ids { ids: tracks.iter().copied().map(TrackId).collect() }
}

fn look_up(effect: Effect) -> Input {
    match effect {
        Effect::ReadTrack(id) => Input::TrackRead { id, track: track(id.0, false) },
        Effect::ResolveTracks { id, tracks: TrackSelection::Ids { ids } } => {
            Input::TracksResolved { id, result: Ok(ids) }
        }
        // Every list is of these.
        Effect::ResolveTracks { id, .. } => Input::TracksResolved { id, result: Ok(vec![TrackId(1), TrackId(2)]) },
        other => panic!("{other:?} is not for the library"),
    }
}

/// What every file of the test library holds.
pub fn cd() -> SourceFormat {
    SourceFormat { codec: "FLAC".into(), lossless: true, rate_hz: 44_100, bits: Some(16), channels: 2 }
}

/// Every track is 1 dB too loud for each of its number, its album 20 dB.
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

/// What an analysis may find; `id` tells one track's from another's, 0 is the album's.
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

fn number(path: &std::path::Path) -> i64 {
    path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok()).expect("a path of this desk")
}
