//! Loudness: ITU-R BS.1770-5 annex 1 (filter, gating), EBU Tech 3341 (momentary, short-term) and 3342 (range).
//!
//! Everything is made of pieces of 10 ms: windows move by one, so that no maximum falls between two readings.

use std::collections::VecDeque;
use std::f64::consts::PI;

use crate::Frame;

/// Pieces a second.
pub(crate) const PIECES_PER_S: u32 = 100;

/// The first frame that does not belong to the first so many pieces. Pieces differ by a frame where a rate cannot be
/// divided.
pub(crate) fn boundary(pieces: u64, rate_hz: u32) -> u64 {
    (pieces * u64::from(rate_hz) + u64::from(PIECES_PER_S) / 2) / u64::from(PIECES_PER_S)
}

/// Pieces of a momentary window: 0.4 s.
const MOMENTARY: usize = 40;

/// Pieces of a short-term window: 3 s.
const SHORT_TERM: usize = 300;

/// Pieces from one gating block to the next: 0.1 s, so that they overlap by three quarters.
const STEP: u64 = 10;

/// What no gated block is quieter than, and what stands for silence.
pub(crate) const SILENCE_LUFS: f64 = -70.0;

/// Loudness of a mean square of filtered samples, summed over the channels.
pub(crate) fn to_lufs(energy: f64) -> f64 {
    if energy > 0.0 { (-0.691 + 10.0 * energy.log10()).max(SILENCE_LUFS) } else { SILENCE_LUFS }
}

/// The mean square that has a loudness.
pub(crate) fn to_energy(lufs: f64) -> f64 {
    10f64.powf((lufs + 0.691) / 10.0)
}

/// The K-weighting filter for two channels: a shelf for the head, then a high pass.
///
/// The lanes are left and right of the first section, then of the second, which works on what the first gave one frame
/// ago: so the four do not wait for each other.
pub(crate) struct Weighting {
    feed: [[f64; 4]; 3],
    back: [[f64; 4]; 2],
    state: [[f64; 4]; 2],
    out: [f64; 4],
}

impl Weighting {
    /// The filter at a rate. BS.1770 has its coefficients for 48 kHz only. Frequency, gain and quality here are those
    /// of which the bilinear transform makes these coefficients. At other rates it makes the same response, but for how
    /// it bends frequencies near half the rate: so the shelf is placed such that it is exact at 997 Hz, where the
    /// standard has its anchor.
    pub fn new(rate_hz: u32) -> Self {
        const STANDARD_HZ: f64 = 48_000.0;
        let turn = |frequency_hz: f64, rate_hz: f64| (PI * frequency_hz / rate_hz).tan();
        let rate_hz = f64::from(rate_hz);

        let k = turn(997.0, rate_hz) / turn(997.0, STANDARD_HZ) * turn(1_681.974_450_955_533, STANDARD_HZ);
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
        let k = turn(corner_hz, rate_hz);
        // The standard's coefficients let treble pass by slightly more than 1; so they shall at every rate.
        let pass = norm_at(turn(corner_hz, STANDARD_HZ)) / norm_at(k);
        let high_pass =
            [pass, -2.0 * pass, pass, 2.0 * (k * k - 1.0) / norm_at(k), (1.0 - k / quality + k * k) / norm_at(k)];

        let lanes = |i: usize| [shelf[i], shelf[i], high_pass[i], high_pass[i]];
        Weighting {
            feed: [lanes(0), lanes(1), lanes(2)],
            back: [lanes(3), lanes(4)],
            state: [[0.0; 4]; 2],
            out: [0.0; 4],
        }
    }

    /// The mean square of the frames, weighted, left and right added.
    #[inline(always)]
    pub fn energy(&mut self, frames: &[Frame]) -> f64 {
        let Weighting { feed, back, state: [mut near, mut far], mut out } = *self;
        let mut sum = [0.0; 2];
        for &[left, right] in frames {
            let input = [f64::from(left), f64::from(right), out[0], out[1]];
            for i in 0..4 {
                out[i] = feed[0][i] * input[i] + near[i];
                near[i] = feed[1][i] * input[i] - back[0][i] * out[i] + far[i];
                far[i] = feed[2][i] * input[i] - back[1][i] * out[i];
            }
            sum[0] += out[2] * out[2];
            sum[1] += out[3] * out[3];
        }
        // What has decayed below all meaning would become a number that processors are slow with.
        for lane in near.iter_mut().chain(&mut far).chain(&mut out) {
            if lane.abs() < 1e-30 {
                *lane = 0.0;
            }
        }
        (self.state, self.out) = ([near, far], out);
        (sum[0] + sum[1]) / frames.len().max(1) as f64
    }
}

/// The sliding windows over weighted pieces. Before the first piece there is silence.
#[derive(Default)]
pub(crate) struct Windows {
    /// The last 3 s.
    pieces: VecDeque<f64>,
    pushed: u64,
    momentary: f64,
    short_term: f64,
    momentary_max: f64,
    short_term_max: f64,
}

/// Mean squares of whole windows, every 0.1 s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Block {
    /// The last 0.4 s.
    pub momentary: f64,
    /// The last 3 s, once there were as many.
    pub short_term: Option<f64>,
}

impl Windows {
    /// Takes the mean square of the next piece.
    pub fn push(&mut self, energy: f64) -> Option<Block> {
        self.pieces.push_front(energy);
        let left_behind = |window: usize| self.pieces.get(window).copied().unwrap_or(0.0);
        self.momentary = (self.momentary + energy - left_behind(MOMENTARY)).max(0.0);
        self.short_term = (self.short_term + energy - left_behind(SHORT_TERM)).max(0.0);
        self.pieces.truncate(SHORT_TERM);
        self.pushed += 1;
        self.momentary_max = self.momentary_max.max(self.momentary);
        self.short_term_max = self.short_term_max.max(self.short_term);
        (self.pushed.is_multiple_of(STEP) && self.pushed >= MOMENTARY as u64).then(|| Block {
            momentary: self.momentary / MOMENTARY as f64,
            short_term: (self.pushed >= SHORT_TERM as u64).then_some(self.short_term / SHORT_TERM as f64),
        })
    }

    /// Loudness of the last 0.4 s.
    pub fn momentary_lufs(&self) -> f64 {
        to_lufs(self.momentary / MOMENTARY as f64)
    }

    /// Loudness of the last 3 s.
    pub fn short_term_lufs(&self) -> f64 {
        to_lufs(self.short_term / SHORT_TERM as f64)
    }

    /// The highest that momentary and short-term loudness were.
    pub fn highest_lufs(&self) -> (f64, f64) {
        (to_lufs(self.momentary_max / MOMENTARY as f64), to_lufs(self.short_term_max / SHORT_TERM as f64))
    }
}

/// Integrated loudness of gating blocks, each with how often it occurs: those above −70 LUFS, then those of them that
/// are not more than 10 LU below their mean.
pub(crate) fn integrated_lufs(blocks: impl Iterator<Item = (f64, u64)> + Clone) -> f64 {
    let absolute = to_energy(SILENCE_LUFS);
    let Some(mean) = mean(blocks.clone().filter(|(energy, _)| *energy > absolute)) else { return SILENCE_LUFS };
    let relative = absolute.max(mean * 0.1);
    self::mean(blocks.filter(|(energy, _)| *energy > relative)).map_or(SILENCE_LUFS, to_lufs)
}

/// Loudness range of short-term blocks, each with how often it occurs: from the 10th to the 95th percentile of those
/// above −70 LUFS that are not more than 20 LU below their mean.
pub(crate) fn range_lu(blocks: impl Iterator<Item = (f64, u64)>) -> f64 {
    let absolute = to_energy(SILENCE_LUFS);
    let mut loud: Vec<_> = blocks.filter(|(energy, _)| *energy >= absolute).collect();
    let Some(mean) = mean(loud.iter().copied()) else { return 0.0 };
    loud.retain(|(energy, _)| *energy >= mean * 0.01);
    loud.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let last = loud.iter().map(|(_, count)| count).sum::<u64>().saturating_sub(1) as f64;
    let percentile = |share: f64| {
        let mut before = (last * share).round() as u64;
        let found = loud.iter().find(|(_, count)| {
            let here = before < *count;
            before = before.saturating_sub(*count);
            here
        });
        found.map_or(SILENCE_LUFS, |(energy, _)| to_lufs(*energy))
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

    /// EBU Tech 3341, case 6: five channels, those behind weighted by 1.41 (BS.1770-5, annex 1, table 3). What is
    /// played has two; the filter, the gates and the sum are the same.
    #[test]
    fn tech_3341_6_five_channels() {
        let tone = |dbfs: f64| move |i: u32| 10f64.powf(dbfs / 20.0) * (PI * f64::from(i) / 24.0).sin();
        let pair = |left: f64, right: f64| -> Vec<Frame> {
            (0..20 * 48_000).map(|i| [tone(left)(i) as f32, tone(right)(i) as f32]).collect()
        };
        let pairs = [(pair(-28.0, -28.0), 1.0), (pair(-24.0, f64::NEG_INFINITY), 1.0), (pair(-30.0, -30.0), 1.41)];
        let mut filters = [(); 3].map(|()| Weighting::new(48_000));
        let mut windows = Windows::default();
        let mut blocks = Vec::new();
        for piece in 0..20 * 100 {
            let energies = pairs
                .iter()
                .zip(&mut filters)
                .map(|((frames, weight), filter)| filter.energy(&frames[piece * 480..(piece + 1) * 480]) * weight);
            blocks.extend(windows.push(energies.sum()).map(|block| (block.momentary, 1)));
        }
        let integrated_lufs = integrated_lufs(blocks.into_iter());
        assert!((integrated_lufs + 23.0).abs() < 0.1, "{integrated_lufs}");
    }
}
