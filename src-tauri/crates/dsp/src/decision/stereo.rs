//! Stereo width: whether a recording is narrower than recordings of its kind are.

use auralis_core::AudioProfile;

use super::{
    reference::GroupStatistics,
    tone::{band_hz, power},
};
use crate::chain::CROSSOVER_HZ;

/// Usual side level relative to mid above the bass, and its standard deviation (median of the tuning half of
/// `benches/judgement`).
const USUAL_SIDE_DB: f64 = -5.7;
const DEVIATION_DB: f64 = 4.7;

/// The same deviation among the tracks of one album.
const DEVIATION_IN_GROUP_DB: f64 = 3.5;

/// How many tracks the usual level counts for beside those of a group.
const USUAL_WEIGHT: f64 = 4.0;

/// How much narrower a faulty transfer is than its original, its standard deviation, and how probable it is.
const EXPECTED_NARROWING_DB: f64 = 9.0;
const NARROWING_DEVIATION_DB: f64 = 2.0;
const PRIOR: f64 = 0.15;

/// Below this side level a track is mono; there is nothing to widen.
pub const MONO_SIDE_DB: f32 = -40.0;

/// Above this side level a preset does not widen any further.
pub const MAX_WIDENED_SIDE_DB: f32 = -5.0;

/// Part of the narrowing that is undone: the side signal may also be noise or an effect of its own.
const RESTORED: f64 = 0.5;

/// A recording that may be too narrow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Narrowness {
    /// Side level relative to mid above the bass.
    pub side_db: f32,
    /// Probability that it is narrower than it was made, 0 to 1.
    pub certainty: f32,
    /// How much the side signal is to be raised if so.
    pub correction_db: f32,
}

/// Judges the width of a track, by its group if it has one.
pub fn narrowness(profile: &AudioProfile, group: Option<&GroupStatistics>) -> Narrowness {
    let side = f64::from(side_db(profile));
    let (usual, deviation) = match group {
        Some(group) => {
            let count = group.count as f64;
            ((group.side_db * count + USUAL_SIDE_DB * USUAL_WEIGHT) / (count + USUAL_WEIGHT), DEVIATION_IN_GROUP_DB)
        }
        None => (USUAL_SIDE_DB, DEVIATION_DB),
    };
    let below = usual - side;
    if side < f64::from(MONO_SIDE_DB) || below <= 0.0 {
        return Narrowness { side_db: side as f32, certainty: 0.0, correction_db: 0.0 };
    }
    let likelihood =
        |expected: f64, variance: f64| (-(below - expected).powi(2) / (2.0 * variance)).exp() / variance.sqrt();
    let variance = deviation.powi(2);
    let narrow_variance = variance + NARROWING_DEVIATION_DB.powi(2);
    let narrow = PRIOR * likelihood(EXPECTED_NARROWING_DB.max(below.min(2.0 * EXPECTED_NARROWING_DB)), narrow_variance);
    let healthy = (1.0 - PRIOR) * likelihood(0.0, variance);
    let learnt = NARROWING_DEVIATION_DB.powi(2) / narrow_variance;
    let narrowing = EXPECTED_NARROWING_DB + learnt * (below - EXPECTED_NARROWING_DB);
    Narrowness {
        side_db: side as f32,
        certainty: (narrow / (narrow + healthy)) as f32,
        correction_db: (RESTORED * narrowing) as f32,
    }
}

/// Returns the side level relative to mid, above the bass.
pub fn side_db(source: &AudioProfile) -> f32 {
    let above_bass = |spectrum: &[f32]| -> f32 {
        let bands = spectrum.iter().enumerate().filter(|&(band, _)| f64::from(band_hz(band)) > CROSSOVER_HZ[0]);
        bands.map(|(_, &level)| power(level)).sum()
    };
    10.0 * (above_bass(&source.side_db) / above_bass(&source.mid_db).max(1e-12)).max(1e-9).log10()
}
