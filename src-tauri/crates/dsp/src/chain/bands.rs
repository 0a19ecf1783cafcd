//! Four ranges of pitch, each compressed by itself.
//!
//! Linkwitz–Riley crossovers of the fourth order in a tree; what one half of the tree turns in phase, an all-pass turns
//! in the other, so that the sum is flat. One gain acts on both channels of a band: the image does not
//! move.

use super::{
    BLOCK, Band,
    filter::{Filters, Response},
};
use crate::{
    Frame,
    lanes::{Lanes, LastPairsTwice, MiddleSwapped, PairsSwapped},
};

/// Where the ranges meet.
pub const CROSSOVER_HZ: [f64; 3] = [120.0, 1_000.0, 6_000.0];
/// Frames by which the output is late.
pub const LATENCY_FRAMES: usize = 1;

/// Frames between two decisions about the gains; they run in straight lines between.
const CELL: usize = 16;
/// Over how long the level of each band is averaged: two periods or so.
const AVERAGE_S: [f32; 4] = [0.03, 0.012, 0.006, 0.004];
/// Over how much of the level the compression sets in.
const KNEE_DB: f32 = 6.0;

pub struct Bands {
    /// The crossover in the middle, twice in a row; the all-passes; both crossovers of the outer tree, twice.
    middle: Filters,
    turn: Filters,
    outer: [Filters; 2],
    /// What the middle gave last.
    last: [f32; 8],
    compressors: Compressors,
    /// The gains at the last border of cells: left and right of each band.
    gains: [f32; 8],
}

/// One for each band, side by side.
struct Compressors {
    threshold_db: [f32; 4],
    /// dB held back for each dB above the threshold.
    slope: [f32; 4],
    makeup_db: [f32; 4],
    /// Power below which nothing is let go.
    hold: f32,
    average: [f32; 4],
    attack: [f32; 4],
    release: [f32; 4],
    power: [f32; 4],
    held_back_db: [f32; 4],
}

impl Bands {
    pub fn new(rate_hz: u32, bands: &[Band; 4], hold_below_db: f32) -> Self {
        let [low, middle, high] = CROSSOVER_HZ;
        let (below, above) = (|hz| Response::low_pass(hz, rate_hz), |hz| Response::high_pass(hz, rate_hz));
        let turned = |hz| Response::all_pass(hz, rate_hz);
        // Lanes go in pairs: left and right.
        let pairs = |of: [Response; 4]| Filters::new(std::array::from_fn(|lane| of[lane / 2]));
        let outer = pairs([below(low), above(low), below(high), above(high)]);
        let pace = |time_s: f32| 1.0 - (-(CELL as f32) / (time_s * rate_hz as f32)).exp();
        let compressors = Compressors {
            threshold_db: bands.map(|band| band.threshold_db),
            slope: bands.map(|band| 1.0 - 1.0 / band.ratio.max(1.0)),
            makeup_db: bands.map(|band| band.makeup_db),
            hold: 10_f32.powf(hold_below_db / 10.0),
            average: AVERAGE_S.map(pace),
            attack: bands.map(|band| pace(band.attack_s)),
            release: bands.map(|band| pace(band.release_s)),
            power: [0.0; 4],
            held_back_db: [0.0; 4],
        };
        let mut made = Self {
            middle: pairs([below(middle), above(middle), below(middle), above(middle)]),
            turn: pairs([turned(high), turned(high), turned(low), turned(low)]),
            outer: [outer.clone(), outer],
            last: [0.0; 8],
            compressors,
            gains: [0.0; 8],
        };
        made.reset();
        made
    }

    pub fn reset(&mut self) {
        let [first, second] = &mut self.outer;
        for filters in [&mut self.middle, &mut self.turn, first, second] {
            filters.reset();
        }
        self.last = [0.0; 8];
        (self.compressors.power, self.compressors.held_back_db) = ([0.0; 4], [0.0; 4]);
        self.gains = self.compressors.gains();
    }

    pub fn held_back_db(&self) -> [f32; 4] {
        self.compressors.held_back_db
    }

    #[inline(always)]
    pub fn process<L: Lanes>(&mut self, lanes: L, block: &mut [Frame; BLOCK]) {
        let mut split = [[0.0; 8]; BLOCK];
        self.split(lanes, block, &mut split);
        for (split, out) in split.chunks_exact(CELL).zip(block.chunks_exact_mut(CELL)) {
            let power = split.iter().fold(lanes.splat(0.0), |sum, bands| {
                let bands = lanes.load(bands);
                lanes.mul_add(bands, bands, sum)
            });
            let power = lanes.store(power);
            self.compressors.step(std::array::from_fn(|at| (power[2 * at] + power[2 * at + 1]) / (2 * CELL) as f32));
            let (from, to) = (lanes.load(&self.gains), self.compressors.gains());
            self.gains = to;
            let step = lanes.mul(lanes.sub(lanes.load(&to), from), lanes.splat(1.0 / CELL as f32));
            let mut gains = from;
            for (four, out) in split.as_chunks::<4>().0.iter().zip(out.as_flattened_mut().as_chunks_mut().0) {
                let mut frames = [gains; 4];
                for (frame, bands) in frames.iter_mut().zip(four) {
                    *frame = lanes.mul(lanes.load(bands), gains);
                    gains = lanes.add(gains, step);
                }
                let [a, b, c, d] = frames;
                let (two, other_two) = (sum_of_pairs(lanes, a, b), sum_of_pairs(lanes, c, d));
                *out = lanes.store(lanes.pick::<MiddleSwapped>(lanes.in_turns(two, other_two)));
            }
        }
    }

    #[inline(always)]
    fn split<L: Lanes>(&mut self, lanes: L, block: &[Frame; BLOCK], split: &mut [[f32; 8]; BLOCK]) {
        let [mut middle, mut turn] = [&self.middle, &self.turn].map(|filters| filters.load(lanes));
        let [mut outer, mut outer_again] = self.outer.each_ref().map(|filters| filters.load(lanes));
        let mut last = lanes.load(&self.last);
        for (&[left, right], split) in block.iter().zip(split) {
            let input = lanes.load(&[left, right, left, right, 0.0, 0.0, 0.0, 0.0]);
            last = middle.step(lanes, lanes.four_four(input, last));
            let turned = turn.step(lanes, lanes.pick::<LastPairsTwice>(last));
            *split = lanes.store(outer_again.step(lanes, outer.step(lanes, turned)));
        }
        self.last = lanes.store(last);
        self.middle.keep(lanes, &middle);
        self.turn.keep(lanes, &turn);
        self.outer[0].keep(lanes, &outer);
        self.outer[1].keep(lanes, &outer_again);
    }
}

/// The sum of all pairs of `a`, twice; then that of `b`.
#[inline(always)]
fn sum_of_pairs<L: Lanes>(lanes: L, a: L::V, b: L::V) -> L::V {
    let halves = lanes.add(lanes.four_four(a, b), lanes.last_four_four(a, b));
    lanes.add(halves, lanes.pick::<PairsSwapped>(halves))
}

impl Compressors {
    /// The next cell, by its power in each band.
    #[inline(always)]
    fn step(&mut self, power: [f32; 4]) {
        for (band, power) in power.into_iter().enumerate() {
            self.power[band] += (power - self.power[band]) * self.average[band];
            let over_db = log2(self.power[band].max(1e-18)) * LOG2_TO_DB - self.threshold_db[band];
            let in_knee_db = (over_db + KNEE_DB / 2.0).clamp(0.0, KNEE_DB);
            let above_db = in_knee_db * in_knee_db / (2.0 * KNEE_DB) + (over_db - KNEE_DB / 2.0).max(0.0);
            let change_db = above_db * self.slope[band] - self.held_back_db[band];
            let release = if power > self.hold { self.release[band] } else { 0.0 };
            self.held_back_db[band] += change_db * if change_db > 0.0 { self.attack[band] } else { release };
        }
    }

    /// The factors of left and right of each band.
    #[inline(always)]
    fn gains(&self) -> [f32; 8] {
        std::array::from_fn(|lane| exp2((self.makeup_db[lane / 2] - self.held_back_db[lane / 2]) * DB_TO_LOG2))
    }
}

/// A level in dB of a power of two in power, and the reverse for amplitudes.
const LOG2_TO_DB: f32 = 3.010_3;
const DB_TO_LOG2: f32 = 1.0 / (2.0 * LOG2_TO_DB);

/// Logarithm of a normal positive number, to 1e-6: the series of the inverse hyperbolic tangent around 1.
#[inline(always)]
fn log2(x: f32) -> f32 {
    // The mantissa from √½ to √2.
    let shifted = x.to_bits().wrapping_sub(std::f32::consts::FRAC_1_SQRT_2.to_bits());
    let exponent = (shifted as i32) >> 23;
    let mantissa = f32::from_bits(x.to_bits().wrapping_sub((exponent << 23) as u32));
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let t2 = t * t;
    exponent as f32 + t * (2.0 / std::f32::consts::LN_2) * (1.0 + t2 * (1.0 / 3.0 + t2 * (0.2 + t2 * (1.0 / 7.0))))
}

/// Two to the power of a number between −126 and 126, to 1e-5: its whole part as an exponent, the rest by its series.
#[inline(always)]
fn exp2(x: f32) -> f32 {
    let x = x.clamp(-126.0, 126.0);
    let whole = x.round_ties_even();
    let t = (x - whole) * std::f32::consts::LN_2;
    let series = 1.0 + t * (1.0 + t * (0.5 + t * (1.0 / 6.0 + t * (1.0 / 24.0 + t * (1.0 / 120.0)))));
    f32::from_bits(((whole as i32 + 127) << 23) as u32) * series
}
