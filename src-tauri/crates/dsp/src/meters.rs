//! Live levels before and after mastering.

use std::collections::VecDeque;

use auralis_core::{Meters, SignalLevels};
use pulp::Arch;

use crate::{
    Frame, LoudnessHistograms,
    analysis::zero_invalid_samples,
    loudness::{ABSOLUTE_GATE_LUFS, KWeighting, SLICES_PER_S, Windows, slice_end_frame},
    simd::{Simd8, SimdTask, dispatch},
    spectrum::{Spectrum, to_db},
    true_peak::{MARGIN_FRAMES, TruePeak},
};

/// Measures a signal before and after mastering. It allocates: not for the audio thread.
pub struct LiveMeters {
    before: SignalMeter,
    after: SignalMeter,
    spectrum: Spectrum,
    true_peak: TruePeak,
}

impl LiveMeters {
    /// Creates meters for a sample rate from 4 to 768 kHz.
    pub fn new(rate_hz: u32) -> Self {
        let spectrum = Spectrum::new(rate_hz);
        let meter = || SignalMeter::new(rate_hz, spectrum.length());
        LiveMeters { before: meter(), after: meter(), spectrum, true_peak: TruePeak::new() }
    }

    /// Adds the next frames before and after the chain, in blocks of any length.
    pub fn push(&mut self, before: &[Frame], after: &[Frame]) {
        self.before.push(before, &self.true_peak);
        self.after.push(after, &self.true_peak);
    }

    /// Returns the current levels. The gain reductions of the chain cannot be measured here and are left 0.
    pub fn read(&mut self) -> Meters {
        Meters {
            before: self.before.levels(&mut self.spectrum),
            after: self.after.levels(&mut self.spectrum),
            correlation: self.after.correlation(),
            ..Meters::default()
        }
    }

    /// Clears all measurements, for a new track or after a seek.
    pub fn restart(&mut self) {
        self.before.restart();
        self.after.restart();
    }
}

struct SignalMeter {
    rate_hz: u32,
    /// The last `history_frames` measured frames, then those not measured yet.
    frames: Vec<Frame>,
    /// How many of them are measured.
    history_frames: usize,
    slices: u64,
    weighting: KWeighting,
    windows: Windows,
    histograms: LoudnessHistograms,
    /// True peaks of the slices of the last second, newest first.
    peaks: VecDeque<f32>,
}

impl SignalMeter {
    fn new(rate_hz: u32, history_frames: usize) -> Self {
        let history_frames = history_frames.max(MARGIN_FRAMES);
        SignalMeter {
            rate_hz,
            frames: vec![[0.0; 2]; history_frames],
            history_frames,
            slices: 0,
            weighting: KWeighting::new(rate_hz),
            windows: Windows::default(),
            histograms: LoudnessHistograms::default(),
            peaks: VecDeque::new(),
        }
    }

    fn restart(&mut self) {
        *self = SignalMeter::new(self.rate_hz, self.history_frames);
    }

    fn push(&mut self, frames: &[Frame], true_peak: &TruePeak) {
        let start = self.frames.len();
        self.frames.extend_from_slice(frames);
        zero_invalid_samples(&mut self.frames[start..]);
        loop {
            let slice_frames =
                (slice_end_frame(self.slices + 1, self.rate_hz) - slice_end_frame(self.slices, self.rate_hz)) as usize;
            let end = self.history_frames + slice_frames;
            if self.frames.len() < end + MARGIN_FRAMES {
                return;
            }
            let frames = &self.frames[self.history_frames - MARGIN_FRAMES..end + MARGIN_FRAMES];
            let (energy, peak) =
                dispatch(Arch::new(), MeasureSlice { frames, weighting: &mut self.weighting, true_peak });
            if let Some(block) = self.windows.push(energy) {
                self.histograms.momentary.add(block.momentary);
            }
            self.peaks.truncate(SLICES_PER_S as usize - 1);
            self.peaks.push_front(peak);
            self.frames.drain(..slice_frames);
            self.slices += 1;
        }
    }

    fn levels(&self, spectrum: &mut Spectrum) -> SignalLevels {
        let audible = |lufs: f64| Some(lufs as f32).filter(|_| lufs > ABSOLUTE_GATE_LUFS);
        let peak = self.peaks.iter().copied().fold(0.0, f32::max);
        SignalLevels {
            momentary_lufs: audible(self.windows.momentary_lufs()),
            short_term_lufs: audible(self.windows.short_term_lufs()),
            integrated_lufs: audible(self.histograms.integrated_lufs()),
            true_peak_dbtp: (peak > 0.0).then(|| to_db(f64::from(peak).powi(2)) as f32),
            spectrum_db: spectrum.powers(&self.frames[self.frames.len() - spectrum.length()..]).level_db(),
        }
    }

    /// Returns the correlation of the channels over the history; 1 for silence.
    fn correlation(&self) -> f32 {
        let mut sums = [0f64; 3];
        for [left, right] in self.frames.iter().map(|frame| frame.map(f64::from)) {
            sums[0] += left * left;
            sums[1] += right * right;
            sums[2] += left * right;
        }
        let [left, right, cross] = sums;
        match (left * right).sqrt() {
            _ if left + right == 0.0 => 1.0,
            product if product > 0.0 => (cross / product).clamp(-1.0, 1.0) as f32,
            _ => 0.0,
        }
    }
}

/// Measures one slice with its margins: K-weighted mean square and true peak.
struct MeasureSlice<'a> {
    frames: &'a [Frame],
    weighting: &'a mut KWeighting,
    true_peak: &'a TruePeak,
}

impl SimdTask for MeasureSlice<'_> {
    type Output = (f64, f32);

    #[inline(always)]
    fn run<S: Simd8>(self, simd: S) -> (f64, f32) {
        let MeasureSlice { frames, weighting, true_peak } = self;
        let energy = weighting.energy(&frames[MARGIN_FRAMES..frames.len() - MARGIN_FRAMES]);
        (energy, true_peak.max_peak(simd, frames, 0.0))
    }
}
