//! The statistics that ship with the player (`decision/prior.rs`), made from the tuning half.

use std::collections::BTreeMap;

use auralis_core::AudioProfile;
use auralis_dsp::{SPECTRUM_SIZE, aligned_spectrum};

type Spectrum = [f64; SPECTRUM_SIZE];

/// Larger deviations are exceptions, which would dominate a covariance.
const MAX_DEVIATION_DB: f64 = 25.0;

/// Shrinkage of a covariance toward its diagonal, and variance that is added to each band, because few tracks are known.
const SHRINKAGE: f64 = 0.1;
const ADDED_VARIANCE: f64 = 0.5;

/// Returns the source text of the module.
pub fn source(tracks: &[(String, AudioProfile)]) -> String {
    let spectra: Vec<_> = tracks.iter().map(|(album, profile)| (album, aligned_spectrum(profile))).collect();
    let mean = median(&spectra.iter().map(|(_, spectrum)| *spectrum).collect::<Vec<_>>());
    let mut albums: BTreeMap<&String, Vec<Spectrum>> = BTreeMap::new();
    for (album, spectrum) in &spectra {
        let deviation = std::array::from_fn(|i| (spectrum[i] - mean[i]).clamp(-MAX_DEVIATION_DB, MAX_DEVIATION_DB));
        albums.entry(album).or_default().push(deviation);
    }
    let medians: Vec<_> = albums.values().map(|album| median(album)).collect();
    let mut within = Vec::new();
    for album in albums.values().filter(|album| album.len() >= 3) {
        let (median, count) = (median(album), album.len() as f64);
        let factor = (count / (count - 1.0)).sqrt();
        within
            .extend(album.iter().map(|track| -> Spectrum { std::array::from_fn(|i| (track[i] - median[i]) * factor) }));
    }
    format!(
        "//! Statistics of the spectra of {} tracks from {} packages of free game music: the tuning half of\n\
         //! `benches/judgement`, which makes this file (`cargo bench --bench judgement -- --statistics`).\n\
         //!\n\
         //! Spectra are third octaves from 31.5 Hz to 12.5 kHz, aligned from 200 Hz to 4 kHz. The median over all tracks; the\n\
         //! covariance of the packages' medians; the covariance of tracks around their package's median. Lower triangles, in\n\
         //! dB², shrunk by {SHRINKAGE} toward their diagonals.\n\n\
         use super::reference::SIZE;\n\n{}\n{}\n{}",
        spectra.len(),
        albums.len(),
        constant("MEAN_DB", "Median level per band.", "SIZE", &mean),
        constant("BETWEEN", "Covariance between albums.", "SIZE * (SIZE + 1) / 2", &covariance(&medians)),
        constant("WITHIN", "Covariance within an album.", "SIZE * (SIZE + 1) / 2", &covariance(&within)),
    )
}

fn median(spectra: &[Spectrum]) -> Spectrum {
    std::array::from_fn(|band| {
        let mut levels: Vec<_> = spectra.iter().map(|spectrum| spectrum[band]).collect();
        levels.sort_by(f64::total_cmp);
        let middle = levels.len() / 2;
        if levels.len() % 2 == 1 { levels[middle] } else { (levels[middle - 1] + levels[middle]) / 2.0 }
    })
}

/// The lower triangle of the covariance of deviations.
fn covariance(deviations: &[Spectrum]) -> Vec<f64> {
    let element = |i: usize, j: usize| {
        let mean = deviations.iter().map(|of| of[i] * of[j]).sum::<f64>() / deviations.len() as f64;
        if i == j { mean + ADDED_VARIANCE } else { mean * (1.0 - SHRINKAGE) }
    };
    (0..SPECTRUM_SIZE).flat_map(|i| (0..=i).map(move |j| (i, j))).map(|(i, j)| element(i, j)).collect()
}

fn constant(name: &str, comment: &str, length: &str, values: &[f64]) -> String {
    let values: Vec<_> = values.iter().map(|value| format!("{value:.1},")).collect();
    let rows: String = values.chunks(16).map(|row| format!("    {}\n", row.join(" "))).collect();
    format!("/// {comment}\n#[rustfmt::skip]\npub const {name}: [f64; {length}] = [\n{rows}];\n")
}
