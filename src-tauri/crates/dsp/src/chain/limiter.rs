//! True-peak limiter, the last stage.
//!
//! Peaks are measured with fourfold oversampling (ITU-R BS.1770-5, annex 2). The gain is computed once per cell of eight
//! frames and interpolated linearly between cell borders. It falls during the look-ahead before a peak arrives. It
//! recovers fast after a single peak and slowly after a loud passage, so that it does not pump.

use super::{BLOCK_FRAMES, db_to_gain, delay::Delay};
use crate::{
    Frame,
    simd::Simd8,
    true_peak::{CHUNK_FRAMES, PADDED_CHUNK_SAMPLES, PEAK_CELL_FRAMES, RADIUS_FRAMES, TruePeak},
};

const CELLS: usize = BLOCK_FRAMES / PEAK_CELL_FRAMES;
/// Distance kept to the ceiling. Meters with other interpolation filters read up to this much more in noise and at abrupt
/// starts; the worst case found is ffmpeg's meter on a full-scale sine at a quarter of the rate that starts abruptly.
pub const METER_TOLERANCE_DB: f32 = 0.5;
const LOOK_AHEAD_S: f32 = 0.0015;
/// Release time after a single peak.
const RELEASE_S: f32 = 0.06;
/// Attack and release time of the slow envelope, which follows lasting reduction.
const SLOW_ENVELOPE_S: [f32; 2] = [0.25, 0.8];

pub struct Limiter {
    ceiling: f32,
    true_peak: TruePeak,
    /// The last samples, then the block; the middle is measured.
    padded_chunk: [f32; PADDED_CHUNK_SAMPLES],
    delay: Delay,
    /// Lowest gain limit of the cell borders within the look-ahead.
    sliding_min: SlidingMin,
    /// Highest gain the last cell permits.
    gain_limit: f32,
    moving_average: MovingAverage,
    release: f32,
    slow_envelope: [f32; 2],
    /// Gain envelopes with the fast and the slow release.
    fast_gain: f32,
    slow_gain: f32,
    /// Gain at the last cell border that was output.
    gain: f32,
    look_ahead_cells: usize,
}

impl Limiter {
    pub fn new(rate_hz: u32, ceiling_dbtp: f32) -> Self {
        let cells_per_s = rate_hz as f32 / PEAK_CELL_FRAMES as f32;
        let look_ahead_cells = ((LOOK_AHEAD_S * cells_per_s).ceil() as usize).max(2);
        let coefficient = |time_s: f32| 1.0 - (-1.0 / (time_s * cells_per_s)).exp();
        Self {
            ceiling: db_to_gain(ceiling_dbtp - METER_TOLERANCE_DB),
            true_peak: TruePeak::new(),
            padded_chunk: [0.0; PADDED_CHUNK_SAMPLES],
            delay: Delay::new(RADIUS_FRAMES + look_ahead_cells * PEAK_CELL_FRAMES),
            sliding_min: SlidingMin::new(look_ahead_cells),
            gain_limit: 1.0,
            moving_average: MovingAverage::new(look_ahead_cells),
            release: coefficient(RELEASE_S),
            slow_envelope: SLOW_ENVELOPE_S.map(coefficient),
            fast_gain: 1.0,
            slow_gain: 1.0,
            gain: 1.0,
            look_ahead_cells,
        }
    }

    /// Returns the delay: the reach of the peak interpolation and the look-ahead.
    pub fn latency_frames(&self) -> usize {
        RADIUS_FRAMES + self.look_ahead_cells * PEAK_CELL_FRAMES
    }

    pub fn reset(&mut self) {
        self.padded_chunk = [0.0; PADDED_CHUNK_SAMPLES];
        self.delay.reset();
        (self.sliding_min, self.moving_average) =
            (SlidingMin::new(self.look_ahead_cells), MovingAverage::new(self.look_ahead_cells));
        (self.gain_limit, self.fast_gain, self.slow_gain, self.gain) = (1.0, 1.0, 1.0, 1.0);
    }

    pub fn reduction_db(&self) -> f32 {
        -20.0 * self.gain.min(1.0).log10()
    }

    #[inline(always)]
    pub fn process<S: Simd8>(&mut self, simd: S, block: &mut [Frame; BLOCK_FRAMES]) {
        let peaks = self.peaks(simd, block);
        self.delay.process(block);
        let (min, max) = (simd.splat(-self.ceiling), simd.splat(self.ceiling));
        for (cell, peak) in block.as_chunks_mut::<PEAK_CELL_FRAMES>().0.iter_mut().zip(peaks) {
            let (from, to) = (self.gain, self.next_gain(peak));
            self.gain = to;
            if (from, to) == (1.0, 1.0) {
                continue;
            }
            let step = simd.splat((to - from) / PEAK_CELL_FRAMES as f32);
            let mut gain = simd.mul_add(simd.load(&[0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0]), step, simd.splat(from));
            for four in cell.as_flattened_mut().as_chunks_mut::<8>().0 {
                let limited = simd.mul(simd.load(four), gain);
                *four = simd.store(simd.max(simd.min(limited, max), min));
                gain = simd.mul_add(simd.splat(4.0), step, gain);
            }
        }
    }

    /// Returns the true peak of each cell, over both channels.
    #[inline(always)]
    fn peaks<S: Simd8>(&mut self, simd: S, block: &[Frame; BLOCK_FRAMES]) -> [f32; CELLS] {
        const { assert!(BLOCK_FRAMES == CHUNK_FRAMES) };
        self.padded_chunk.copy_within(2 * BLOCK_FRAMES.., 0);
        self.padded_chunk[PADDED_CHUNK_SAMPLES - 2 * BLOCK_FRAMES..].copy_from_slice(block.as_flattened());
        // Skip the interpolation where even its largest overshoot stays below the ceiling.
        if simd.max_abs(&self.padded_chunk) * self.true_peak.max_overshoot <= self.ceiling {
            return [0.0; CELLS];
        }
        self.true_peak.cells(simd, &self.padded_chunk)
    }

    /// Returns the gain at the next cell border to output, given the peak of the newest cell.
    #[inline(always)]
    fn next_gain(&mut self, peak: f32) -> f32 {
        let gain_limit = if peak > self.ceiling { self.ceiling / peak } else { 1.0 };
        // A border is shared by the cells on both of its sides.
        let lowest = self.sliding_min.push(self.gain_limit.min(gain_limit));
        self.gain_limit = gain_limit;
        self.fast_gain =
            if lowest < self.fast_gain { lowest } else { self.fast_gain + (lowest - self.fast_gain) * self.release };
        let coefficient = self.slow_envelope[usize::from(self.fast_gain > self.slow_gain)];
        self.slow_gain += (self.fast_gain - self.slow_gain) * coefficient;
        // The minimum over the look-ahead, averaged over the same time, never exceeds the limit of any border.
        self.moving_average.push(self.fast_gain.min(self.slow_gain))
    }
}

/// Minimum of the last `length` numbers in constant time (M. van Herk, 1992): per window, the minimum so far, and the
/// minimum from each position of the previous window to its end.
struct SlidingMin {
    /// Up to `position` the numbers of this window, from there the minima to the end of the previous one.
    values: Vec<f32>,
    position: usize,
    min_so_far: f32,
}

impl SlidingMin {
    /// Starts as if all earlier numbers were 1.
    fn new(length: usize) -> Self {
        Self { values: vec![1.0; length], position: 0, min_so_far: 1.0 }
    }

    #[inline(always)]
    fn push(&mut self, value: f32) -> f32 {
        self.values[self.position] = value;
        self.position += 1;
        self.min_so_far = self.min_so_far.min(value);
        let lowest = self.values.get(self.position).map_or(self.min_so_far, |before| before.min(self.min_so_far));
        if self.position == self.values.len() {
            let mut min_to_end = 1.0_f32;
            for value in self.values.iter_mut().rev() {
                min_to_end = min_to_end.min(*value);
                *value = min_to_end;
            }
            (self.position, self.min_so_far) = (0, 1.0);
        }
        lowest
    }
}

/// Mean of the last `length` gains.
struct MovingAverage {
    values: Vec<f32>,
    position: usize,
    /// Exact in double precision, so that it never drifts.
    sum: f64,
}

impl MovingAverage {
    /// Starts as if all earlier gains were 1.
    fn new(length: usize) -> Self {
        Self { values: vec![1.0; length], position: 0, sum: length as f64 }
    }

    #[inline(always)]
    fn push(&mut self, gain: f32) -> f32 {
        let leaving = std::mem::replace(&mut self.values[self.position], gain);
        self.position = (self.position + 1) % self.values.len();
        self.sum += f64::from(gain) - f64::from(leaving);
        (self.sum / self.values.len() as f64) as f32
    }
}
