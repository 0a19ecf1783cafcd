//! What a PulseAudio server, or PipeWire that speaks like one, is asked for without cpal.
//!
//! cpal has a stream to it, too. This one has its buffer in smaller pieces, so that as much is in reserve at less delay;
//! takes the server's own time for what is heard; and counts what the server says of having run dry. Each connection has
//! one thread, which waits for messages: the client of the `pulseaudio` crate, which cpal uses, passes over those of
//! running dry, and clears a megabyte at each message.

mod changes;
mod connection;

use std::{
    ffi::CString,
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::Ordering::Relaxed,
        mpsc::{Sender, channel},
    },
    time::{Duration, Instant, SystemTime},
};

use audio_thread_priority::{RtPriorityThreadInfo, get_current_thread_info, promote_thread_to_real_time};
use cpal::Sample;
use pulseaudio::protocol::{
    ChannelMap, Command, CreatePlaybackStreamReply, LatencyParams, PlaybackLatency, PlaybackStreamParams, Prop, Props,
    ProtocolError, SampleFormat, SampleSpec,
    stream::{BufferAttr, StreamFlags},
};

use super::{Clock, Health, OutputError, Playout};
pub use changes::Changes;
use connection::{Connection, TIMEOUT};

/// What is given ahead of what is heard, in seconds.
const BUFFER_S: f64 = 0.046;
/// What is asked for at once, in seconds. The server gives its sink half of what the buffer has above two of these, and
/// keeps the rest where it can still be answered for. A longer one leaves the sink so little that the server itself wakes
/// twice as often; a shorter one wakes us.
const PERIOD_S: f64 = 0.015;
/// How often the server is asked for its time.
const LOOK: Duration = Duration::from_millis(100);
/// How old an answer may be.
const STALE: Duration = Duration::from_millis(200);

/// The share of a second that a thread of real-time priority may work on end before the system ends the program: what
/// rtkit asks for.
const RESTLESS: u32 = 5;

/// An open stream; dropping it closes it.
pub struct Pulse {
    socket: UnixStream,
}

impl Pulse {
    /// Lets a sink, which keeps so many bits, pull a playout, which has its rate and two channels.
    pub fn open(
        sink: &str,
        rate_hz: u32,
        bits: u32,
        playout: Playout,
        health: Arc<Health>,
    ) -> Result<Self, OutputError> {
        let sink = CString::new(sink).map_err(|error| OutputError(error.to_string()))?;
        let (opened, opening) = channel();
        // What is rounded to 16 bits already must not be rounded once more by the server.
        let sample_bytes = if bits == 16 { 2 } else { 4 };
        let run = move || run(sink, rate_hz, sample_bytes, playout, health, &opened);
        std::thread::Builder::new().name("sound".into()).spawn(run).map_err(|error| OutputError(error.to_string()))?;
        let silent = |_| OutputError("The sound server does not answer.".into());
        Ok(Self { socket: opening.recv_timeout(TIMEOUT).map_err(silent)?? })
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both); // gone already if this fails
    }
}

/// Opens a stream, tells whether that went well, and serves it until it is closed or lost.
fn run(
    sink: CString,
    rate_hz: u32,
    sample_bytes: u32,
    mut playout: Playout,
    health: Arc<Health>,
    opened: &Sender<Result<UnixStream, OutputError>>,
) {
    playout.clock.wait();
    let started =
        Stream::start(sink, rate_hz, sample_bytes).and_then(|stream| Ok((stream.connection.be_patient()?, stream)));
    let (told, stream) = match started {
        Ok((socket, stream)) => (opened.send(Ok(socket)), Some(stream)),
        Err(error) => (opened.send(Err(OutputError(error.to_string()))), None),
    };
    // Who waited for it may have gone.
    let (Ok(()), Some(mut stream)) = (told, stream) else { return };
    hurry(rate_hz, health.clone());
    if let Err(error) = stream.serve(&mut playout, &health) {
        tracing::debug!(%error, "the stream has ended");
        health.lost.store(true, Relaxed);
    }
}

/// A stream, and the connection that it has for itself.
struct Stream {
    connection: Connection,
    channel: u32,
    /// Of an `f32`, or of an `i16`.
    sample_bytes: u32,
    /// Bytes that the server waits for before it plays.
    first: u32,
    /// When it was last asked for its time.
    asked: Instant,
}

impl Stream {
    fn start(sink: CString, rate_hz: u32, sample_bytes: u32) -> Result<Self, ProtocolError> {
        let mut connection = Connection::open()?;
        let bytes = |seconds: f64| (seconds * f64::from(rate_hz)) as u32 * 2 * sample_bytes;
        let format = if sample_bytes == 2 { SampleFormat::S16Le } else { SampleFormat::Float32Le };
        let mut props = Props::new();
        props.set(Prop::MediaName, c"Music");
        props.set(Prop::MediaRole, c"music");
        let params = PlaybackStreamParams {
            sample_spec: SampleSpec { format, channels: 2, sample_rate: rate_hz },
            channel_map: ChannelMap::stereo(),
            sink_name: Some(sink),
            buffer_attr: BufferAttr {
                target_length: bytes(BUFFER_S),
                minimum_request_length: bytes(PERIOD_S),
                ..Default::default()
            },
            flags: StreamFlags { adjust_latency: true, ..Default::default() },
            props,
            ..Default::default()
        };
        let created: CreatePlaybackStreamReply = connection.ask(Command::CreatePlaybackStream(params))?;
        let CreatePlaybackStreamReply { channel, requested_bytes: first, .. } = created;
        Ok(Self { connection, channel, sample_bytes, first, asked: Instant::now() })
    }

    /// Gives the server what it wants, and keeps the clock right.
    fn serve(&mut self, playout: &mut Playout, health: &Health) -> Result<(), ProtocolError> {
        self.give(self.first, playout)?;
        loop {
            match self.connection.receive()? {
                Command::Request(request) => {
                    self.give(request.length, playout)?;
                    if self.asked.elapsed() >= LOOK {
                        self.ask_for_time()?;
                    }
                }
                Command::Started(_) => self.ask_for_time()?,
                Command::Reply => self.set(&playout.clock, &self.connection.answer()?),
                Command::Underflow(_) => {
                    health.xruns.fetch_add(1, Relaxed);
                }
                Command::Error(error) => return Err(ProtocolError::ServerError(error)),
                Command::PlaybackStreamKilled(_) => return Err(ProtocolError::Invalid("the sink is gone".into())),
                _ => {}
            }
        }
    }

    fn give(&mut self, bytes: u32, playout: &mut Playout) -> Result<(), ProtocolError> {
        let frames = bytes / (2 * self.sample_bytes);
        let (count, samples) = (2 * frames as usize, playout.play(u64::from(frames), None));
        match self.sample_bytes {
            2 => self.connection.give(self.channel, count, samples.map(|it| i16::from_sample(it).to_le_bytes())),
            _ => self.connection.give(self.channel, count, samples.map(f32::to_le_bytes)),
        }
    }

    fn ask_for_time(&mut self) -> Result<(), ProtocolError> {
        self.asked = Instant::now();
        let params = LatencyParams { channel: self.channel, now: SystemTime::now() };
        self.connection.send(Command::GetPlaybackLatency(params))
    }

    /// Sets a clock by the server's, which is of the same machine.
    fn set(&self, clock: &Clock, times: &PlaybackLatency) {
        if times.playing {
            let age = SystemTime::now().duration_since(times.remote_time).unwrap_or_default().min(STALE);
            let bytes_per_s = f64::from(clock.rate_hz * 2 * self.sample_bytes);
            let seconds = |bytes: i64| bytes as f64 / bytes_per_s;
            let sink_s = times.sink_usec as f64 / 1e6;
            let heard_s = seconds(times.read_offset) - sink_s;
            let ahead_s = seconds(times.write_offset - times.read_offset) + sink_s;
            clock.set(Instant::now() - age, heard_s, ahead_s);
        }
    }
}

/// Asks rtkit to let this thread go first, from another that may wait for the answer. Where there is none, the buffer has
/// to do.
fn hurry(rate_hz: u32, health: Arc<Health>) {
    let ask = move |thread: RtPriorityThreadInfo| {
        let granted = promote_thread_to_real_time(thread, rate_hz / RESTLESS, rate_hz);
        health.realtime.store(granted.is_ok(), Relaxed);
        match granted {
            Ok(_) => tracing::info!("the audio thread has real-time priority"),
            Err(error) => tracing::info!(%error, "the audio thread has no real-time priority"),
        }
    };
    if let Ok(thread) = get_current_thread_info() {
        let asking = std::thread::Builder::new().name("priority".into()).spawn(move || ask(thread));
        if let Err(error) = asking {
            tracing::warn!(%error, "no thread to ask for real-time priority");
        }
    }
}
