//! The mastering chain and its parameters.
//!
//! gain → [`equaliser`] → [`width`] → [`multiband`] compressor → [`limiter`]. A stage without effect is left out. The
//! chain works in blocks of a fixed length, so that the output does not depend on how the input is cut into blocks.

mod delay;
mod equaliser;
mod filter;
mod limiter;
mod multiband;
mod parameters;
mod width;

use pulp::Arch;

use crate::{
    Frame,
    simd::{Simd8, SimdTask, dispatch},
};
use delay::Delay;
use equaliser::Equaliser;
pub use equaliser::SECTION_HZ as EQUALISER_HZ;
pub(crate) use equaliser::{SECTIONS, response_db};
use limiter::Limiter;
pub(crate) use limiter::METER_TOLERANCE_DB;
pub(crate) use multiband::CROSSOVER_HZ;
use multiband::MultibandCompressor;
pub use parameters::{BandCompression, CEILING_DBTP, Parameters};
use width::Width;

/// Frames processed at once.
pub const BLOCK_FRAMES: usize = 64;

/// Input is clamped to this amplitude, +24 dBFS; only broken files exceed it.
const MAX_INPUT: f32 = 16.0;

/// Current gain reductions of a chain, for meters.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Activity {
    /// Gain reduction of the limiter in dB, 0 or above.
    pub limiter_reduction_db: f32,
    /// Gain reduction of the compressor bands in dB, 0 or above: bass, low mids, high mids, treble.
    pub compressor_reduction_db: [f32; 4],
}

/// A mastering chain with its filter state, for one sample rate and one set of parameters. To change parameters, make
/// another chain and crossfade.
///
/// With neutral parameters the output is the delayed input, bit-identical. With all others it is finite and at most
/// −1 dBTP for any input.
pub struct Chain {
    arch: Arch,
    latency_frames: usize,
    /// Collects the next block while the previous one is read out.
    buffer: [Frame; BLOCK_FRAMES],
    position: usize,
    stages: Stages,
}

enum Stages {
    /// Only delays, by the latency of the other variant.
    Neutral(Delay),
    Active(Box<ActiveStages>),
}

struct ActiveStages {
    gain: f32,
    equaliser: Option<Equaliser>,
    width: Option<Width>,
    multiband: Option<MultibandCompressor>,
    /// The latency of the stages that were left out.
    delay: Delay,
    limiter: Limiter,
}

impl Chain {
    /// Creates a chain for a sample rate of 8,000 to 384,000 Hz. Allocates.
    pub fn new(rate_hz: u32, parameters: &Parameters) -> Self {
        let limiter = Limiter::new(rate_hz, CEILING_DBTP);
        let stage_latency = equaliser::LATENCY_FRAMES + multiband::LATENCY_FRAMES;
        let latency_frames = BLOCK_FRAMES + stage_latency + limiter.latency_frames();
        let stages = if parameters.is_neutral() {
            Stages::Neutral(Delay::new(latency_frames - BLOCK_FRAMES))
        } else {
            let Parameters { gain_db, equaliser_db, bands, width, freeze_release_below_db } = parameters;
            let equaliser = (*equaliser_db != [0.0; SECTIONS]).then(|| Equaliser::new(rate_hz, equaliser_db));
            let width = (*width != 1.0).then(|| Width::new(rate_hz, *width));
            let multiband = bands
                .iter()
                .any(BandCompression::is_active)
                .then(|| MultibandCompressor::new(rate_hz, bands, *freeze_release_below_db));
            let used = equaliser.as_ref().map_or(0, |_| equaliser::LATENCY_FRAMES)
                + multiband.as_ref().map_or(0, |_| multiband::LATENCY_FRAMES);
            let delay = Delay::new(stage_latency - used);
            Stages::Active(Box::new(ActiveStages {
                gain: db_to_gain(*gain_db),
                equaliser,
                width,
                multiband,
                delay,
                limiter,
            }))
        };
        Self { arch: Arch::new(), latency_frames, buffer: [[0.0; 2]; BLOCK_FRAMES], position: 0, stages }
    }

    /// Processes a block of any length in place. The output is [`latency_frames`](Self::latency_frames) late.
    pub fn process(&mut self, block: &mut [Frame]) {
        let mut remaining = block;
        while !remaining.is_empty() {
            let (now, later) = remaining.split_at_mut(remaining.len().min(BLOCK_FRAMES - self.position));
            self.buffer[self.position..self.position + now.len()].swap_with_slice(now);
            self.position += now.len();
            if self.position == BLOCK_FRAMES {
                self.position = 0;
                self.stages.process(self.arch, &mut self.buffer);
            }
            remaining = later;
        }
    }

    /// Returns the delay of the output. It depends on the sample rate only.
    pub fn latency_frames(&self) -> usize {
        self.latency_frames
    }

    /// Clears all state, as in a new chain.
    pub fn reset(&mut self) {
        (self.buffer, self.position) = ([[0.0; 2]; BLOCK_FRAMES], 0);
        match &mut self.stages {
            Stages::Neutral(delay) => delay.reset(),
            Stages::Active(active) => active.reset(),
        }
    }

    /// Returns the gain reductions for the frames that were output last.
    pub fn activity(&self) -> Activity {
        match &self.stages {
            Stages::Neutral(_) => Activity::default(),
            Stages::Active(active) => Activity {
                limiter_reduction_db: active.limiter.reduction_db(),
                compressor_reduction_db: active.multiband.as_ref().map_or([0.0; 4], MultibandCompressor::reduction_db),
            },
        }
    }
}

impl Stages {
    fn process(&mut self, arch: Arch, block: &mut [Frame; BLOCK_FRAMES]) {
        match self {
            Stages::Neutral(delay) => {
                block.as_flattened_mut().iter_mut().for_each(|sample| *sample = finite(*sample));
                delay.process(block);
            }
            Stages::Active(active) => dispatch(arch, ProcessBlock { active, block }),
        }
    }
}

/// Processes one block by all stages.
struct ProcessBlock<'a> {
    active: &'a mut ActiveStages,
    block: &'a mut [Frame; BLOCK_FRAMES],
}

impl SimdTask for ProcessBlock<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd8>(self, simd: S) {
        let ProcessBlock { active, block } = self;
        for sample in block.as_flattened_mut() {
            *sample = finite(*sample).clamp(-MAX_INPUT, MAX_INPUT) * active.gain;
        }
        if let Some(equaliser) = &mut active.equaliser {
            equaliser.process(simd, block);
        }
        if let Some(width) = &mut active.width {
            width.process(simd, block);
        }
        if let Some(multiband) = &mut active.multiband {
            multiband.process(simd, block);
        }
        active.delay.process(block);
        active.limiter.process(simd, block);
    }
}

impl ActiveStages {
    fn reset(&mut self) {
        if let Some(equaliser) = &mut self.equaliser {
            equaliser.reset();
        }
        if let Some(width) = &mut self.width {
            width.reset();
        }
        if let Some(multiband) = &mut self.multiband {
            multiband.reset();
        }
        self.delay.reset();
        self.limiter.reset();
    }
}

/// Replaces NaN and infinity by silence.
#[inline(always)]
fn finite(sample: f32) -> f32 {
    if sample.is_finite() { sample } else { 0.0 }
}

/// Converts a level in dB to an amplitude factor.
fn db_to_gain(level_db: f32) -> f32 {
    10_f32.powf(level_db / 20.0)
}

#[cfg(test)]
mod tests;
