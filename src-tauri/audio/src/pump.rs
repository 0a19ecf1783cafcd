//! The thread that decodes one stream, and those that follow it without a gap, into rings.
//!
//! Each load has a pump of its own, so a slow file keeps nobody waiting: a pump that is dropped is told to stop and
//! left to find out.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{Receiver, Sender, channel},
    },
    thread::Thread,
    time::Duration,
};

use auralis_core::{LoadId, SourceFormat};

use crate::{
    decode::{DecodeError, Decoder, Opener, guarded},
    resample::Resampler,
    ring::{Frame, Gauge, Ring, RingWriter, ring},
};

/// Seconds that are decoded before a ring sounds.
const PRIMED_S: f64 = 0.02;
/// Seconds left in the ring when the end of a track is taken for the end of the sound. Until then something may be
/// prepared that joins it through the same resampler.
const LAST_CALL_S: f64 = 0.25;

/// An open track whose first frames are decoded.
pub struct Stream {
    /// Its name.
    pub load: LoadId,
    decoder: Box<dyn Decoder>,
    /// Decoded at the opening.
    head: Vec<Frame>,
    /// Nothing but the head was read, from this frame on.
    fresh_at: Option<u64>,
    over: bool,
}

impl Stream {
    /// Opens a track at a position.
    pub fn open(opener: &dyn Opener, load: LoadId, path: &Path, position_s: f64) -> Result<Self, DecodeError> {
        guarded(|| {
            let mut decoder = opener.open(path)?;
            let frame = to_frame(position_s, decoder.rate_hz());
            if frame > 0 {
                decoder.seek(frame)?;
            }
            let mut head = Vec::new();
            decoder.read(&mut head)?;
            if head.is_empty() && frame == 0 {
                return Err("The file holds no sound.".into());
            }
            Ok(Self { load, decoder, head, fresh_at: Some(frame), over: false })
        })
    }

    /// What the file holds.
    pub fn format(&self) -> SourceFormat {
        self.decoder.format()
    }

    /// Its length, where the file tells.
    pub fn duration_s(&self) -> Option<f64> {
        self.decoder.frames().map(|frames| frames as f64 / f64::from(self.decoder.rate_hz()))
    }

    fn rewind_to(&mut self, frame: u64) -> Result<(), DecodeError> {
        if self.fresh_at != Some(frame) {
            self.head.clear();
            self.fresh_at = None;
            guarded(|| self.decoder.seek(frame))?;
        }
        self.over = false;
        Ok(())
    }

    /// The next frames; none at the end.
    fn read(&mut self, into: &mut Vec<Frame>) -> Result<(), DecodeError> {
        self.fresh_at = None;
        into.clear();
        if self.head.is_empty() {
            guarded(|| self.decoder.read(into))?;
        } else {
            std::mem::swap(into, &mut self.head);
        }
        self.over = into.is_empty();
        Ok(())
    }
}

/// What a pump is asked.
#[derive(Debug, Clone, Copy)]
pub struct Fill {
    /// Names the request; grows.
    pub token: u64,
    /// Which stream.
    pub load: LoadId,
    /// From where on.
    pub position_s: f64,
    /// The device's rate.
    pub rate_hz: u32,
}

enum Order {
    Fill(Fill),
    Next(Option<Box<Stream>>),
    Advance,
}

/// What a pump says.
pub enum PumpEvent {
    /// The stream is open.
    Ready { load: LoadId, duration_s: Option<f64>, source: SourceFormat },
    /// The stream cannot be opened.
    Failed { load: LoadId, reason: String },
    /// The stream cannot be decoded beyond what is in its ring.
    Broken { load: LoadId, reason: String },
    /// A ring that is to sound now.
    Filled { token: u64, stretch: Stretch, ring: Ring },
    /// A ring that takes over at the end of the one before.
    Joined { token: u64, stretch: Stretch, ring: Ring },
}

/// Which part of which track a ring holds.
#[derive(Clone)]
pub struct Stretch {
    /// The ring.
    pub ring: u64,
    /// The track.
    pub load: LoadId,
    /// Seconds of the track at the ring's first frame.
    pub start_s: f64,
    /// What the ring knows.
    pub gauge: Arc<Gauge>,
}

/// The handle to a pump. Dropping it ends the pump, and with it what its rings would still have got.
pub struct Pump {
    orders: Sender<Order>,
    thread: Thread,
    cancelled: Arc<AtomicBool>,
}

impl Pump {
    /// Opens a stream on a thread of its own. What becomes of it comes by `report`.
    pub fn start(
        opener: Arc<dyn Opener>,
        load: LoadId,
        path: PathBuf,
        position_s: f64,
        report: impl Fn(PumpEvent) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (orders, inbox) = channel();
        let cancelled = Arc::new(AtomicBool::new(false));
        let stop = cancelled.clone();
        let thread = std::thread::Builder::new().name("decoder".into()).spawn(move || {
            match Stream::open(&*opener, load, &path, position_s) {
                Err(error) => report(PumpEvent::Failed { load, reason: error.0 }),
                Ok(stream) => {
                    report(PumpEvent::Ready { load, duration_s: stream.duration_s(), source: stream.format() });
                    Pumping::new(stream, inbox, stop, report).run();
                }
            }
        })?;
        Ok(Self { orders, thread: thread.thread().clone(), cancelled })
    }

    /// Fills a new ring. Of several requests only the last counts.
    pub fn fill(&self, fill: Fill) {
        self.order(Order::Fill(fill));
    }

    /// What follows the current stream. What was to follow before does not any more, however far it is decoded.
    pub fn next(&self, stream: Option<Box<Stream>>) {
        self.order(Order::Next(stream));
    }

    /// What followed is now the current stream.
    pub fn advance(&self) {
        self.order(Order::Advance);
    }

    fn order(&self, order: Order) {
        drop(self.orders.send(order)); // a pump that has failed is gone
        self.thread.unpark();
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.cancelled.store(true, Relaxed);
        self.thread.unpark();
    }
}

struct Pumping<R> {
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
    fn new(stream: Stream, inbox: Receiver<Order>, cancelled: Arc<AtomicBool>, report: R) -> Self {
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

    fn run(mut self) {
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
        let (writer, ring) = ring(id, fill.rate_hz, from_start);
        let stretch = Stretch { ring: id, load, start_s, gauge: writer.gauge().clone() };
        Writing { ring: writer, end: None, unsent: Some((stretch, ring)) }
    }

    fn decode(&mut self, fill: Fill) {
        let mut chunk = std::mem::take(&mut self.chunk);
        let result = self.source().read(&mut chunk);
        let rate_hz = self.source().decoder.rate_hz();
        let result = result.and_then(|()| self.resample(&chunk, rate_hz, fill.rate_hz));
        self.chunk = chunk;
        if let Err(error) = result {
            self.broken(error);
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

fn send(report: &impl Fn(PumpEvent), token: u64, writing: &mut Writing) {
    if let Some((stretch, ring)) = writing.unsent.take() {
        report(PumpEvent::Filled { token, stretch, ring });
    }
}

fn to_frame(position_s: f64, rate_hz: u32) -> u64 {
    (position_s * f64::from(rate_hz)).round() as u64
}
