//! Four-band compressor.
//!
//! Fourth-order Linkwitz–Riley crossovers in a tree. An all-pass in each half of the tree matches the phase shift of the
//! crossover in the other half, so that the sum is flat. Both channels of a band get the same gain, so that the stereo
//! image does not move.

use super::{
    BLOCK_FRAMES, BandCompression,
    filter::{SvfBank, SvfCoefficients},
};
use crate::{
    Frame,
    simd::{DupHighPairs, Simd8, SwapMiddlePairs, SwapPairs},
};

/// Crossover frequencies of the bands.
pub const CROSSOVER_HZ: [f64; 3] = [120.0, 1_000.0, 6_000.0];
/// Delay of the output.
pub const LATENCY_FRAMES: usize = 1;

/// Frames between two gain updates; gains are interpolated linearly between them.
const GAIN_UPDATE_FRAMES: usize = 16;
/// Averaging time of each band's level: about two periods.
const AVERAGE_S: [f32; 4] = [0.03, 0.012, 0.006, 0.004];
/// Width of the soft knee.
const KNEE_DB: f32 = 6.0;

pub struct MultibandCompressor {
    /// The middle crossover (two filters in series), the all-passes, and the two outer crossovers (two in series).
    middle: SvfBank,
    phase_match: SvfBank,
    outer: [SvfBank; 2],
    /// Previous output of the middle crossover.
    prev: [f32; 8],
    compressors: Compressors,
    /// Gains at the last update: left and right of each band.
    gains: [f32; 8],
}

/// The gain computers of the four bands.
struct Compressors {
    threshold_db: [f32; 4],
    /// Gain reduction per dB above the threshold.
    slope: [f32; 4],
    makeup_db: [f32; 4],
    /// Power below which the release is frozen.
    freeze_power: f32,
    average: [f32; 4],
    attack: [f32; 4],
    release: [f32; 4],
    power: [f32; 4],
    reduction_db: [f32; 4],
}

impl MultibandCompressor {
    pub fn new(rate_hz: u32, bands: &[BandCompression; 4], freeze_release_below_db: f32) -> Self {
        let [low, middle, high] = CROSSOVER_HZ;
        let (below, above) =
            (|hz| SvfCoefficients::low_pass(hz, rate_hz), |hz| SvfCoefficients::high_pass(hz, rate_hz));
        let phase_matched = |hz| SvfCoefficients::all_pass(hz, rate_hz);
        // Lanes are pairs of left and right.
        let pairs = |bands: [SvfCoefficients; 4]| SvfBank::new(std::array::from_fn(|lane| bands[lane / 2]));
        let outer = pairs([below(low), above(low), below(high), above(high)]);
        let coefficient = |time_s: f32| 1.0 - (-(GAIN_UPDATE_FRAMES as f32) / (time_s * rate_hz as f32)).exp();
        let compressors = Compressors {
            threshold_db: bands.map(|band| band.threshold_db),
            slope: bands.map(|band| 1.0 - 1.0 / band.ratio.max(1.0)),
            makeup_db: bands.map(|band| band.makeup_db),
            freeze_power: 10_f32.powf(freeze_release_below_db / 10.0),
            average: AVERAGE_S.map(coefficient),
            attack: bands.map(|band| coefficient(band.attack_s)),
            release: bands.map(|band| coefficient(band.release_s)),
            power: [0.0; 4],
            reduction_db: [0.0; 4],
        };
        let mut compressor = Self {
            middle: pairs([below(middle), above(middle), below(middle), above(middle)]),
            phase_match: pairs([phase_matched(high), phase_matched(high), phase_matched(low), phase_matched(low)]),
            outer: [outer.clone(), outer],
            prev: [0.0; 8],
            compressors,
            gains: [0.0; 8],
        };
        compressor.reset();
        compressor
    }

    pub fn reset(&mut self) {
        let [first, second] = &mut self.outer;
        for filters in [&mut self.middle, &mut self.phase_match, first, second] {
            filters.reset();
        }
        self.prev = [0.0; 8];
        (self.compressors.power, self.compressors.reduction_db) = ([0.0; 4], [0.0; 4]);
        self.gains = self.compressors.gains();
    }

    pub fn reduction_db(&self) -> [f32; 4] {
        self.compressors.reduction_db
    }

    #[inline(always)]
    pub fn process<S: Simd8>(&mut self, simd: S, block: &mut [Frame; BLOCK_FRAMES]) {
        let mut split = [[0.0; 8]; BLOCK_FRAMES];
        self.split(simd, block, &mut split);
        for (split, out) in split.chunks_exact(GAIN_UPDATE_FRAMES).zip(block.chunks_exact_mut(GAIN_UPDATE_FRAMES)) {
            let power = split.iter().fold(simd.splat(0.0), |sum, bands| {
                let bands = simd.load(bands);
                simd.mul_add(bands, bands, sum)
            });
            let power = simd.store(power);
            self.compressors.update(std::array::from_fn(|at| {
                (power[2 * at] + power[2 * at + 1]) / (2 * GAIN_UPDATE_FRAMES) as f32
            }));
            let (from, to) = (simd.load(&self.gains), self.compressors.gains());
            self.gains = to;
            let step = simd.mul(simd.sub(simd.load(&to), from), simd.splat(1.0 / GAIN_UPDATE_FRAMES as f32));
            let mut gains = from;
            for (four, out) in split.as_chunks::<4>().0.iter().zip(out.as_flattened_mut().as_chunks_mut().0) {
                let mut frames = [gains; 4];
                for (frame, bands) in frames.iter_mut().zip(four) {
                    *frame = simd.mul(simd.load(bands), gains);
                    gains = simd.add(gains, step);
                }
                let [a, b, c, d] = frames;
                let (two, other_two) = (sum_of_pairs(simd, a, b), sum_of_pairs(simd, c, d));
                *out = simd.store(simd.swizzle::<SwapMiddlePairs>(simd.interleave_pairs(two, other_two)));
            }
        }
    }

    #[inline(always)]
    fn split<S: Simd8>(&mut self, simd: S, block: &[Frame; BLOCK_FRAMES], split: &mut [[f32; 8]; BLOCK_FRAMES]) {
        let [mut middle, mut phase_match] = [&self.middle, &self.phase_match].map(|filters| filters.load(simd));
        let [mut outer_first, mut outer_second] = self.outer.each_ref().map(|filters| filters.load(simd));
        let mut prev = simd.load(&self.prev);
        for (&[left, right], split) in block.iter().zip(split) {
            let input = simd.load(&[left, right, left, right, 0.0, 0.0, 0.0, 0.0]);
            prev = middle.step(simd, simd.concat_low(input, prev));
            let matched = phase_match.step(simd, simd.swizzle::<DupHighPairs>(prev));
            *split = simd.store(outer_second.step(simd, outer_first.step(simd, matched)));
        }
        self.prev = simd.store(prev);
        self.middle.store_state(simd, &middle);
        self.phase_match.store_state(simd, &phase_match);
        self.outer[0].store_state(simd, &outer_first);
        self.outer[1].store_state(simd, &outer_second);
    }
}

/// The sum of all pairs of `a`, twice; then that of `b`.
#[inline(always)]
fn sum_of_pairs<S: Simd8>(simd: S, a: S::V, b: S::V) -> S::V {
    let halves = simd.add(simd.concat_low(a, b), simd.concat_high(a, b));
    simd.add(halves, simd.swizzle::<SwapPairs>(halves))
}

impl Compressors {
    /// Updates the gains from the power of the last 16 frames in each band.
    #[inline(always)]
    fn update(&mut self, power: [f32; 4]) {
        for (band, power) in power.into_iter().enumerate() {
            self.power[band] += (power - self.power[band]) * self.average[band];
            let over_db = log2(self.power[band].max(1e-18)) * LOG2_TO_DB - self.threshold_db[band];
            let in_knee_db = (over_db + KNEE_DB / 2.0).clamp(0.0, KNEE_DB);
            let above_db = in_knee_db * in_knee_db / (2.0 * KNEE_DB) + (over_db - KNEE_DB / 2.0).max(0.0);
            let change_db = above_db * self.slope[band] - self.reduction_db[band];
            let release = if power > self.freeze_power { self.release[band] } else { 0.0 };
            self.reduction_db[band] += change_db * if change_db > 0.0 { self.attack[band] } else { release };
        }
    }

    /// Returns the gains of left and right of each band.
    #[inline(always)]
    fn gains(&self) -> [f32; 8] {
        std::array::from_fn(|lane| exp2((self.makeup_db[lane / 2] - self.reduction_db[lane / 2]) * DB_TO_LOG2))
    }
}

/// dB per doubling of power, and doublings of amplitude per dB.
const LOG2_TO_DB: f32 = 3.010_3;
const DB_TO_LOG2: f32 = 1.0 / (2.0 * LOG2_TO_DB);

/// Base-2 logarithm of a normal positive number, accurate to 1e-6: series of the inverse hyperbolic tangent around 1.
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

/// Two to the power of a number between −126 and 126, accurate to 1e-5: the whole part as exponent, the rest by series.
#[inline(always)]
fn exp2(x: f32) -> f32 {
    let x = x.clamp(-126.0, 126.0);
    let whole = x.round_ties_even();
    let t = (x - whole) * std::f32::consts::LN_2;
    let series = 1.0 + t * (1.0 + t * (0.5 + t * (1.0 / 6.0 + t * (1.0 / 24.0 + t * (1.0 / 120.0)))));
    f32::from_bits(((whole as i32 + 127) << 23) as u32) * series
}
