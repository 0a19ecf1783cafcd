//! What a pump's thread does.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::Receiver,
    },
    time::Duration,
};

use auralis_core::LoadId;

use super::{Fill, Order, PumpEvent, Stream, Stretch};
use crate::{
    decode::{DecodeError, to_frame},
    resample::Resampler,
    ring::{Frame, Gauge, Ring, RingWriter, ring},
};

/// Seconds that are decoded before a ring sounds.
const PRIMED_S: f64 = 0.02;
/// Seconds left in the ring when the end of a track is taken for the end of the sound. Until then something may be
/// prepared that joins it through the same resampler.
const LAST_CALL_S: f64 = 0.25;

pub(super) struct Pumping<R> {
    inbox: Receiver<Order>,
    cancelled: Arc<AtomicBool>,
    report: R,
    current: Box<Stream>,
    next: Option<Box<Stream>>,
    /// The next stream is being decoded already.
    joined: bool,
    fill: Option<Fill>,
    rings: u64,
    resampler: Option<Resampler>,
    /// Frame of the resampler's output at which the ring that is being decoded for began.
    base: i64,
    chunk: Vec<Frame>,
    /// Frames for the rings, and how many of them are written.
    out: Vec<Frame>,
    out_at: usize,
    writing: Option<Writing>,
    /// The ring behind the one being written.
    coming: Option<Writing>,
    /// What knows of the end of the current stream's ring.
    gauge: Option<Arc<Gauge>>,
    next_gauge: Option<Arc<Gauge>>,
    /// The current stream failed, so that nothing joins it.
    broken: bool,
}

struct Writing {
    ring: RingWriter,
    /// Its length in frames, once known.
    end: Option<u64>,
    /// Not yet given away: it is not primed.
    unsent: Option<(Stretch, Ring)>,
}

impl<R: Fn(PumpEvent)> Pumping<R> {
    pub(super) fn new(stream: Stream, inbox: Receiver<Order>, cancelled: Arc<AtomicBool>, report: R) -> Self {
        Self {
            inbox,
            cancelled,
            report,
            current: Box::new(stream),
            next: None,
            joined: false,
            fill: None,
            rings: 0,
            resampler: None,
            base: 0,
            chunk: Vec::new(),
            out: Vec::new(),
            out_at: 0,
            writing: None,
            coming: None,
            gauge: None,
            next_gauge: None,
            broken: false,
        }
    }

    pub(super) fn run(mut self) {
        while !self.cancelled.load(Relaxed) {
            self.follow_orders();
            let Some(fill) = self.fill else {
                std::thread::park();
                continue;
            };
            if !self.write() {
                // Half of the ring's two seconds may pass; whoever empties it faster wakes us.
                std::thread::park_timeout(Duration::from_millis(250));
            } else if !self.source().over {
                self.decode(fill);
            } else if !self.end_of_track(fill) {
                std::thread::park_timeout(Duration::from_millis(20));
            }
        }
    }

    fn follow_orders(&mut self) {
        let mut fill = None;
        loop {
            match self.inbox.try_recv() {
                Ok(Order::Fill(last)) => fill = Some(last),
                Ok(Order::Next(stream)) => self.set_next(stream),
                Ok(Order::Advance) => self.advance(),
                Err(std::sync::mpsc::TryRecvError::Empty) => break,
                Err(std::sync::mpsc::TryRecvError::Disconnected) => {
                    self.cancelled.store(true, Relaxed);
                    break;
                }
            }
        }
        if let Some(fill) = fill {
            self.begin(fill);
        }
    }

    fn source(&mut self) -> &mut Stream {
        match &mut self.next {
            Some(next) if self.joined => next,
            _ => &mut self.current,
        }
    }

    fn begin(&mut self, fill: Fill) {
        if fill.load != self.current.load {
            return;
        }
        self.writing = None;
        self.coming = None;
        self.out.clear();
        self.out_at = 0;
        self.fill = Some(fill);
        self.next_gauge = None;
        self.broken = false;
        if std::mem::take(&mut self.joined) {
            self.rewind_next();
        }
        let frame = to_frame(fill.position_s, self.current.decoder.rate_hz());
        let sought = self.current.rewind_to(frame);
        let from_start = frame == 0;
        self.resampler = None;
        self.base = 0;
        let writing = self.open_ring(fill, self.current.load, fill.position_s, from_start);
        expect_end(&self.current, frame, fill.rate_hz, writing.ring.gauge());
        self.gauge = Some(writing.ring.gauge().clone());
        self.writing = Some(writing);
        if let Err(error) = sought {
            self.broken(error);
        }
    }

    fn rewind_next(&mut self) {
        if let Some(next) = &mut self.next
            && let Err(error) = next.rewind_to(0)
        {
            (self.report)(PumpEvent::Broken { load: next.load, reason: error.0 });
            self.next = None;
        }
    }

    fn open_ring(&mut self, fill: Fill, load: LoadId, start_s: f64, from_start: bool) -> Writing {
        // Unique among the pumps of an engine, since loads and tokens are.
        self.rings += 1;
        let id = fill.token << 20 | self.rings & 0xF_FFFF;
        let (writer, ring) = ring(id, load, fill.rate_hz, from_start);
        let stretch = Stretch { ring: id, load, start_s, gauge: writer.gauge().clone() };
        Writing { ring: writer, end: None, unsent: Some((stretch, ring)) }
    }

    fn decode(&mut self, fill: Fill) {
        let before = processor_time();
        let mut chunk = std::mem::take(&mut self.chunk);
        let result = self.source().read(&mut chunk);
        let rate_hz = self.source().decoder.rate_hz();
        let result = result.and_then(|()| self.resample(&chunk, rate_hz, fill.rate_hz));
        self.chunk = chunk;
        if let Some(writing) = self.coming.as_ref().or(self.writing.as_ref()) {
            writing.ring.gauge().add_work(processor_time().saturating_sub(before));
        }
        if let Err(error) = result {
            self.broken(error);
        } else if self.source().over
            && let Some(writing) = self.coming.as_ref().or(self.writing.as_ref())
        {
            writing.ring.gauge().expect_end(self.end_of_ring());
        }
    }

    fn resample(&mut self, chunk: &[Frame], from_hz: u32, to_hz: u32) -> Result<(), DecodeError> {
        if self.resampler.as_ref().is_none_or(|resampler| resampler.input_hz() != from_hz) && !chunk.is_empty() {
            // The rate of a chained file changes: the ring began before this resampler did.
            self.base = -(self.end_of_ring() as i64);
            if let Some(old) = &mut self.resampler {
                old.flush(old.end(), &mut self.out);
            }
            self.resampler = Some(Resampler::new(from_hz, to_hz).map_err(DecodeError)?);
        }
        if let Some(resampler) = &mut self.resampler {
            resampler.push(chunk, &mut self.out);
        }
        Ok(())
    }

    /// The stream cannot be read on: what there is of it is its end, and nothing joins.
    fn broken(&mut self, error: DecodeError) {
        let stream = self.source();
        stream.over = true;
        let load = stream.load;
        (self.report)(PumpEvent::Broken { load, reason: error.0 });
        if !self.joined {
            self.broken = true;
            self.next = None;
        }
        self.finish();
    }

    /// Goes on into the next stream, or ends; says whether there is more to do at once.
    fn end_of_track(&mut self, fill: Fill) -> bool {
        let rate_hz = fill.rate_hz;
        if self.next.is_some() && !self.joined {
            self.join(fill);
            return true;
        }
        let ended = self.coming.as_ref().or(self.writing.as_ref()).is_none_or(|writing| writing.end.is_some());
        let fill: u64 = self.gauge.iter().chain(&self.next_gauge).map(|gauge| gauge.fill()).sum();
        if !ended && (fill as f64) < LAST_CALL_S * f64::from(rate_hz) {
            self.finish();
            return true;
        }
        false
    }

    /// The end of the sound: what is in the resampler comes out.
    fn finish(&mut self) {
        let end = self.end_of_ring();
        if let Some(resampler) = &mut self.resampler {
            resampler.flush(resampler.end(), &mut self.out);
        }
        self.resampler = None;
        self.base = 0;
        if let Some(writing) = self.coming.as_mut().or(self.writing.as_mut()) {
            writing.end = Some(end);
        }
        self.write();
    }

    /// Length of the ring that is decoded for, were this its end.
    fn end_of_ring(&self) -> u64 {
        self.resampler.as_ref().map_or(0, |resampler| (resampler.end() as i64 - self.base) as u64)
    }

    fn join(&mut self, fill: Fill) {
        let Some(next) = &self.next else { return };
        let (load, rate_hz) = (next.load, next.decoder.rate_hz());
        if let Some(gauge) = &self.gauge {
            gauge.set_followed(true);
        }
        if self.writing.as_ref().is_some_and(|writing| writing.end.is_none()) {
            let end = self.end_of_ring();
            if self.resampler.as_ref().is_some_and(|resampler| resampler.input_hz() == rate_hz) {
                self.base += end as i64;
            } else {
                self.finish();
            }
            if let Some(writing) = &mut self.writing {
                writing.end = Some(end);
            }
        } else {
            self.resampler = None;
            self.base = 0;
        }
        let mut coming = self.open_ring(fill, load, 0.0, true);
        if let Some(next) = &self.next {
            expect_end(next, 0, fill.rate_hz, coming.ring.gauge());
        }
        if let Some(writing) = &mut self.writing {
            send(&self.report, fill.token, writing);
        }
        if let Some((stretch, ring)) = coming.unsent.take() {
            (self.report)(PumpEvent::Joined { token: fill.token, stretch, ring });
        }
        self.joined = true;
        self.next_gauge = Some(coming.ring.gauge().clone());
        self.coming = Some(coming);
        self.write();
    }

    fn set_next(&mut self, stream: Option<Box<Stream>>) {
        if std::mem::take(&mut self.joined) {
            // What was decoded of the revoked stream is dropped; the current one is written to its end.
            self.next_gauge = None;
            if let Some(gauge) = &self.gauge {
                gauge.set_followed(false);
            }
            if self.coming.take().is_some() {
                let left = self.writing.as_ref().map_or(0, |writing| writing.end.unwrap_or(0) - writing.ring.written());
                if let Some(resampler) = self.resampler.as_mut().filter(|_| self.base > 0) {
                    resampler.flush(self.base as u64, &mut self.out);
                }
                self.out.truncate(self.out_at + left as usize);
            } else {
                self.writing = None;
                self.out.clear();
                self.out_at = 0;
            }
            self.resampler = None;
            self.base = 0;
        }
        self.next = stream.filter(|_| !self.broken);
    }

    fn advance(&mut self) {
        let Some(next) = self.next.take_if(|_| self.joined) else { return };
        self.joined = false;
        self.current = next;
        self.gauge = self.next_gauge.take();
    }

    /// Writes what is decoded; false when the ring is full.
    fn write(&mut self) -> bool {
        let Some(fill) = self.fill else { return true };
        loop {
            if self.writing.is_none() {
                self.writing = self.coming.take();
            }
            let Some(writing) = &mut self.writing else {
                self.out.clear();
                self.out_at = 0;
                return true;
            };
            let left = writing.end.map_or(usize::MAX, |end| (end - writing.ring.written()) as usize);
            let waiting = &self.out[self.out_at..];
            let wanted = waiting.len().min(left);
            let done = writing.ring.write(&waiting[..wanted]);
            self.out_at += done;
            let finished = done == left;
            let primed = writing.ring.written() as f64 >= PRIMED_S * f64::from(fill.rate_hz);
            if primed || finished {
                send(&self.report, fill.token, writing);
            }
            if finished {
                writing.ring.close();
                self.writing = None;
                continue;
            }
            if done < wanted {
                return false;
            }
            self.out.clear();
            self.out_at = 0;
            return true;
        }
    }
}

/// Tells a ring where it will end that begins at a frame of a stream.
fn expect_end(stream: &Stream, frame: u64, rate_hz: u32, gauge: &Gauge) {
    if let Some(frames) = stream.decoder.frames() {
        let left_s = frames.saturating_sub(frame) as f64 / f64::from(stream.decoder.rate_hz());
        gauge.expect_end(to_frame(left_s, rate_hz));
    }
}

fn send(report: &impl Fn(PumpEvent), token: u64, writing: &mut Writing) {
    if let Some((stretch, ring)) = writing.unsent.take() {
        report(PumpEvent::Filled { token, stretch, ring });
    }
}

/// What this thread has had of a processor.
#[cfg(unix)]
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// What this thread has had of a processor, and what it waited.
#[cfg(not(unix))]
fn processor_time() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}
