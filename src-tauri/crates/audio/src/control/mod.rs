//! The engine's control thread. It handles commands and decoder and device events, and sends [`EngineEvent`]s. It does
//! no I/O.

pub mod diagnostics;
mod mastering;
mod outputs;
mod streams;
mod timeline;

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
    decode::OpenFile,
    decoder_thread::{DecoderEvent, DecoderThread, MediaRange, OpenTrack},
    output::device_thread::{DeviceCommand, DeviceEvent, OpenDevice},
    playback::{PlaybackControls, SegmentState, SourceCommand},
};
use diagnostics::DiagnosticsHandle;
use mastering::{MasteringRequest, StreamSettings};
use timeline::{PlaybackChange, Timeline};

/// Poll interval during changes.
const FAST_POLL: Duration = Duration::from_millis(20);
/// Poll interval during steady playback; each wakeup costs more than the work it does.
const PLAYING_POLL: Duration = Duration::from_millis(100);
/// How long to poll fast after a message and before a track ends.
const FAST_POLL_WINDOW: Duration = Duration::from_millis(500);
/// Poll interval for a stalled device while nothing is audible.
const STALL_POLL: Duration = Duration::from_millis(250);

/// What the control thread receives.
pub enum Message {
    /// From the core.
    Command(EngineCommand),
    /// From the decoder thread of a load.
    Decoder { of: LoadId, event: DecoderEvent },
    /// A prepared track was opened, or could not be.
    Prepared { load: LoadId, stream: Result<Box<OpenTrack>, String> },
    /// From the device thread.
    Device(DeviceEvent),
    /// The engine is dropped.
    Quit,
}

/// A decoder thread and the last request sent to it.
struct DecoderSlot {
    /// The load this thread decoded first. Gapless successors go through the same thread.
    first_load: LoadId,
    thread: DecoderThread,
    /// Rings of other requests are ignored; 0 ignores all.
    request_id: u64,
}

/// The current stream.
struct Current {
    decoder: DecoderSlot,
    load: LoadId,
    /// The last seek in it.
    seek: SeekId,
    settings: StreamSettings,
    duration_s: Option<f64>,
    ready: bool,
    /// The position while none of its rings is audible.
    position_s: f64,
    /// A decode error, reported when its last frame was heard.
    deferred_error: Option<(LoadId, String)>,
}

/// The stream that follows the current one.
struct Prepared {
    load: LoadId,
    settings: StreamSettings,
    duration_s: Option<f64>,
    crossfade_s: f64,
    /// The stream's own decoder for a crossfade. A gapless successor uses the decoder of the current stream.
    decoder: Option<DecoderSlot>,
    deferred_error: Option<(LoadId, String)>,
    /// Since when the file is being opened; `None` once it is open.
    opening_since: Option<Instant>,
}

/// The open device, what is sent to it and what is heard from it.
struct OpenOutput {
    device: OpenDevice,
    timeline: Timeline,
    pending_commands: VecDeque<SourceCommand>,
    /// Submitted frames at the last progress of the device, and its time.
    last_progress: (u64, Instant),
}

/// State of the control thread.
pub struct ControlThread<R> {
    report: R,
    self_tx: Sender<Message>,
    opener: Arc<dyn OpenFile>,
    device_tx: Sender<DeviceCommand>,
    controls: Arc<PlaybackControls>,
    diagnostics: Arc<DiagnosticsHandle>,
    open: Option<OpenOutput>,
    /// Available outputs.
    outputs: Vec<OutputRow>,
    chosen_output: Option<OutputId>,
    /// The lost output, and when it was lost.
    lost_output: Option<(OutputId, Instant)>,
    /// A device was requested and neither opened nor failed yet.
    opening: bool,
    /// When to try to open a device again, and the number of failures so far.
    retry: Option<(Instant, usize)>,
    failures: usize,
    mastering: MasteringRequest,
    /// The listener wants to hear something.
    wants_playback: bool,
    /// Whether the last reported position was moving.
    is_audible: bool,
    reported_at: u64,
    /// Decoded frames were dropped at a pause, so they are decoded again when playback continues.
    decode_on_play: bool,
    /// Time of the last message.
    last_message_at: Instant,
    /// Since when nothing is audible.
    silent_since: Option<Instant>,
    /// Since when the current stream's decoder is waited for.
    waiting_since: Option<Instant>,
    current: Option<Current>,
    prepared: Option<Prepared>,
    /// Decodes the track that fades out.
    fading_out_decoder: Option<DecoderThread>,
    request_id: u64,
}

impl<R: Fn(EngineEvent)> ControlThread<R> {
    /// Creates the state of an engine without streams and device.
    pub fn new(
        report: R,
        self_tx: Sender<Message>,
        opener: Arc<dyn OpenFile>,
        device_tx: Sender<DeviceCommand>,
        controls: Arc<PlaybackControls>,
        diagnostics: Arc<DiagnosticsHandle>,
    ) -> Self {
        Self {
            report,
            self_tx,
            opener,
            device_tx,
            controls,
            diagnostics,
            open: None,
            outputs: Vec::new(),
            chosen_output: None,
            lost_output: None,
            opening: false,
            retry: None,
            failures: 0,
            mastering: MasteringRequest::default(),
            wants_playback: false,
            is_audible: false,
            reported_at: 0,
            decode_on_play: false,
            last_message_at: Instant::now(),
            silent_since: None,
            waiting_since: None,
            current: None,
            prepared: None,
            fading_out_decoder: None,
            request_id: 0,
        }
    }

    /// Handles messages until the engine is dropped.
    pub fn run(mut self, inbox: &Receiver<Message>) {
        loop {
            let message = match self.next_wakeup() {
                Some(timeout) => inbox.recv_timeout(timeout),
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match message {
                Ok(Message::Quit) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(message) => self.on_message(message),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.tick();
        }
        self.fade_out(inbox);
    }

    /// Fades out and waits until the fade was heard, 100 ms at most.
    fn fade_out(&mut self, inbox: &Receiver<Message>) {
        self.controls.playing.store(false, Release);
        let deadline = Instant::now() + Duration::from_millis(100);
        while self.is_audible && Instant::now() < deadline {
            drop(inbox.recv_timeout(FAST_POLL));
            self.apply_audible_marks(|_, _| {});
        }
    }

    /// Returns how long the thread may sleep; `None` means until the next message.
    fn next_wakeup(&self) -> Option<Duration> {
        let Some(OpenOutput { device, timeline, pending_commands, .. }) = &self.open else {
            let retry = self.retry.map(|(at, _)| at.saturating_duration_since(Instant::now()));
            return self.is_waiting_for_file().then_some(STALL_POLL).into_iter().chain(retry).min();
        };
        if !timeline.has_no_pending_marks() || !pending_commands.is_empty() {
            return Some(FAST_POLL);
        }
        if !self.wants_playback && !self.is_audible {
            return Some(STALL_POLL);
        }
        if !self.is_audible || self.last_message_at.elapsed() < FAST_POLL_WINDOW || !device.handles.clock.is_paced() {
            return Some(FAST_POLL);
        }
        let seconds = |frames: u64| Duration::from_secs_f64(frames as f64 / f64::from(device.rate_hz));
        let overlap = Duration::from_secs_f64(self.prepared.as_ref().map_or(0.0, |prepared| prepared.crossfade_s));
        let remaining = timeline.current().and_then(|segment| segment.status.remaining_frames());
        if remaining.is_some_and(|remaining| seconds(remaining) < FAST_POLL_WINDOW + overlap) {
            return Some(FAST_POLL);
        }
        let due = self.reported_at + u64::from(device.rate_hz);
        Some(seconds(due.saturating_sub(device.handles.clock.played_frames())).min(PLAYING_POLL))
    }

    fn on_message(&mut self, message: Message) {
        self.last_message_at = Instant::now();
        match message {
            Message::Command(command) => self.command(command),
            Message::Decoder { of, event } => self.on_decoder_event(of, event),
            Message::Prepared { load, stream } => self.on_track_opened(load, stream),
            Message::Device(DeviceEvent::Opened(device)) => self.on_device_opened(device),
            Message::Device(DeviceEvent::OpenFailed { requested, error }) => self.on_open_failed(requested, error),
            Message::Device(DeviceEvent::Listed(outputs)) => self.on_outputs_listed(outputs),
            Message::Quit => {}
        }
    }

    fn command(&mut self, command: EngineCommand) {
        match command {
            EngineCommand::Load { load, path, range, gain_db, profiles, position_s, playing } => {
                self.load(
                    load,
                    MediaRange { path, range },
                    StreamSettings::new(gain_db, profiles),
                    position_s,
                    playing,
                );
            }
            EngineCommand::Prepare { load, path, range, gain_db, profiles, crossfade_s } => {
                self.prepare(load, MediaRange { path, range }, StreamSettings::new(gain_db, profiles), crossfade_s);
            }
            EngineCommand::ClearPrepared => self.unprepare(),
            EngineCommand::Play => {
                self.wants_playback = true;
                self.controls.playing.store(true, Release);
                if self.decode_on_play {
                    self.request_decoding();
                }
                self.ensure_device();
            }
            EngineCommand::Pause => {
                self.wants_playback = false;
                self.controls.playing.store(false, Release);
                if self.is_heard_late() {
                    self.rewind_to_audible();
                }
                if !self.is_audible {
                    self.report_position();
                }
            }
            EngineCommand::Stop => {
                self.controls.playing.store(false, Release);
                self.drop_streams();
                self.wants_playback = false;
            }
            EngineCommand::Seek { load, seek, position_s } => self.seek(load, seek, position_s),
            EngineCommand::SetStreamGain { load, gain_db, slow_ramp } => self.set_gain(load, gain_db, slow_ramp),
            EngineCommand::SetStreamProfiles { load, profiles } => {
                if let Some(settings) = self.settings(load) {
                    settings.profiles = profiles;
                    self.update_mastering(true);
                }
            }
            EngineCommand::SetMastering { settings, bypassed } => {
                self.mastering = MasteringRequest { settings, is_ab_bypass: bypassed };
                self.update_mastering(false);
            }
            EngineCommand::SetGain { gain } => {
                self.controls.volume.store(gain.clamp(0.0, 1.0).to_bits(), Relaxed);
            }
            EngineCommand::ChooseOutput { output } => self.choose_output(output),
        }
    }

    fn send_command(&mut self, command: SourceCommand) {
        if let Some(OpenOutput { device, pending_commands, .. }) = &mut self.open {
            pending_commands.push_back(command);
            send_pending(device, pending_commands);
        }
    }

    fn tick(&mut self) {
        if let Some(OpenOutput { device, pending_commands, .. }) = &mut self.open {
            send_pending(device, pending_commands);
            while device.handles.source.retired_rings.pop().is_ok() {}
            while device.handles.source.retired_chains.pop().is_ok() {}
        }
        self.apply_audible_marks(Self::on_playback_change);
        self.check_health();
        self.report_regularly();
        self.check_files();
        self.close_if_idle();
        if let Some((_, failures)) = self.retry.take_if(|(at, _)| *at <= Instant::now()) {
            self.open_device(failures);
        }
    }

    /// Applies marks that became audible.
    fn apply_audible_marks(&mut self, on_change: impl Fn(&mut Self, PlaybackChange)) {
        loop {
            let Some(OpenOutput { device, timeline, .. }) = &mut self.open else { return };
            while let Ok(mark) = device.handles.source.marks.pop() {
                timeline.push_mark(mark);
            }
            let Some(change) = timeline.advance_to(device.handles.clock.played_frames()) else { return };
            self.diagnostics.set_ring(timeline.current().map(|segment| segment.status.clone()));
            self.is_audible = change.state == SegmentState::Running;
            on_change(self, change);
        }
    }

    /// Returns the load, the position in seconds and whether it moves.
    fn current_position(&mut self) -> Option<(LoadId, f64, bool)> {
        let current = self.current.as_mut()?;
        if let Some(OpenOutput { device, timeline, .. }) = &self.open
            && let Some((load, position_s, running)) = timeline.position(device.handles.clock.played_frames())
            && load == current.load
        {
            current.position_s = position_s;
            return Some((load, position_s, running));
        }
        Some((current.load, current.position_s, false))
    }

    fn report_position(&mut self) {
        let Some((load, position_s, running)) = self.current_position() else { return };
        self.is_audible = running;
        if let Some(OpenOutput { device, .. }) = &self.open {
            self.reported_at = device.handles.clock.played_frames();
        }
        let seek = self.current.as_ref().map_or(SeekId(0), |current| current.seek);
        (self.report)(EngineEvent::Position { load, seek, position_s, running });
    }

    fn report_regularly(&mut self) {
        if let Some(OpenOutput { device, .. }) = &self.open
            && self.is_audible
            && device.handles.clock.played_frames() >= self.reported_at + u64::from(device.rate_hz)
        {
            self.report_position();
        }
    }
}

fn send_pending(device: &mut OpenDevice, pending_commands: &mut VecDeque<SourceCommand>) {
    while device.handles.source.commands.slots() > 0 {
        let Some(command) = pending_commands.pop_front() else { return };
        drop(device.handles.source.commands.push(command)); // never full: checked above
    }
}
