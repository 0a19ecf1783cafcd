//! The last stage: no true peak above a ceiling.
//!
//! Peaks are measured at four times the rate (ITU-R BS.1770-5, annex 2). The gain is decided for cells of eight frames
//! and runs in straight lines between their borders. It falls before a peak arrives, over the time of the look-ahead,
//! and comes back in two paces: at once after a single peak, slowly after a loud stretch, so that it does not pump.

use super::{BLOCK, decibels, delay::Delay};
use crate::{
    Frame,
    lanes::Lanes,
    true_peak::{AROUND, CELL, CHUNK, REACH, TruePeak},
};

const CELLS: usize = BLOCK / CELL;
/// Other meters, with longer filters or more steps, find that much more in noise and at abrupt beginnings: ffmpeg's, in a
/// sine of a quarter of the rate that sets in at full level.
const MARGIN_DB: f32 = 0.5;
const LOOK_AHEAD_S: f32 = 0.0015;
/// After a single peak.
const RELEASE_S: f32 = 0.06;
/// How fast lasting reduction is followed, and forgotten.
const LASTING_S: [f32; 2] = [0.25, 0.8];

pub struct Limiter {
    ceiling: f32,
    true_peak: TruePeak,
    /// The last samples, then the block: what is in the middle is measured.
    around: [f32; AROUND],
    delay: Delay,
    /// The lowest of the limits of the gain at borders of cells, over the look-ahead.
    lowest: Lowest,
    /// What the last cell allows.
    allowed: f32,
    mean: Mean,
    release: f32,
    lasting: [f32; 2],
    /// The gain as it comes back after a single peak, and what has lasted of it.
    held: f32,
    slow: f32,
    /// The gain at the last border that left.
    gain: f32,
    look_ahead: usize,
}

impl Limiter {
    pub fn new(rate_hz: u32, ceiling_dbtp: f32) -> Self {
        let cells_per_s = rate_hz as f32 / CELL as f32;
        let look_ahead = ((LOOK_AHEAD_S * cells_per_s).ceil() as usize).max(2);
        let pace = |time_s: f32| 1.0 - (-1.0 / (time_s * cells_per_s)).exp();
        Self {
            ceiling: decibels(ceiling_dbtp - MARGIN_DB),
            true_peak: TruePeak::new(),
            around: [0.0; AROUND],
            delay: Delay::new(REACH + look_ahead * CELL),
            lowest: Lowest::new(look_ahead),
            allowed: 1.0,
            mean: Mean::new(look_ahead),
            release: pace(RELEASE_S),
            lasting: LASTING_S.map(pace),
            held: 1.0,
            slow: 1.0,
            gain: 1.0,
            look_ahead,
        }
    }

    /// A peak is seen when all is there that it is interpolated from, and lowered after the look-ahead.
    pub fn latency_frames(&self) -> usize {
        REACH + self.look_ahead * CELL
    }

    pub fn reset(&mut self) {
        self.around = [0.0; AROUND];
        self.delay.reset();
        (self.lowest, self.mean) = (Lowest::new(self.look_ahead), Mean::new(self.look_ahead));
        (self.allowed, self.held, self.slow, self.gain) = (1.0, 1.0, 1.0, 1.0);
    }

    pub fn reduction_db(&self) -> f32 {
        -20.0 * self.gain.min(1.0).log10()
    }

    #[inline(always)]
    pub fn process<L: Lanes>(&mut self, lanes: L, block: &mut [Frame; BLOCK]) {
        let peaks = self.peaks(lanes, block);
        self.delay.process(block);
        let (lowest, highest) = (lanes.splat(-self.ceiling), lanes.splat(self.ceiling));
        for (cell, peak) in block.as_chunks_mut::<CELL>().0.iter_mut().zip(peaks) {
            let (from, to) = (self.gain, self.next_gain(peak));
            self.gain = to;
            if (from, to) == (1.0, 1.0) {
                continue;
            }
            let step = lanes.splat((to - from) / CELL as f32);
            let mut gain =
                lanes.mul_add(lanes.load(&[0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0]), step, lanes.splat(from));
            for four in cell.as_flattened_mut().as_chunks_mut::<8>().0 {
                let lowered = lanes.mul(lanes.load(four), gain);
                *four = lanes.store(lanes.max(lanes.min(lowered, highest), lowest));
                gain = lanes.mul_add(lanes.splat(4.0), step, gain);
            }
        }
    }

    /// The highest true peak of each cell, of both channels.
    #[inline(always)]
    fn peaks<L: Lanes>(&mut self, lanes: L, block: &[Frame; BLOCK]) -> [f32; CELLS] {
        const { assert!(BLOCK == CHUNK) };
        self.around.copy_within(2 * BLOCK.., 0);
        self.around[AROUND - 2 * BLOCK..].copy_from_slice(block.as_flattened());
        // Whatever the interpolation finds is at most so much above the samples that it uses.
        if lanes.amplitude(&self.around) * self.true_peak.reach <= self.ceiling {
            return [0.0; CELLS];
        }
        self.true_peak.cells(lanes, &self.around)
    }

    /// The gain at the next border that leaves, given the peak of the newest cell.
    #[inline(always)]
    fn next_gain(&mut self, peak: f32) -> f32 {
        let allowed = if peak > self.ceiling { self.ceiling / peak } else { 1.0 };
        // A border belongs to the cells on both of its sides.
        let lowest = self.lowest.push(self.allowed.min(allowed));
        self.allowed = allowed;
        self.held = if lowest < self.held { lowest } else { self.held + (lowest - self.held) * self.release };
        let pace = self.lasting[usize::from(self.held > self.slow)];
        self.slow += (self.held - self.slow) * pace;
        // The lowest over the look-ahead, then its mean over the same: the mean never lies above what any border allows.
        self.mean.push(self.held.min(self.slow))
    }
}

/// The lowest of the last so many numbers, in the same short time for any number of them (M. van Herk, 1992): in each
/// stretch, the lowest so far, and the lowest from each place of the stretch before to its end.
struct Lowest {
    /// Up to `at` the numbers of this stretch, from there on the lowest to the end of the one before.
    line: Vec<f32>,
    at: usize,
    so_far: f32,
}

impl Lowest {
    /// Of numbers up to 1, which all were before.
    fn new(length: usize) -> Self {
        Self { line: vec![1.0; length], at: 0, so_far: 1.0 }
    }

    #[inline(always)]
    fn push(&mut self, value: f32) -> f32 {
        self.line[self.at] = value;
        self.at += 1;
        self.so_far = self.so_far.min(value);
        let lowest = self.line.get(self.at).map_or(self.so_far, |before| before.min(self.so_far));
        if self.at == self.line.len() {
            let mut to_end = 1.0_f32;
            for value in self.line.iter_mut().rev() {
                to_end = to_end.min(*value);
                *value = to_end;
            }
            (self.at, self.so_far) = (0, 1.0);
        }
        lowest
    }
}

/// The mean of the last so many gains.
struct Mean {
    line: Vec<f32>,
    at: usize,
    /// In double precision it is exact, so that it never drifts.
    sum: f64,
}

impl Mean {
    /// Of gains that all were 1 before.
    fn new(length: usize) -> Self {
        Self { line: vec![1.0; length], at: 0, sum: length as f64 }
    }

    #[inline(always)]
    fn push(&mut self, gain: f32) -> f32 {
        let left_behind = std::mem::replace(&mut self.line[self.at], gain);
        self.at = (self.at + 1) % self.line.len();
        self.sum += f64::from(gain) - f64::from(left_behind);
        (self.sum / self.line.len() as f64) as f32
    }
}
