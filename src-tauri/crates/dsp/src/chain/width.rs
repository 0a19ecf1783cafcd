//! Stereo width: scales the side signal above the bass.

use std::f32::consts::TAU;

use super::BLOCK_FRAMES;
use crate::{Frame, simd::Simd8};

/// Below this frequency the side signal is left unchanged.
const CROSSOVER_HZ: f32 = 150.0;

/// Adds a high-passed copy of the side signal (two first-order high passes) to it. Mid is not touched, so that centred
/// sources keep their phase and peaks.
pub struct Width {
    /// Side gain minus one.
    side_boost: f32,
    coefficient: f32,
    low: [f32; 2],
}

impl Width {
    pub fn new(rate_hz: u32, factor: f32) -> Self {
        Self {
            side_boost: factor - 1.0,
            coefficient: 1.0 - (-TAU * CROSSOVER_HZ / rate_hz as f32).exp(),
            low: [0.0; 2],
        }
    }

    pub fn reset(&mut self) {
        self.low = [0.0; 2];
    }

    #[inline(always)]
    pub fn process<S: Simd8>(&mut self, simd: S, block: &mut [Frame; BLOCK_FRAMES]) {
        // Works on one number at a time; SIMD registers are used only for their fused multiply-add.
        let [mut first, mut second] = self.low.map(|low| simd.splat(low));
        let (coefficient, keep, side_boost) =
            (simd.splat(self.coefficient), simd.splat(1.0 - self.coefficient), simd.splat(self.side_boost));
        for [left, right] in block {
            let side = simd.splat(0.5 * (*left - *right));
            first = simd.mul_add(keep, first, simd.mul(coefficient, side));
            let high = simd.sub(side, first);
            second = simd.mul_add(keep, second, simd.mul(coefficient, high));
            let [added, ..] = simd.store(simd.mul(simd.sub(high, second), side_boost));
            (*left, *right) = (*left + added, *right - added);
        }
        let low = [first, second].map(|low| simd.store(low)[0]);
        self.low = low.map(|low| if low.abs() < 1e-18 { 0.0 } else { low });
    }
}
