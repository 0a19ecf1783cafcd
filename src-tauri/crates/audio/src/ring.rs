//! The frames between the thread that decodes and the one that sounds.
//!
//! One ring holds one stretch of one track at the device's rate. A seek makes a new ring, a track that follows
//! without a gap has its own. So nothing that was decoded has ever to be taken back out of a ring: it is not played.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Acquire, Ordering::Relaxed, Ordering::Release},
    },
    thread::Thread,
    time::Duration,
};

use auralis_core::LoadId;
use rtrb::{Consumer, Producer, RingBuffer};

/// Left and right.
pub type Frame = [f32; 2];

/// Seconds that a ring holds. A ring of 0.2 s ran dry on a busy machine, one of 1 s did not.
const CAPACITY_S: u32 = 2;

/// What both ends of a ring know of it.
pub struct Gauge {
    /// How many frames the ring will have carried in all; `u64::MAX` while that is open.
    end: AtomicU64,
    /// How many that will be, as far as the file tells; `u64::MAX` if it does not.
    expected_end: AtomicU64,
    /// Whether another ring takes over at the end.
    followed: AtomicBool,
    /// What its frames are amplified by: the bits of a linear `f32`.
    gain: AtomicU32,
    /// Whether that is reached gently.
    gently: AtomicBool,
    /// Nanoseconds of a processor that its frames took.
    worked_ns: AtomicU64,
    written: AtomicU64,
    taken: AtomicU64,
    writer: Thread,
}

impl Gauge {
    /// Frames that wait in the ring.
    pub fn fill(&self) -> u64 {
        self.written.load(Relaxed).saturating_sub(self.taken.load(Relaxed))
    }

    /// How many frames are still to be taken, as far as its end is known.
    pub fn left(&self) -> Option<u64> {
        let end = self.end.load(Acquire).min(self.expected_end.load(Relaxed));
        (end != u64::MAX).then(|| end.saturating_sub(self.taken.load(Relaxed)))
    }

    /// Adds to what its frames took of a processor.
    pub fn add_work(&self, worked: Duration) {
        self.worked_ns.fetch_add(worked.as_nanos() as u64, Relaxed);
    }

    /// Seconds of a processor that a frame took on average.
    pub fn work_s(&self) -> f64 {
        self.worked_ns.load(Relaxed) as f64 / 1e9 / self.written.load(Relaxed).max(1) as f64
    }

    /// Says whether another ring takes over at the end. To be said before the end is.
    pub fn set_followed(&self, followed: bool) {
        self.followed.store(followed, Release);
    }

    /// Says where the end will be, as far as that is known.
    pub fn expect_end(&self, end: u64) {
        self.expected_end.store(end, Relaxed);
    }

    /// Sets what its frames are amplified by. Before the first of them sounds, it is that from the beginning; else it
    /// is reached by a ramp, a long one if `gently`.
    pub fn set_gain_db(&self, gain_db: f32, gently: bool) {
        self.gently.store(gently, Relaxed);
        let gain = if gain_db.is_finite() { 10f32.powf(gain_db / 20.0) } else { 1.0 };
        self.gain.store(gain.to_bits(), Relaxed);
    }

    /// What its frames are amplified by, linear.
    pub fn gain(&self) -> f32 {
        f32::from_bits(self.gain.load(Relaxed))
    }

    /// Whether it is reached gently.
    pub fn is_gentle(&self) -> bool {
        self.gently.load(Relaxed)
    }

    /// Lets the decoder look at the ring at once.
    pub fn wake_writer(&self) {
        self.writer.unpark();
    }
}

/// The decoder's end.
pub struct RingWriter {
    frames: Producer<Frame>,
    gauge: Arc<Gauge>,
    written: u64,
}

/// The end that sounds.
pub struct Ring {
    /// Names the ring in marks; never used twice.
    pub id: u64,
    /// The track it is of.
    pub load: LoadId,
    /// The ring begins at the first frame of a track, so it must not be faded in.
    pub from_start: bool,
    frames: Consumer<Frame>,
    gauge: Arc<Gauge>,
    taken: u64,
}

/// Makes a ring that is written by the calling thread.
pub fn ring(id: u64, load: LoadId, rate_hz: u32, from_start: bool) -> (RingWriter, Ring) {
    let (producer, consumer) = RingBuffer::new((rate_hz * CAPACITY_S) as usize);
    let gauge = Arc::new(Gauge {
        end: AtomicU64::new(u64::MAX),
        expected_end: AtomicU64::new(u64::MAX),
        followed: AtomicBool::new(false),
        gain: AtomicU32::new(1f32.to_bits()),
        gently: AtomicBool::new(false),
        worked_ns: AtomicU64::new(0),
        written: AtomicU64::new(0),
        taken: AtomicU64::new(0),
        writer: std::thread::current(),
    });
    let writer = RingWriter { frames: producer, gauge: Arc::clone(&gauge), written: 0 };
    (writer, Ring { id, load, from_start, frames: consumer, gauge, taken: 0 })
}

impl RingWriter {
    /// Writes what there is room for and says how many frames that was.
    pub fn write(&mut self, frames: &[Frame]) -> usize {
        let (done, _) = self.frames.push_partial_slice(frames);
        let done = done.len();
        self.written += done as u64;
        self.gauge.written.store(self.written, Relaxed);
        done
    }

    /// Frames written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Says that nothing more will be written.
    pub fn close(&self) {
        self.gauge.end.store(self.written, Release);
    }

    /// What both ends know.
    pub fn gauge(&self) -> &Arc<Gauge> {
        &self.gauge
    }
}

impl Ring {
    /// Takes what there is, at most `out`, and says how many frames that was.
    pub fn read(&mut self, out: &mut [Frame]) -> usize {
        let (done, _) = self.frames.pop_partial_slice(out);
        let done = done.len();
        self.taken += done as u64;
        self.gauge.taken.store(self.taken, Relaxed);
        done
    }

    /// Frames taken so far.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether there is nothing to take at this moment.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Frames that are left of a ring that nobody writes any more, before its end.
    pub fn remnant(&self) -> Option<u64> {
        let left = self.frames.is_abandoned().then(|| self.frames.slots() as u64)?;
        (self.taken + left < self.gauge.end.load(Acquire)).then_some(left)
    }

    /// Whether the last frame was taken, or nobody writes any more.
    pub fn is_over(&self) -> bool {
        let over = self.taken >= self.gauge.end.load(Acquire) || self.frames.is_abandoned();
        over && self.frames.is_empty()
    }

    /// Whether another ring takes over at the end.
    pub fn is_followed(&self) -> bool {
        self.gauge.followed.load(Acquire)
    }

    /// What both ends know.
    pub fn gauge(&self) -> &Arc<Gauge> {
        &self.gauge
    }
}
