//! The rodio source on the audio thread: it plays rings.
//!
//! Nothing here allocates, locks, logs or waits. Commands arrive through a ring of [`SourceCommand`]s and two atomics;
//! [`PlaybackMark`]s report what was played; rings and chains to free are sent back to the control thread.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Acquire, Ordering::Relaxed},
    },
    time::Duration,
};

use auralis_core::LoadId;
use auralis_dsp::{Chain, Frame};
use rodio::{ChannelCount, SampleRate, Source};
use rtrb::{Consumer, Producer, RingBuffer};

use super::{
    BLOCK_FRAMES,
    chain_crossfader::ChainCrossfader,
    marks::{MarkScheduler, PlaybackMark, SegmentState},
    meters::MeterBlock,
    ramp::Ramp,
    ring::RingReader,
    ring_player::{FadeCurve, RingPlayer, SLOW_RAMP_FACTOR},
};

/// Length of the crossfade at a seek: 5 ms at 48 kHz.
const SEEK_FADE_FRAMES: u32 = 256;
/// Ramp length of pause, volume, gain and mastering changes. The slow ramp is [`SLOW_RAMP_FACTOR`] times longer.
const RAMP_MS: u32 = 10;
/// Free slots required before a command is handled, so that no ring is ever freed on the audio thread.
const MIN_FREE_SLOTS: usize = 8;

/// A command to the audio thread.
pub enum SourceCommand {
    /// Play this ring in place of everything else, with this chain from its first frame on; `None` keeps the current
    /// chain.
    Play(RingReader, Option<Box<Chain>>),
    /// Set the ring that takes over at the end of the current one, in place of the one set before.
    Next(Option<NextRing>),
    /// Replaces the chain of these loads. The current ring crossfades to it; the next ring starts with it. The last
    /// field selects the slow ramp.
    SetChain([LoadId; 2], Box<Chain>, bool),
    /// Fade out and drop all rings.
    Silence,
}

/// A ring that takes over.
pub struct NextRing {
    /// The ring.
    pub ring: RingReader,
    /// Its chain; `None` keeps the current chain.
    pub chain: Option<Box<Chain>>,
    /// Length of the crossfade in frames; 0 for a gapless join.
    pub overlap: u32,
}

/// Counts late decoding.
#[derive(Default)]
pub struct Underruns {
    /// How often a ring ran dry before its end.
    pub events: AtomicU64,
    /// Frames of silence that were inserted.
    pub frames: AtomicU64,
}

/// Play/pause and volume, reached by ramps.
pub struct PlaybackControls {
    /// Whether to play.
    pub playing: AtomicBool,
    /// The listener's volume: the bits of a linear `f32`.
    pub volume: AtomicU32,
}

/// The control thread's end of a source.
pub struct SourceHandle {
    /// Commands.
    pub commands: Producer<SourceCommand>,
    /// What was played.
    pub marks: Consumer<PlaybackMark>,
    /// Rings to free.
    pub retired_rings: Consumer<RingReader>,
    /// Chains to free.
    pub retired_chains: Consumer<Box<Chain>>,
}

/// The source that plays rings.
pub struct RingSource {
    rate: SampleRate,
    commands: Consumer<SourceCommand>,
    retired_rings: Producer<RingReader>,
    controls: Arc<PlaybackControls>,
    underruns: Arc<Underruns>,
    /// Tests and offline outputs: wait for the decoder instead of counting an underrun.
    waits_for_decoder: bool,
    /// The listener's volume is applied elsewhere.
    pub at_full_volume: bool,

    current: Option<RingPlayer>,
    next: Option<NextRing>,
    /// The ring that fades out.
    fading_out: Option<RingPlayer>,
    /// Mastering of the mix.
    chains: ChainCrossfader,
    marks: MarkScheduler,
    /// Blocks for the meters.
    meter_tx: Producer<MeterBlock>,
    /// 0 is silent, `ramp_frames` is open.
    gate: u32,
    ramp_frames: u32,
    volume: Ramp,
    /// Frames rendered since the device was opened.
    rendered: u64,

    block: [Frame; BLOCK_FRAMES],
    /// The next sample of the block.
    cursor: usize,
}

impl RingSource {
    /// Creates a source at the device's rate, and the handle to it.
    pub fn new(
        rate: SampleRate,
        controls: Arc<PlaybackControls>,
        underruns: Arc<Underruns>,
        meter_tx: Producer<MeterBlock>,
        waits_for_decoder: bool,
    ) -> (Self, SourceHandle) {
        let (commands_in, commands) = RingBuffer::new(64);
        let (marks, marks_out) = RingBuffer::new(1024);
        let (retired_rings, retired_rings_out) = RingBuffer::new(64);
        let (retired_chains, retired_chains_out) = RingBuffer::new(64);
        let chains = ChainCrossfader::new(rate.get(), retired_chains);
        let volume = f32::from_bits(controls.volume.load(Relaxed));
        let source = Self {
            rate,
            commands,
            retired_rings,
            controls,
            underruns,
            waits_for_decoder,
            at_full_volume: false,
            current: None,
            next: None,
            fading_out: None,
            marks: MarkScheduler::new(marks, chains.latency()),
            chains,
            meter_tx,
            gate: 0,
            ramp_frames: rate.get() * RAMP_MS / 1000,
            volume: Ramp::at(volume),
            rendered: 0,
            block: [[0.0; 2]; BLOCK_FRAMES],
            cursor: 2 * BLOCK_FRAMES,
        };
        (
            source,
            SourceHandle {
                commands: commands_in,
                marks: marks_out,
                retired_rings: retired_rings_out,
                retired_chains: retired_chains_out,
            },
        )
    }

    fn render_block(&mut self) {
        // Read before the commands: whoever starts a new ring has sent the command that silences the old one before.
        let open = self.controls.playing.load(Acquire);
        self.handle_commands(0);
        let is_unstarted =
            |player: &RingPlayer| player.ring.from_start && player.ring.taken() == 0 && self.marks.is_unplayed();
        if open && self.gate == 0 && self.current.as_ref().is_none_or(is_unstarted) {
            self.gate = self.ramp_frames; // a track's own beginning is not faded in
        }
        self.block = [[0.0; 2]; BLOCK_FRAMES];
        // A closing gate consumes exactly the frames that are still audible, so that playback resumes at the next one.
        let wanted = if open { BLOCK_FRAMES } else { BLOCK_FRAMES.min(self.gate as usize) };
        let mixed = self.mix_block(wanted);
        self.marks.emit_due(self.chains.input_frames(), wanted, self.rendered);
        // While paused, the chain keeps the frames inside.
        let mix = self.block;
        self.chains.process(&mix[..wanted], &mut self.block[..wanted]);
        self.push_meter_block(mix, wanted);
        self.ramp_gate(open);
        if !self.at_full_volume {
            self.ramp_volume();
        }
        if !open && self.gate == 0 && mixed {
            let current = self.current.as_ref().map(|player| (player.ring.id, player.ring.taken()));
            self.marks.pause(self.chains.input_frames(), self.rendered + wanted as u64, current);
        }
        self.rendered += BLOCK_FRAMES as u64;
    }

    /// Queues a block for the meters.
    fn push_meter_block(&mut self, before: [Frame; BLOCK_FRAMES], frames: usize) {
        if let Some(current) = self.current.as_ref().filter(|_| frames > 0 && !self.meter_tx.is_full()) {
            let (after, device_frame, ring) = (self.block, self.rendered, current.ring.id);
            let activity = self.chains.activity();
            drop(self.meter_tx.push(MeterBlock { before, after, frames, device_frame, ring, activity }));
        }
    }

    /// Mixes the first `wanted` frames of the block. Returns false if there were fewer.
    fn mix_block(&mut self, wanted: usize) -> bool {
        let mut at = 0;
        while at < wanted {
            let to = self.start_crossfade_if_due(at).map_or(wanted, |frames| wanted.min(at + frames));
            let mixed = self.mix_current(at, to);
            let to = if mixed < to { wanted } else { to };
            self.mix_fading_out(at, to);
            at = to;
            if mixed < to {
                return false;
            }
        }
        true
    }

    /// Starts the crossfade to the next ring if it is due at frame `at` of the block; otherwise returns the frames
    /// until then.
    fn start_crossfade_if_due(&mut self, at: usize) -> Option<usize> {
        let overlap = self.next.as_ref().map(|next| next.overlap).filter(|overlap| *overlap > 0)?;
        let player =
            self.current.as_ref().filter(|player| self.fading_out.is_none() && player.fade_frames_remaining() == 0)?;
        let remaining = player.ring.status().remaining_frames()?;
        if remaining > u64::from(overlap) {
            return usize::try_from(remaining - u64::from(overlap)).ok();
        }
        if remaining == 0 {
            return None;
        }
        let mut old = self.current.take()?;
        old.fade_out(remaining as u32, FadeCurve::EqualPower);
        self.fading_out = Some(old);
        let next = self.next.take()?;
        if let Some(chain) = next.chain {
            self.chains.start_at(chain, at, remaining as u32);
        }
        let mut new = RingPlayer::new(next.ring, self.ramp_frames);
        new.fade_in(remaining as u32, FadeCurve::EqualPower);
        self.current = Some(new);
        None
    }

    /// Fills a part of the block from the current ring and its successors. Returns the frame at which they ran out.
    fn mix_current(&mut self, from: usize, to: usize) -> usize {
        let mut at = from;
        while at < to {
            let Some(current) = &mut self.current else { break };
            if let Some(remaining) =
                current.ring.abandoned_frames().filter(|remaining| *remaining <= u64::from(SEEK_FADE_FRAMES))
            {
                current.ensure_fade_out(remaining as u32); // a seek is under way, and its new ring has not arrived yet
            }
            let before = current.ring.taken();
            let got = current.read(&mut self.block[at..to]);
            let ring = &current.ring;
            if got > 0 {
                self.marks.record(self.chains.input_frames() + at as u64, ring.id, before, SegmentState::Running);
                at += got;
            } else if !ring.is_empty() {
                // written in this very moment
            } else if ring.is_over() && (self.next.is_some() || !ring.has_successor()) {
                let Some(next) = self.next.take() else {
                    self.marks.record(
                        self.chains.input_frames() + at as u64,
                        ring.id,
                        ring.taken(),
                        SegmentState::Ended,
                    );
                    break;
                };
                if let Some(chain) = next.chain {
                    self.chains.start_at(chain, at, 0);
                }
                let over = self.current.replace(RingPlayer::new(next.ring, self.ramp_frames));
                self.discard(over);
            } else if self.waits_for_decoder && (self.commands.is_empty() || self.fading_out.is_none()) {
                ring.status().wake_writer();
                std::thread::yield_now();
                self.handle_commands(at);
            } else {
                if !self.waits_for_decoder {
                    self.on_underrun(at, to);
                }
                break;
            }
        }
        at
    }

    fn on_underrun(&mut self, at: usize, wanted: usize) {
        self.underruns.frames.fetch_add((wanted - at) as u64, Relaxed);
        if let Some(current) = &mut self.current {
            let (ring, taken) = (current.ring.id, current.ring.taken());
            if self.marks.record(self.chains.input_frames() + at as u64, ring, taken, SegmentState::Underrun) {
                self.underruns.events.fetch_add(1, Relaxed);
            }
            current.fade_in(SEEK_FADE_FRAMES, FadeCurve::Linear); // fade in what arrives next
        }
    }

    /// Adds the ring that fades out.
    fn mix_fading_out(&mut self, from: usize, to: usize) {
        let Some(fading_out) = &mut self.fading_out else { return };
        let mut old = [[0.0; 2]; BLOCK_FRAMES];
        fading_out.read(&mut old[from..to]);
        for (new, old) in self.block[from..to].as_flattened_mut().iter_mut().zip(old[from..to].as_flattened()) {
            *new += old;
        }
        if fading_out.fade_frames_remaining() == 0 || fading_out.ring.is_over() {
            self.discard_fading_out();
        }
    }

    fn ramp_gate(&mut self, open: bool) {
        if open && self.gate == self.ramp_frames {
            return;
        }
        for frame in &mut self.block {
            self.gate = if open { (self.gate + 1).min(self.ramp_frames) } else { self.gate.saturating_sub(1) };
            let level = self.gate as f32 / self.ramp_frames as f32;
            *frame = frame.map(|sample| sample * level);
        }
    }

    fn ramp_volume(&mut self) {
        self.volume.set_target(f32::from_bits(self.controls.volume.load(Relaxed)), self.ramp_frames);
        if self.volume.settled_value() == Some(1.0) {
            return;
        }
        for frame in &mut self.block {
            let volume = self.volume.step();
            *frame = frame.map(|sample| sample * volume);
        }
    }

    /// Handles commands at frame `at` of the block. A ring that fades out must be finished before another one does.
    fn handle_commands(&mut self, at: usize) {
        while self.retired_rings.slots() >= MIN_FREE_SLOTS && self.chains.has_room() {
            if matches!(self.commands.peek(), Ok(SourceCommand::Play(..) | SourceCommand::Silence))
                && self.shorten_fade_out()
            {
                break;
            }
            match self.commands.pop() {
                Ok(SourceCommand::Play(ring, chain)) => self.play(ring, chain, at),
                Ok(SourceCommand::Next(next)) => {
                    let forgotten = std::mem::replace(&mut self.next, next);
                    self.discard_next(forgotten);
                }
                Ok(SourceCommand::SetChain(of, chain, slow_ramp)) => self.set_chain(of, chain, slow_ramp),
                Ok(SourceCommand::Silence) => {
                    if self.gate == 0 {
                        self.chains.reset_to(None);
                    }
                    self.fade_out_current();
                    let next = self.next.take();
                    self.discard_next(next);
                    self.marks.clear();
                }
                Err(_) => break,
            }
        }
    }

    /// Returns whether a ring is still audibly fading out, and shortens that fade.
    fn shorten_fade_out(&mut self) -> bool {
        if self.gate == 0 {
            self.discard_fading_out();
        } else if let Some(fading_out) =
            self.fading_out.as_mut().filter(|fading_out| fading_out.fade_frames_remaining() > SEEK_FADE_FRAMES)
        {
            fading_out.fade_out(SEEK_FADE_FRAMES, FadeCurve::Linear);
        }
        self.fading_out.is_some()
    }

    fn play(&mut self, ring: RingReader, chain: Option<Box<Chain>>, at: usize) {
        let is_unstarted = self.current.is_none() && ring.from_start;
        self.fade_out_current();
        // A ring that is to crossfade was meant for the end of the old one; a gapless one also follows this ring.
        let next = self.next.take_if(|next| next.overlap == 0);
        self.discard_next(next);
        if self.gate == 0 {
            self.chains.reset_to(chain);
        } else if let Some(chain) = chain {
            self.chains.start_at(chain, at, 0);
        }
        let is_start = ring.from_start;
        let mut player = RingPlayer::new(ring, self.ramp_frames);
        if is_unstarted {
            self.gate = if self.controls.playing.load(Acquire) { self.ramp_frames } else { self.gate };
        } else if self.gate > 0 || !is_start {
            player.fade_in(SEEK_FADE_FRAMES, FadeCurve::Linear);
        }
        self.current = Some(player);
        self.marks.clear();
    }

    fn set_chain(&mut self, of: [LoadId; 2], chain: Box<Chain>, slow_ramp: bool) {
        let mut chain = Some(chain);
        let fade = if slow_ramp { self.ramp_frames * SLOW_RAMP_FACTOR } else { self.ramp_frames };
        if self.current.as_ref().is_some_and(|current| of.contains(&current.ring.load)) {
            chain.take().into_iter().for_each(|chain| self.chains.crossfade_to(chain, fade));
        }
        if let Some(next) = self.next.as_mut().filter(|next| of.contains(&next.ring.load)) {
            std::mem::swap(&mut next.chain, &mut chain);
        }
        self.chains.discard(chain);
    }

    /// Fades the current ring out, or drops it if it is inaudible.
    fn fade_out_current(&mut self) {
        let Some(mut old) = self.current.take() else { return };
        if self.gate == 0 {
            self.discard(Some(old));
        } else {
            // No longer than there are frames: its writer may be gone.
            let frames = old.ring.status().buffered_frames().min(u64::from(SEEK_FADE_FRAMES)) as u32;
            old.fade_out(frames, FadeCurve::Linear);
            self.fading_out = Some(old);
        }
    }

    fn discard_fading_out(&mut self) {
        let fading_out = self.fading_out.take();
        self.discard(fading_out);
    }

    fn discard_next(&mut self, next: Option<NextRing>) {
        if let Some(next) = next {
            drop(self.retired_rings.push(next.ring));
            self.chains.discard(next.chain);
        }
    }

    fn discard(&mut self, player: Option<RingPlayer>) {
        if let Some(player) = player {
            // Never full: commands are handled only while there is room, and the control thread empties it.
            drop(self.retired_rings.push(player.ring));
        }
    }
}

impl Iterator for RingSource {
    type Item = f32;

    #[inline]
    fn next(&mut self) -> Option<f32> {
        if self.cursor == 2 * BLOCK_FRAMES {
            self.render_block();
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
