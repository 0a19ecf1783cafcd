//! What is compared: spectra, width, loudness and dynamics of two sounds.

use auralis_core::{AudioProfile, SPECTRUM_BANDS};
use auralis_dsp::{Analyser, BLOCK_FRAMES, Chain, Frame, Parameters};

use crate::tracks::RATE_HZ;

/// Compared bands: 40 Hz to 16 kHz.
const BANDS: std::ops::Range<usize> = 3..30;

pub fn analyse(sound: &[Frame]) -> AudioProfile {
    let mut analyser = Analyser::new(RATE_HZ);
    analyser.push(sound);
    analyser.finish().profile
}

/// Returns the output of a chain and the largest reduction of its limiter.
pub fn render(parameters: &Parameters, sound: &[Frame]) -> (Vec<Frame>, f32) {
    let mut chain = Chain::new(RATE_HZ, parameters);
    let mut out = sound.to_vec();
    out.extend(vec![[0.0; 2]; chain.latency_frames()]);
    let mut reduction_db = 0.0_f32;
    for block in out.chunks_mut(BLOCK_FRAMES) {
        chain.process(block);
        reduction_db = reduction_db.max(chain.activity().limiter_reduction_db);
    }
    (out.split_off(chain.latency_frames()), reduction_db)
}

/// Level differences per band after level matching.
fn differences(a: &AudioProfile, b: &AudioProfile) -> Vec<f32> {
    let level = |profile: &AudioProfile, band: usize| {
        10.0 * (power(profile.mid_db[band]) + power(profile.side_db[band])).log10()
    };
    let differences: Vec<f32> = BANDS.map(|band| level(a, band) - level(b, band)).collect();
    let mean = differences.iter().sum::<f32>() / differences.len() as f32;
    differences.into_iter().map(|difference| difference - mean).collect()
}

/// Mean log-spectral distance in dB.
pub fn distance_db(a: &AudioProfile, b: &AudioProfile) -> f32 {
    let differences = differences(a, b);
    differences.iter().map(|difference| difference.abs()).sum::<f32>() / differences.len() as f32
}

/// Whether a listener gets the released master: no third octave beyond 1 dB, loudness range and width as they were.
pub fn is_left_alone(a: &AudioProfile, b: &AudioProfile) -> bool {
    differences(a, b).iter().all(|difference| difference.abs() <= 1.0)
        && (a.range_lu - b.range_lu).abs() < 1.0
        && (width_db(a) - width_db(b)).abs() <= 0.5
}

/// Side relative to mid above the bass.
pub fn width_db(profile: &AudioProfile) -> f32 {
    let sum = |levels: &[f32]| levels[8..SPECTRUM_BANDS].iter().map(|level| power(*level)).sum::<f32>();
    10.0 * (sum(&profile.side_db).max(1e-12) / sum(&profile.mid_db).max(1e-12)).log10()
}

fn power(db: f32) -> f32 {
    10_f32.powf(db / 10.0)
}
