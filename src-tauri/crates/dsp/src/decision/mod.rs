//! From what is known of a track, and what the listener likes, to what the chain does.
//!
//! | | |
//! |---|---|
//! | `taste` | what each preset likes, in a table |
//! | `tone` | what is usual, how the track differs, and the equaliser that brings it nearer |
//! | here | loudness, dynamics, width; the steps as they are told |

mod taste;
mod tone;

use auralis_core::{AudioProfile, GainLimit, MasteringSettings, MasteringStep, ProcessingMode, SPECTRUM_BANDS};

use crate::{
    Parameters,
    chain::{Band, CEILING_DBTP, CROSSOVER_HZ},
};
use taste::{Taste, taste};
use tone::{Tone, band_hz, levels_db, loudness_change_db, mean, power, usual_db};

/// More than this is never added to a track as a whole.
const MOST_GAIN_DB: f32 = 12.0;
/// Integrated loudness of what has none (ITU-R BS.1770-5).
const SILENCE_LUFS: f32 = -70.0;
/// Noise is not raised above this level, where a track has quiet moments that are noise: so far below its loudness.
const NOISE_DBFS: f32 = -50.0;
const NOISE_BELOW_LU: f32 = 30.0;
/// A track with this range (LU) and this peak to loudness ratio (dB) needs no compression; with the second, all of it.
const ENOUGH_RANGE_LU: [f32; 2] = [10.0, 20.0];
const ENOUGH_PLR_DB: [f32; 2] = [17.0, 25.0];
/// A track with a smaller peak to loudness ratio is dense already: whatever holds it back more, harms.
const DENSE_PLR_DB: [f32; 2] = [8.0, 10.0];
/// Night listening at its most: dB in for 1 dB out, and how far below the loud parts it begins.
const NIGHT_RATIO: f32 = 4.0;
const NIGHT_DEPTH_DB: f32 = 14.0;
const NIGHT_PACE_S: [f32; 2] = [0.03, 0.4];
/// Levels of the difference against the sum that are usual above the bass.
const USUAL_SIDE_DB: [f32; 2] = [-16.0, -5.0];
/// Below this there is but one channel, and nothing to widen.
const MONO_SIDE_DB: f32 = -40.0;
/// Bounds of the factor of the image.
const WIDTHS: [f32; 2] = [0.8, 1.25];
/// What is done without a profile is less.
const CAUTION: f32 = 0.5;

/// What shall be done to a track, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What the chain is told.
    pub parameters: Parameters,
    /// The same for people, in the order of the chain. Empty if nothing is done.
    pub steps: Vec<MasteringStep>,
    /// What is heard then: plain, cautious or mastered.
    pub heard: ProcessingMode,
    /// By so much the track's integrated loudness is expected to change. The plain signal with this gain is what the
    /// mastered one is fairly compared with.
    pub loudness_change_db: f32,
}

/// Decides. With `album`, the track is heard in its album's order: what is done follows from the album, so that its
/// tracks keep their relations. Without any profile only what suits every track is done.
pub fn decide(settings: &MasteringSettings, track: Option<&AudioProfile>, album: Option<&AudioProfile>) -> Decision {
    let settings = settings.sanitized();
    if !settings.is_active() {
        let (parameters, steps) = (Parameters::default(), Vec::new());
        return Decision { parameters, steps, heard: ProcessingMode::Unprocessed, loudness_change_db: 0.0 };
    }
    let taste = taste(settings.preset);
    match album.or(track) {
        Some(source) if source.integrated_lufs > SILENCE_LUFS => {
            mastered(&settings, &taste, source, track.unwrap_or(source), album.is_some())
        }
        _ => cautious(&settings, &taste),
    }
}

/// What follows from `source`, told for `track`.
fn mastered(
    settings: &MasteringSettings,
    taste: &Taste,
    source: &AudioProfile,
    track: &AudioProfile,
    album: bool,
) -> Decision {
    let MasteringSettings { intensity, night, .. } = *settings;
    let tone = Tone::new(Some(&levels_db(source, 1.0)), taste, intensity);
    let width = width(taste, source, intensity);
    // By how much tone and width alone change the loudness.
    let change_db = |of: &AudioProfile| loudness_change_db(&levels_db(of, 1.0), &tone.applied(&levels_db(of, width)));
    let ratio = 1.0 + (taste.ratio - 1.0) * need(taste, source) * intensity;
    let night_ratio = 1.0 + (NIGHT_RATIO - 1.0) * night;
    let mut compression = Compression { ratio, depth_db: taste.depth_db, pace_s: taste.pace_s };
    // Beginnings pass before they are held back, and rise by what is made up for.
    let peak_change_db = change_db(source) + compression.makeup_db();
    let (gain_db, limited_by) = loudness(taste, source, change_db(source), peak_change_db, intensity);
    if night > 0.0 {
        compression.ratio = ratio.max(night_ratio);
        compression.depth_db = taste.depth_db.max(NIGHT_DEPTH_DB.min(source.range_lu + 3.0) * night);
        compression.pace_s = NIGHT_PACE_S;
    }
    let parameters = Parameters {
        gain_db,
        equaliser_db: tone.sections_db,
        bands: compression.bands(&tone.applied(&levels_db(source, 1.0)), gain_db),
        width,
        hold_below_db: (source.noise_floor_dbfs + gain_db + 6.0).clamp(-100.0, -55.0),
    };

    let mut steps = vec![MasteringStep::Loudness {
        gain_db,
        from_lufs: source.integrated_lufs,
        target_lufs: taste.target_lufs,
        album,
        limited_by,
    }];
    tell_tone(&mut steps, &tone, taste, intensity);
    if ratio > 1.0 {
        steps.push(MasteringStep::Dynamics { ratio, range_lu: source.range_lu, plr_db: source.plr_db() });
    }
    if night > 0.0 {
        steps.push(MasteringStep::Night { ratio: night_ratio, range_lu: source.range_lu });
    }
    if width != 1.0 {
        steps.push(MasteringStep::Width { factor: width, side_db: side_db(source) });
    }
    if steps.len() == 1 {
        steps.insert(0, MasteringStep::NoChange {});
    }
    let reduction_db = (track.true_peak_dbtp + gain_db + peak_change_db.max(0.0) - CEILING_DBTP).max(0.0);
    steps.push(MasteringStep::Limiter { ceiling_dbtp: CEILING_DBTP, reduction_db });
    Decision { parameters, steps, heard: ProcessingMode::Mastered, loudness_change_db: gain_db + change_db(track) }
}

/// What suits every track: half of what is liked, at the same loudness, and no peak above the ceiling.
fn cautious(settings: &MasteringSettings, taste: &Taste) -> Decision {
    let tone = Tone::new(None, taste, settings.intensity * CAUTION);
    // Levels of a track as it usually is, at the loudness that is aimed at.
    let shape = usual_db();
    let all = 10.0 * shape.iter().map(|&level| power(level)).sum::<f32>().log10();
    let levels_db = shape.map(|level| level - all + taste.target_lufs);
    let gain_db = -loudness_change_db(&levels_db, &tone.applied(&levels_db));
    let night = settings.night * CAUTION;
    let compression = Compression {
        ratio: 1.0 + (NIGHT_RATIO - 1.0) * night,
        depth_db: NIGHT_DEPTH_DB * night,
        pace_s: NIGHT_PACE_S,
    };
    let parameters = Parameters {
        gain_db,
        equaliser_db: tone.sections_db,
        bands: compression.bands(&levels_db, 0.0),
        hold_below_db: -60.0,
        ..Parameters::default()
    };
    let mut steps = vec![MasteringStep::AnalysisPending {}];
    tell_tone(&mut steps, &tone, taste, settings.intensity * CAUTION);
    steps.push(MasteringStep::Limiter { ceiling_dbtp: CEILING_DBTP, reduction_db: 0.0 });
    Decision { parameters, steps, heard: ProcessingMode::Generic, loudness_change_db: 0.0 }
}

/// The gain of the whole, and what keeps it from its target. `change_db`: how much louder the other
/// stages make it; `peak_change_db`: its peaks.
fn loudness(
    taste: &Taste,
    source: &AudioProfile,
    change_db: f32,
    peak_change_db: f32,
    intensity: f32,
) -> (f32, Option<GainLimit>) {
    let wanted_db = taste.target_lufs - source.integrated_lufs - change_db;
    let peaks_db = CEILING_DBTP + taste.most_reduction_db - source.true_peak_dbtp - peak_change_db;
    let noise_db = if source.noise_floor_dbfs < source.integrated_lufs - NOISE_BELOW_LU {
        (NOISE_DBFS - source.noise_floor_dbfs).max(0.0)
    } else {
        f32::INFINITY
    };
    let bounds = [(peaks_db, GainLimit::Peaks), (noise_db, GainLimit::Noise), (MOST_GAIN_DB, GainLimit::MaxGain)];
    let (mut gain_db, mut limited_by) = (wanted_db, None);
    for (bound_db, by) in bounds {
        if gain_db > bound_db {
            (gain_db, limited_by) = (bound_db, Some(by));
        }
    }
    if intensity < 1.0 && gain_db != 0.0 {
        (gain_db, limited_by) = (gain_db * intensity, limited_by.or(Some(GainLimit::Intensity)));
    }
    (gain_db, limited_by)
}

/// How much of its taste's compression a track needs, 0 to 1.
fn need(taste: &Taste, source: &AudioProfile) -> f32 {
    let between = |value: f32, [none, all]: [f32; 2]| ((value - none) / (all - none)).clamp(0.0, 1.0);
    let wide = between(source.range_lu, ENOUGH_RANGE_LU).max(between(source.plr_db(), ENOUGH_PLR_DB));
    wide.max(taste.ratio_always * between(source.plr_db(), DENSE_PLR_DB))
}

/// How each band is held back, given the level of its loud parts.
struct Compression {
    /// dB in for 1 dB out, above the threshold.
    ratio: f32,
    /// How far below the loud parts the threshold lies.
    depth_db: f32,
    /// Seconds in which it acts, and lets go.
    pace_s: [f32; 2],
}

impl Compression {
    /// What is lost at the level of the loud parts, less where much of it passes before it is held back.
    fn makeup_db(&self) -> f32 {
        let [attack_s, release_s] = self.pace_s;
        self.depth_db * (1.0 - 1.0 / self.ratio) * release_s / (attack_s + release_s)
    }

    /// For a track whose loud parts have these levels, and this gain.
    fn bands(&self, levels_db: &[f32; SPECTRUM_BANDS], gain_db: f32) -> [Band; 4] {
        let [attack_s, release_s] = self.pace_s;
        if self.ratio <= 1.0 || self.depth_db <= 0.0 {
            return [Band::default(); 4];
        }
        std::array::from_fn(|at| {
            let range = |band: usize| CROSSOVER_HZ.iter().filter(|&&hz| f64::from(band_hz(band)) >= hz).count();
            let of_band = (0..SPECTRUM_BANDS).filter(|&band| range(band) == at);
            let loud: f32 = of_band.map(|band| power(levels_db[band] + gain_db)).sum();
            let threshold_db = 10.0 * loud.log10() - self.depth_db;
            Band { threshold_db, ratio: self.ratio, attack_s, release_s, makeup_db: self.makeup_db() }
        })
    }
}

/// Level of the difference of the channels against their sum, above the bass.
fn side_db(source: &AudioProfile) -> f32 {
    let above_bass = |spectrum: &[f32]| -> f32 {
        let bands = spectrum.iter().enumerate().filter(|&(band, _)| f64::from(band_hz(band)) > CROSSOVER_HZ[0]);
        bands.map(|(_, &level)| power(level)).sum()
    };
    10.0 * (above_bass(&source.side_db) / above_bass(&source.mid_db).max(1e-12)).max(1e-9).log10()
}

/// The factor of the image: toward what is usual, and what is liked as long as that keeps within it.
fn width(taste: &Taste, source: &AudioProfile, intensity: f32) -> f32 {
    let (side_db, [narrow_db, wide_db]) = (side_db(source), USUAL_SIDE_DB);
    if side_db < MONO_SIDE_DB {
        return 1.0;
    }
    let corrected_db = (side_db.clamp(narrow_db, wide_db) - side_db) * taste.strength;
    let room_db = (wide_db - side_db - corrected_db).max(0.0);
    let liked_db = (20.0 * taste.width.log10()).min(room_db);
    let factor = 10_f32.powf((corrected_db + liked_db) * intensity / 20.0).clamp(WIDTHS[0], WIDTHS[1]);
    if (factor - 1.0).abs() < 0.01 { 1.0 } else { factor }
}

/// The ranges of pitch that are heard to change.
fn tell_tone(steps: &mut Vec<MasteringStep>, tone: &Tone, taste: &Taste, intensity: f32) {
    for (at, &(range, _)) in tone::RANGES.iter().enumerate() {
        let (gain_db, excess_db) = (mean(&tone.change_db, at), mean(&tone.excess_db, at));
        if gain_db.abs() >= 0.25 {
            steps.push(MasteringStep::Tone { range, gain_db, excess_db, taste_db: taste.tone_db[at] * intensity });
        }
    }
}
