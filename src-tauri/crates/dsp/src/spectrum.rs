//! Third-octave spectra of mid and side (IEC 61260-1, base 10) from Fourier transforms of 0.2 s.
//!
//! Mid is half the sum of left and right, side half their difference.

use std::f64::consts::PI;
use std::sync::Arc;

use auralis_core::SPECTRUM_BANDS;
use rustfft::{Fft, FftPlanner, num_complex::Complex32};

use crate::Frame;

/// Level that stands for silence in spectra.
pub(crate) const SILENT_DB: f64 = -120.0;

/// Centre of band 17. Neighbouring bands are a tenth of a decade apart.
const CENTRE_HZ: f64 = 1000.0;

/// Returns the lower edge of a band, which is the upper edge of the one below.
fn edge_hz(band: usize) -> f64 {
    CENTRE_HZ * 10f64.powf((band as f64 - 17.5) / 10.0)
}

/// Returns the level of a mean square.
pub(crate) fn to_db(power: f64) -> f64 {
    if power > 0.0 { (10.0 * power.log10()).max(SILENT_DB) } else { SILENT_DB }
}

/// Mean squares per band, and the sums for the spectral centroid.
#[derive(Debug, Clone, Default)]
pub(crate) struct Powers {
    bands: [BandPower; SPECTRUM_BANDS],
    /// Power of all frequencies.
    power: f64,
    /// Sum of power times frequency.
    power_hz: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct BandPower {
    mid: f64,
    side: f64,
    /// Cross power of mid and side.
    cross: f64,
}

impl Powers {
    /// Adds the powers of another spectrum.
    pub fn add(&mut self, other: &Powers) {
        for (band, other) in self.bands.iter_mut().zip(&other.bands) {
            band.mid += other.mid;
            band.side += other.side;
            band.cross += other.cross;
        }
        self.power += other.power;
        self.power_hz += other.power_hz;
    }

    /// Returns the mean mid levels of `count` added spectra.
    pub fn mid_db(&self, count: u64) -> Vec<f32> {
        self.bands.iter().map(|band| to_db(band.mid / count.max(1) as f64) as f32).collect()
    }

    /// Returns the mean side levels of `count` added spectra.
    pub fn side_db(&self, count: u64) -> Vec<f32> {
        self.bands.iter().map(|band| to_db(band.side / count.max(1) as f64) as f32).collect()
    }

    /// Returns the levels of the mean power of left and right.
    pub fn level_db(&self) -> Vec<f32> {
        self.bands.iter().map(|band| to_db(band.mid + band.side) as f32).collect()
    }

    /// Returns the correlation of left and right per band; 1 where there is no sound.
    pub fn correlation(&self, count: u64) -> Vec<f32> {
        let audible = 10f64.powf(SILENT_DB / 10.0) * count.max(1) as f64;
        let correlation = |band: &BandPower| {
            let sum = band.mid + band.side;
            let (left, right) = (sum + 2.0 * band.cross, sum - 2.0 * band.cross);
            match left.min(right) {
                _ if sum < audible => 1.0,
                // Only one channel has signal: anything 50 dB below it may be rounding error of the transform.
                weaker if weaker < sum * 1e-5 => 0.0,
                _ => ((band.mid - band.side) / (left * right).sqrt()).clamp(-1.0, 1.0) as f32,
            }
        };
        self.bands.iter().map(correlation).collect()
    }

    /// Returns the spectral centroid; 0 for silence.
    pub fn centroid_hz(&self) -> f64 {
        if self.power > 0.0 { self.power_hz / self.power } else { 0.0 }
    }
}

/// Computes spectra of sections of 0.2 s. FFT bins are 5 Hz apart at every sample rate.
pub(crate) struct Spectrum {
    fft: Arc<dyn Fft<f32>>,
    window: Vec<f32>,
    /// Sum of the squared window.
    window_energy: f64,
    bins: Vec<Complex32>,
    /// Per FFT bin from the second on: squared magnitudes of twice mid and side, and their cross product.
    bin_powers: Vec<[f32; 3]>,
    scratch: Vec<Complex32>,
    /// Per band, its FFT bins and the fraction of each that belongs to it; bins at the edges are split.
    bin_weights: Vec<Vec<(usize, f64)>>,
    bin_hz: f64,
}

impl Spectrum {
    /// Sections a second.
    pub const SECTIONS_PER_S: u32 = 5;

    pub fn new(rate_hz: u32) -> Self {
        let length = (rate_hz / Self::SECTIONS_PER_S).max(2) as usize;
        let fft = FftPlanner::new().plan_fft_forward(length);
        let bin_hz = f64::from(rate_hz) / length as f64;
        // A bin covers the frequencies half-way to its neighbours.
        let bin_weight = |band: usize, bin: usize| {
            let (below, above) = ((bin as f64 - 0.5) * bin_hz, (bin as f64 + 0.5) * bin_hz);
            ((above.min(edge_hz(band + 1)) - below.max(edge_hz(band))) / bin_hz).max(0.0)
        };
        let weights_of = |band: usize| {
            let first = (edge_hz(band) / bin_hz).round() as usize;
            let last = ((edge_hz(band + 1) / bin_hz).round() as usize).min((length - 1) / 2);
            (first.max(1)..=last).map(|bin| (bin, bin_weight(band, bin))).collect()
        };
        let window = hann(length);
        Spectrum {
            window_energy: window_energy(&window),
            window,
            bin_powers: vec![[0.0; 3]; length.div_ceil(2) - 1],
            bins: vec![Complex32::default(); length],
            scratch: vec![Complex32::default(); fft.get_inplace_scratch_len()],
            bin_weights: (0..SPECTRUM_BANDS).map(weights_of).collect(),
            fft,
            bin_hz,
        }
    }

    /// Returns the number of frames of a section.
    pub fn length(&self) -> usize {
        self.window.len()
    }

    /// Returns the mean squares of a section. A shorter one gets a window of its own length, a longer one is cut.
    pub fn powers(&mut self, frames: &[Frame]) -> Powers {
        let frames = &frames[..frames.len().min(self.length())];
        let shorter = (frames.len() < self.length()).then(|| hann(frames.len()));
        let window = shorter.as_deref().unwrap_or(&self.window);
        let energy = shorter.as_deref().map_or(self.window_energy, window_energy);
        self.bins.fill(Complex32::default());
        // Mid and side as one complex signal, so that one transform serves both.
        for ((bin, &[left, right]), weight) in self.bins.iter_mut().zip(frames).zip(window) {
            *bin = Complex32::new((left + right) * 0.5 * weight, (left - right) * 0.5 * weight);
        }
        self.fft.process_with_scratch(&mut self.bins, &mut self.scratch);

        // The sum of a bin and its mirror image is twice the mid, their difference is 2i times the side.
        let bins = &self.bins[1..];
        for ((powers, here), mirrored) in self.bin_powers.iter_mut().zip(bins).zip(bins.iter().rev()) {
            let (mid, side) = (here + mirrored.conj(), here - mirrored.conj());
            *powers = [mid.norm_sqr(), side.norm_sqr(), mid.re * side.im - mid.im * side.re];
        }
        let norm = 2.0 / (self.length() as f64 * energy.max(f64::MIN_POSITIVE)) / 4.0;
        let mut powers = Powers::default();
        for (band, weights) in powers.bands.iter_mut().zip(&self.bin_weights) {
            for (bin, weight) in weights {
                let [mid, side, cross] = self.bin_powers[bin - 1].map(f64::from);
                band.mid += mid * weight * norm;
                band.side += side * weight * norm;
                band.cross += cross * weight * norm;
            }
        }
        for ([mid, side, _], bin) in self.bin_powers.iter().zip(1..) {
            let power = f64::from(mid + side) * norm;
            powers.power += power;
            powers.power_hz += power * f64::from(bin) * self.bin_hz;
        }
        powers
    }
}

fn window_energy(window: &[f32]) -> f64 {
    window.iter().map(|weight| f64::from(weight * weight)).sum()
}

/// A Hann window that is above 0 at its ends, so that even a single frame has a spectrum.
fn hann(length: usize) -> Vec<f32> {
    (0..length).map(|i| (PI * (i as f64 + 0.5) / length as f64).sin().powi(2) as f32).collect()
}
