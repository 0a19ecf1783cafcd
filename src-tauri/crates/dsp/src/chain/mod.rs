//! The mastering chain: what it is told to do, and doing it.
//!
//! gain → [`equaliser`] → [`width`] → [`bands`] (dynamics) → [`limiter`]. A stage that has nothing to do is not there.
//! Inside, sound comes in blocks of a fixed length, so that what comes out does not depend on how it was cut on its way in.

mod bands;
mod delay;
mod equaliser;
mod filter;
mod limiter;
mod parameters;
mod width;

use pulp::Arch;

use crate::{
    Frame,
    lanes::{Lanes, Work, best},
};
use bands::Bands;
pub(crate) use bands::CROSSOVER_HZ;
use delay::Delay;
use equaliser::Equaliser;
pub(crate) use equaliser::{SECTIONS, response_db};
use limiter::Limiter;
pub use parameters::{Band, CEILING_DBTP, Parameters};
use width::Width;

/// Frames that are processed at once.
const BLOCK: usize = 64;

/// The highest sample that the stages work with, +24 dB: beyond it lie only broken files.
const HIGHEST: f32 = 16.0;

/// What the chain does at this moment, for meters.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Activity {
    /// By how much the limiter lowers the sound, in dB, 0 or above.
    pub limiter_db: f32,
    /// By how much loud moments are held back, in dB, 0 or above: bass, low mids, high mids, treble.
    pub held_back_db: [f32; 4],
}

/// A chain with its memory of the sound, for one rate and one set of parameters. Other parameters are another chain;
/// whoever switches crosses over from the one to the other.
///
/// With neutral parameters the output is the input, bit by bit, delayed. With all others it is finite and at most
/// −1 dBTP, whatever comes in.
pub struct Chain {
    arch: Arch,
    latency_frames: usize,
    /// Collects a block while the one before leaves.
    waiting: [Frame; BLOCK],
    at: usize,
    stages: Stages,
}

enum Stages {
    /// Nothing to do, for as long as the others would take.
    Neutral(Delay),
    Acting(Box<Acting>),
}

struct Acting {
    gain: f32,
    equaliser: Option<Equaliser>,
    width: Option<Width>,
    bands: Option<Bands>,
    /// What the stages that are not there would have taken.
    delay: Delay,
    limiter: Limiter,
}

impl Chain {
    /// A chain for sound at `rate_hz`, 8,000 to 384,000. Allocates.
    pub fn new(rate_hz: u32, parameters: &Parameters) -> Self {
        let limiter = Limiter::new(rate_hz, CEILING_DBTP);
        let most = equaliser::LATENCY_FRAMES + bands::LATENCY_FRAMES;
        let latency_frames = BLOCK + most + limiter.latency_frames();
        let stages = if parameters.is_neutral() {
            Stages::Neutral(Delay::new(latency_frames - BLOCK))
        } else {
            let Parameters { gain_db, equaliser_db, bands, width, hold_below_db } = parameters;
            let equaliser = (*equaliser_db != [0.0; SECTIONS]).then(|| Equaliser::new(rate_hz, equaliser_db));
            let width = (*width != 1.0).then(|| Width::new(rate_hz, *width));
            let bands = bands.iter().any(Band::acts).then(|| Bands::new(rate_hz, bands, *hold_below_db));
            let taken = equaliser.as_ref().map_or(0, |_| equaliser::LATENCY_FRAMES)
                + bands.as_ref().map_or(0, |_| bands::LATENCY_FRAMES);
            let delay = Delay::new(most - taken);
            Stages::Acting(Box::new(Acting { gain: decibels(*gain_db), equaliser, width, bands, delay, limiter }))
        };
        Self { arch: Arch::new(), latency_frames, waiting: [[0.0; 2]; BLOCK], at: 0, stages }
    }

    /// Masters a block of any length in place. What comes out went in [`latency_frames`](Self::latency_frames) earlier.
    pub fn process(&mut self, block: &mut [Frame]) {
        let mut rest = block;
        while !rest.is_empty() {
            let (now, later) = rest.split_at_mut(rest.len().min(BLOCK - self.at));
            self.waiting[self.at..self.at + now.len()].swap_with_slice(now);
            self.at += now.len();
            if self.at == BLOCK {
                self.at = 0;
                self.stages.process(self.arch, &mut self.waiting);
            }
            rest = later;
        }
    }

    /// By how many frames the output is late; depends on the rate alone.
    pub fn latency_frames(&self) -> usize {
        self.latency_frames
    }

    /// As if nothing had been heard yet.
    pub fn reset(&mut self) {
        (self.waiting, self.at) = ([[0.0; 2]; BLOCK], 0);
        match &mut self.stages {
            Stages::Neutral(delay) => delay.reset(),
            Stages::Acting(acting) => acting.reset(),
        }
    }

    /// What it does to the frames that left last.
    pub fn activity(&self) -> Activity {
        match &self.stages {
            Stages::Neutral(_) => Activity::default(),
            Stages::Acting(acting) => Activity {
                limiter_db: acting.limiter.reduction_db(),
                held_back_db: acting.bands.as_ref().map_or([0.0; 4], Bands::held_back_db),
            },
        }
    }
}

impl Stages {
    fn process(&mut self, arch: Arch, block: &mut [Frame; BLOCK]) {
        match self {
            Stages::Neutral(delay) => {
                block.as_flattened_mut().iter_mut().for_each(|sample| *sample = finite(*sample));
                delay.process(block);
            }
            Stages::Acting(acting) => best(arch, Pass { acting, block }),
        }
    }
}

/// One block through the stages.
struct Pass<'a> {
    acting: &'a mut Acting,
    block: &'a mut [Frame; BLOCK],
}

impl Work for Pass<'_> {
    type Output = ();

    #[inline(always)]
    fn on<L: Lanes>(self, lanes: L) {
        let Pass { acting, block } = self;
        for sample in block.as_flattened_mut() {
            *sample = finite(*sample).clamp(-HIGHEST, HIGHEST) * acting.gain;
        }
        if let Some(equaliser) = &mut acting.equaliser {
            equaliser.process(lanes, block);
        }
        if let Some(width) = &mut acting.width {
            width.process(lanes, block);
        }
        if let Some(bands) = &mut acting.bands {
            bands.process(lanes, block);
        }
        acting.delay.process(block);
        acting.limiter.process(lanes, block);
    }
}

impl Acting {
    fn reset(&mut self) {
        if let Some(equaliser) = &mut self.equaliser {
            equaliser.reset();
        }
        if let Some(width) = &mut self.width {
            width.reset();
        }
        if let Some(bands) = &mut self.bands {
            bands.reset();
        }
        self.delay.reset();
        self.limiter.reset();
    }
}

/// Silence in place of what is no number.
#[inline(always)]
fn finite(sample: f32) -> f32 {
    if sample.is_finite() { sample } else { 0.0 }
}

/// The factor that a level in dB is.
fn decibels(level_db: f32) -> f32 {
    10_f32.powf(level_db / 20.0)
}

#[cfg(test)]
mod tests;
