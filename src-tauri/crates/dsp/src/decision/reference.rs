//! What spectra of well-made recordings look like: how they vary from album to album and within one.
//!
//! A spectrum is modelled as `mean + album + track`, where the last two are normally distributed. The shipped numbers
//! ([`prior`](super::prior)) are used until the listener's library has enough tracks of the same kind; then their median
//! replaces the guess of what the album sounds like, weighted by their number and by how alike they are.

use auralis_core::{AudioProfile, SPECTRUM_BANDS};

use super::{
    prior::{BETWEEN, MEAN_DB, WITHIN},
    stereo::side_db,
};

/// The compared bands: 31.5 Hz to 12.5 kHz. Outside of them recordings say more about the medium than about the music.
pub const BANDS: std::ops::Range<usize> = 2..29;

/// Number of compared bands.
pub const SIZE: usize = BANDS.end - BANDS.start;

/// Compared bands whose mean is aligned to 0 dB: 200 Hz to 4 kHz.
const ALIGN: std::ops::Range<usize> = 8..22;

/// Levels this far below the loudest band are raised to it: what is there is noise, not music.
const MAX_DEPTH_DB: f32 = 60.0;

/// Deviations beyond this do not enter covariances and medians of groups with their full size.
const MAX_DEVIATION_DB: f64 = 25.0;

/// Groups with fewer tracks say nothing.
const MIN_GROUP: usize = 4;

/// How many tracks the shipped variance counts for beside the measured one.
const SPREAD_WEIGHT: f64 = 4.0;

/// A median needs this many times as many values as a mean for the same certainty (π / 2).
const MEDIAN_COST: f64 = std::f64::consts::FRAC_PI_2;

/// A vector over the compared bands.
pub type Spectrum = [f64; SIZE];

/// Returns the third-octave levels of mid and side together, level-aligned to 0 dB from 200 Hz to 4 kHz.
pub fn aligned_spectrum(profile: &AudioProfile) -> Spectrum {
    let power = |band: usize| {
        let of = |levels: &[f32]| 10_f32.powf(levels.get(band).copied().unwrap_or(-120.0) / 10.0);
        10.0 * (of(&profile.mid_db) + of(&profile.side_db)).log10()
    };
    let levels: [f32; SPECTRUM_BANDS] = std::array::from_fn(power);
    let compared = &levels[BANDS];
    let floor_db = compared.iter().copied().fold(f32::NEG_INFINITY, f32::max) - MAX_DEPTH_DB;
    align(&std::array::from_fn(|i| f64::from(compared[i].max(floor_db))))
}

/// Subtracts the mean of the aligned bands.
pub fn align(spectrum: &Spectrum) -> Spectrum {
    let mean = spectrum[ALIGN].iter().sum::<f64>() / ALIGN.len() as f64;
    spectrum.map(|level| level - mean)
}

/// Statistics of tracks that belong together: the rest of an album, or a genre or decade of the listener's library.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupStatistics {
    /// Number of tracks.
    pub(super) count: usize,
    /// Median of their aligned spectra.
    median_db: Spectrum,
    /// Median of their side levels relative to mid, in dB.
    pub(super) side_db: f64,
    /// Their variance relative to that within a usual album.
    spread: f64,
}

impl GroupStatistics {
    /// Measures a group, without the track that is to be judged by it; `None` if it is too small to say anything.
    pub fn new<'a>(tracks: impl Iterator<Item = &'a AudioProfile>) -> Option<Self> {
        let audible: Vec<_> = tracks.filter(|profile| profile.integrated_lufs > -70.0).collect();
        if audible.len() < MIN_GROUP {
            return None;
        }
        let spectra: Vec<_> = audible.iter().map(|profile| aligned_spectrum(profile)).collect();
        let median_db: Spectrum = std::array::from_fn(|band| median(spectra.iter().map(|spectrum| spectrum[band])));
        let within = Cholesky::new(&symmetric(&WITHIN));
        let distance = |spectrum: &Spectrum| {
            let deviation: Spectrum =
                std::array::from_fn(|i| (spectrum[i] - median_db[i]).clamp(-MAX_DEVIATION_DB, MAX_DEVIATION_DB));
            product(&deviation, &within.solve(&deviation)) / SIZE as f64
        };
        let (count, measured) = (spectra.len(), median(spectra.iter().map(distance)));
        let spread = (measured * count as f64 + SPREAD_WEIGHT) / (count as f64 + SPREAD_WEIGHT);
        let side_db = median(audible.iter().map(|profile| f64::from(side_db(profile))));
        Some(Self { count, median_db, side_db, spread: spread.clamp(0.15, 4.0) })
    }
}

/// The distribution of spectra that a track is compared with.
pub struct Reference {
    pub mean_db: Spectrum,
    pub covariance: Cholesky,
}

impl Reference {
    /// Returns what is expected of a track: of any track, or of one that belongs to a group.
    pub fn new(group: Option<&GroupStatistics>) -> Self {
        let (between, within) = (symmetric(&BETWEEN), symmetric(&WITHIN));
        let Some(GroupStatistics { count, median_db, spread, .. }) = group else {
            let covariance = add(&between, &within, 1.0);
            return Self { mean_db: MEAN_DB, covariance: Cholesky::new(&covariance) };
        };
        // The album's mean given its median: conjugate normal distributions.
        let uncertain = add(&between, &within, spread * MEDIAN_COST / *count as f64);
        let solver = Cholesky::new(&uncertain);
        let deviation: Spectrum = std::array::from_fn(|i| median_db[i] - MEAN_DB[i]);
        let solved = solver.solve(&deviation);
        let mean_db = std::array::from_fn(|i| MEAN_DB[i] + product(&between[i], &solved));
        let gain: Matrix = std::array::from_fn(|i| solver.solve(&between[i]));
        let mut covariance: Matrix =
            std::array::from_fn(|i| std::array::from_fn(|j| between[i][j] - product(&gain[i], &between[j])));
        covariance = add(&covariance, &within, *spread);
        Self { mean_db, covariance: Cholesky::new(&covariance) }
    }
}

type Matrix = [[f64; SIZE]; SIZE];

/// Expands the rows of a lower triangle.
fn symmetric(rows: &[f64; SIZE * (SIZE + 1) / 2]) -> Matrix {
    let at = |i: usize, j: usize| rows[i.max(j) * (i.max(j) + 1) / 2 + i.min(j)];
    std::array::from_fn(|i| std::array::from_fn(|j| at(i, j)))
}

fn add(a: &Matrix, b: &Matrix, factor: f64) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| a[i][j] + b[i][j] * factor))
}

pub fn product(a: &Spectrum, b: &Spectrum) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

/// Cholesky decomposition of a covariance matrix.
pub struct Cholesky(Box<Matrix>);

impl Cholesky {
    fn new(matrix: &Matrix) -> Self {
        let mut lower = Box::new([[0.0; SIZE]; SIZE]);
        for i in 0..SIZE {
            for j in 0..=i {
                let sum: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
                lower[i][j] =
                    if i == j { (matrix[i][i] - sum).max(1e-6).sqrt() } else { (matrix[i][j] - sum) / lower[j][j] };
            }
        }
        Self(lower)
    }

    /// Multiplies a vector by the inverse of the matrix.
    pub fn solve(&self, vector: &Spectrum) -> Spectrum {
        let lower = &self.0;
        let mut solution = *vector;
        for i in 0..SIZE {
            let sum: f64 = (0..i).map(|k| lower[i][k] * solution[k]).sum();
            solution[i] = (solution[i] - sum) / lower[i][i];
        }
        for i in (0..SIZE).rev() {
            let sum: f64 = (i + 1..SIZE).map(|k| lower[k][i] * solution[k]).sum();
            solution[i] = (solution[i] - sum) / lower[i][i];
        }
        solution
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solving_inverts_the_covariance() {
        let matrix = add(&symmetric(&BETWEEN), &symmetric(&WITHIN), 1.0);
        let vector: Spectrum = std::array::from_fn(|i| (i as f64 * 0.7).sin());
        let solved = Cholesky::new(&matrix).solve(&vector);
        for (row, expected) in matrix.iter().zip(vector) {
            assert!((product(row, &solved) - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn more_and_more_similar_neighbours_make_the_reference_narrower() {
        let variance = |reference: &Reference| {
            let mut one = [0.0; SIZE];
            one[SIZE - 3] = 1.0;
            1.0 / reference.covariance.solve(&one)[SIZE - 3]
        };
        let group = |count, spread| GroupStatistics { count, median_db: MEAN_DB, side_db: -6.0, spread };
        let of = |group: Option<GroupStatistics>| variance(&Reference::new(group.as_ref()));
        assert!(of(Some(group(4, 1.0))) < of(None));
        assert!(of(Some(group(30, 1.0))) < of(Some(group(4, 1.0))));
        assert!(of(Some(group(30, 0.2))) < of(Some(group(30, 1.0))));
    }
}
