//! The frames between the thread that decodes and the one that sounds.
//!
//! One ring holds one stretch of one track at the device's rate. A seek makes a new ring, a track that follows
//! without a gap has its own. So nothing that was decoded has ever to be taken back out of a ring: it is not played.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Acquire, Ordering::Relaxed, Ordering::Release},
    },
    thread::Thread,
};

use rtrb::{Consumer, Producer, RingBuffer};

/// Left and right.
pub type Frame = [f32; 2];

/// Seconds that a ring holds. A ring of 0.2 s ran dry on a busy machine, one of 1 s did not.
const CAPACITY_S: u32 = 2;

/// What both ends of a ring know of it.
pub struct Gauge {
    /// How many frames the ring will have carried in all; `u64::MAX` while that is open.
    end: AtomicU64,
    /// Whether another ring takes over at the end.
    followed: AtomicBool,
    written: AtomicU64,
    taken: AtomicU64,
    writer: Thread,
}

impl Gauge {
    /// Frames that wait in the ring.
    pub fn fill(&self) -> u64 {
        self.written.load(Relaxed).saturating_sub(self.taken.load(Relaxed))
    }

    /// Says whether another ring takes over at the end. To be said before the end is.
    pub fn set_followed(&self, followed: bool) {
        self.followed.store(followed, Release);
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
    /// The ring begins at the first frame of a track, so it must not be faded in.
    pub from_start: bool,
    frames: Consumer<Frame>,
    gauge: Arc<Gauge>,
    taken: u64,
}

/// Makes a ring that is written by the calling thread.
pub fn ring(id: u64, rate_hz: u32, from_start: bool) -> (RingWriter, Ring) {
    let (producer, consumer) = RingBuffer::new((rate_hz * CAPACITY_S) as usize);
    let gauge = Arc::new(Gauge {
        end: AtomicU64::new(u64::MAX),
        followed: AtomicBool::new(false),
        written: AtomicU64::new(0),
        taken: AtomicU64::new(0),
        writer: std::thread::current(),
    });
    let writer = RingWriter { frames: producer, gauge: Arc::clone(&gauge), written: 0 };
    (writer, Ring { id, from_start, frames: consumer, gauge, taken: 0 })
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
