//! The loop of a decoder thread.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::Receiver,
    },
    time::Duration,
};

use auralis_core::LoadId;

use super::resampler::Resampler;
use super::{DecodeRequest, DecoderEvent, OpenTrack, RingSegment, messages::DecoderCommand};
use crate::{
    decode::{DecodeError, to_frame},
    playback::{RingReader, RingStatus, RingWriter, ring},
};
use auralis_dsp::Frame;

/// Seconds decoded before a ring is sent to the audio thread.
const PREBUFFER_S: f64 = 0.02;
/// Buffered seconds below which a track without successor is flushed. Until then a gapless successor can still be
/// added, which continues through the same resampler.
const GAPLESS_DEADLINE_S: f64 = 0.25;

pub(super) struct DecoderLoop<R> {
    inbox: Receiver<DecoderCommand>,
    cancelled: Arc<AtomicBool>,
    report: R,
    current: Box<OpenTrack>,
    next: Option<Box<OpenTrack>>,
    /// The next track is already being decoded.
    decoding_next: bool,
    request: Option<DecodeRequest>,
    ring_count: u64,
    resampler: Option<Resampler>,
    /// Output frame of the resampler at which the ring in progress began.
    ring_start: i64,
    chunk: Vec<Frame>,
    /// Resampled frames, and how many of them are written to rings.
    out: Vec<Frame>,
    out_at: usize,
    ring_in_progress: Option<RingInProgress>,
    /// The ring after the one in progress.
    next_ring: Option<RingInProgress>,
    /// Status of the current track's ring, whose end may still change.
    status: Option<Arc<RingStatus>>,
    next_status: Option<Arc<RingStatus>>,
    /// The current track failed, so nothing can follow without a gap.
    has_failed: bool,
}

struct RingInProgress {
    ring: RingWriter,
    /// Length in frames, once known.
    end: Option<u64>,
    /// Sent once enough is buffered.
    pending_send: Option<(RingSegment, RingReader)>,
}

impl<R: Fn(DecoderEvent)> DecoderLoop<R> {
    pub(super) fn new(
        track: OpenTrack,
        inbox: Receiver<DecoderCommand>,
        cancelled: Arc<AtomicBool>,
        report: R,
    ) -> Self {
        Self {
            inbox,
            cancelled,
            report,
            current: Box::new(track),
            next: None,
            decoding_next: false,
            request: None,
            ring_count: 0,
            resampler: None,
            ring_start: 0,
            chunk: Vec::new(),
            out: Vec::new(),
            out_at: 0,
            ring_in_progress: None,
            next_ring: None,
            status: None,
            next_status: None,
            has_failed: false,
        }
    }

    pub(super) fn run(mut self) {
        while !self.cancelled.load(Relaxed) {
            self.handle_commands();
            let Some(request) = self.request else {
                std::thread::park();
                continue;
            };
            if !self.write() {
                // Half of the ring's two seconds may pass. A reader that empties it faster wakes this thread.
                std::thread::park_timeout(Duration::from_millis(250));
            } else if !self.decoding_track().at_end {
                self.decode(request);
            } else if !self.end_of_track(request) {
                std::thread::park_timeout(Duration::from_millis(20));
            }
        }
    }

    fn handle_commands(&mut self) {
        let mut request = None;
        loop {
            match self.inbox.try_recv() {
                Ok(DecoderCommand::Decode(last)) => request = Some(last),
                Ok(DecoderCommand::Next(track)) => self.set_next(track),
                Ok(DecoderCommand::Advance) => self.advance(),
                Err(std::sync::mpsc::TryRecvError::Empty) => break,
                Err(std::sync::mpsc::TryRecvError::Disconnected) => {
                    self.cancelled.store(true, Relaxed);
                    break;
                }
            }
        }
        if let Some(request) = request {
            self.start_request(request);
        }
    }

    fn decoding_track(&mut self) -> &mut OpenTrack {
        match &mut self.next {
            Some(next) if self.decoding_next => next,
            _ => &mut self.current,
        }
    }

    fn start_request(&mut self, request: DecodeRequest) {
        if request.load != self.current.load {
            return;
        }
        self.ring_in_progress = None;
        self.next_ring = None;
        self.out.clear();
        self.out_at = 0;
        self.request = Some(request);
        self.next_status = None;
        self.has_failed = false;
        if std::mem::take(&mut self.decoding_next) {
            self.rewind_next();
        }
        let frame = to_frame(request.position_s, self.current.decoder.rate_hz());
        let seeked = self.current.rewind_to(frame);
        let from_start = frame == 0;
        self.resampler = None;
        self.ring_start = 0;
        let ring_in_progress = self.open_ring(request, self.current.load, request.position_s, from_start);
        expect_end(&self.current, frame, request.rate_hz, ring_in_progress.ring.status());
        self.status = Some(ring_in_progress.ring.status().clone());
        self.ring_in_progress = Some(ring_in_progress);
        if let Err(error) = seeked {
            self.on_decode_error(error);
        }
    }

    fn rewind_next(&mut self) {
        if let Some(next) = &mut self.next
            && let Err(error) = next.rewind_to(0)
        {
            (self.report)(DecoderEvent::DecodeFailed { load: next.load, reason: error.0 });
            self.next = None;
        }
    }

    fn open_ring(&mut self, request: DecodeRequest, load: LoadId, start_s: f64, from_start: bool) -> RingInProgress {
        // Unique in an engine, because request ids are.
        self.ring_count += 1;
        let id = request.request_id << 20 | self.ring_count & 0xF_FFFF;
        let (writer, ring) = ring(id, load, request.rate_hz, from_start);
        let segment = RingSegment { ring: id, load, start_s, status: writer.status().clone() };
        RingInProgress { ring: writer, end: None, pending_send: Some((segment, ring)) }
    }

    fn decode(&mut self, request: DecodeRequest) {
        let before = thread_cpu_time();
        let mut chunk = std::mem::take(&mut self.chunk);
        let result = self.decoding_track().read(&mut chunk);
        let rate_hz = self.decoding_track().decoder.rate_hz();
        let result = result.and_then(|()| self.resample(&chunk, rate_hz, request.rate_hz));
        self.chunk = chunk;
        if let Some(ring_in_progress) = self.next_ring.as_ref().or(self.ring_in_progress.as_ref()) {
            ring_in_progress.ring.status().add_decode_time(thread_cpu_time().saturating_sub(before));
        }
        if let Err(error) = result {
            self.on_decode_error(error);
        } else if self.decoding_track().at_end
            && let Some(ring_in_progress) = self.next_ring.as_ref().or(self.ring_in_progress.as_ref())
        {
            ring_in_progress.ring.status().expect_end(self.end_of_ring());
        }
    }

    fn resample(&mut self, chunk: &[Frame], from_hz: u32, to_hz: u32) -> Result<(), DecodeError> {
        if self.resampler.as_ref().is_none_or(|resampler| resampler.input_hz() != from_hz) && !chunk.is_empty() {
            // A chained file changed its rate: the ring began before this resampler did.
            self.ring_start = -(self.end_of_ring() as i64);
            if let Some(old) = &mut self.resampler {
                old.flush(old.end_frame(), &mut self.out);
            }
            self.resampler = Some(Resampler::new(from_hz, to_hz).map_err(DecodeError)?);
        }
        if let Some(resampler) = &mut self.resampler {
            resampler.push(chunk, &mut self.out);
        }
        Ok(())
    }

    /// The track cannot be decoded any further: it ends here, and no track follows without a gap.
    fn on_decode_error(&mut self, error: DecodeError) {
        let track = self.decoding_track();
        track.at_end = true;
        let load = track.load;
        (self.report)(DecoderEvent::DecodeFailed { load, reason: error.0 });
        if !self.decoding_next {
            self.has_failed = true;
            self.next = None;
        }
        self.flush_end();
    }

    /// Continues with the next track, or ends. Returns whether there is more to do at once.
    fn end_of_track(&mut self, request: DecodeRequest) -> bool {
        let rate_hz = request.rate_hz;
        if self.next.is_some() && !self.decoding_next {
            self.start_next_gapless(request);
            return true;
        }
        let ended = self
            .next_ring
            .as_ref()
            .or(self.ring_in_progress.as_ref())
            .is_none_or(|ring_in_progress| ring_in_progress.end.is_some());
        let buffered: u64 = self.status.iter().chain(&self.next_status).map(|status| status.buffered_frames()).sum();
        if !ended && (buffered as f64) < GAPLESS_DEADLINE_S * f64::from(rate_hz) {
            self.flush_end();
            return true;
        }
        false
    }

    /// Ends the sound: flushes the resampler.
    fn flush_end(&mut self) {
        let end = self.end_of_ring();
        if let Some(resampler) = &mut self.resampler {
            resampler.flush(resampler.end_frame(), &mut self.out);
        }
        self.resampler = None;
        self.ring_start = 0;
        if let Some(ring_in_progress) = self.next_ring.as_mut().or(self.ring_in_progress.as_mut()) {
            ring_in_progress.end = Some(end);
        }
        self.write();
    }

    /// Length of the ring in progress if the track ended now.
    fn end_of_ring(&self) -> u64 {
        self.resampler.as_ref().map_or(0, |resampler| (resampler.end_frame() as i64 - self.ring_start) as u64)
    }

    fn start_next_gapless(&mut self, request: DecodeRequest) {
        let Some(next) = &self.next else { return };
        let (load, rate_hz) = (next.load, next.decoder.rate_hz());
        if let Some(status) = &self.status {
            status.set_has_successor(true);
        }
        if self.ring_in_progress.as_ref().is_some_and(|ring_in_progress| ring_in_progress.end.is_none()) {
            let end = self.end_of_ring();
            if self.resampler.as_ref().is_some_and(|resampler| resampler.input_hz() == rate_hz) {
                self.ring_start += end as i64;
            } else {
                self.flush_end();
            }
            if let Some(ring_in_progress) = &mut self.ring_in_progress {
                ring_in_progress.end = Some(end);
            }
        } else {
            self.resampler = None;
            self.ring_start = 0;
        }
        let mut next_ring = self.open_ring(request, load, 0.0, true);
        if let Some(next) = &self.next {
            expect_end(next, 0, request.rate_hz, next_ring.ring.status());
        }
        if let Some(ring_in_progress) = &mut self.ring_in_progress {
            send(&self.report, request.request_id, ring_in_progress);
        }
        if let Some((segment, ring)) = next_ring.pending_send.take() {
            (self.report)(DecoderEvent::NextReady { request_id: request.request_id, segment, ring });
        }
        self.decoding_next = true;
        self.next_status = Some(next_ring.ring.status().clone());
        self.next_ring = Some(next_ring);
        self.write();
    }

    fn set_next(&mut self, track: Option<Box<OpenTrack>>) {
        if std::mem::take(&mut self.decoding_next) {
            // Drop what was decoded of the revoked track, and write the current one to its end.
            self.next_status = None;
            if let Some(status) = &self.status {
                status.set_has_successor(false);
            }
            if self.next_ring.take().is_some() {
                let remaining = self
                    .ring_in_progress
                    .as_ref()
                    .map_or(0, |ring_in_progress| ring_in_progress.end.unwrap_or(0) - ring_in_progress.ring.written());
                if let Some(resampler) = self.resampler.as_mut().filter(|_| self.ring_start > 0) {
                    resampler.flush(self.ring_start as u64, &mut self.out);
                }
                self.out.truncate(self.out_at + remaining as usize);
            } else {
                self.ring_in_progress = None;
                self.out.clear();
                self.out_at = 0;
            }
            self.resampler = None;
            self.ring_start = 0;
        }
        self.next = track.filter(|_| !self.has_failed);
    }

    fn advance(&mut self) {
        let Some(next) = self.next.take_if(|_| self.decoding_next) else { return };
        self.decoding_next = false;
        self.current = next;
        self.status = self.next_status.take();
    }

    /// Writes decoded frames to the rings. Returns false when a ring is full.
    fn write(&mut self) -> bool {
        let Some(request) = self.request else { return true };
        loop {
            if self.ring_in_progress.is_none() {
                self.ring_in_progress = self.next_ring.take();
            }
            let Some(ring_in_progress) = &mut self.ring_in_progress else {
                self.out.clear();
                self.out_at = 0;
                return true;
            };
            let remaining =
                ring_in_progress.end.map_or(usize::MAX, |end| (end - ring_in_progress.ring.written()) as usize);
            let unwritten = &self.out[self.out_at..];
            let wanted = unwritten.len().min(remaining);
            let done = ring_in_progress.ring.write(&unwritten[..wanted]);
            self.out_at += done;
            let finished = done == remaining;
            let prebuffered = ring_in_progress.ring.written() as f64 >= PREBUFFER_S * f64::from(request.rate_hz);
            if prebuffered || finished {
                send(&self.report, request.request_id, ring_in_progress);
            }
            if finished {
                ring_in_progress.ring.close();
                self.ring_in_progress = None;
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

/// Tells a ring that starts at `frame` of a track where it will end.
fn expect_end(track: &OpenTrack, frame: u64, rate_hz: u32, status: &RingStatus) {
    if let Some(frames) = track.decoder.frames() {
        let left_s = frames.saturating_sub(frame) as f64 / f64::from(track.decoder.rate_hz());
        status.expect_end(to_frame(left_s, rate_hz));
    }
}

fn send(report: &impl Fn(DecoderEvent), request_id: u64, ring_in_progress: &mut RingInProgress) {
    if let Some((segment, ring)) = ring_in_progress.pending_send.take() {
        report(DecoderEvent::Filled { request_id, segment, ring });
    }
}

/// CPU time of this thread.
#[cfg(unix)]
fn thread_cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// Time since the start; thread CPU time is not available here.
#[cfg(not(unix))]
fn thread_cpu_time() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}
