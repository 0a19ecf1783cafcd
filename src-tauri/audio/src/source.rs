//! What runs on the audio thread: one rodio source that plays rings.
//!
//! Nothing here allocates, locks, logs or waits. Wishes come in through a ring of [`Cue`]s and two atomics; what was
//! played goes out as [`Mark`]s; what is to be freed goes back through the trash.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Acquire, Ordering::Relaxed},
    },
    time::Duration,
};

use rodio::{ChannelCount, SampleRate, Source};
use rtrb::{Consumer, Producer, RingBuffer};

use crate::ring::{Frame, Ring};

/// Frames that are rendered at once.
const BLOCK: usize = 64;
/// Frames over which one ring is faded into another: 5 ms at 48 kHz.
const CROSSFADE: u32 = 256;
/// Pause and volume ramps take 1/100 s.
const RAMPS_PER_S: u32 = 100;

/// A wish of the control thread.
pub enum Cue {
    /// Play this ring in place of everything.
    Play(Ring),
    /// What takes over when the current ring is over, without a gap. Replaces what was to take over before.
    Next(Option<Ring>),
    /// Fade out and forget every ring.
    Silence,
}

/// Why the sound of a ring goes on or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Its frames are leaving.
    Running,
    /// The listener paused.
    Paused,
    /// The decoder is late.
    Starved,
    /// Its last frame has left and nothing follows.
    Over,
}

/// From this frame of the device on, this is what happens.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// Counted from the opening of the device.
    pub device_frame: u64,
    /// Which ring.
    pub ring: u64,
    /// Frames of the ring that had been taken.
    pub taken: u64,
    /// What happens.
    pub flow: Flow,
}

/// How often the decoder was late.
#[derive(Default)]
pub struct Underruns {
    /// Times that a ring ran dry before its end.
    pub events: AtomicU64,
    /// Frames of silence that were heard instead.
    pub frames: AtomicU64,
}

/// What is reached by a ramp, whenever it is set.
pub struct Levels {
    /// Whether there is to be sound at all.
    pub open: AtomicBool,
    /// The listener's volume: the bits of a linear `f32`.
    pub gain: AtomicU32,
}

/// The control thread's end of a source.
pub struct Remote {
    /// What to play.
    pub cues: Producer<Cue>,
    /// What was played.
    pub marks: Consumer<Mark>,
    /// What is to be freed.
    pub trash: Consumer<Ring>,
}

/// The one source that sounds.
pub struct RingSource {
    rate: SampleRate,
    cues: Consumer<Cue>,
    marks: Producer<Mark>,
    trash: Producer<Ring>,
    levels: Arc<Levels>,
    underruns: Arc<Underruns>,
    /// Nobody hears it in real time, so it may wait for the decoder.
    patient: bool,

    current: Option<Ring>,
    next: Option<Ring>,
    /// Being faded out.
    leaving: Option<Ring>,
    /// Frames left of the crossfade.
    fade: u32,
    /// 0 is silent, `ramp` is open.
    gate: u32,
    ramp: u32,
    gain: f32,
    /// Frames rendered since the device was opened.
    rendered: u64,
    last_mark: Option<(u64, Flow)>,

    block: [Frame; BLOCK],
    /// The next sample of the block.
    cursor: usize,
}

impl RingSource {
    /// A source at the device's rate, and the way to steer it.
    pub fn new(rate: SampleRate, levels: Arc<Levels>, underruns: Arc<Underruns>, patient: bool) -> (Self, Remote) {
        let (cues_in, cues) = RingBuffer::new(64);
        let (marks, marks_out) = RingBuffer::new(1024);
        let (trash, trash_out) = RingBuffer::new(64);
        let gain = f32::from_bits(levels.gain.load(Relaxed));
        let source = Self {
            rate,
            cues,
            marks,
            trash,
            levels,
            underruns,
            patient,
            current: None,
            next: None,
            leaving: None,
            fade: 0,
            gate: 0,
            ramp: rate.get() / RAMPS_PER_S,
            gain,
            rendered: 0,
            last_mark: None,
            block: [[0.0; 2]; BLOCK],
            cursor: 2 * BLOCK,
        };
        (source, Remote { cues: cues_in, marks: marks_out, trash: trash_out })
    }

    fn render(&mut self) {
        // Read before the cues: whoever opens the gate for a new ring has cued the silencing of the old one before.
        let open = self.levels.open.load(Acquire);
        self.obey();
        if open && self.gate == 0 && self.current.as_ref().is_none_or(|ring| ring.from_start && ring.taken() == 0) {
            self.gate = self.ramp; // a track's own beginning is not faded in
        }
        self.block = [[0.0; 2]; BLOCK];
        // A closing gate takes exactly the frames that are still heard, so that playing goes on at the next one.
        let wanted = if open { BLOCK } else { BLOCK.min(self.gate as usize) };
        let drawn = self.draw(wanted);
        self.crossfade(wanted);
        // The mastering chain stands here: it sees whole blocks of the stream, before pause and volume.
        self.ramp_gate(open);
        self.ramp_gain();
        if !open && self.gate == 0 && drawn == wanted {
            self.mark(self.rendered + wanted as u64, Flow::Paused);
        }
        self.rendered += BLOCK as u64;
    }

    /// Fills the block up to `wanted` frames from the current ring and its followers.
    fn draw(&mut self, wanted: usize) -> usize {
        let mut drawn = 0;
        while drawn < wanted {
            let Some(current) = &mut self.current else { break };
            let before = current.taken();
            let got = current.read(&mut self.block[drawn..wanted]);
            if got > 0 {
                let at = self.rendered + drawn as u64;
                drawn += got;
                self.mark_at(at, before, Flow::Running);
            } else if !current.is_empty() {
                // written in this very moment
            } else if current.is_over() && (self.next.is_some() || !current.is_followed()) {
                let Some(next) = self.next.take() else {
                    self.mark(self.rendered + drawn as u64, Flow::Over);
                    break;
                };
                let over = self.current.replace(next);
                self.discard(over);
            } else if self.patient && self.cues.is_empty() {
                current.gauge().wake_writer();
                std::thread::yield_now();
                self.obey();
            } else {
                if !self.patient {
                    self.starve(drawn, wanted);
                }
                break;
            }
        }
        drawn
    }

    fn starve(&mut self, drawn: usize, wanted: usize) {
        if self.last_mark.is_some_and(|(_, flow)| flow != Flow::Starved) {
            self.underruns.events.fetch_add(1, Relaxed);
        }
        self.underruns.frames.fetch_add((wanted - drawn) as u64, Relaxed);
        self.mark(self.rendered + drawn as u64, Flow::Starved);
        self.fade = CROSSFADE; // what comes then is faded in
    }

    /// Fades the current ring in and the leaving one out.
    fn crossfade(&mut self, wanted: usize) {
        let starved = self.last_mark.is_some_and(|(_, flow)| flow == Flow::Starved);
        if self.fade == 0 || (starved && self.leaving.is_none()) {
            return;
        }
        let mut old = [[0.0; 2]; BLOCK];
        if let Some(leaving) = &mut self.leaving {
            leaving.read(&mut old[..wanted]);
        }
        for (new, old) in self.block.iter_mut().zip(old) {
            let share = self.fade as f32 / CROSSFADE as f32;
            for (new, old) in new.iter_mut().zip(old) {
                *new = *new * (1.0 - share) + old * share;
            }
            self.fade = self.fade.saturating_sub(1);
        }
        if self.fade == 0 || self.gate == 0 {
            self.fade = 0;
            let gone = self.leaving.take();
            self.discard(gone);
        }
    }

    fn ramp_gate(&mut self, open: bool) {
        if open && self.gate == self.ramp {
            return;
        }
        for frame in &mut self.block {
            self.gate = if open { (self.gate + 1).min(self.ramp) } else { self.gate.saturating_sub(1) };
            let level = self.gate as f32 / self.ramp as f32;
            *frame = frame.map(|sample| sample * level);
        }
    }

    fn ramp_gain(&mut self) {
        let target = f32::from_bits(self.levels.gain.load(Relaxed));
        let step = 1.0 / self.ramp as f32;
        for frame in &mut self.block {
            self.gain += (target - self.gain).clamp(-step, step);
            *frame = frame.map(|sample| sample * self.gain);
        }
    }

    /// Follows the cues. One crossfade is finished before the next begins.
    fn obey(&mut self) {
        while self.trash.slots() >= 3 {
            if self.leaving.is_some() && !matches!(self.cues.peek(), Ok(Cue::Next(_))) {
                break;
            }
            match self.cues.pop() {
                Ok(Cue::Play(ring)) => self.play(ring),
                Ok(Cue::Next(ring)) => {
                    let forgotten = std::mem::replace(&mut self.next, ring);
                    self.discard(forgotten);
                }
                Ok(Cue::Silence) => {
                    self.let_go();
                    let next = self.next.take();
                    self.discard(next);
                    self.last_mark = None;
                }
                Err(_) => break,
            }
        }
    }

    fn play(&mut self, ring: Ring) {
        let fresh = self.current.is_none() && ring.from_start;
        self.let_go();
        let next = self.next.take();
        self.discard(next);
        if fresh {
            self.gate = if self.levels.open.load(Acquire) { self.ramp } else { self.gate };
        } else {
            self.fade = if self.gate == 0 { 0 } else { CROSSFADE };
        }
        self.current = Some(ring);
        self.last_mark = None;
    }

    /// The current ring leaves, by a fade if it can be heard.
    fn let_go(&mut self) {
        let old = self.current.take();
        if self.gate == 0 {
            self.discard(old);
        } else if old.is_some() {
            self.leaving = old;
            self.fade = CROSSFADE;
        }
    }

    fn discard(&mut self, ring: Option<Ring>) {
        if let Some(ring) = ring {
            // There is room: cues are followed only while there is, and the control thread empties the trash.
            drop(self.trash.push(ring));
        }
    }

    fn mark(&mut self, device_frame: u64, flow: Flow) {
        if let Some(current) = &self.current {
            self.mark_at(device_frame, current.taken(), flow);
        }
    }

    fn mark_at(&mut self, device_frame: u64, taken: u64, flow: Flow) {
        let Some(ring) = self.current.as_ref().map(|ring| ring.id) else { return };
        if self.last_mark != Some((ring, flow)) && self.marks.push(Mark { device_frame, ring, taken, flow }).is_ok() {
            self.last_mark = Some((ring, flow));
        }
    }
}

impl Iterator for RingSource {
    type Item = f32;

    #[inline]
    fn next(&mut self) -> Option<f32> {
        if self.cursor == 2 * BLOCK {
            self.render();
            self.cursor = 0;
        }
        let sample = self.block.as_flattened()[self.cursor];
        self.cursor += 1;
        Some(sample)
    }
}

impl Source for RingSource {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> ChannelCount {
        const { NonZero::new(2).unwrap() }
    }

    fn sample_rate(&self) -> SampleRate {
        self.rate
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}
