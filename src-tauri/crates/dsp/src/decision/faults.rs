//! Faults of the tonal balance: a shelf that no well-made recording of the kind has.
//!
//! For each kind of fault and each corner frequency, the gain that explains the track best is estimated, and how much
//! better the track is explained with it than without it (a Bayes factor). The shape of the most probable fault is what the
//! equaliser then inverts.

use auralis_core::{AudioProfile, ToneFault};

use super::{
    reference::{BANDS, Reference, Spectrum, align, aligned_spectrum, product},
    tone::{BandLevels, band_hz},
};

/// How probable each kind of fault is before the track was looked at. What decides is the certainty that is asked for.
const PRIOR: f64 = 0.1;

/// Expected size of a fault and its standard deviation. Smaller deviations are intentions.
const EXPECTED_DB: f64 = 8.0;
const DEVIATION_DB: f64 = 3.0;

/// Largest correction.
const MAX_CORRECTION_DB: f32 = 10.0;

/// Quality of the shelves.
const SHELF_Q: f64 = 0.7;

/// The kinds of faults, their sign, and the corner frequencies that are tried.
const KINDS: [(ToneFault, f64, [f64; 6]); 4] = [
    (ToneFault::Dull, -1.0, [2_000.0, 2_500.0, 3_150.0, 4_000.0, 5_000.0, 6_300.0]),
    (ToneFault::Harsh, 1.0, [2_000.0, 2_500.0, 3_150.0, 4_000.0, 5_000.0, 6_300.0]),
    (ToneFault::Boomy, 1.0, [80.0, 100.0, 125.0, 160.0, 200.0, 250.0]),
    (ToneFault::Thin, -1.0, [125.0, 160.0, 200.0, 250.0, 315.0, 400.0]),
];

/// A fault and what corrects it.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundFault {
    /// What the recording sounds like.
    pub kind: ToneFault,
    /// Probability that it is one, 0 to 1.
    pub certainty: f32,
    /// Corner frequency.
    pub corner_hz: f32,
    /// Gain of the shelf that the recording seems to have; negative for a lack.
    pub deviation_db: f32,
    /// Correction per band.
    pub correction_db: BandLevels,
}

/// Returns the most probable fault of a track with its certainty, however small; `None` for silence.
pub fn most_probable_fault(profile: &AudioProfile, reference: &Reference) -> Option<FoundFault> {
    let spectrum = aligned_spectrum(profile);
    if !spectrum.iter().all(|level| level.is_finite()) {
        return None;
    }
    let deviation: Spectrum = std::array::from_fn(|i| spectrum[i] - reference.mean_db[i]);
    let hypotheses: Vec<Hypothesis> = KINDS
        .iter()
        .flat_map(|&(kind, sign, corners)| corners.map(|corner_hz| Hypothesis::new(kind, sign, corner_hz)))
        .map(|hypothesis| hypothesis.weighed(&deviation, reference))
        .collect();
    let best = hypotheses.iter().map(|of| of.log_odds).fold(0.0, f64::max);
    let none = (-best).exp() * (1.0 - KINDS.len() as f64 * PRIOR);
    let weight = |of: &Hypothesis| (of.log_odds - best).exp();
    let total = none + hypotheses.iter().map(weight).sum::<f64>();
    let kinds = hypotheses.chunks(KINDS[0].2.len());
    let found = kinds.max_by(|a, b| a.iter().map(weight).sum::<f64>().total_cmp(&b.iter().map(weight).sum()))?;
    let of_kind: f64 = found.iter().map(weight).sum();
    let mean =
        |value: &dyn Fn(&Hypothesis) -> f64| found.iter().map(|of| value(of) * weight(of)).sum::<f64>() / of_kind;
    Some(FoundFault {
        kind: found[0].kind,
        certainty: (of_kind / total) as f32,
        corner_hz: mean(&|of| of.corner_hz.ln()).exp() as f32,
        deviation_db: mean(&|of| of.gain_db) as f32,
        correction_db: std::array::from_fn(|band| {
            let shape = mean(&|of| of.gain_db * shelf(of.kind, of.corner_hz, band));
            (-shape as f32).clamp(-MAX_CORRECTION_DB, MAX_CORRECTION_DB)
        }),
    })
}

/// A fault that may be there.
struct Hypothesis {
    kind: ToneFault,
    corner_hz: f64,
    expected_db: f64,
    /// Most probable gain, given the fault.
    gain_db: f64,
    /// Logarithm of the probability relative to that of no fault.
    log_odds: f64,
}

impl Hypothesis {
    fn new(kind: ToneFault, sign: f64, corner_hz: f64) -> Self {
        Self { kind, corner_hz, expected_db: sign * EXPECTED_DB, gain_db: 0.0, log_odds: 0.0 }
    }

    /// Estimates gain and odds: a linear model with normally distributed gain and deviation.
    fn weighed(mut self, deviation: &Spectrum, reference: &Reference) -> Self {
        let shape: Spectrum = align(&std::array::from_fn(|i| shelf(self.kind, self.corner_hz, BANDS.start + i)));
        let solved = reference.covariance.solve(&shape);
        let (information, evidence) = (product(&shape, &solved), product(deviation, &solved));
        let prior_precision = DEVIATION_DB.powi(-2);
        let variance = 1.0 / (information + prior_precision);
        self.gain_db = variance * (evidence + self.expected_db * prior_precision);
        self.log_odds = 0.5 * self.gain_db.powi(2) / variance - 0.5 * self.expected_db.powi(2) * prior_precision
            + 0.5 * (variance * prior_precision).ln()
            + (PRIOR / KINDS[0].2.len() as f64).ln();
        self
    }
}

/// Response of a shelf at a band, as a fraction of its gain (that of an 8 dB shelf; the shape hardly depends on it).
fn shelf(kind: ToneFault, corner_hz: f64, band: usize) -> f64 {
    let amplitude = 10_f64.powf(EXPECTED_DB / 40.0);
    let ratio = f64::from(band_hz(band)) / corner_hz;
    // A high shelf mirrors a low shelf.
    let x = match kind {
        ToneFault::Dull | ToneFault::Harsh => ratio.powi(-2),
        ToneFault::Boomy | ToneFault::Thin => ratio.powi(2),
    };
    let square = |a: f64, b: f64, c: f64| (c - a * x).powi(2) + b * b * x;
    let damping = amplitude.sqrt() / SHELF_Q;
    let gain = amplitude.powi(2) * square(1.0, damping, amplitude) / square(amplitude, damping, 1.0);
    10.0 * gain.log10() / EXPECTED_DB
}
