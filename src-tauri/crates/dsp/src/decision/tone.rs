//! Tonal balance: how a track deviates from a reference spectrum, and the equaliser gains that correct it.

use auralis_core::{AudioProfile, SPECTRUM_BANDS, ToneRange};

use super::presets::PresetParams;
use crate::chain::{CROSSOVER_HZ, SECTIONS, response_db};

/// One number per third octave.
pub type BandLevels = [f32; SPECTRUM_BANDS];

/// Reference spectrum: frequency and third-octave level, interpolated linearly.
///
/// Chosen by hand from what is common in published recordings: most power from 50 to 100 Hz; above, 2 dB less per octave
/// (5 dB in power per hertz), and more than that above 4 kHz; little below 40 Hz.
const REFERENCE: [(f32, f32); 9] = [
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

/// Deviation from the reference that is not corrected; well-made recordings vary this much.
const TOLERANCE_DB: f32 = 3.0;
/// Tolerance at both ends of the spectrum, where recordings vary most.
const TOLERANCE_AT_ENDS_DB: f32 = 6.0;
/// Content this far below the reference is not weak but absent, and is not raised.
const ABSENT_DB: [f32; 2] = [14.0, 24.0];
/// The bands by which levels are aligned: 100 Hz to 8 kHz.
const ALIGN_BANDS: std::ops::RangeInclusive<usize> = 7..=26;
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

/// The tonal correction of a track.
pub struct Tone {
    /// Gains of the equaliser sections.
    pub sections_db: [f32; SECTIONS],
    /// The resulting change per band.
    pub change_db: BandLevels,
    /// Deviation of the track from the reference per band.
    pub deviation_db: BandLevels,
}

/// Returns the centre frequency of a band (IEC 61260-1, base 10).
pub fn band_hz(band: usize) -> f32 {
    1_000.0 * 10_f32.powf((band as f32 - 17.0) / 10.0)
}

/// Returns the reference level of each band.
pub fn reference_db() -> BandLevels {
    std::array::from_fn(|band| {
        let hz = band_hz(band);
        let after = REFERENCE.iter().position(|&(to_hz, _)| to_hz >= hz).unwrap_or(REFERENCE.len() - 1).max(1);
        let ((from_hz, from_db), (to_hz, to_db)) = (REFERENCE[after - 1], REFERENCE[after]);
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

/// Returns the loudness difference of two spectra, in LU.
pub fn loudness_change_db(before: &BandLevels, after: &BandLevels) -> f32 {
    let loudness = |levels_db: &BandLevels| -> f32 {
        (0..SPECTRUM_BANDS).map(|band| power(levels_db[band] + weighting_db(band_hz(band)))).sum()
    };
    10.0 * (loudness(after) / loudness(before)).log10()
}

impl Tone {
    /// Computes the correction for a track with these levels (`None`: not analysed).
    pub fn new(levels_db: Option<&BandLevels>, preset: &PresetParams, intensity: f32) -> Self {
        let deviation_db = levels_db.map_or([0.0; SPECTRUM_BANDS], deviation_db);
        let offset_db = smooth(std::array::from_fn(|band| preset.tone_offset_db[range_of(band)]));
        let wanted_db: BandLevels = std::array::from_fn(|band| {
            let max_db = preset.max_tone_correction_db;
            (offset_db[band]
                - (over_tolerance_db(band, deviation_db[band]) * preset.tone_correction).clamp(-max_db, max_db))
                * intensity
        });
        let mut sections_db = sections(&wanted_db);
        let mut change_db: BandLevels = std::array::from_fn(|band| response_db(&sections_db, band_hz(band)));
        if change_db.iter().all(|change| change.abs() < MIN_CHANGE_DB) {
            (sections_db, change_db) = ([0.0; SECTIONS], [0.0; SPECTRUM_BANDS]);
        }
        Self { sections_db, change_db, deviation_db }
    }

    /// Returns the levels after the correction.
    pub fn applied(&self, levels_db: &BandLevels) -> BandLevels {
        std::array::from_fn(|band| levels_db[band] + self.change_db[band])
    }
}

/// Returns the mean over the bands of a range.
pub fn mean(bands: &BandLevels, range: usize) -> f32 {
    let of_range: Vec<f32> =
        (0..SPECTRUM_BANDS).filter(|&band| range_of(band) == range).map(|band| bands[band]).collect();
    of_range.iter().sum::<f32>() / of_range.len() as f32
}

/// Converts a level in dB to power.
pub fn power(level_db: f32) -> f32 {
    10_f32.powf(level_db / 10.0)
}

fn range_of(band: usize) -> usize {
    RANGES.iter().position(|&(_, to_hz)| band_hz(band) < to_hz).unwrap_or(RANGES.len() - 1)
}

/// Returns the deviation from the reference per band, with levels aligned in the middle.
fn deviation_db(levels_db: &BandLevels) -> BandLevels {
    let reference_db = reference_db();
    let difference = smooth(std::array::from_fn(|band| levels_db[band].max(-100.0) - reference_db[band]));
    // The median, so that the deviation itself does not shift the alignment.
    let mut middle = difference[ALIGN_BANDS].to_vec();
    middle.sort_by(f32::total_cmp);
    let level = middle[middle.len() / 2];
    difference.map(|difference| difference - level)
}

/// Returns the part of a deviation beyond the tolerance; 0 where there is no content to raise.
fn over_tolerance_db(band: usize, deviation_db: f32) -> f32 {
    let from_end = band.min(SPECTRUM_BANDS - 1 - band) as f32;
    let tolerance_db = TOLERANCE_DB + (TOLERANCE_AT_ENDS_DB - TOLERANCE_DB) * (1.0 - from_end / 5.0).max(0.0);
    let [weak, absent] = ABSENT_DB;
    let there = ((absent + deviation_db) / (absent - weak)).clamp(0.0, 1.0);
    deviation_db.signum() * (deviation_db.abs() - tolerance_db).max(0.0) * there
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
