//! What is measured while it sounds, for those who look.

use std::collections::VecDeque;

use auralis_core::{Meters, SignalLevels};
use pulp::Arch;

use crate::{
    Distribution, Frame,
    analysis::silence_absurd,
    lanes::{Lanes, Work, best},
    loudness::{PIECES_PER_S, SILENCE_LUFS, Weighting, Windows, boundary},
    spectrum::{Spectrum, to_db},
    true_peak::{MARGIN, TruePeak},
};

/// Measures a signal before and after mastering. Takes memory and time as it likes: not for the audio thread.
pub struct LiveMeters {
    before: Signal,
    after: Signal,
    spectrum: Spectrum,
    true_peak: TruePeak,
}

impl LiveMeters {
    /// For signals of a rate from 4 to 768 kHz.
    pub fn new(rate_hz: u32) -> Self {
        let spectrum = Spectrum::new(rate_hz);
        let signal = || Signal::new(rate_hz, spectrum.length());
        LiveMeters { before: signal(), after: signal(), spectrum, true_peak: TruePeak::new() }
    }

    /// Takes what went in and what came out next, in blocks of any length.
    pub fn push(&mut self, before: &[Frame], after: &[Frame]) {
        self.before.push(before, &self.true_peak);
        self.after.push(after, &self.true_peak);
    }

    /// The levels at this moment. What the chain does inside (`limiter_db`, `held_back_db`) is not to be seen from
    /// here, and is 0.
    pub fn read(&mut self) -> Meters {
        Meters {
            before: self.before.levels(&mut self.spectrum),
            after: self.after.levels(&mut self.spectrum),
            correlation: self.after.correlation(),
            ..Meters::default()
        }
    }

    /// Forgets what was heard: another track begins, or another place of it.
    pub fn restart(&mut self) {
        self.before.restart();
        self.after.restart();
    }
}

struct Signal {
    rate_hz: u32,
    /// The last moments, and behind them what is not yet measured.
    frames: Vec<Frame>,
    /// How many of them are measured.
    moments: usize,
    pieces: u64,
    weighting: Weighting,
    windows: Windows,
    distribution: Distribution,
    /// True peaks of the pieces of the last second, the newest first.
    peaks: VecDeque<f32>,
}

impl Signal {
    fn new(rate_hz: u32, moments: usize) -> Self {
        let moments = moments.max(MARGIN);
        Signal {
            rate_hz,
            frames: vec![[0.0; 2]; moments],
            moments,
            pieces: 0,
            weighting: Weighting::new(rate_hz),
            windows: Windows::default(),
            distribution: Distribution::default(),
            peaks: VecDeque::new(),
        }
    }

    fn restart(&mut self) {
        *self = Signal::new(self.rate_hz, self.moments);
    }

    fn push(&mut self, frames: &[Frame], true_peak: &TruePeak) {
        let start = self.frames.len();
        self.frames.extend_from_slice(frames);
        silence_absurd(&mut self.frames[start..]);
        loop {
            let piece = (boundary(self.pieces + 1, self.rate_hz) - boundary(self.pieces, self.rate_hz)) as usize;
            let end = self.moments + piece;
            if self.frames.len() < end + MARGIN {
                return;
            }
            let frames = &self.frames[self.moments - MARGIN..end + MARGIN];
            let (energy, peak) = best(Arch::new(), Piece { frames, weighting: &mut self.weighting, true_peak });
            if let Some(block) = self.windows.push(energy) {
                self.distribution.momentary.add(block.momentary);
            }
            self.peaks.truncate(PIECES_PER_S as usize - 1);
            self.peaks.push_front(peak);
            self.frames.drain(..piece);
            self.pieces += 1;
        }
    }

    fn levels(&self, spectrum: &mut Spectrum) -> SignalLevels {
        let audible = |lufs: f64| Some(lufs as f32).filter(|_| lufs > SILENCE_LUFS);
        let peak = self.peaks.iter().copied().fold(0.0, f32::max);
        SignalLevels {
            momentary_lufs: audible(self.windows.momentary_lufs()),
            short_term_lufs: audible(self.windows.short_term_lufs()),
            integrated_lufs: audible(self.distribution.integrated_lufs()),
            true_peak_dbtp: (peak > 0.0).then(|| to_db(f64::from(peak).powi(2)) as f32),
            spectrum_db: spectrum.powers(&self.frames[self.frames.len() - spectrum.length()..]).level_db(),
        }
    }

    /// Over the last moments; 1 for silence.
    fn correlation(&self) -> f32 {
        let mut sums = [0f64; 3];
        for [left, right] in self.frames.iter().map(|frame| frame.map(f64::from)) {
            sums[0] += left * left;
            sums[1] += right * right;
            sums[2] += left * right;
        }
        let [left, right, both] = sums;
        match (left * right).sqrt() {
            _ if left + right == 0.0 => 1.0,
            product if product > 0.0 => (both / product).clamp(-1.0, 1.0) as f32,
            _ => 0.0,
        }
    }
}

/// Measures one piece, with the margins around it: its weighted mean square, and its true peak.
struct Piece<'a> {
    frames: &'a [Frame],
    weighting: &'a mut Weighting,
    true_peak: &'a TruePeak,
}

impl Work for Piece<'_> {
    type Output = (f64, f32);

    #[inline(always)]
    fn on<L: Lanes>(self, lanes: L) -> (f64, f32) {
        let Piece { frames, weighting, true_peak } = self;
        let energy = weighting.energy(&frames[MARGIN..frames.len() - MARGIN]);
        (energy, true_peak.highest(lanes, frames, 0.0))
    }
}
