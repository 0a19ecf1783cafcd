//! A playback stream: buffer, clock and underruns.

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

use super::connection::{Connection, TIMEOUT};
use crate::{
    output::{DeviceRenderer, DeviceStatus, OutputError},
    playback::PlaybackClock,
};

/// Seconds submitted ahead of what is heard.
const BUFFER_S: f64 = 0.046;
/// Seconds requested at once. The server gives its sink half of the buffer above two of these and keeps the rest
/// rewindable. A longer period leaves the sink so little that the server wakes twice as often; a shorter one wakes this
/// thread more often.
const PERIOD_S: f64 = 0.015;
/// Interval of latency queries.
const LATENCY_QUERY_INTERVAL: Duration = Duration::from_millis(100);
/// Maximum age of a latency reply.
const MAX_REPLY_AGE: Duration = Duration::from_millis(200);

/// Divisor of the real-time CPU budget requested from rtkit: one fifth of a second.
const RT_BUDGET_DIVISOR: u32 = 5;

/// An open stream. Dropping it closes it.
pub struct StreamHandle {
    socket: UnixStream,
}

impl StreamHandle {
    /// Opens a stereo stream to a sink at its own rate and bits per sample.
    pub fn open(
        sink: CString,
        rate_hz: u32,
        bits: u32,
        renderer: DeviceRenderer,
        status: Arc<DeviceStatus>,
    ) -> Result<Self, OutputError> {
        let (opened, opening) = channel();
        // Samples that are already rounded to 16 bits must not be rounded again by the server.
        let sample_bytes = if bits == 16 { 2 } else { 4 };
        let run = move || run(sink, rate_hz, sample_bytes, renderer, status, &opened);
        std::thread::Builder::new().name("sound".into()).spawn(run).map_err(|error| OutputError(error.to_string()))?;
        let timed_out = |_| OutputError("The sound server does not answer.".into());
        Ok(Self { socket: opening.recv_timeout(TIMEOUT).map_err(timed_out)?? })
    }
}

impl Drop for StreamHandle {
    fn drop(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both); // fails only if the connection is already closed
    }
}

/// Opens a stream, reports the result, and serves it until it is closed or lost.
fn run(
    sink: CString,
    rate_hz: u32,
    sample_bytes: u32,
    mut renderer: DeviceRenderer,
    status: Arc<DeviceStatus>,
    opened: &Sender<Result<UnixStream, OutputError>>,
) {
    renderer.clock.hold();
    let started = PlaybackStream::start(sink, rate_hz, sample_bytes)
        .and_then(|stream| Ok((stream.connection.clear_read_timeout()?, stream)));
    let (reported, stream) = match started {
        Ok((socket, stream)) => (opened.send(Ok(socket)), Some(stream)),
        Err(error) => (opened.send(Err(OutputError(error.to_string()))), None),
    };
    // The caller may have stopped waiting.
    let (Ok(()), Some(mut stream)) = (reported, stream) else { return };
    request_realtime(rate_hz, status.clone());
    if let Err(error) = stream.serve(&mut renderer, &status) {
        tracing::debug!(%error, "the stream has ended");
        status.lost.store(true, Relaxed);
    }
}

/// A playback stream with its own connection.
struct PlaybackStream {
    connection: Connection,
    channel: u32,
    /// 4 for `f32`, 2 for `i16`.
    sample_bytes: u32,
    /// Bytes the server wants before it starts.
    prebuffer_bytes: u32,
    /// Time of the last latency query.
    queried_at: Instant,
}

impl PlaybackStream {
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
        let created: CreatePlaybackStreamReply = connection.request(Command::CreatePlaybackStream(params))?;
        let CreatePlaybackStreamReply { channel, requested_bytes: prebuffer_bytes, .. } = created;
        Ok(Self { connection, channel, sample_bytes, prebuffer_bytes, queried_at: Instant::now() })
    }

    /// Sends the frames the server requests, and keeps the clock synchronized.
    fn serve(&mut self, renderer: &mut DeviceRenderer, status: &DeviceStatus) -> Result<(), ProtocolError> {
        self.send_frames(self.prebuffer_bytes, renderer)?;
        loop {
            match self.connection.receive()? {
                Command::Request(request) => {
                    self.send_frames(request.length, renderer)?;
                    if self.queried_at.elapsed() >= LATENCY_QUERY_INTERVAL {
                        self.query_latency()?;
                    }
                }
                Command::Started(_) => self.query_latency()?,
                Command::Reply => self.synchronize(&renderer.clock, &self.connection.parse_reply()?),
                Command::Underflow(_) => {
                    status.xruns.fetch_add(1, Relaxed);
                }
                Command::Error(error) => return Err(ProtocolError::ServerError(error)),
                Command::PlaybackStreamKilled(_) => return Err(ProtocolError::Invalid("the sink is gone".into())),
                _ => {}
            }
        }
    }

    fn send_frames(&mut self, bytes: u32, renderer: &mut DeviceRenderer) -> Result<(), ProtocolError> {
        let frames = bytes / (2 * self.sample_bytes);
        let (count, samples) = (2 * frames as usize, renderer.render(u64::from(frames), None));
        match self.sample_bytes {
            2 => {
                self.connection.write_samples(self.channel, count, samples.map(|it| i16::from_sample(it).to_le_bytes()))
            }
            _ => self.connection.write_samples(self.channel, count, samples.map(f32::to_le_bytes)),
        }
    }

    fn query_latency(&mut self) -> Result<(), ProtocolError> {
        self.queried_at = Instant::now();
        let params = LatencyParams { channel: self.channel, now: SystemTime::now() };
        self.connection.send(Command::GetPlaybackLatency(params))
    }

    /// Synchronizes the clock with the server's, which runs on the same machine.
    fn synchronize(&self, clock: &PlaybackClock, times: &PlaybackLatency) {
        if times.playing {
            let age = SystemTime::now().duration_since(times.remote_time).unwrap_or_default().min(MAX_REPLY_AGE);
            let bytes_per_s = f64::from(clock.rate_hz() * 2 * self.sample_bytes);
            let seconds = |bytes: i64| bytes as f64 / bytes_per_s;
            let sink_s = times.sink_usec as f64 / 1e6;
            let heard_s = seconds(times.read_offset) - sink_s;
            let ahead_s = seconds(times.write_offset - times.read_offset) + sink_s;
            clock.synchronize(Instant::now() - age, heard_s, ahead_s);
        }
    }
}

/// Requests real-time priority for this thread from rtkit, on another thread because the call blocks. Optional.
fn request_realtime(rate_hz: u32, status: Arc<DeviceStatus>) {
    let request = move |thread: RtPriorityThreadInfo| {
        let granted = promote_thread_to_real_time(thread, rate_hz / RT_BUDGET_DIVISOR, rate_hz);
        status.realtime.store(granted.is_ok(), Relaxed);
        match granted {
            Ok(_) => tracing::info!("the audio thread has real-time priority"),
            Err(error) => tracing::info!(%error, "the audio thread has no real-time priority"),
        }
    };
    if let Ok(thread) = get_current_thread_info() {
        let asking = std::thread::Builder::new().name("priority".into()).spawn(move || request(thread));
        if let Err(error) = asking {
            tracing::warn!(%error, "no thread to ask for real-time priority");
        }
    }
}
