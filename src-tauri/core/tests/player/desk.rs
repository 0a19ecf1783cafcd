//! A player with a library and an engine that answer at once, so that a test reads as a script.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;

use auralis_core::*;

pub struct Desk {
    pub core: Core,
    pub now_s: f64,
    /// What the engine was told, since the last look.
    pub told: Vec<String>,
    /// Answers to commands, since the last look.
    pub answers: Vec<Result<(), Refusal>>,
    /// Tracks whose file cannot be decoded.
    pub undecodable: HashSet<i64>,
    /// Whether lookups wait for [`Desk::library_answers`].
    pub slow_library: bool,
    /// The stream that sounds and the one behind it, as a true engine has them.
    pub current: Option<(LoadId, i64)>,
    pub prepared: Option<(LoadId, i64)>,
    /// The last seek that the engine was told of.
    pub sought: SeekId,
    /// What the engine amplifies its streams by, and where it lets the sound go.
    pub gains: HashMap<LoadId, f32>,
    pub output: Option<OutputId>,
    /// How long the prepared stream is to fade in.
    pub crossfade_s: f64,
    /// Tracks that are of no album but their own number.
    pub singles: HashSet<i64>,
    held: Vec<Effect>,
    inbox: VecDeque<Input>,
    next_command: u64,
}

/// Every track of the test library is 100 s long; ids from 1 on; 1,000 and above are unknown.
pub const DURATION_S: f64 = 100.0;

impl Desk {
    pub fn new() -> Self {
        Desk::restored(Restored::default())
    }

    pub fn restored(restored: Restored) -> Self {
        let (core, effects) = Core::new(restored, 7);
        let mut desk = Desk {
            core,
            now_s: 0.0,
            told: Vec::new(),
            answers: Vec::new(),
            undecodable: HashSet::new(),
            slow_library: false,
            current: None,
            prepared: None,
            sought: SeekId(0),
            gains: HashMap::new(),
            output: None,
            crossfade_s: 0.0,
            singles: HashSet::new(),
            held: Vec::new(),
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
        self.next_command += 1;
        self.input(Input::Command { id: CommandId(self.next_command), command })
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

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::ReadTrack(_) | Effect::ResolveTracks { .. } if self.slow_library => self.held.push(effect),
                Effect::ReadTrack(id) => {
                    let track = track(id.0, self.singles.contains(&id.0));
                    self.inbox.push_back(Input::TrackRead { id, track });
                }
                Effect::ResolveTracks { .. } => self.inbox.push_back(look_up(effect)),
                Effect::Library { id, .. } => self.inbox.push_back(Input::LibraryAnswered { id, result: Ok(()) }),
                Effect::Answer { result, .. } => self.answers.push(result),
                Effect::Engine(command) => self.engine(command),
            }
        }
    }

    fn engine(&mut self, command: EngineCommand) {
        match command {
            EngineCommand::Load { load, path, position_s, gain_db, .. } => {
                self.sought = SeekId(0);
                self.gains = HashMap::from([(load, gain_db)]);
                let track = number(&path);
                self.told.push(format!("load {track} at {position_s}"));
                self.current = Some((load, track));
                self.prepared = None;
                self.open(load, track);
            }
            EngineCommand::Prepare { load, path, gain_db, crossfade_s, .. } => {
                self.gains.insert(load, gain_db);
                self.crossfade_s = crossfade_s;
                let track = number(&path);
                self.told.push(format!("prepare {track}"));
                self.prepared = Some((load, track));
                self.open(load, track);
            }
            EngineCommand::Unprepare => {
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
            EngineCommand::SetStreamGain { load, gain_db } => drop(self.gains.insert(load, gain_db)),
            EngineCommand::ChooseOutput { output } => self.output = output,
            EngineCommand::SetGain { .. } => {}
        }
    }

    fn open(&mut self, load: LoadId, track: i64) {
        let event = if self.undecodable.contains(&track) {
            EngineEvent::Failed { load, reason: "It is broken.".into() }
        } else {
            EngineEvent::Ready { load, duration_s: Some(DURATION_S), source: cd() }
        };
        self.inbox.push_back(Input::Engine(event));
    }

    pub fn view(&self) -> View {
        self.core.view().expect("the view is whole")
    }

    /// The queue in one line: `1 2 [3] +4 5`, the current entry in brackets, the listener's own with a plus.
    pub fn queue(&self) -> String {
        let current = self.view().player.entry;
        let entries = self.core.queue_window(0, u32::MAX);
        let show = |entry: Entry| match (Some(entry.id) == current, entry.queued) {
            (true, _) => format!("[{}]", entry.track.0),
            (false, true) => format!("+{}", entry.track.0),
            (false, false) => entry.track.0.to_string(),
        };
        entries.into_iter().map(show).collect::<Vec<_>>().join(" ")
    }

    pub fn entry(&self, index: u32) -> EntryId {
        self.core.queue_window(index, 1)[0].id
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

    pub fn last_refusal(&self) -> Option<RefusalCode> {
        self.answers.last()?.as_ref().err().map(|refusal| refusal.code)
    }
}

pub fn play(tracks: &[i64], start: u32) -> Command {
    Command::PlayTracks { tracks: ids(tracks), start: Some(start), start_track: None }
}

pub fn change(settings: SettingsPatch) -> Command {
    Command::ChangeSettings { settings }
}

pub fn enqueue(tracks: &[i64], place: Place) -> Command {
    Command::Enqueue { tracks: ids(tracks), place }
}

pub fn ids(tracks: &[i64]) -> Tracks {
    Tracks::Ids { ids: tracks.iter().copied().map(TrackId).collect() }
}

fn look_up(effect: Effect) -> Input {
    match effect {
        Effect::ReadTrack(id) => Input::TrackRead { id, track: track(id.0, false) },
        Effect::ResolveTracks { id, tracks: Tracks::Ids { ids } } => Input::TracksResolved { id, result: Ok(ids) },
        _ => panic!("these tests name tracks one by one"),
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
    })
}

fn number(path: &std::path::Path) -> i64 {
    path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok()).expect("a path of this desk")
}
