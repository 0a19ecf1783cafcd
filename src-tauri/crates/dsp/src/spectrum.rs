//! Third-octave spectra of sum and difference (IEC 61260-1, base 10), by Fourier transforms of a fifth of a second.

use std::f64::consts::PI;
use std::sync::Arc;

use auralis_core::SPECTRUM_BANDS;
use rustfft::{Fft, FftPlanner, num_complex::Complex32};

use crate::Frame;

/// What stands for silence in spectra.
pub(crate) const SILENT_DB: f64 = -120.0;

/// Middle of band 17, from which the others lie tenths of a decade away.
const MIDDLE_HZ: f64 = 1000.0;

/// Lower edge of a band, and upper edge of the one below.
fn edge_hz(band: usize) -> f64 {
    MIDDLE_HZ * 10f64.powf((band as f64 - 17.5) / 10.0)
}

/// Level of a mean square.
pub(crate) fn to_db(power: f64) -> f64 {
    if power > 0.0 { (10.0 * power.log10()).max(SILENT_DB) } else { SILENT_DB }
}

/// Mean squares of bands, and what their centroid is made of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Powers {
    bands: [Band; SPECTRUM_BANDS],
    /// Of all frequencies.
    power: f64,
    /// The same, each weighted by its frequency.
    moment_hz: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Band {
    /// Of the halved sum.
    mid: f64,
    /// Of the halved difference.
    side: f64,
    /// Of their product.
    both: f64,
}

impl Powers {
    /// Adds another, as often as it occurs.
    pub fn add(&mut self, other: &Powers) {
        for (band, other) in self.bands.iter_mut().zip(&other.bands) {
            band.mid += other.mid;
            band.side += other.side;
            band.both += other.both;
        }
        self.power += other.power;
        self.moment_hz += other.moment_hz;
    }

    /// Levels of the halved sum, of `count` that were added.
    pub fn mid_db(&self, count: u64) -> Vec<f32> {
        self.bands.iter().map(|band| to_db(band.mid / count.max(1) as f64) as f32).collect()
    }

    /// Levels of the halved difference.
    pub fn side_db(&self, count: u64) -> Vec<f32> {
        self.bands.iter().map(|band| to_db(band.side / count.max(1) as f64) as f32).collect()
    }

    /// Levels of what both channels have together, halved: the mean of left and right.
    pub fn level_db(&self) -> Vec<f32> {
        self.bands.iter().map(|band| to_db(band.mid + band.side) as f32).collect()
    }

    /// Correlation of left and right in each band; 1 where there is no sound.
    pub fn correlation(&self, count: u64) -> Vec<f32> {
        let audible = 10f64.powf(SILENT_DB / 10.0) * count.max(1) as f64;
        let of = |band: &Band| {
            let together = band.mid + band.side;
            let (left, right) = (together + 2.0 * band.both, together - 2.0 * band.both);
            match left.min(right) {
                _ if together < audible => 1.0,
                // All of it is on one side: what is on the other, 50 dB below, may be the error of the transform.
                less if less < together * 1e-5 => 0.0,
                _ => ((band.mid - band.side) / (left * right).sqrt()).clamp(-1.0, 1.0) as f32,
            }
        };
        self.bands.iter().map(of).collect()
    }

    /// Where the weight of the power lies; 0 for silence.
    pub fn centroid_hz(&self) -> f64 {
        if self.power > 0.0 { self.moment_hz / self.power } else { 0.0 }
    }
}

/// Makes spectra of stretches. Lines lie 5 Hz apart, at every rate.
pub(crate) struct Spectrum {
    fft: Arc<dyn Fft<f32>>,
    window: Vec<f32>,
    /// The sum of its squares.
    weight: f64,
    lines: Vec<Complex32>,
    /// Of each line from the second on: squares of twice the mid and the side, and their product.
    squares: Vec<[f32; 3]>,
    scratch: Vec<Complex32>,
    /// Where each band's lines begin and end; those at its edges belong to it in part.
    shares: Vec<Vec<(usize, f64)>>,
    line_hz: f64,
}

impl Spectrum {
    /// Stretches a second, at most.
    pub const PER_S: u32 = 5;

    pub fn new(rate_hz: u32) -> Self {
        let length = (rate_hz / Self::PER_S).max(2) as usize;
        let fft = FftPlanner::new().plan_fft_forward(length);
        let line_hz = f64::from(rate_hz) / length as f64;
        // A line stands for what lies around it, half-way to the next ones.
        let share = |band: usize, line: usize| {
            let (below, above) = ((line as f64 - 0.5) * line_hz, (line as f64 + 0.5) * line_hz);
            ((above.min(edge_hz(band + 1)) - below.max(edge_hz(band))) / line_hz).max(0.0)
        };
        let lines_of = |band: usize| {
            let first = (edge_hz(band) / line_hz).round() as usize;
            let last = ((edge_hz(band + 1) / line_hz).round() as usize).min((length - 1) / 2);
            (first.max(1)..=last).map(|line| (line, share(band, line))).collect()
        };
        let window = hann(length);
        Spectrum {
            weight: weight(&window),
            window,
            squares: vec![[0.0; 3]; length.div_ceil(2) - 1],
            lines: vec![Complex32::default(); length],
            scratch: vec![Complex32::default(); fft.get_inplace_scratch_len()],
            shares: (0..SPECTRUM_BANDS).map(lines_of).collect(),
            fft,
            line_hz,
        }
    }

    /// How many frames a stretch has.
    pub fn length(&self) -> usize {
        self.window.len()
    }

    /// The mean squares of a stretch; what is shorter than that stands alone, what is longer is cut.
    pub fn powers(&mut self, frames: &[Frame]) -> Powers {
        let frames = &frames[..frames.len().min(self.length())];
        let shorter = (frames.len() < self.length()).then(|| hann(frames.len()));
        let window = shorter.as_deref().unwrap_or(&self.window);
        let weight = shorter.as_deref().map_or(self.weight, weight);
        self.lines.fill(Complex32::default());
        // Sum and difference as one complex signal: one transform serves both.
        for ((line, &[left, right]), weight) in self.lines.iter_mut().zip(frames).zip(window) {
            *line = Complex32::new((left + right) * 0.5 * weight, (left - right) * 0.5 * weight);
        }
        self.fft.process_with_scratch(&mut self.lines, &mut self.scratch);

        // Of a line and its mirror image: their sum is twice the mid, their difference 2i times the side.
        let lines = &self.lines[1..];
        for ((squares, here), mirrored) in self.squares.iter_mut().zip(lines).zip(lines.iter().rev()) {
            let (mid, side) = (here + mirrored.conj(), here - mirrored.conj());
            *squares = [mid.norm_sqr(), side.norm_sqr(), mid.re * side.im - mid.im * side.re];
        }
        let norm = 2.0 / (self.length() as f64 * weight.max(f64::MIN_POSITIVE)) / 4.0;
        let mut powers = Powers::default();
        for (band, lines) in powers.bands.iter_mut().zip(&self.shares) {
            for (line, share) in lines {
                let [mid, side, both] = self.squares[line - 1].map(f64::from);
                band.mid += mid * share * norm;
                band.side += side * share * norm;
                band.both += both * share * norm;
            }
        }
        for ([mid, side, _], line) in self.squares.iter().zip(1..) {
            let power = f64::from(mid + side) * norm;
            powers.power += power;
            powers.moment_hz += power * f64::from(line) * self.line_hz;
        }
        powers
    }
}

fn weight(window: &[f32]) -> f64 {
    window.iter().map(|weight| f64::from(weight * weight)).sum()
}

/// A window that is above 0 at its ends, so that also one frame has a spectrum.
fn hann(length: usize) -> Vec<f32> {
    (0..length).map(|i| (PI * (i as f64 + 0.5) / length as f64).sin().powi(2) as f32).collect()
}
