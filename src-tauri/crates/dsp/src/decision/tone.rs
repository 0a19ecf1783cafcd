//! The tone of a track: how it differs from what is usual, and the sections of the equaliser that bring it nearer.

use auralis_core::{AudioProfile, SPECTRUM_BANDS, ToneRange};

use super::taste::Taste;
use crate::chain::{CROSSOVER_HZ, SECTIONS, response_db};

/// A number for each third octave.
pub type Bands = [f32; SPECTRUM_BANDS];

/// The spectrum that is called usual: pitch, and level of a third octave there. Straight lines between.
///
/// It is made up, from what is commonly found in published recordings, and follows no single one: most power from 50
/// to 100 Hz; from there 2 dB less each octave, which is 5 dB in power per hertz; more above 4 kHz, and little below 40 Hz.
const USUAL: [(f32, f32); 9] = [
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

/// So much it may differ and still be as good: recordings that nobody would change do.
const TOLERANCE_DB: f32 = 3.0;
/// At the ends of the range, where they differ most.
const TOLERANCE_AT_ENDS_DB: f32 = 6.0;
/// What lies so far below the usual is not weak but absent, and is not raised.
const ABSENT_DB: [f32; 2] = [14.0, 24.0];
/// The bands by which the level is compared: 100 Hz to 8 kHz.
const MIDDLE: std::ops::RangeInclusive<usize> = 7..=26;
/// No section is asked for more.
const MOST_SECTION_DB: f32 = 6.0;
/// A tone that changes less than this everywhere is left alone.
const LEAST_DB: f32 = 0.3;

/// The ranges that have a name, and where each ends.
pub const RANGES: [(ToneRange, f32); 5] = [
    (ToneRange::Bass, 120.0),
    (ToneRange::LowMids, 500.0),
    (ToneRange::Mids, 2_000.0),
    (ToneRange::Presence, 6_000.0),
    (ToneRange::Treble, f32::INFINITY),
];

/// What is done to the tone.
pub struct Tone {
    /// Gains of the equaliser's sections.
    pub sections_db: [f32; SECTIONS],
    /// What comes of it.
    pub change_db: Bands,
    /// How much more the track has in each band than is usual.
    pub excess_db: Bands,
}

/// The middle of a band (IEC 61260-1, base 10).
pub fn band_hz(band: usize) -> f32 {
    1_000.0 * 10_f32.powf((band as f32 - 17.0) / 10.0)
}

/// The usual level of each band, from 0 dB down.
pub fn usual_db() -> Bands {
    std::array::from_fn(|band| {
        let hz = band_hz(band);
        let after = USUAL.iter().position(|&(to_hz, _)| to_hz >= hz).unwrap_or(USUAL.len() - 1).max(1);
        let ((from_hz, from_db), (to_hz, to_db)) = (USUAL[after - 1], USUAL[after]);
        from_db + (to_db - from_db) * (hz / from_hz).ln() / (to_hz / from_hz).ln()
    })
}

/// The level of both channels together in each band, when the difference above the bass has this factor.
pub fn levels_db(profile: &AudioProfile, width: f32) -> Bands {
    let of = |spectrum: &[f32], band: usize| power(spectrum.get(band).copied().unwrap_or(-120.0));
    std::array::from_fn(|band| {
        let width = if f64::from(band_hz(band)) < CROSSOVER_HZ[0] { 1.0 } else { width };
        10.0 * (of(&profile.mid_db, band) + of(&profile.side_db, band) * width * width).log10()
    })
}

/// By how much a sound with the levels `after` is louder than one with the levels `before`.
pub fn loudness_change_db(before: &Bands, after: &Bands) -> f32 {
    let loudness = |levels_db: &Bands| -> f32 {
        (0..SPECTRUM_BANDS).map(|band| power(levels_db[band] + weighting_db(band_hz(band)))).sum()
    };
    10.0 * (loudness(after) / loudness(before)).log10()
}

impl Tone {
    /// For a track with these levels (`None`: not known), as far as `taste` and `intensity` go.
    pub fn new(levels_db: Option<&Bands>, taste: &Taste, intensity: f32) -> Self {
        let excess_db = levels_db.map_or([0.0; SPECTRUM_BANDS], excess_db);
        let liked_db = smooth(std::array::from_fn(|band| taste.tone_db[range_of(band)]));
        let wanted_db: Bands = std::array::from_fn(|band| {
            let most_db = taste.most_tone_db;
            (liked_db[band] - (beyond(band, excess_db[band]) * taste.strength).clamp(-most_db, most_db)) * intensity
        });
        let mut sections_db = sections(&wanted_db);
        let mut change_db: Bands = std::array::from_fn(|band| response_db(&sections_db, band_hz(band)));
        if change_db.iter().all(|change| change.abs() < LEAST_DB) {
            (sections_db, change_db) = ([0.0; SECTIONS], [0.0; SPECTRUM_BANDS]);
        }
        Self { sections_db, change_db, excess_db }
    }

    /// Levels as they are after it.
    pub fn applied(&self, levels_db: &Bands) -> Bands {
        std::array::from_fn(|band| levels_db[band] + self.change_db[band])
    }
}

/// The mean over the bands of a range.
pub fn mean(bands: &Bands, range: usize) -> f32 {
    let of_range: Vec<f32> =
        (0..SPECTRUM_BANDS).filter(|&band| range_of(band) == range).map(|band| bands[band]).collect();
    of_range.iter().sum::<f32>() / of_range.len() as f32
}

/// The power that a level in dB is.
pub fn power(level_db: f32) -> f32 {
    10_f32.powf(level_db / 10.0)
}

fn range_of(band: usize) -> usize {
    RANGES.iter().position(|&(_, to_hz)| band_hz(band) < to_hz).unwrap_or(RANGES.len() - 1)
}

/// How much more than is usual there is in each band, when both are equally loud in the middle.
fn excess_db(levels_db: &Bands) -> Bands {
    let usual_db = usual_db();
    let difference = smooth(std::array::from_fn(|band| levels_db[band].max(-100.0) - usual_db[band]));
    // The median, so that what is unusual does not itself set the level.
    let mut middle = difference[MIDDLE].to_vec();
    middle.sort_by(f32::total_cmp);
    let level = middle[middle.len() / 2];
    difference.map(|difference| difference - level)
}

/// What of an excess is more than may be; nothing where there is nothing to raise.
fn beyond(band: usize, excess_db: f32) -> f32 {
    let from_end = band.min(SPECTRUM_BANDS - 1 - band) as f32;
    let tolerance_db = TOLERANCE_DB + (TOLERANCE_AT_ENDS_DB - TOLERANCE_DB) * (1.0 - from_end / 5.0).max(0.0);
    let [weak, absent] = ABSENT_DB;
    let there = ((absent + excess_db) / (absent - weak)).clamp(0.0, 1.0);
    excess_db.signum() * (excess_db.abs() - tolerance_db).max(0.0) * there
}

/// Each band with its neighbours, twice.
fn smooth(mut bands: Bands) -> Bands {
    for _ in 0..2 {
        bands = std::array::from_fn(|band| {
            let (below, above) = (bands[band.saturating_sub(1)], bands[(band + 1).min(SPECTRUM_BANDS - 1)]);
            0.25 * below + 0.5 * bands[band] + 0.25 * above
        });
    }
    bands
}

/// Gains whose responses together come nearest to `wanted_db`: least squares, with a price on large gains. What a section
/// does is nearly in proportion to its gain.
fn sections(wanted_db: &Bands) -> [f32; SECTIONS] {
    const PRICE: f32 = 0.3;
    let responses: [Bands; SECTIONS] = std::array::from_fn(|section| {
        let mut one = [0.0; SECTIONS];
        one[section] = 1.0;
        std::array::from_fn(|band| response_db(&one, band_hz(band)))
    });
    let product = |a: &Bands, b: &Bands| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let mut rows: [[f32; SECTIONS + 1]; SECTIONS] = std::array::from_fn(|row| {
        std::array::from_fn(|column| match column {
            SECTIONS => product(&responses[row], wanted_db),
            _ => product(&responses[row], &responses[column]) + if row == column { PRICE } else { 0.0 },
        })
    });
    // The matrix is symmetric and positive: elimination needs no search for a pivot.
    for pivot in 0..SECTIONS {
        let (done, left) = rows.split_at_mut(pivot + 1);
        let by = &done[pivot];
        for row in left {
            let factor = row[pivot] / by[pivot];
            row.iter_mut().zip(by).for_each(|(value, by)| *value -= factor * by);
        }
    }
    let mut gains = [0.0_f32; SECTIONS];
    for row in (0..SECTIONS).rev() {
        let known: f32 = (row + 1..SECTIONS).map(|column| rows[row][column] * gains[column]).sum();
        gains[row] = (rows[row][SECTIONS] - known) / rows[row][row];
    }
    // What cannot be heard is not worth a section.
    gains.map(|gain| if gain.abs() < 0.05 { 0.0 } else { gain.clamp(-MOST_SECTION_DB, MOST_SECTION_DB) })
}

/// How much a pitch counts for loudness: the two filters of ITU-R BS.1770-5, annex 1, by their analogue originals.
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
