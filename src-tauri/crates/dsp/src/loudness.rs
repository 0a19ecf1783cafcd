//! Loudness: ITU-R BS.1770-5 annex 1 (filter, gating), EBU Tech 3341 (momentary, short-term) and 3342 (range).
//!
//! The signal is measured in slices of 10 ms. Windows move by one slice, so that no maximum falls between two readings.

use std::collections::VecDeque;
use std::f64::consts::PI;

use crate::Frame;

/// Slices a second.
pub(crate) const SLICES_PER_S: u32 = 100;

/// Returns the frame at which the first `slices` slices end. Slices differ by one frame where the rate is no multiple of
/// 100 Hz.
pub(crate) fn slice_end_frame(slices: u64, rate_hz: u32) -> u64 {
    (slices * u64::from(rate_hz) + u64::from(SLICES_PER_S) / 2) / u64::from(SLICES_PER_S)
}

/// Slices of a momentary window: 0.4 s.
const MOMENTARY_SLICES: usize = 40;

/// Slices of a short-term window: 3 s.
const SHORT_TERM_SLICES: usize = 300;

/// Slices from one gating block to the next: 0.1 s, an overlap of 75 %.
const GATING_STEP_SLICES: u64 = 10;

/// Absolute gate of BS.1770: no gated block is quieter. Also stands for the loudness of silence.
pub(crate) const ABSOLUTE_GATE_LUFS: f64 = -70.0;

/// Returns the loudness of a K-weighted mean square summed over the channels.
pub(crate) fn to_lufs(energy: f64) -> f64 {
    if energy > 0.0 { (-0.691 + 10.0 * energy.log10()).max(ABSOLUTE_GATE_LUFS) } else { ABSOLUTE_GATE_LUFS }
}

/// Returns the mean square that has this loudness.
pub(crate) fn to_energy(lufs: f64) -> f64 {
    10f64.powf((lufs + 0.691) / 10.0)
}

/// The K-weighting filter for two channels: a high shelf (acoustic effect of the head), then a high pass.
///
/// The four lanes are left and right of the first section, then of the second. The second section works on the first
/// one's output of the frame before, so that the four do not depend on each other.
pub(crate) struct KWeighting {
    b: [[f64; 4]; 3],
    a: [[f64; 4]; 2],
    state: [[f64; 4]; 2],
    out: [f64; 4],
}

impl KWeighting {
    /// Returns the filter for a sample rate.
    ///
    /// BS.1770 gives coefficients for 48 kHz only. The frequencies, gain and quality below are those from which the
    /// bilinear transform yields these coefficients. At other rates it yields the same response except near half the
    /// rate, where it warps frequencies. The shelf is placed so that it is exact at 997 Hz, the standard's anchor.
    pub fn new(rate_hz: u32) -> Self {
        const STANDARD_HZ: f64 = 48_000.0;
        let prewarp = |frequency_hz: f64, rate_hz: f64| (PI * frequency_hz / rate_hz).tan();
        let rate_hz = f64::from(rate_hz);

        let k = prewarp(997.0, rate_hz) / prewarp(997.0, STANDARD_HZ) * prewarp(1_681.974_450_955_533, STANDARD_HZ);
        let quality = 0.707_175_236_955_419_6;
        let high = 10f64.powf(3.999_843_853_973_347 / 20.0);
        let band = high.powf(0.499_666_774_154_541_6);
        let norm = 1.0 + k / quality + k * k;
        let shelf = [
            (high + band * k / quality + k * k) / norm,
            2.0 * (k * k - high) / norm,
            (high - band * k / quality + k * k) / norm,
            2.0 * (k * k - 1.0) / norm,
            (1.0 - k / quality + k * k) / norm,
        ];

        let (corner_hz, quality) = (38.135_470_876_024_44, 0.500_327_037_323_877_3);
        let norm_at = |k: f64| 1.0 + k / quality + k * k;
        let k = prewarp(corner_hz, rate_hz);
        // The standard's coefficients have a gain slightly above 1 in the treble; keep it at every rate.
        let pass = norm_at(prewarp(corner_hz, STANDARD_HZ)) / norm_at(k);
        let high_pass =
            [pass, -2.0 * pass, pass, 2.0 * (k * k - 1.0) / norm_at(k), (1.0 - k / quality + k * k) / norm_at(k)];

        let lanes_of = |i: usize| [shelf[i], shelf[i], high_pass[i], high_pass[i]];
        KWeighting {
            b: [lanes_of(0), lanes_of(1), lanes_of(2)],
            a: [lanes_of(3), lanes_of(4)],
            state: [[0.0; 4]; 2],
            out: [0.0; 4],
        }
    }

    /// Returns the K-weighted mean square of the frames, summed over left and right.
    #[inline(always)]
    pub fn energy(&mut self, frames: &[Frame]) -> f64 {
        let KWeighting { b, a, state: [mut z1, mut z2], mut out } = *self;
        let mut sum = [0.0; 2];
        for &[left, right] in frames {
            let input = [f64::from(left), f64::from(right), out[0], out[1]];
            for i in 0..4 {
                out[i] = b[0][i] * input[i] + z1[i];
                z1[i] = b[1][i] * input[i] - a[0][i] * out[i] + z2[i];
                z2[i] = b[2][i] * input[i] - a[1][i] * out[i];
            }
            sum[0] += out[2] * out[2];
            sum[1] += out[3] * out[3];
        }
        // Flush denormals to zero; they are slow on most CPUs.
        for lane in z1.iter_mut().chain(&mut z2).chain(&mut out) {
            if lane.abs() < 1e-30 {
                *lane = 0.0;
            }
        }
        (self.state, self.out) = ([z1, z2], out);
        (sum[0] + sum[1]) / frames.len().max(1) as f64
    }
}

/// Sliding windows over K-weighted slices. Silence is assumed before the first one.
#[derive(Default)]
pub(crate) struct Windows {
    /// Mean squares of the last 3 s, newest first.
    slices: VecDeque<f64>,
    pushed_slices: u64,
    momentary: f64,
    short_term: f64,
    momentary_max: f64,
    short_term_max: f64,
}

/// Mean squares of complete windows, every 0.1 s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GatingBlock {
    /// The last 0.4 s.
    pub momentary: f64,
    /// The last 3 s; `None` during the first 3 s.
    pub short_term: Option<f64>,
}

impl Windows {
    /// Adds the mean square of the next slice. Returns a gating block every 0.1 s.
    pub fn push(&mut self, energy: f64) -> Option<GatingBlock> {
        self.slices.push_front(energy);
        let leaving = |window: usize| self.slices.get(window).copied().unwrap_or(0.0);
        self.momentary = (self.momentary + energy - leaving(MOMENTARY_SLICES)).max(0.0);
        self.short_term = (self.short_term + energy - leaving(SHORT_TERM_SLICES)).max(0.0);
        self.slices.truncate(SHORT_TERM_SLICES);
        self.pushed_slices += 1;
        self.momentary_max = self.momentary_max.max(self.momentary);
        self.short_term_max = self.short_term_max.max(self.short_term);
        (self.pushed_slices.is_multiple_of(GATING_STEP_SLICES) && self.pushed_slices >= MOMENTARY_SLICES as u64).then(
            || GatingBlock {
                momentary: self.momentary / MOMENTARY_SLICES as f64,
                short_term: (self.pushed_slices >= SHORT_TERM_SLICES as u64)
                    .then_some(self.short_term / SHORT_TERM_SLICES as f64),
            },
        )
    }

    /// Returns the loudness of the last 0.4 s.
    pub fn momentary_lufs(&self) -> f64 {
        to_lufs(self.momentary / MOMENTARY_SLICES as f64)
    }

    /// Returns the loudness of the last 3 s.
    pub fn short_term_lufs(&self) -> f64 {
        to_lufs(self.short_term / SHORT_TERM_SLICES as f64)
    }

    /// Returns the maximum momentary and short-term loudness.
    pub fn max_lufs(&self) -> (f64, f64) {
        (to_lufs(self.momentary_max / MOMENTARY_SLICES as f64), to_lufs(self.short_term_max / SHORT_TERM_SLICES as f64))
    }
}

/// Returns the integrated loudness of gating blocks, given as (mean square, count): absolute gate at −70 LUFS, then
/// relative gate 10 LU below the mean of what is left.
pub(crate) fn integrated_lufs(blocks: impl Iterator<Item = (f64, u64)> + Clone) -> f64 {
    let absolute = to_energy(ABSOLUTE_GATE_LUFS);
    let Some(mean) = mean(blocks.clone().filter(|(energy, _)| *energy > absolute)) else { return ABSOLUTE_GATE_LUFS };
    let relative = absolute.max(mean * 0.1);
    self::mean(blocks.filter(|(energy, _)| *energy > relative)).map_or(ABSOLUTE_GATE_LUFS, to_lufs)
}

/// Returns the loudness range (EBU Tech 3342) of short-term blocks, given as (mean square, count): from the 10th to the
/// 95th percentile of those above −70 LUFS and not more than 20 LU below their mean.
pub(crate) fn loudness_range_lu(blocks: impl Iterator<Item = (f64, u64)>) -> f64 {
    let absolute = to_energy(ABSOLUTE_GATE_LUFS);
    let mut loud: Vec<_> = blocks.filter(|(energy, _)| *energy >= absolute).collect();
    let Some(mean) = mean(loud.iter().copied()) else { return 0.0 };
    loud.retain(|(energy, _)| *energy >= mean * 0.01);
    loud.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let last = loud.iter().map(|(_, count)| count).sum::<u64>().saturating_sub(1) as f64;
    let percentile = |fraction: f64| {
        let mut before = (last * fraction).round() as u64;
        let found = loud.iter().find(|(_, count)| {
            let here = before < *count;
            before = before.saturating_sub(*count);
            here
        });
        found.map_or(ABSOLUTE_GATE_LUFS, |(energy, _)| to_lufs(*energy))
    };
    percentile(0.95) - percentile(0.10)
}

fn mean(blocks: impl Iterator<Item = (f64, u64)>) -> Option<f64> {
    let (sum, count) = blocks.fold((0.0, 0), |(sum, all), (energy, count)| (sum + energy * count as f64, all + count));
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EBU Tech 3341, case 6: five channels, the surround ones weighted by 1.41 (BS.1770-5, annex 1, table 3). The player
    /// has two channels; filter, gates and sum are the same.
    #[test]
    fn tech_3341_6_five_channels() {
        let tone = |dbfs: f64| move |i: u32| 10f64.powf(dbfs / 20.0) * (PI * f64::from(i) / 24.0).sin();
        let pair = |left: f64, right: f64| -> Vec<Frame> {
            (0..20 * 48_000).map(|i| [tone(left)(i) as f32, tone(right)(i) as f32]).collect()
        };
        let pairs = [(pair(-28.0, -28.0), 1.0), (pair(-24.0, f64::NEG_INFINITY), 1.0), (pair(-30.0, -30.0), 1.41)];
        let mut filters = [(); 3].map(|()| KWeighting::new(48_000));
        let mut windows = Windows::default();
        let mut blocks = Vec::new();
        for slice in 0..20 * 100 {
            let energies = pairs
                .iter()
                .zip(&mut filters)
                .map(|((frames, weight), filter)| filter.energy(&frames[slice * 480..(slice + 1) * 480]) * weight);
            blocks.extend(windows.push(energies.sum()).map(|block| (block.momentary, 1)));
        }
        let integrated_lufs = integrated_lufs(blocks.into_iter());
        assert!((integrated_lufs + 23.0).abs() < 0.1, "{integrated_lufs}");
    }
}
