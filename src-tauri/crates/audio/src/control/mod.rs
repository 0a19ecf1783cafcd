//! The thread that decides: commands come in, reports go out. It never touches a file or a device itself.

mod outputs;
mod sounding;

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::Ordering::{Relaxed, Release},
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};

use auralis_core::{EngineCommand, EngineEvent, LoadId, OutputId, OutputRow, SeekId};

use crate::{
    decode::Opener,
    device::{DeviceOrder, DeviceReport, OpenDevice},
    diagnostics::Gauges,
    log::Flow,
    mastering::Mastering,
    pump::{Fill, Pump, PumpEvent, Stream, Stretch, What},
    ring::Ring,
    source::{Cue, Levels, Next},
    timeline::Timeline,
};
use sounding::Sound;

/// How often it looks at what was heard, while something happens.
const TICK: Duration = Duration::from_millis(20);
/// How often while a track plays on: to wake up costs more than to look.
const STEADY_TICK: Duration = Duration::from_millis(100);
/// For how long after a wish, and before an end, something happens.
const HAPPENING: Duration = Duration::from_millis(500);
/// How often it looks whether an open device still lives, while nothing is heard.
const IDLE_TICK: Duration = Duration::from_millis(250);

/// What comes into the control thread.
pub enum Message {
    /// From the core.
    Command(EngineCommand),
    /// From the pump of a load.
    Pump { of: LoadId, event: PumpEvent },
    /// A prepared track is open.
    Prepared { load: LoadId, stream: Result<Box<Stream>, String> },
    /// From the device's thread.
    Device(DeviceReport),
    /// The engine goes.
    Quit,
}

/// A pump and the last that was asked of it.
struct Feed {
    /// The load that began the gapless run.
    run: LoadId,
    pump: Pump,
    /// Names the fill whose rings are wanted; 0 if none is.
    token: u64,
}

/// The current stream.
struct Current {
    feed: Feed,
    load: LoadId,
    /// The last seek in it.
    seek: SeekId,
    sound: Sound,
    duration_s: Option<f64>,
    ready: bool,
    /// Where it rests while no ring of it is heard.
    position_s: f64,
    /// What is to be said when its last frame is heard, if it broke.
    broken: Option<(LoadId, String)>,
}

/// What follows the current stream.
struct Prepared {
    load: LoadId,
    sound: Sound,
    duration_s: Option<f64>,
    crossfade_s: f64,
    /// Its own, if it is to sound together with the end of the current stream; else it goes through the same pump.
    feed: Option<Feed>,
    broken: Option<(LoadId, String)>,
}

/// An open device, what is sent to it and what is heard of it.
struct Open {
    device: OpenDevice,
    timeline: Timeline,
    cues: VecDeque<Cue>,
    /// Frames it had taken when it last took some, and when that was.
    alive: (u64, Instant),
}

/// The control thread's state.
pub struct Control<R> {
    report: R,
    me: Sender<Message>,
    opener: Arc<dyn Opener>,
    orders: Sender<DeviceOrder>,
    levels: Arc<Levels>,
    gauges: Arc<Gauges>,
    open: Option<Open>,
    /// What there is to open, and which of it the listener chose.
    outputs: Vec<OutputRow>,
    chosen: Option<OutputId>,
    /// What was lost, and when.
    lost: Option<(OutputId, Instant)>,
    /// The device's thread was asked for one.
    opening: bool,
    /// When to try for a device again, and how often that failed.
    retry: Option<(Instant, usize)>,
    failures: usize,
    mastering: Mastering,
    /// The listener wants to hear something.
    playing: bool,
    /// Whether the last position that was reported moves, and when that was in frames of the device.
    running: bool,
    reported_at: u64,
    /// When something last came in.
    stirred: Instant,
    /// Since when nothing has been heard.
    silent_since: Option<Instant>,
    current: Option<Current>,
    prepared: Option<Prepared>,
    /// Feeds what is fading out.
    outgoing: Option<Pump>,
    token: u64,
}

impl<R: Fn(EngineEvent)> Control<R> {
    /// A control that has been told nothing yet.
    pub fn new(
        report: R,
        me: Sender<Message>,
        opener: Arc<dyn Opener>,
        orders: Sender<DeviceOrder>,
        levels: Arc<Levels>,
        gauges: Arc<Gauges>,
    ) -> Self {
        Self {
            report,
            me,
            opener,
            orders,
            levels,
            gauges,
            open: None,
            outputs: Vec::new(),
            chosen: None,
            lost: None,
            opening: false,
            retry: None,
            failures: 0,
            mastering: Mastering::default(),
            playing: false,
            running: false,
            reported_at: 0,
            stirred: Instant::now(),
            silent_since: None,
            current: None,
            prepared: None,
            outgoing: None,
            token: 0,
        }
    }

    /// Runs until it is told to quit.
    pub fn run(mut self, inbox: &Receiver<Message>) {
        loop {
            let message = match self.pause() {
                Some(pause) => inbox.recv_timeout(pause),
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match message {
                Ok(Message::Quit) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.tick();
        }
        self.fade_out(inbox);
    }

    /// Silence by a ramp, then no more.
    fn fade_out(&mut self, inbox: &Receiver<Message>) {
        self.levels.open.store(false, Release);
        let deadline = Instant::now() + Duration::from_millis(100);
        while self.running && Instant::now() < deadline {
            drop(inbox.recv_timeout(TICK));
            self.hear(|_, _| {});
        }
    }

    /// How long nothing will happen by itself.
    fn pause(&self) -> Option<Duration> {
        let Some(Open { device, timeline, cues, .. }) = &self.open else {
            return self.retry.map(|(at, _)| at.saturating_duration_since(Instant::now()));
        };
        if !timeline.is_settled() || !cues.is_empty() {
            return Some(TICK);
        }
        if !self.playing && !self.running {
            return Some(IDLE_TICK);
        }
        if !self.running || self.stirred.elapsed() < HAPPENING || !device.deck.clock.is_paced() {
            return Some(TICK);
        }
        let seconds = |frames: u64| Duration::from_secs_f64(frames as f64 / f64::from(device.rate_hz));
        let overlap = Duration::from_secs_f64(self.prepared.as_ref().map_or(0.0, |prepared| prepared.crossfade_s));
        let left = timeline.current().and_then(|stretch| stretch.gauge.left());
        if left.is_some_and(|left| seconds(left) < HAPPENING + overlap) {
            return Some(TICK);
        }
        let due = self.reported_at + u64::from(device.rate_hz);
        Some(seconds(due.saturating_sub(device.deck.clock.heard())).min(STEADY_TICK))
    }

    fn take(&mut self, message: Message) {
        self.stirred = Instant::now();
        match message {
            Message::Command(command) => self.command(command),
            Message::Pump { of, event } => self.pumped(of, event),
            Message::Prepared { load, stream } => self.opened(load, stream),
            Message::Device(DeviceReport::Opened(device)) => self.device_opened(device),
            Message::Device(DeviceReport::Missing(error)) => self.device_missing(error),
            Message::Device(DeviceReport::Listed(outputs)) => self.listed(outputs),
            Message::Quit => {}
        }
    }

    fn command(&mut self, command: EngineCommand) {
        match command {
            EngineCommand::Load { load, path, range, gain_db, profiles, position_s, playing } => {
                self.load(load, What { path, range }, Sound::new(gain_db, profiles), position_s, playing);
            }
            EngineCommand::Prepare { load, path, range, gain_db, profiles, crossfade_s } => {
                self.prepare(load, What { path, range }, Sound::new(gain_db, profiles), crossfade_s);
            }
            EngineCommand::Unprepare => self.unprepare(),
            EngineCommand::Play => {
                self.playing = true;
                self.levels.open.store(true, Release);
                self.want_device();
            }
            EngineCommand::Pause => {
                self.playing = false;
                self.levels.open.store(false, Release);
                if !self.running {
                    self.report_position();
                }
            }
            EngineCommand::Stop => {
                self.playing = false;
                self.levels.open.store(false, Release);
                self.forget();
            }
            EngineCommand::Seek { load, seek, position_s } => self.seek(load, seek, position_s),
            EngineCommand::SetStreamGain { load, gain_db, gently } => self.set_gain(load, gain_db, gently),
            EngineCommand::SetStreamProfiles { load, profiles } => {
                if let Some(sound) = self.sound(load) {
                    sound.profiles = profiles;
                    self.master_anew(true);
                }
            }
            EngineCommand::SetMastering { settings, comparing } => {
                self.mastering = Mastering { settings, comparing };
                self.master_anew(false);
            }
            EngineCommand::SetGain { gain } => {
                self.levels.gain.store(gain.clamp(0.0, 1.0).to_bits(), Relaxed);
            }
            EngineCommand::ChooseOutput { output } => self.choose_output(output),
        }
    }

    /// Lets go of every stream. What is heard of them fades out.
    fn forget(&mut self) {
        self.current = None;
        self.prepared = None;
        self.outgoing = None;
        self.running = false;
        self.gauges.show_ring(None);
        if let Some(Open { timeline, .. }) = &mut self.open {
            timeline.clear();
        }
        self.cue(Cue::Silence);
    }

    fn load(&mut self, load: LoadId, what: What, sound: Sound, position_s: f64, playing: bool) {
        self.forget();
        self.playing = playing;
        // After the silencing of what was before, so that opening the gate lets nothing of it through.
        self.levels.open.store(playing, Release);
        let position_s = position_s.max(0.0);
        if let Some(feed) = self.start_feed(load, what, position_s) {
            let (seek, duration_s, ready, broken) = (SeekId(0), None, false, None);
            self.current = Some(Current { feed, load, seek, sound, duration_s, ready, position_s, broken });
        }
        self.fill();
        if playing {
            self.want_device();
        }
    }

    fn start_feed(&mut self, load: LoadId, what: What, position_s: f64) -> Option<Feed> {
        let me = self.me.clone();
        let report = move |event| drop(me.send(Message::Pump { of: load, event }));
        match Pump::start(self.opener.clone(), load, what, position_s, report) {
            Ok(pump) => Some(Feed { run: load, pump, token: 0 }),
            Err(error) => {
                (self.report)(EngineEvent::Failed { load, reason: format!("Out of threads: {error}.") });
                None
            }
        }
    }

    /// Has the current stream decoded from where it rests, if there is a device to decode for; and what fades in at
    /// its end.
    fn fill(&mut self) {
        let Some(Open { device, .. }) = &self.open else { return };
        let rate_hz = device.rate_hz;
        if let Some(current) = &mut self.current {
            self.token += 1;
            current.feed.fill(self.token, current.load, current.position_s, rate_hz);
        }
        if let Some(Prepared { load, feed: Some(feed), .. }) = &mut self.prepared {
            self.token += 1;
            feed.fill(self.token, *load, 0.0, rate_hz);
        }
    }

    fn seek(&mut self, load: LoadId, seek: SeekId, position_s: f64) {
        let Some(current) = self.current.as_mut().filter(|current| current.load == load) else { return };
        current.seek = seek;
        current.position_s = position_s.max(0.0);
        current.broken = None;
        if let Some(Open { timeline, .. }) = &mut self.open {
            timeline.clear();
            self.outgoing = None;
            if self.prepared.as_ref().is_some_and(|prepared| prepared.feed.is_some()) {
                // It may have begun to fade in, in this moment.
                self.cue(Cue::Next(None));
            }
            self.fill();
        } else if current.ready {
            self.report_position();
        }
    }

    fn prepare(&mut self, load: LoadId, what: What, sound: Sound, crossfade_s: f64) {
        self.unprepare();
        let mut prepared = Prepared { load, sound, duration_s: None, crossfade_s, feed: None, broken: None };
        if crossfade_s > 0.0 {
            prepared.feed = self.start_feed(load, what, 0.0);
            if let (Some(feed), Some(Open { device, .. })) = (&mut prepared.feed, &self.open) {
                self.token += 1;
                feed.fill(self.token, load, 0.0, device.rate_hz);
            }
            self.prepared = Some(prepared).filter(|prepared| prepared.feed.is_some());
            return;
        }
        self.prepared = Some(prepared);
        let (me, opener) = (self.me.clone(), self.opener.clone());
        let job = std::thread::Builder::new().name("opening".into()).spawn(move || {
            let stream = Stream::open(&*opener, load, &what, 0.0).map(Box::new).map_err(|error| error.0);
            drop(me.send(Message::Prepared { load, stream }));
        });
        if let Err(error) = job {
            self.opened(load, Err(format!("Out of threads: {error}.")));
        }
    }

    fn unprepare(&mut self) {
        if let Some(prepared) = self.prepared.take() {
            if let Some(current) = self.current.as_ref().filter(|_| prepared.feed.is_none()) {
                current.feed.pump.next(None);
            }
            self.cue(Cue::Next(None));
        }
    }

    fn opened(&mut self, load: LoadId, stream: Result<Box<Stream>, String>) {
        let Some(prepared) = self.prepared.as_mut().filter(|prepared| prepared.load == load) else { return };
        match stream {
            Ok(stream) => {
                let (duration_s, source) = (stream.duration_s(), stream.format());
                prepared.duration_s = duration_s;
                (self.report)(EngineEvent::Ready { load, duration_s, source });
                if let Some(current) = &self.current {
                    current.feed.pump.next(Some(stream));
                }
            }
            Err(reason) => {
                self.prepared = None;
                (self.report)(EngineEvent::Failed { load, reason });
            }
        }
    }

    fn pumped(&mut self, of: LoadId, event: PumpEvent) {
        if self.prepared.as_ref().is_some_and(|prepared| prepared.feed.as_ref().is_some_and(|feed| feed.run == of)) {
            return self.pumped_ahead(event);
        }
        let Some(current) = self.current.as_mut().filter(|current| current.feed.run == of) else { return };
        match event {
            PumpEvent::Ready { load, duration_s, source } => {
                current.ready = true;
                current.duration_s = duration_s;
                (self.report)(EngineEvent::Ready { load, duration_s, source });
                if !self.playing {
                    self.report_position();
                }
            }
            PumpEvent::Failed { load, reason } => {
                self.current = None;
                (self.report)(EngineEvent::Failed { load, reason });
            }
            PumpEvent::Broken { load, reason } => {
                current.broken = Some((load, reason));
                if self.prepared.as_ref().is_some_and(|prepared| prepared.feed.is_some()) {
                    self.unprepare(); // what is damaged fades into nothing: its end is told
                }
            }
            PumpEvent::Filled { token, stretch, ring } if token == current.feed.token => {
                stretch.gauge.set_gain_db(current.sound.gain_db, false);
                let is_first = !std::mem::replace(&mut current.sound.given, true);
                current.sound.decide(self.mastering);
                self.expect(stretch);
                let chain = if is_first { self.chain_of_current() } else { None };
                self.cue(Cue::Play(ring, chain));
                self.tell_mastering();
            }
            PumpEvent::Joined { token, stretch, ring } if token == current.feed.token => {
                if self.prepared.as_ref().is_some_and(|prepared| prepared.load == stretch.load) {
                    self.let_follow(stretch, ring, 0);
                }
            }
            PumpEvent::Filled { .. } | PumpEvent::Joined { .. } => {}
        }
    }

    /// What the pump says of a track that is to fade in.
    fn pumped_ahead(&mut self, event: PumpEvent) {
        let (Some(prepared), Some(current)) = (&mut self.prepared, &self.current) else { return };
        match event {
            PumpEvent::Ready { load, duration_s, source } => {
                prepared.duration_s = duration_s;
                (self.report)(EngineEvent::Ready { load, duration_s, source });
            }
            PumpEvent::Failed { load, reason } => {
                self.prepared = None;
                (self.report)(EngineEvent::Failed { load, reason });
            }
            PumpEvent::Broken { load, reason } => prepared.broken = Some((load, reason)),
            PumpEvent::Filled { token, stretch, ring } => {
                let Some(Open { device, .. }) = &self.open else { return };
                if prepared.feed.as_ref().is_none_or(|feed| feed.token != token) {
                    return;
                }
                // Of a short track at least the half sounds alone, so that never three sound together.
                let halves = current.duration_s.into_iter().chain(prepared.duration_s).map(|all_s| all_s / 2.0);
                let overlap_s = halves.fold(prepared.crossfade_s, f64::min);
                let overlap = (overlap_s * f64::from(device.rate_hz)) as u32;
                self.let_follow(stretch, ring, overlap);
            }
            PumpEvent::Joined { .. } => {}
        }
    }

    /// The prepared stream takes over at the end of the current one.
    fn let_follow(&mut self, stretch: Stretch, ring: Ring, overlap: u32) {
        let mastering = self.mastering;
        // The current one, too, whose first ring may still be on its way: what masters both is given once.
        self.sounds().for_each(|(_, sound)| _ = sound.decide(mastering));
        let Some(sound) = self.sound(stretch.load) else { return };
        sound.given = true;
        stretch.gauge.set_gain_db(sound.gain_db, false);
        self.expect(stretch);
        let chain = self.chain_of_prepared();
        self.cue(Cue::Next(Some(Next { ring, chain, overlap })));
        self.tell_mastering();
    }

    fn expect(&mut self, stretch: Stretch) {
        if let Some(Open { timeline, .. }) = &mut self.open {
            timeline.expect(stretch);
        }
    }

    fn cue(&mut self, cue: Cue) {
        if let Some(Open { device, cues, .. }) = &mut self.open {
            cues.push_back(cue);
            send_cues(device, cues);
        }
    }

    fn tick(&mut self) {
        if let Some(Open { device, cues, .. }) = &mut self.open {
            send_cues(device, cues);
            while device.deck.remote.trash.pop().is_ok() {}
            while device.deck.remote.spent.pop().is_ok() {}
        }
        self.hear(Self::heard);
        self.check_health();
        self.report_regularly();
        self.release();
        if let Some((_, failures)) = self.retry.take_if(|(at, _)| *at <= Instant::now()) {
            self.open_device(failures);
        }
    }

    /// Looks at what the listener has begun to hear.
    fn hear(&mut self, tell: impl Fn(&mut Self, crate::timeline::Heard)) {
        loop {
            let Some(Open { device, timeline, .. }) = &mut self.open else { return };
            while let Ok(mark) = device.deck.remote.marks.pop() {
                timeline.note(mark);
            }
            let Some(heard) = timeline.hear(device.deck.clock.heard()) else { return };
            self.gauges.show_ring(timeline.current().map(|stretch| stretch.gauge.clone()));
            self.running = heard.flow == Flow::Running;
            tell(self, heard);
        }
    }

    fn heard(&mut self, heard: crate::timeline::Heard) {
        let Some(current) = &mut self.current else { return };
        if heard.load != current.load {
            current.load = heard.load;
            current.seek = SeekId(0);
            match self.prepared.take_if(|prepared| prepared.load == heard.load) {
                Some(prepared) => {
                    (current.sound, current.duration_s) = (prepared.sound, prepared.duration_s);
                    current.broken = prepared.broken.or(current.broken.take());
                    match prepared.feed {
                        Some(feed) => self.outgoing = Some(std::mem::replace(&mut current.feed, feed).pump),
                        None => current.feed.pump.advance(),
                    }
                }
                None => current.feed.pump.advance(),
            }
            (self.report)(EngineEvent::Advanced { load: heard.load });
        }
        self.report_position();
        if heard.flow == Flow::Over {
            self.end(heard.load);
        }
    }

    /// The last frame of the current stream was heard, and nothing follows.
    fn end(&mut self, load: LoadId) {
        let broken = self.current.take().and_then(|current| current.broken);
        self.prepared = None;
        self.playing = false;
        self.levels.open.store(false, Release);
        self.forget();
        (self.report)(match broken {
            Some((of, reason)) if of == load => EngineEvent::Failed { load, reason },
            _ => EngineEvent::Ended { load },
        });
    }

    /// Where the current stream is.
    fn place(&mut self) -> Option<(LoadId, f64, bool)> {
        let current = self.current.as_mut()?;
        if let Some(Open { device, timeline, .. }) = &self.open
            && let Some((load, position_s, running)) = timeline.position(device.deck.clock.heard())
            && load == current.load
        {
            current.position_s = position_s;
            return Some((load, position_s, running));
        }
        Some((current.load, current.position_s, false))
    }

    fn report_position(&mut self) {
        let Some((load, position_s, running)) = self.place() else { return };
        self.running = running;
        if let Some(Open { device, .. }) = &self.open {
            self.reported_at = device.deck.clock.heard();
        }
        let seek = self.current.as_ref().map_or(SeekId(0), |current| current.seek);
        (self.report)(EngineEvent::Position { load, seek, position_s, running });
    }

    fn report_regularly(&mut self) {
        if let Some(Open { device, .. }) = &self.open
            && self.running
            && device.deck.clock.heard() >= self.reported_at + u64::from(device.rate_hz)
        {
            self.report_position();
        }
    }
}

impl Feed {
    fn fill(&mut self, token: u64, load: LoadId, position_s: f64, rate_hz: u32) {
        self.token = token;
        self.pump.fill(Fill { token, load, position_s, rate_hz });
    }
}

fn send_cues(device: &mut OpenDevice, cues: &mut VecDeque<Cue>) {
    while device.deck.remote.cues.slots() > 0 {
        let Some(cue) = cues.pop_front() else { return };
        drop(device.deck.remote.cues.push(cue)); // there is a slot
    }
}
