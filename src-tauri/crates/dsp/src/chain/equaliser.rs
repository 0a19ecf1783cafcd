//! Twelve filter sections in series: a low shelf, ten peaks, a high shelf.
//!
//! Four sections of two channels run side by side, each one frame behind the section before it, so that none depends on
//! another within a frame.

use super::{
    BLOCK_FRAMES,
    filter::{self, SvfBank, SvfCoefficients},
};
use crate::{
    Frame,
    simd::{RotateRight2, Simd8},
};

/// Number of sections.
pub const SECTIONS: usize = 12;

/// Frequencies of the sections: shelves at both ends, peaks between, evenly spaced on a logarithmic scale.
pub const SECTION_HZ: [f64; SECTIONS] =
    [45.0, 75.0, 126.0, 212.0, 355.0, 597.0, 1_003.0, 1_687.0, 2_834.0, 4_763.0, 8_000.0, 12_000.0];

const PEAK_Q: f64 = 1.2;
const SHELF_Q: f64 = 0.7;

/// Delay of the output.
pub const LATENCY_FRAMES: usize = SECTIONS - 1;

pub struct Equaliser {
    groups: [SvfBank; 3],
    /// Previous output of each group, moved up by two lanes: the group's own next input, and in the first two lanes that of
    /// the next group.
    prev: [[f32; 8]; 3],
}

impl Equaliser {
    /// Creates the sections from their gains in dB. Sections too close to half the sample rate are left out.
    pub fn new(rate_hz: u32, gains_db: &[f32; SECTIONS]) -> Self {
        let sections: [SvfCoefficients; SECTIONS] = std::array::from_fn(|at| {
            let (hz, gain_db) = (SECTION_HZ[at], f64::from(gains_db[at]));
            match at {
                _ if gain_db == 0.0 || hz > f64::from(rate_hz) * filter::MAX_CUTOFF_RATIO => {
                    SvfCoefficients::identity()
                }
                0 => SvfCoefficients::low_shelf(hz, rate_hz, SHELF_Q, gain_db),
                11 => SvfCoefficients::high_shelf(hz, rate_hz, SHELF_Q, gain_db),
                _ => SvfCoefficients::peak(hz, rate_hz, PEAK_Q, gain_db),
            }
        });
        let group = |at: usize| SvfBank::new(std::array::from_fn(|lane| sections[at * 4 + lane / 2]));
        Self { groups: [group(0), group(1), group(2)], prev: [[0.0; 8]; 3] }
    }

    pub fn reset(&mut self) {
        self.groups.iter_mut().for_each(SvfBank::reset);
        self.prev = [[0.0; 8]; 3];
    }

    #[inline(always)]
    pub fn process<S: Simd8>(&mut self, simd: S, block: &mut [Frame; BLOCK_FRAMES]) {
        // Each step loads and stores eight numbers of which two are used; the next step overwrites the other six.
        let mut input = [0.0; BLOCK_FRAMES * 2 + 6];
        let mut output = [0.0; BLOCK_FRAMES * 2 + 6];
        input[..BLOCK_FRAMES * 2].copy_from_slice(block.as_flattened());
        let [mut first, mut second, mut third] = self.groups.each_ref().map(|group| group.load(simd));
        let [mut a, mut b, mut c] = self.prev.each_ref().map(|prev| simd.load(prev));
        for at in 0..BLOCK_FRAMES {
            let Some(input) = input[at * 2..].first_chunk() else { break };
            let inputs = [simd.blend_low2(simd.load(input), a), simd.blend_low2(a, b), simd.blend_low2(b, c)];
            a = simd.swizzle::<RotateRight2>(first.step(simd, inputs[0]));
            b = simd.swizzle::<RotateRight2>(second.step(simd, inputs[1]));
            c = simd.swizzle::<RotateRight2>(third.step(simd, inputs[2]));
            output[at * 2..at * 2 + 8].copy_from_slice(&simd.store(c));
        }
        block.as_flattened_mut().copy_from_slice(&output[..BLOCK_FRAMES * 2]);
        self.prev = [a, b, c].map(|prev| simd.store(prev));
        for (group, registers) in self.groups.iter_mut().zip([first, second, third]) {
            group.store_state(simd, &registers);
        }
    }
}

/// Returns the gain at `hz` of sections with these gains, in dB. Filters deviate from it only near half the sample rate.
pub fn response_db(gains_db: &[f32; SECTIONS], hz: f32) -> f32 {
    let power = |section: usize| {
        let x = (f64::from(hz) / SECTION_HZ[section]).powi(2);
        let a = 10_f64.powf(f64::from(gains_db[section]) / 40.0);
        // |a s² + b s + c|² on the imaginary axis, with s² = −x.
        let square = |a: f64, b: f64, c: f64| (c - a * x).powi(2) + b * b * x;
        match section {
            0 => a * a * square(1.0, a.sqrt() / SHELF_Q, a) / square(a, a.sqrt() / SHELF_Q, 1.0),
            11 => a * a * square(a, a.sqrt() / SHELF_Q, 1.0) / square(1.0, a.sqrt() / SHELF_Q, a),
            _ => square(1.0, a / PEAK_Q, 1.0) / square(1.0, 1.0 / (a * PEAK_Q), 1.0),
        }
    };
    (0..SECTIONS).map(|section| 10.0 * power(section).log10() as f32).sum()
}
