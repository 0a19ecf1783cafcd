//! True peak by ITU-R BS.1770-5, annex 2: the highest value between the samples, four times oversampled.
//!
//! The standard leaves the interpolation filter open. Here the signal is oversampled by two, twice: the first stage has 32
//! taps; the second has 8, which is enough because its transition band is an octave wide. Both are sinc functions with a
//! Kaiser window (J. F. Kaiser, 1974), computed below. A sine is measured within 0.05 dB up to 0.45 of the sample rate.

use std::f64::consts::PI;

use crate::{Frame, simd::Simd8};

/// Frames interpolated at a time.
pub(crate) const CHUNK_FRAMES: usize = 64;

/// Frames of a cell; one peak is found per cell.
pub(crate) const PEAK_CELL_FRAMES: usize = 8;

/// Frames before and after a chunk that its interpolation needs.
pub(crate) const RADIUS_FRAMES: usize = HALF_TAPS + QUARTER_TAPS;

/// Samples of a chunk with the frames around it that it needs.
pub(crate) const PADDED_CHUNK_SAMPLES: usize = 2 * (CHUNK_FRAMES + 2 * RADIUS_FRAMES);

/// Frames that [`TruePeak::max_peak`] needs before and after the frames it measures.
pub(crate) const MARGIN_FRAMES: usize = RADIUS_FRAMES + PEAK_CELL_FRAMES;

/// Taps on either side of a half-sample position (first stage).
const HALF_TAPS: usize = 16;

/// Taps on either side of a quarter-sample position (second stage).
const QUARTER_TAPS: usize = 4;

/// Half-sample positions needed for a chunk: its own, and those around it that the second stage needs.
const HALF_SAMPLES: usize = CHUNK_FRAMES + QUARTER_TAPS;

/// Frames processed side by side.
const SIMD_FRAMES: usize = 4;

pub(crate) struct TruePeak {
    /// Taps from the innermost outward; the filters are symmetric.
    half: [f32; HALF_TAPS],
    quarter: [f32; QUARTER_TAPS],
    /// The largest possible ratio of an interpolated value to the highest sample it is computed from.
    pub max_overshoot: f32,
}

impl TruePeak {
    pub fn new() -> Self {
        let (half, quarter) = (taps::<HALF_TAPS>(5.0), taps::<QUARTER_TAPS>(5.0));
        let absolute = |taps: &[f32]| 2.0 * taps.iter().map(|tap| tap.abs()).sum::<f32>();
        // Half of the second stage's inputs are samples, half are outputs of the first stage, which may overshoot already.
        let half_overshoot = absolute(&half);
        let max_overshoot = half_overshoot.max(absolute(&quarter) * (1.0 + half_overshoot) / 2.0);
        TruePeak { half, quarter, max_overshoot: max_overshoot * 1.001 }
    }

    /// Returns the highest true peak of the frames that have [`MARGIN_FRAMES`] frames before and after them in `frames`, or
    /// `at_least` if that is higher. Chunks that cannot exceed the peak found so far are skipped.
    #[inline(always)]
    pub fn max_peak<S: Simd8>(&self, simd: S, frames: &[Frame], at_least: f32) -> f32 {
        let mut highest = at_least;
        let length = frames.len().saturating_sub(2 * MARGIN_FRAMES);
        for start in (0..length).step_by(CHUNK_FRAMES) {
            let mut chunk = [0.0; PADDED_CHUNK_SAMPLES];
            let flat = frames[start + PEAK_CELL_FRAMES..].as_flattened();
            let flat = &flat[..flat.len().min(PADDED_CHUNK_SAMPLES)];
            chunk[..flat.len()].copy_from_slice(flat);
            if simd.max_abs(&chunk) * self.max_overshoot <= highest {
                continue;
            }
            // The last cell of a short chunk extends into the margin, which is signal as well.
            let cells = (length - start).div_ceil(PEAK_CELL_FRAMES);
            highest = self.cells(simd, &chunk).into_iter().take(cells).fold(highest, f32::max);
        }
        highest
    }

    /// Returns the true peak of each cell of the chunk in the middle of `samples`.
    #[inline(always)]
    pub fn cells<S: Simd8>(
        &self,
        simd: S,
        samples: &[f32; PADDED_CHUNK_SAMPLES],
    ) -> [f32; CHUNK_FRAMES / PEAK_CELL_FRAMES] {
        // Position `p` of these lies half a sample after frame `p + BEFORE`.
        const BEFORE: usize = RADIUS_FRAMES - QUARTER_TAPS / 2;
        let mut halves = [0.0; 2 * HALF_SAMPLES];
        for (at, halves) in halves.as_chunks_mut().0.iter_mut().enumerate() {
            // From the outermost tap before the position to the outermost after it.
            let around =
                &samples[2 * (BEFORE + at * SIMD_FRAMES + 1 - HALF_TAPS)..][..2 * (2 * HALF_TAPS - 1 + SIMD_FRAMES)];
            let mut sum = simd.splat(0.0);
            for (i, tap) in self.half.iter().enumerate() {
                let (before, after) = (four(simd, around, HALF_TAPS - 1 - i), four(simd, around, HALF_TAPS + i));
                sum = simd.mul_add(simd.splat(*tap), simd.add(before, after), sum);
            }
            *halves = simd.store(sum);
        }
        let mut highest = [0.0; CHUNK_FRAMES / PEAK_CELL_FRAMES];
        for (cell, highest) in highest.iter_mut().enumerate() {
            let mut values = simd.splat(0.0);
            for at in (cell * PEAK_CELL_FRAMES..(cell + 1) * PEAK_CELL_FRAMES).step_by(SIMD_FRAMES) {
                // Neighbours, starting two positions earlier: index 2 is the current frame and half-sample position.
                let (mut sample, mut half) = ([simd.splat(0.0); 5], [simd.splat(0.0); 5]);
                for i in 0..5 {
                    (sample[i], half[i]) = (four(simd, samples, BEFORE + at + i), four(simd, &halves, at + i));
                }
                // Neighbours of the first and the third quarter position, from the nearest outward.
                let first = [(sample[2], half[2]), (half[1], sample[3]), (sample[1], half[3]), (half[0], sample[4])];
                let third = [(half[2], sample[3]), (sample[2], half[3]), (half[1], sample[4]), (sample[1], half[4])];
                for around in [first, third] {
                    let mut sum = simd.splat(0.0);
                    for (tap, (before, after)) in self.quarter.iter().zip(around) {
                        sum = simd.mul_add(simd.splat(*tap), simd.add(before, after), sum);
                    }
                    values = simd.max(values, simd.abs(sum));
                }
                values = simd.max(values, simd.max(simd.abs(sample[2]), simd.abs(half[2])));
            }
            *highest = simd.reduce_max(values);
        }
        highest
    }
}

/// Loads four frames, starting at `frame`.
#[inline(always)]
fn four<S: Simd8>(simd: S, samples: &[f32], frame: usize) -> S::V {
    simd.load(samples[2 * frame..].first_chunk().unwrap_or(&[0.0; 8]))
}

/// Returns one half of a windowed sinc filter for the position half-way between samples.
fn taps<const TAPS: usize>(beta: f64) -> [f32; TAPS] {
    let tap = |i: usize| {
        let position = i as f64 + 0.5;
        let window = bessel(beta * (1.0 - (position / TAPS as f64).powi(2)).sqrt()) / bessel(beta);
        (PI * position).sin() / (PI * position) * window
    };
    let sum: f64 = 2.0 * (0..TAPS).map(tap).sum::<f64>();
    std::array::from_fn(|i| (tap(i) / sum) as f32)
}

/// Modified Bessel function of the first kind, order 0, by its power series.
fn bessel(x: f64) -> f64 {
    let terms = (1..40).scan(1.0, |term, k| {
        *term *= (x / 2.0 / f64::from(k)).powi(2);
        Some(*term)
    });
    1.0 + terms.sum::<f64>()
}
