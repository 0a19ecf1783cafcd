//! The stereo image: the difference of the channels, more or less of it, above the bass.

use std::f32::consts::TAU;

use super::BLOCK;
use crate::{Frame, lanes::Lanes};

/// From here on up; below it the image fades into what it was.
const FROM_HZ: f32 = 150.0;

/// Adds to the difference what two high passes of the first order leave of it. The sum is not touched, so that what
/// lies in the middle keeps its phase and its peaks.
pub struct Width {
    /// What is added, as a factor.
    more: f32,
    pace: f32,
    low: [f32; 2],
}

impl Width {
    pub fn new(rate_hz: u32, factor: f32) -> Self {
        Self { more: factor - 1.0, pace: 1.0 - (-TAU * FROM_HZ / rate_hz as f32).exp(), low: [0.0; 2] }
    }

    pub fn reset(&mut self) {
        self.low = [0.0; 2];
    }

    #[inline(always)]
    pub fn process<L: Lanes>(&mut self, lanes: L, block: &mut [Frame; BLOCK]) {
        // One number after the other, for the sake of multiplying and adding at once.
        let [mut first, mut second] = self.low.map(|low| lanes.splat(low));
        let (pace, keep, more) = (lanes.splat(self.pace), lanes.splat(1.0 - self.pace), lanes.splat(self.more));
        for [left, right] in block {
            let difference = lanes.splat(0.5 * (*left - *right));
            first = lanes.mul_add(keep, first, lanes.mul(pace, difference));
            let high = lanes.sub(difference, first);
            second = lanes.mul_add(keep, second, lanes.mul(pace, high));
            let [added, ..] = lanes.store(lanes.mul(lanes.sub(high, second), more));
            (*left, *right) = (*left + added, *right - added);
        }
        let low = [first, second].map(|low| lanes.store(low)[0]);
        self.low = low.map(|low| if low.abs() < 1e-18 { 0.0 } else { low });
    }
}
