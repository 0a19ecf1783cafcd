//! The rooms of a home: sound goes to a Snapcast server by TCP, which plays it everywhere at the same moment.

use std::{
    io::Write,
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
        mpsc::channel,
    },
    thread::{JoinHandle, Thread},
    time::{Duration, Instant},
};

use auralis_core::{OutputId, OutputRow};

use super::{CutTail, DeviceConnector, DeviceRenderer, DeviceStatus, OpenedDevice, Output, OutputError};

/// What the server expects.
const RATE_HZ: u32 = 48_000;
/// What is written at once: 10 ms.
const PERIOD: usize = 480;
const PERIOD_TIME: Duration = Duration::from_millis(10);
/// How far ahead of the server's reading is written. The server starts its time anew, with a gap, whenever it finds nothing.
const LEAD: Duration = Duration::from_millis(30);
/// The server dates each piece by its end less the length of a piece.
const SERVER_CHUNK: Duration = Duration::from_millis(20);
/// Silence between what is cut off and what follows, in periods: the rooms are unmuted within it.
const SILENCE_PERIODS: u32 = 8;
/// Frames that are left of what was cut off, by ramps and filters; they are thrown away.
const CUT_REST: usize = 512;
/// How long the server may take to let us in, and to take what is written.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Where the server takes sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomsTarget {
    /// Its TCP source.
    pub address: SocketAddr,
    /// Bits of a sample, 16 or 24.
    pub bits: u32,
    /// From a frame's arrival at the server to its sound in the rooms.
    pub buffer: Duration,
}

/// What whoever controls the server and the output have in common. Cheap to clone.
#[derive(Clone)]
pub struct RoomsLink(Arc<Link>);

struct Link {
    offered: AtomicBool,
    target: Mutex<Option<RoomsTarget>>,
    on_cut: Box<dyn Fn(Instant) + Send + Sync>,
}

impl RoomsLink {
    /// `on_cut` is called when what has been sent must not be heard any more, with the moment at which its last frame
    /// would be. After that there is silence for 80 ms before anything else is heard. It must not block.
    pub fn new(on_cut: impl Fn(Instant) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Link { offered: AtomicBool::new(false), target: Mutex::new(None), on_cut: Box::new(on_cut) }))
    }

    /// Says whether the rooms are offered as an output, and where their server is while it is there.
    pub fn set(&self, offered: bool, target: Option<RoomsTarget>) {
        *self.0.target.lock().unwrap_or_else(PoisonError::into_inner) = target;
        self.0.offered.store(offered, Relaxed);
    }

    fn target(&self) -> Option<RoomsTarget> {
        self.0.target.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The rooms, beside other outputs or alone.
pub struct RoomsOutput {
    link: RoomsLink,
    others: Option<Box<dyn Output>>,
}

impl RoomsOutput {
    /// The rooms as one more output to choose.
    pub fn beside(others: Box<dyn Output>, link: RoomsLink) -> Self {
        Self { link, others: Some(others) }
    }

    /// The rooms as the only output.
    pub fn alone(link: RoomsLink) -> Self {
        Self { link, others: None }
    }

    fn open_rooms(&self, mut connector: DeviceConnector) -> Result<OpenedDevice, OutputError> {
        let target = self.link.target().ok_or_else(|| OutputError("The rooms' server is not there.".into()))?;
        let unreachable = |error: std::io::Error| {
            OutputError(format!("The rooms' server takes no sound at {}: {error}.", target.address))
        };
        let socket = TcpStream::connect_timeout(&target.address, TIMEOUT).map_err(unreachable)?;
        socket.set_nodelay(true).map_err(unreachable)?;
        socket.set_write_timeout(Some(TIMEOUT)).map_err(unreachable)?;
        // The rooms have volumes of their own, which are heard at once.
        connector.at_full_volume = true;
        let renderer = connector.renderer(RATE_HZ, 2, target.bits, false)?;
        let delay = (target.buffer + LEAD).saturating_sub(SERVER_CHUNK);
        let cuts = Arc::new(Cuts { count: AtomicU64::new(0), stop: AtomicBool::new(false) });
        let writer = StreamWriter { socket, renderer, bits: target.bits, delay, cuts: cuts.clone() };
        let status = connector.status.clone();
        let (started, thread) = channel();
        let join = std::thread::Builder::new()
            .name("rooms".into())
            .spawn(move || {
                drop(started.send(std::thread::current()));
                writer.run(&status);
            })
            .map_err(unreachable)?;
        let thread = thread.recv().map_err(|_| OutputError("The rooms' thread did not start.".into()))?;
        let link = self.link.clone();
        let woken = thread.clone();
        let cut = cuts.clone();
        let cut_tail: CutTail = Arc::new(move || {
            cut.count.fetch_add(1, Relaxed);
            woken.unpark();
            (link.0.on_cut)(Instant::now() + delay + PERIOD_TIME);
        });
        let (id, name) = (OutputId(OutputId::ROOMS.into()), "Rooms".into());
        let guard = Box::new(OpenStream { cuts, cut_tail: cut_tail.clone(), thread, join: Some(join) });
        Ok(OpenedDevice { id, name, rate_hz: RATE_HZ, bits: target.bits, cut_tail: Some(cut_tail), guard })
    }
}

impl Output for RoomsOutput {
    fn list(&mut self) -> Vec<OutputRow> {
        let mut rows = self.others.as_mut().map(|others| others.list()).unwrap_or_default();
        if self.link.0.offered.load(Relaxed) {
            let id = OutputId(OutputId::ROOMS.into());
            rows.insert(0, OutputRow { id, name: "Rooms".into(), is_default: self.others.is_none() });
        }
        rows
    }

    fn open(&mut self, chosen: Option<&OutputId>, connector: DeviceConnector) -> Result<OpenedDevice, OutputError> {
        let are_chosen = chosen.is_some_and(|chosen| chosen.0 == OutputId::ROOMS) && self.link.0.offered.load(Relaxed);
        match &mut self.others {
            Some(others) if !are_chosen => others.open(chosen, connector),
            _ => self.open_rooms(connector),
        }
    }
}

/// What is asked of the thread that feeds the server.
struct Cuts {
    count: AtomicU64,
    stop: AtomicBool,
}

/// Ends the feeding when it is dropped.
struct OpenStream {
    cuts: Arc<Cuts>,
    cut_tail: CutTail,
    thread: Thread,
    join: Option<JoinHandle<()>>,
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.cuts.stop.store(true, Relaxed);
        self.thread.unpark();
        (self.cut_tail)();
        if let Some(join) = self.join.take() {
            drop(join.join());
        }
    }
}

/// The thread that feeds the server at the speed of music.
struct StreamWriter {
    socket: TcpStream,
    renderer: DeviceRenderer,
    bits: u32,
    /// From a frame's due time to its sound.
    delay: Duration,
    cuts: Arc<Cuts>,
}

impl StreamWriter {
    fn run(mut self, status: &DeviceStatus) {
        let mut samples = [0.0f32; 2 * PERIOD];
        let mut bytes = Vec::with_capacity(2 * PERIOD * size_of::<i32>());
        let (mut cuts, mut silent) = (0, 0);
        let mut due = Instant::now();
        loop {
            std::thread::park_timeout((due - LEAD).saturating_duration_since(Instant::now()));
            if self.cuts.stop.load(Relaxed) {
                return;
            }
            let count = self.cuts.count.load(Relaxed);
            if count != cuts {
                (cuts, silent) = (count, SILENCE_PERIODS);
                self.renderer.render_into(&mut samples, Some(Duration::ZERO));
                self.renderer.render_into(&mut samples[..2 * (CUT_REST - PERIOD)], Some(Duration::ZERO));
            }
            let now = Instant::now();
            if now + PERIOD_TIME / 10 < due - LEAD {
                continue; // woken for a cut
            }
            if now > due {
                // The server has found nothing and starts its time anew.
                status.xruns.fetch_add(1, Relaxed);
                due = now;
            }
            if silent > 0 {
                silent -= 1;
                samples.fill(0.0);
            } else {
                self.renderer.render_into(&mut samples, Some((due + self.delay - LEAD).saturating_duration_since(now)));
            }
            encode(&samples, self.bits, &mut bytes);
            if let Err(error) = self.socket.write_all(&bytes) {
                tracing::warn!(%error, "the rooms' server takes no more sound");
                status.lost.store(true, Relaxed);
                return;
            }
            due += PERIOD_TIME;
        }
    }
}

/// As the server reads it: little endian, 24 bits in the lower part of 32.
fn encode(samples: &[f32], bits: u32, out: &mut Vec<u8>) {
    out.clear();
    let scale = f64::from(1u32 << (bits - 1));
    for sample in samples {
        let value = (f64::from(*sample) * scale).round().clamp(-scale, scale - 1.0) as i32;
        match bits {
            16 => out.extend_from_slice(&(value as i16).to_le_bytes()),
            _ => out.extend_from_slice(&value.to_le_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn samples_are_written_as_the_server_reads_them() {
        let mut bytes = Vec::new();
        encode(&[0.0, 1.0, -1.0, 0.5], 16, &mut bytes);
        assert_eq!(bytes, [0, 0, 0xff, 0x7f, 0, 0x80, 0, 0x40]);
        encode(&[1.0, -1.0], 24, &mut bytes);
        assert_eq!(bytes, [0xff, 0xff, 0x7f, 0, 0, 0, 0x80, 0xff]);
    }
}
