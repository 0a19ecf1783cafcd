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

use auralis_core::LoadId;
use auralis_dsp::Chain;
use rodio::{ChannelCount, SampleRate, Source};
use rtrb::{Consumer, Producer, RingBuffer};

use crate::{
    chains::Chains,
    log::{Flow, Log, Mark},
    meters::Block,
    ramp::Ramp,
    ring::{Frame, Ring},
    voice::{Curve, GENTLY, Voice},
};

/// Frames that are rendered at once.
pub const BLOCK: usize = 64;
/// Frames over which one place is faded into another: 5 ms at 48 kHz.
const SPLICE: u32 = 256;
/// Ramps of pause, volume and gain, and changes of the mastering take 1/100 s, unless they are to be gentle.
const RAMPS_PER_S: u32 = 100;
/// Room in the trash before a cue is followed: for every ring that there can be, twice.
const ROOM: usize = 8;

/// A wish of the control thread.
pub enum Cue {
    /// Play this ring in place of everything, mastered by this chain from its first frame on; with none, what mastered
    /// the sound before goes on.
    Play(Ring, Option<Box<Chain>>),
    /// What takes over at the end of the current ring. Replaces what was to take over before.
    Next(Option<Next>),
    /// Master these streams by another chain: what sounds goes over to it; what is to take over has it from its first
    /// frame on. Both if both are named. The last: whether gently, because nobody asked for it.
    Master([LoadId; 2], Box<Chain>, bool),
    /// Fade out and forget every ring.
    Silence,
}

/// A ring that takes over.
pub struct Next {
    /// The ring.
    pub ring: Ring,
    /// What masters it, if that is not what masters the current one.
    pub chain: Option<Box<Chain>>,
    /// Frames for which it and the end of the current one sound together; with 0 it follows without a gap.
    pub overlap: u32,
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
    /// The same of chains.
    pub spent: Consumer<Box<Chain>>,
}

/// The one source that sounds.
pub struct RingSource {
    rate: SampleRate,
    cues: Consumer<Cue>,
    trash: Producer<Ring>,
    levels: Arc<Levels>,
    underruns: Arc<Underruns>,
    /// Nobody hears it in real time, so it may wait for the decoder.
    patient: bool,

    current: Option<Voice>,
    next: Option<Next>,
    /// Being faded out.
    leaving: Option<Voice>,
    /// What acts on the mix of the voices.
    chains: Chains,
    log: Log,
    /// Takes what was mastered, for those who look at meters.
    mastered: Producer<Block>,
    /// 0 is silent, `ramp` is open.
    gate: u32,
    ramp: u32,
    volume: Ramp,
    /// Frames rendered since the device was opened.
    rendered: u64,

    block: [Frame; BLOCK],
    /// The next sample of the block.
    cursor: usize,
}

impl RingSource {
    /// A source at the device's rate, and the way to steer it.
    pub fn new(
        rate: SampleRate,
        levels: Arc<Levels>,
        underruns: Arc<Underruns>,
        mastered: Producer<Block>,
        patient: bool,
    ) -> (Self, Remote) {
        let (cues_in, cues) = RingBuffer::new(64);
        let (marks, marks_out) = RingBuffer::new(1024);
        let (trash, trash_out) = RingBuffer::new(64);
        let (spent, spent_out) = RingBuffer::new(64);
        let chains = Chains::new(rate.get(), spent);
        let volume = f32::from_bits(levels.gain.load(Relaxed));
        let source = Self {
            rate,
            cues,
            trash,
            levels,
            underruns,
            patient,
            current: None,
            next: None,
            leaving: None,
            log: Log::new(marks, chains.latency()),
            chains,
            mastered,
            gate: 0,
            ramp: rate.get() / RAMPS_PER_S,
            volume: Ramp::at(volume),
            rendered: 0,
            block: [[0.0; 2]; BLOCK],
            cursor: 2 * BLOCK,
        };
        (source, Remote { cues: cues_in, marks: marks_out, trash: trash_out, spent: spent_out })
    }

    fn render(&mut self) {
        // Read before the cues: whoever opens the gate for a new ring has cued the silencing of the old one before.
        let open = self.levels.open.load(Acquire);
        self.obey(0);
        let fresh = |voice: &Voice| voice.ring.from_start && voice.ring.taken() == 0 && self.log.is_fresh();
        if open && self.gate == 0 && self.current.as_ref().is_none_or(fresh) {
            self.gate = self.ramp; // a track's own beginning is not faded in
        }
        self.block = [[0.0; 2]; BLOCK];
        // A closing gate takes exactly the frames that are still heard, so that playing goes on at the next one.
        let wanted = if open { BLOCK } else { BLOCK.min(self.gate as usize) };
        let drawn = self.draw(wanted);
        self.log.tell(self.chains.fed(), wanted, self.rendered);
        // While the listener pauses, what is inside rests there.
        let mix = self.block;
        self.chains.process(&mix[..wanted], &mut self.block[..wanted]);
        self.show(mix, wanted);
        self.ramp_gate(open);
        self.ramp_volume();
        if !open && self.gate == 0 && drawn {
            let current = self.current.as_ref().map(|voice| (voice.ring.id, voice.ring.taken()));
            self.log.pause(self.chains.fed(), self.rendered + wanted as u64, current);
        }
        self.rendered += BLOCK as u64;
    }

    /// Leaves a block for the meters, if somebody reads them.
    fn show(&mut self, before: [Frame; BLOCK], frames: usize) {
        if let Some(current) = self.current.as_ref().filter(|_| frames > 0 && !self.mastered.is_full()) {
            let (after, device_frame, ring) = (self.block, self.rendered, current.ring.id);
            let activity = self.chains.activity();
            drop(self.mastered.push(Block { before, after, frames, device_frame, ring, activity }));
        }
    }

    /// Fills the block up to `wanted` frames; says whether there were so many.
    fn draw(&mut self, wanted: usize) -> bool {
        let mut at = 0;
        while at < wanted {
            let to = self.overlap(at).map_or(wanted, |frames| wanted.min(at + frames));
            let drawn = self.draw_current(at, to);
            let to = if drawn < to { wanted } else { to };
            self.draw_leaving(at, to);
            at = to;
            if drawn < to {
                return false;
            }
        }
        true
    }

    /// Begins the overlap with the next ring if it is due at this frame of the block; else gives the frames until then.
    fn overlap(&mut self, at: usize) -> Option<usize> {
        let overlap = self.next.as_ref().map(|next| next.overlap).filter(|overlap| *overlap > 0)?;
        let voice = self.current.as_ref().filter(|voice| self.leaving.is_none() && voice.fading() == 0)?;
        let left = voice.ring.gauge().left()?;
        if left > u64::from(overlap) {
            return usize::try_from(left - u64::from(overlap)).ok();
        }
        if left == 0 {
            return None;
        }
        let mut old = self.current.take()?;
        old.fade_out(left as u32, Curve::EqualPower);
        self.leaving = Some(old);
        let next = self.next.take()?;
        if let Some(chain) = next.chain {
            self.chains.follow(chain, at, left as u32);
        }
        let mut new = Voice::new(next.ring, self.ramp);
        new.fade_in(left as u32, Curve::EqualPower);
        self.current = Some(new);
        None
    }

    /// Fills a part of the block from the current ring and its followers; gives the end of what there was.
    fn draw_current(&mut self, from: usize, to: usize) -> usize {
        let mut at = from;
        while at < to {
            let Some(current) = &mut self.current else { break };
            if let Some(left) = current.ring.remnant().filter(|left| *left <= u64::from(SPLICE)) {
                current.end_in(left as u32); // it was sought in, and what comes of that is not there yet
            }
            let before = current.ring.taken();
            let got = current.read(&mut self.block[at..to]);
            let ring = &current.ring;
            if got > 0 {
                self.log.note(self.chains.fed() + at as u64, ring.id, before, Flow::Running);
                at += got;
            } else if !ring.is_empty() {
                // written in this very moment
            } else if ring.is_over() && (self.next.is_some() || !ring.is_followed()) {
                let Some(next) = self.next.take() else {
                    self.log.note(self.chains.fed() + at as u64, ring.id, ring.taken(), Flow::Over);
                    break;
                };
                if let Some(chain) = next.chain {
                    self.chains.follow(chain, at, 0);
                }
                let over = self.current.replace(Voice::new(next.ring, self.ramp));
                self.discard(over);
            } else if self.patient && (self.cues.is_empty() || self.leaving.is_none()) {
                ring.gauge().wake_writer();
                std::thread::yield_now();
                self.obey(at);
            } else {
                if !self.patient {
                    self.starve(at, to);
                }
                break;
            }
        }
        at
    }

    fn starve(&mut self, at: usize, wanted: usize) {
        self.underruns.frames.fetch_add((wanted - at) as u64, Relaxed);
        if let Some(current) = &mut self.current {
            let (ring, taken) = (current.ring.id, current.ring.taken());
            if self.log.note(self.chains.fed() + at as u64, ring, taken, Flow::Starved) {
                self.underruns.events.fetch_add(1, Relaxed);
            }
            current.fade_in(SPLICE, Curve::Linear); // what comes then is faded in
        }
    }

    /// Adds what is fading out.
    fn draw_leaving(&mut self, from: usize, to: usize) {
        let Some(leaving) = &mut self.leaving else { return };
        let mut old = [[0.0; 2]; BLOCK];
        leaving.read(&mut old[from..to]);
        for (new, old) in self.block[from..to].as_flattened_mut().iter_mut().zip(old[from..to].as_flattened()) {
            *new += old;
        }
        if leaving.fading() == 0 || leaving.ring.is_over() {
            self.discard_leaving();
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

    fn ramp_volume(&mut self) {
        self.volume.go(f32::from_bits(self.levels.gain.load(Relaxed)), self.ramp);
        if self.volume.rest() == Some(1.0) {
            return;
        }
        for frame in &mut self.block {
            let volume = self.volume.step();
            *frame = frame.map(|sample| sample * volume);
        }
    }

    /// Follows the cues at this frame of the block. What is fading out has left before another ring does.
    fn obey(&mut self, at: usize) {
        while self.trash.slots() >= ROOM && self.chains.has_room() {
            if matches!(self.cues.peek(), Ok(Cue::Play(..) | Cue::Silence)) && self.is_leaving() {
                break;
            }
            match self.cues.pop() {
                Ok(Cue::Play(ring, chain)) => self.play(ring, chain, at),
                Ok(Cue::Next(next)) => {
                    let forgotten = std::mem::replace(&mut self.next, next);
                    self.discard_next(forgotten);
                }
                Ok(Cue::Master(of, chain, gently)) => self.master(of, chain, gently),
                Ok(Cue::Silence) => {
                    if self.gate == 0 {
                        self.chains.restart(None);
                    }
                    self.let_go();
                    let next = self.next.take();
                    self.discard_next(next);
                    self.log.forget();
                }
                Err(_) => break,
            }
        }
    }

    /// Whether something fades out that can be heard; if so, it makes haste.
    fn is_leaving(&mut self) -> bool {
        if self.gate == 0 {
            self.discard_leaving();
        } else if let Some(leaving) = self.leaving.as_mut().filter(|leaving| leaving.fading() > SPLICE) {
            leaving.fade_out(SPLICE, Curve::Linear);
        }
        self.leaving.is_some()
    }

    fn play(&mut self, ring: Ring, chain: Option<Box<Chain>>, at: usize) {
        let fresh = self.current.is_none() && ring.from_start;
        self.let_go();
        // What is to fade in follows this ring, too; what was to join the end of the old one does not.
        let next = self.next.take_if(|next| next.overlap == 0);
        self.discard_next(next);
        if self.gate == 0 {
            self.chains.restart(chain);
        } else if let Some(chain) = chain {
            self.chains.follow(chain, at, 0);
        }
        let is_start = ring.from_start;
        let mut voice = Voice::new(ring, self.ramp);
        if fresh {
            self.gate = if self.levels.open.load(Acquire) { self.ramp } else { self.gate };
        } else if self.gate > 0 || !is_start {
            voice.fade_in(SPLICE, Curve::Linear);
        }
        self.current = Some(voice);
        self.log.forget();
    }

    fn master(&mut self, of: [LoadId; 2], chain: Box<Chain>, gently: bool) {
        let mut chain = Some(chain);
        let fade = if gently { self.ramp * GENTLY } else { self.ramp };
        if self.current.as_ref().is_some_and(|current| of.contains(&current.ring.load)) {
            chain.take().into_iter().for_each(|chain| self.chains.change(chain, fade));
        }
        if let Some(next) = self.next.as_mut().filter(|next| of.contains(&next.ring.load)) {
            std::mem::swap(&mut next.chain, &mut chain);
        }
        self.chains.discard(chain);
    }

    /// The current ring leaves, by a fade if it can be heard.
    fn let_go(&mut self) {
        let Some(mut old) = self.current.take() else { return };
        if self.gate == 0 {
            self.discard(Some(old));
        } else {
            // No longer than there are frames: nobody may be writing any more.
            let frames = old.ring.gauge().fill().min(u64::from(SPLICE)) as u32;
            old.fade_out(frames, Curve::Linear);
            self.leaving = Some(old);
        }
    }

    fn discard_leaving(&mut self) {
        let leaving = self.leaving.take();
        self.discard(leaving);
    }

    fn discard_next(&mut self, next: Option<Next>) {
        if let Some(next) = next {
            drop(self.trash.push(next.ring));
            self.chains.discard(next.chain);
        }
    }

    fn discard(&mut self, voice: Option<Voice>) {
        if let Some(voice) = voice {
            // There is room: cues are followed only while there is, and the control thread empties the trash.
            drop(self.trash.push(voice.ring));
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
