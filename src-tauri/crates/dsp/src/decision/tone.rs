//! Tone: levels per band, and the equaliser gains that correct a fault and add a preset's tone.

use auralis_core::{AudioProfile, SPECTRUM_BANDS, ToneRange};

use super::presets::PresetParams;
use crate::chain::{CROSSOVER_HZ, SECTIONS, response_db};

/// One number per third octave.
pub type BandLevels = [f32; SPECTRUM_BANDS];

/// Spectrum of a typical recording, for tracks that are not analysed: frequency and third-octave level.
const TYPICAL: [(f32, f32); 9] = [
    (20.0, -18.0),
    (40.0, -4.0),
    (63.0, 0.0),
    (100.0, 0.0),
    (1_000.0, -7.0),
    (4_000.0, -12.0),
    (8_000.0, -17.0),
    (12_500.0, -22.0),
    (20_000.0, -32.0),
];

/// Largest gain of an equaliser section.
const MAX_SECTION_DB: f32 = 6.0;
/// Corrections smaller than this everywhere are dropped.
const MIN_CHANGE_DB: f32 = 0.3;

/// The named frequency ranges and their upper ends in Hz.
pub const RANGES: [(ToneRange, f32); 5] = [
    (ToneRange::Bass, 120.0),
    (ToneRange::LowMids, 500.0),
    (ToneRange::Mids, 2_000.0),
    (ToneRange::Presence, 6_000.0),
    (ToneRange::Treble, f32::INFINITY),
];

/// The tone change of a track.
pub struct Tone {
    /// Gains of the equaliser sections.
    pub sections_db: [f32; SECTIONS],
    /// The resulting change per band.
    pub change_db: BandLevels,
}

/// Returns the centre frequency of a band (IEC 61260-1, base 10).
pub fn band_hz(band: usize) -> f32 {
    1_000.0 * 10_f32.powf((band as f32 - 17.0) / 10.0)
}

/// Returns the levels of a typical recording.
pub fn typical_db() -> BandLevels {
    std::array::from_fn(|band| {
        let hz = band_hz(band);
        let after = TYPICAL.iter().position(|&(to_hz, _)| to_hz >= hz).unwrap_or(TYPICAL.len() - 1).max(1);
        let ((from_hz, from_db), (to_hz, to_db)) = (TYPICAL[after - 1], TYPICAL[after]);
        from_db + (to_db - from_db) * (hz / from_hz).ln() / (to_hz / from_hz).ln()
    })
}

/// Returns the power sum of mid and side per band, with the side scaled by `width` above the bass.
pub fn levels_db(profile: &AudioProfile, width: f32) -> BandLevels {
    let of = |spectrum: &[f32], band: usize| power(spectrum.get(band).copied().unwrap_or(-120.0));
    std::array::from_fn(|band| {
        let width = if f64::from(band_hz(band)) < CROSSOVER_HZ[0] { 1.0 } else { width };
        10.0 * (of(&profile.mid_db, band) + of(&profile.side_db, band) * width * width).log10()
    })
}

/// Returns the loudness change caused by equaliser gains and a new width, in LU. `levels_db` gives the levels for a width.
pub fn loudness_change_db(levels_db: &dyn Fn(f32) -> BandLevels, sections_db: &[f32; SECTIONS], width: f32) -> f32 {
    // Equaliser and K-weighting change within a band: sampled at five frequencies.
    const SAMPLES: i32 = 5;
    let loudness = |levels: &BandLevels, sections_db: &[f32; SECTIONS]| -> f64 {
        let weighted = |band: usize, sample: i32| {
            let hz = band_hz(band) * 10_f32.powf((sample - SAMPLES / 2) as f32 / (10 * SAMPLES) as f32);
            f64::from(power(levels[band] + weighting_db(hz) + response_db(sections_db, hz)))
        };
        (0..SPECTRUM_BANDS)
            .flat_map(|band| (0..SAMPLES).map(move |sample| (band, sample)))
            .map(|(b, s)| weighted(b, s))
            .sum()
    };
    let (before, after) = (loudness(&levels_db(1.0), &[0.0; SECTIONS]), loudness(&levels_db(width), sections_db));
    (10.0 * (after / before).log10()) as f32
}

impl Tone {
    /// Computes the equaliser gains for a correction and a preset's fixed tone.
    pub fn new(correction_db: Option<&BandLevels>, preset: &PresetParams, intensity: f32) -> Self {
        let offset_db = smooth(std::array::from_fn(|band| preset.tone_offset_db[range_of(band)]));
        let wanted_db: BandLevels = std::array::from_fn(|band| {
            let correction_db = correction_db.map_or(0.0, |correction| correction[band] * preset.correction);
            (offset_db[band] + correction_db) * intensity
        });
        let mut sections_db = sections(&wanted_db);
        let mut change_db: BandLevels = std::array::from_fn(|band| response_db(&sections_db, band_hz(band)));
        if change_db.iter().all(|change| change.abs() < MIN_CHANGE_DB) {
            (sections_db, change_db) = ([0.0; SECTIONS], [0.0; SPECTRUM_BANDS]);
        }
        Self { sections_db, change_db }
    }

    /// Returns the levels after the correction.
    pub fn applied(&self, levels_db: &BandLevels) -> BandLevels {
        std::array::from_fn(|band| levels_db[band] + self.change_db[band])
    }
}

/// Converts a level in dB to power.
pub fn power(level_db: f32) -> f32 {
    10_f32.powf(level_db / 10.0)
}

fn range_of(band: usize) -> usize {
    RANGES.iter().position(|&(_, to_hz)| band_hz(band) < to_hz).unwrap_or(RANGES.len() - 1)
}

/// Averages each band with its neighbours, twice.
fn smooth(mut bands: BandLevels) -> BandLevels {
    for _ in 0..2 {
        bands = std::array::from_fn(|band| {
            let (below, above) = (bands[band.saturating_sub(1)], bands[(band + 1).min(SPECTRUM_BANDS - 1)]);
            0.25 * below + 0.5 * bands[band] + 0.25 * above
        });
    }
    bands
}

/// Returns the section gains whose combined response is closest to `wanted_db`: ridge-regularized least squares, since
/// the response of a section is nearly proportional to its gain.
fn sections(wanted_db: &BandLevels) -> [f32; SECTIONS] {
    const RIDGE: f32 = 0.3;
    let responses: [BandLevels; SECTIONS] = std::array::from_fn(|section| {
        let mut one = [0.0; SECTIONS];
        one[section] = 1.0;
        std::array::from_fn(|band| response_db(&one, band_hz(band)))
    });
    let product = |a: &BandLevels, b: &BandLevels| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let mut rows: [[f32; SECTIONS + 1]; SECTIONS] = std::array::from_fn(|row| {
        std::array::from_fn(|column| match column {
            SECTIONS => product(&responses[row], wanted_db),
            _ => product(&responses[row], &responses[column]) + if row == column { RIDGE } else { 0.0 },
        })
    });
    // The matrix is symmetric and positive: elimination needs no search for a pivot.
    for pivot in 0..SECTIONS {
        let (done, remaining) = rows.split_at_mut(pivot + 1);
        let pivot_row = &done[pivot];
        for row in remaining {
            let factor = row[pivot] / pivot_row[pivot];
            row.iter_mut().zip(pivot_row).for_each(|(value, pivot)| *value -= factor * pivot);
        }
    }
    let mut gains = [0.0_f32; SECTIONS];
    for row in (0..SECTIONS).rev() {
        let known: f32 = (row + 1..SECTIONS).map(|column| rows[row][column] * gains[column]).sum();
        gains[row] = (rows[row][SECTIONS] - known) / rows[row][row];
    }
    // Inaudible gains are dropped, which leaves the section out.
    gains.map(|gain| if gain.abs() < 0.05 { 0.0 } else { gain.clamp(-MAX_SECTION_DB, MAX_SECTION_DB) })
}

/// Returns the K-weighting (ITU-R BS.1770-5, annex 1) at a frequency, from the analogue prototypes of its two filters.
fn weighting_db(hz: f32) -> f32 {
    let power = |hz: f32, of_hz: f32, q: f32, [a, b, c]: [f32; 3]| {
        let x = (hz / of_hz).powi(2);
        ((c - a * x).powi(2) + b * b * x) / ((1.0 - x).powi(2) + x / (q * q))
    };
    let shelf = 10_f32.powf(3.999_84 / 20.0);
    let head = power(hz, 1_681.97, 0.707_18, [shelf, shelf.sqrt() / 0.707_18, 1.0]);
    let high_pass = power(hz, 38.135, 0.500_33, [1.0, 0.0, 0.0]);
    10.0 * (head * high_pass).log10()
}
