//! Frames between a decoder thread and the audio thread.
//!
//! One ring holds one segment of one track at the device's rate. A seek makes a new ring, and so does a gapless
//! successor. Decoded frames that are not wanted any more are dropped with their ring.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Acquire, Ordering::Relaxed, Ordering::Release},
    },
    thread::Thread,
    time::Duration,
};

use auralis_core::LoadId;
use auralis_dsp::Frame;
use rtrb::{Consumer, Producer, RingBuffer};

/// Seconds a ring holds. A ring of 0.2 s ran dry on a busy machine, one of 1 s did not.
const CAPACITY_S: u32 = 2;

/// Counters and gain that both ends of a ring share.
pub struct RingStatus {
    /// Total length in frames; `u64::MAX` while unknown.
    end: AtomicU64,
    /// Total length as the file states it; `u64::MAX` if it does not.
    expected_end: AtomicU64,
    /// Whether another ring takes over at the end.
    has_successor: AtomicBool,
    /// Gain of the track: the bits of a linear `f32`.
    gain: AtomicU32,
    /// Whether a new gain is reached by the slow ramp.
    slow_ramp: AtomicBool,
    /// CPU time spent on decoding, in nanoseconds.
    decode_cpu_ns: AtomicU64,
    written: AtomicU64,
    taken: AtomicU64,
    writer: Thread,
}

impl RingStatus {
    /// Frames in the ring.
    pub fn buffered_frames(&self) -> u64 {
        self.written.load(Relaxed).saturating_sub(self.taken.load(Relaxed))
    }

    /// Frames until the end, if it is known.
    pub fn remaining_frames(&self) -> Option<u64> {
        let end = self.end.load(Acquire).min(self.expected_end.load(Relaxed));
        (end != u64::MAX).then(|| end.saturating_sub(self.taken.load(Relaxed)))
    }

    /// Adds CPU time spent on decoding.
    pub fn add_decode_time(&self, spent: Duration) {
        self.decode_cpu_ns.fetch_add(spent.as_nanos() as u64, Relaxed);
    }

    /// Average CPU seconds per frame.
    pub fn cpu_s_per_frame(&self) -> f64 {
        self.decode_cpu_ns.load(Relaxed) as f64 / 1e9 / self.written.load(Relaxed).max(1) as f64
    }

    /// Sets whether another ring takes over at the end. Must be set before the end is.
    pub fn set_has_successor(&self, has_successor: bool) {
        self.has_successor.store(has_successor, Release);
    }

    /// Sets the expected length in frames.
    pub fn expect_end(&self, end: u64) {
        self.expected_end.store(end, Relaxed);
    }

    /// Sets the gain. A ring that has not started plays with it from its first frame; else it is reached by a ramp, a
    /// slow one if `slow_ramp`.
    pub fn set_gain_db(&self, gain_db: f32, slow_ramp: bool) {
        self.slow_ramp.store(slow_ramp, Relaxed);
        let gain = if gain_db.is_finite() { 10f32.powf(gain_db / 20.0) } else { 1.0 };
        self.gain.store(gain.to_bits(), Relaxed);
    }

    /// Linear gain.
    pub fn gain(&self) -> f32 {
        f32::from_bits(self.gain.load(Relaxed))
    }

    /// Whether a new gain is reached by the slow ramp.
    pub fn uses_slow_ramp(&self) -> bool {
        self.slow_ramp.load(Relaxed)
    }

    /// Wakes the decoder thread.
    pub fn wake_writer(&self) {
        self.writer.unpark();
    }
}

/// The decoder's end of a ring.
pub struct RingWriter {
    frames: Producer<Frame>,
    status: Arc<RingStatus>,
    written: u64,
}

/// The audio thread's end of a ring.
pub struct RingReader {
    /// Identifies the ring in marks. Never reused.
    pub id: u64,
    /// The load it belongs to.
    pub load: LoadId,
    /// The ring begins at the first frame of a track, so it must not be faded in.
    pub from_start: bool,
    frames: Consumer<Frame>,
    status: Arc<RingStatus>,
    taken: u64,
}

/// Creates a ring that the calling thread writes.
pub fn ring(id: u64, load: LoadId, rate_hz: u32, from_start: bool) -> (RingWriter, RingReader) {
    let (producer, consumer) = RingBuffer::new((rate_hz * CAPACITY_S) as usize);
    let status = Arc::new(RingStatus {
        end: AtomicU64::new(u64::MAX),
        expected_end: AtomicU64::new(u64::MAX),
        has_successor: AtomicBool::new(false),
        gain: AtomicU32::new(1f32.to_bits()),
        slow_ramp: AtomicBool::new(false),
        decode_cpu_ns: AtomicU64::new(0),
        written: AtomicU64::new(0),
        taken: AtomicU64::new(0),
        writer: std::thread::current(),
    });
    let writer = RingWriter { frames: producer, status: Arc::clone(&status), written: 0 };
    (writer, RingReader { id, load, from_start, frames: consumer, status, taken: 0 })
}

impl RingWriter {
    /// Writes as many frames as fit and returns their number.
    pub fn write(&mut self, frames: &[Frame]) -> usize {
        let (done, _) = self.frames.push_partial_slice(frames);
        let done = done.len();
        self.written += done as u64;
        self.status.written.store(self.written, Relaxed);
        done
    }

    /// Frames written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Marks the end: nothing more will be written.
    pub fn close(&self) {
        self.status.end.store(self.written, Release);
    }

    /// Returns the shared status.
    pub fn status(&self) -> &Arc<RingStatus> {
        &self.status
    }
}

impl RingReader {
    /// Reads up to `out.len()` frames and returns their number.
    pub fn read(&mut self, out: &mut [Frame]) -> usize {
        let (done, _) = self.frames.pop_partial_slice(out);
        let done = done.len();
        self.taken += done as u64;
        self.status.taken.store(self.taken, Relaxed);
        done
    }

    /// Frames read so far.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether there is nothing to read at this moment.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Frames left in a ring whose writer is gone before its end.
    pub fn abandoned_frames(&self) -> Option<u64> {
        let remaining = self.frames.is_abandoned().then(|| self.frames.slots() as u64)?;
        (self.taken + remaining < self.status.end.load(Acquire)).then_some(remaining)
    }

    /// Whether the last frame was read, or nothing more will be written.
    pub fn is_over(&self) -> bool {
        let over = self.taken >= self.status.end.load(Acquire) || self.frames.is_abandoned();
        over && self.frames.is_empty()
    }

    /// Whether another ring takes over at the end.
    pub fn has_successor(&self) -> bool {
        self.status.has_successor.load(Acquire)
    }

    /// Returns the shared status.
    pub fn status(&self) -> &Arc<RingStatus> {
        &self.status
    }
}
