//! The thread that decides: commands come in, reports go out. It never touches a file or a device itself.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{
        Arc,
        atomic::Ordering::{Relaxed, Release},
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};

use auralis_core::{EngineCommand, EngineEvent, LoadId, OutputId, OutputState, SeekId};

use crate::{
    decode::Opener,
    device::{DeviceOrder, DeviceReport, OpenDevice},
    diagnostics::Gauges,
    output::OutputError,
    pump::{Fill, Pump, PumpEvent, Stream},
    source::{Cue, Flow, Levels},
    timeline::Timeline,
};

/// How often it looks at what was heard, while something is.
const TICK: Duration = Duration::from_millis(10);
/// How often it looks whether an open device still lives, while nothing is heard.
const IDLE_TICK: Duration = Duration::from_millis(250);
/// A silent device is kept this long.
const RELEASE: Duration = Duration::from_secs(10);
/// Waits between attempts to get a device.
const BACK_OFF_MS: [u64; 5] = [250, 500, 1000, 2000, 5000];
/// A device that asks for nothing for this long is gone.
const SILENT_DEVICE: Duration = Duration::from_millis(1500);

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

/// The current stream.
struct Current {
    /// Whose pump it is: the load that began the gapless run.
    run: LoadId,
    load: LoadId,
    pump: Pump,
    /// The last seek in it.
    seek: SeekId,
    ready: bool,
    /// Where it rests while no ring of it is heard.
    position_s: f64,
    /// What is to be said when its last frame is heard, if it broke.
    broken: Option<(LoadId, String)>,
}

struct Prepared {
    load: LoadId,
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
    /// The device's thread was asked for one.
    opening: bool,
    /// When to try for a device again, and how often that failed.
    retry: Option<(Instant, usize)>,
    failures: usize,
    /// The listener wants to hear something.
    playing: bool,
    /// Whether the last position that was reported moves, and when that was in frames of the device.
    running: bool,
    reported_at: u64,
    /// Since when nothing has been heard.
    silent_since: Option<Instant>,
    current: Option<Current>,
    prepared: Option<Prepared>,
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
            opening: false,
            retry: None,
            failures: 0,
            playing: false,
            running: false,
            reported_at: 0,
            silent_since: None,
            current: None,
            prepared: None,
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
        let Some(Open { timeline, cues, .. }) = &self.open else {
            return self.retry.map(|(at, _)| at.saturating_duration_since(Instant::now()));
        };
        let busy = self.playing || self.running || !timeline.is_settled() || !cues.is_empty();
        Some(if busy { TICK } else { IDLE_TICK })
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Command(command) => self.command(command),
            Message::Pump { of, event } => self.pumped(of, event),
            Message::Prepared { load, stream } => self.opened(load, stream),
            Message::Device(DeviceReport::Opened(device)) => self.device_opened(device),
            Message::Device(DeviceReport::Missing(error)) => self.device_missing(error),
            Message::Device(DeviceReport::Listed(outputs)) => (self.report)(EngineEvent::Outputs(outputs)),
            Message::Quit => {}
        }
    }

    fn command(&mut self, command: EngineCommand) {
        match command {
            EngineCommand::Load { load, path, position_s, playing, .. } => self.load(load, path, position_s, playing),
            EngineCommand::Prepare { load, path, .. } => self.prepare(load, path),
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
            EngineCommand::SetStreamGain { .. } => {}
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
        self.running = false;
        self.gauges.show_ring(None);
        if let Some(Open { timeline, .. }) = &mut self.open {
            timeline.clear();
        }
        self.cue(Cue::Silence);
    }

    fn load(&mut self, load: LoadId, path: PathBuf, position_s: f64, playing: bool) {
        self.forget();
        self.playing = playing;
        // After the silencing of what was before, so that opening the gate lets nothing of it through.
        self.levels.open.store(playing, Release);
        let me = self.me.clone();
        let report = move |event| drop(me.send(Message::Pump { of: load, event }));
        let position_s = position_s.max(0.0);
        match Pump::start(self.opener.clone(), load, path, position_s, report) {
            Ok(pump) => {
                let seek = SeekId(0);
                self.current = Some(Current { run: load, load, seek, pump, ready: false, position_s, broken: None });
            }
            Err(error) => (self.report)(EngineEvent::Failed { load, reason: format!("Out of threads: {error}.") }),
        }
        self.fill();
        if playing {
            self.want_device();
        }
    }

    /// Has the current stream decoded from where it rests, if there is a device to decode for.
    fn fill(&mut self) {
        let (Some(current), Some(Open { device, .. })) = (&self.current, &self.open) else { return };
        self.token += 1;
        let (token, load, position_s) = (self.token, current.load, current.position_s);
        current.pump.fill(Fill { token, load, position_s, rate_hz: device.rate_hz });
    }

    fn seek(&mut self, load: LoadId, seek: SeekId, position_s: f64) {
        let Some(current) = self.current.as_mut().filter(|current| current.load == load) else { return };
        current.seek = seek;
        current.position_s = position_s.max(0.0);
        current.broken = None;
        if let Some(Open { timeline, .. }) = &mut self.open {
            timeline.clear();
            self.fill();
        } else if current.ready {
            self.report_position();
        }
    }

    fn prepare(&mut self, load: LoadId, path: PathBuf) {
        self.unprepare();
        self.prepared = Some(Prepared { load });
        let (me, opener) = (self.me.clone(), self.opener.clone());
        let job = std::thread::Builder::new().name("opening".into()).spawn(move || {
            let stream = Stream::open(&*opener, load, &path, 0.0).map(Box::new).map_err(|error| error.0);
            drop(me.send(Message::Prepared { load, stream }));
        });
        if let Err(error) = job {
            self.opened(load, Err(format!("Out of threads: {error}.")));
        }
    }

    fn unprepare(&mut self) {
        if self.prepared.take().is_some() {
            if let Some(current) = &self.current {
                current.pump.next(None);
            }
            self.cue(Cue::Next(None));
        }
    }

    fn opened(&mut self, load: LoadId, stream: Result<Box<Stream>, String>) {
        if self.prepared.as_ref().is_none_or(|prepared| prepared.load != load) {
            return;
        }
        match stream {
            Ok(stream) => {
                let (duration_s, source) = (stream.duration_s(), stream.format());
                (self.report)(EngineEvent::Ready { load, duration_s, source });
                if let Some(current) = &self.current {
                    current.pump.next(Some(stream));
                }
            }
            Err(reason) => {
                self.prepared = None;
                (self.report)(EngineEvent::Failed { load, reason });
            }
        }
    }

    fn pumped(&mut self, of: LoadId, event: PumpEvent) {
        let Some(current) = self.current.as_mut().filter(|current| current.run == of) else { return };
        match event {
            PumpEvent::Ready { load, duration_s, source } => {
                current.ready = true;
                (self.report)(EngineEvent::Ready { load, duration_s, source });
                if !self.playing {
                    self.report_position();
                }
            }
            PumpEvent::Failed { load, reason } => {
                self.current = None;
                (self.report)(EngineEvent::Failed { load, reason });
            }
            PumpEvent::Broken { load, reason } => current.broken = Some((load, reason)),
            PumpEvent::Filled { token, stretch, ring } if token == self.token => {
                self.expect(stretch);
                self.cue(Cue::Play(ring));
            }
            PumpEvent::Joined { token, stretch, ring } if token == self.token => {
                if self.prepared.as_ref().is_some_and(|prepared| prepared.load == stretch.load) {
                    self.expect(stretch);
                    self.cue(Cue::Next(Some(ring)));
                }
            }
            PumpEvent::Filled { .. } | PumpEvent::Joined { .. } => {}
        }
    }

    fn expect(&mut self, stretch: crate::pump::Stretch) {
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
            current.pump.advance();
            self.prepared.take_if(|prepared| prepared.load == heard.load);
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

    fn want_device(&mut self) {
        if self.current.is_some() && self.open.is_none() && !self.opening {
            self.retry = None;
            self.open_device(0);
        }
    }

    /// Asks for a device, after so many failures.
    fn open_device(&mut self, failures: usize) {
        self.opening = true;
        self.failures = failures;
        drop(self.orders.send(DeviceOrder::Open));
    }

    /// What plays goes on at the other output, from where it was heard.
    fn choose_output(&mut self, output: Option<OutputId>) {
        drop(self.orders.send(DeviceOrder::Choose(output)));
        if self.open.is_some() {
            self.close_device();
            self.want_device();
        }
    }

    fn device_opened(&mut self, device: OpenDevice) {
        self.retry = None;
        self.silent_since = None;
        let (id, name, rate_hz, bits) = (device.id.clone(), device.name.clone(), device.rate_hz, device.bits);
        self.gauges.show_device(Some((name.clone(), rate_hz, device.deck.clock.clone(), device.health.clone())));
        let timeline = Timeline::new(rate_hz);
        self.reported_at = 0;
        self.opening = false;
        self.open = Some(Open { device, timeline, cues: VecDeque::new(), alive: (0, Instant::now()) });
        (self.report)(EngineEvent::Output(OutputState::Open { id, name, rate_hz, bits }));
        self.fill();
    }

    fn device_missing(&mut self, error: OutputError) {
        self.opening = false;
        if self.failures == 0 {
            (self.report)(EngineEvent::Output(OutputState::Missing { reason: error.0 }));
        }
        self.retry_later(self.failures + 1);
    }

    fn retry_later(&mut self, failures: usize) {
        let wait = BACK_OFF_MS[failures.clamp(1, BACK_OFF_MS.len()) - 1];
        self.retry = Some((Instant::now() + Duration::from_millis(wait), failures));
    }

    fn check_health(&mut self) {
        let Some(Open { device, alive, .. }) = &mut self.open else { return };
        let given = device.deck.clock.given();
        if given != alive.0 {
            *alive = (given, Instant::now());
        }
        let stuck = device.deck.clock.is_paced() && alive.1.elapsed() > SILENT_DEVICE;
        if !stuck && !device.health.lost.load(Relaxed) {
            return;
        }
        self.playing = false;
        self.levels.open.store(false, Release);
        self.close_device();
        let reason = "The sound device is gone.".to_owned();
        (self.report)(EngineEvent::Output(OutputState::Lost { reason }));
        self.report_position();
        self.retry_later(1); // what is lost is not reported as missing, too
    }

    /// Closes the device; the current stream rests where it was heard.
    fn close_device(&mut self) {
        self.place();
        self.running = false;
        self.token += 1;
        self.gauges.show_device(None);
        self.gauges.show_ring(None);
        self.open = None;
        drop(self.orders.send(DeviceOrder::Close));
    }

    /// Lets go of a device that has been silent for long.
    fn release(&mut self) {
        if self.open.is_none() {
            return;
        }
        if self.playing || self.running {
            self.silent_since = None;
        } else if self.silent_since.get_or_insert_with(Instant::now).elapsed() >= RELEASE {
            self.silent_since = None;
            self.close_device();
            (self.report)(EngineEvent::Output(OutputState::Closed));
        }
    }
}

fn send_cues(device: &mut OpenDevice, cues: &mut VecDeque<Cue>) {
    while device.deck.remote.cues.slots() > 0 {
        let Some(cue) = cues.pop_front() else { return };
        drop(device.deck.remote.cues.push(cue)); // there is a slot
    }
}
