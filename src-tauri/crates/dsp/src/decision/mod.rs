//! Chooses the chain's parameters from a profile and the listener's settings.
//!
//! | module | contents |
//! |---|---|
//! | `presets` | the parameters of each preset |
//! | `tone` | reference spectrum, deviation and equaliser gains |
//! | this file | loudness, dynamics, width, and the description of each step |

mod presets;
mod tone;

use auralis_core::{AudioProfile, GainLimit, MasteringSettings, MasteringStep, ProcessingMode, SPECTRUM_BANDS};

use crate::{
    Parameters,
    chain::{BandCompression, CEILING_DBTP, CROSSOVER_HZ},
    loudness::ABSOLUTE_GATE_LUFS,
};
use presets::{PresetParams, preset_params};
use tone::{BandLevels, Tone, band_hz, levels_db, loudness_change_db, mean, power, reference_db};

/// Largest overall gain.
const MAX_GAIN_DB: f32 = 12.0;
/// Highest level the noise floor is raised to, and how far below integrated loudness quiet passages count as noise.
const MAX_NOISE_DBFS: f32 = -50.0;
const MIN_NOISE_DISTANCE_LU: f32 = 30.0;
/// Loudness range and peak-to-loudness ratio at which compression starts and at which it is full.
const COMPRESS_RANGE_LU: [f32; 2] = [10.0, 20.0];
const COMPRESS_PLR_DB: [f32; 2] = [17.0, 25.0];
/// Below the first value a track is already dense and gets no further compression; above the second it may get all of it.
const ALREADY_DENSE_PLR_DB: [f32; 2] = [8.0, 10.0];
/// Full night mode: compression ratio, and how far the threshold lies below the loud parts.
const NIGHT_RATIO: f32 = 4.0;
const NIGHT_DEPTH_DB: f32 = 14.0;
const NIGHT_ATTACK_RELEASE_S: [f32; 2] = [0.03, 0.4];
/// Usual range of the side level relative to mid, above the bass.
const USUAL_SIDE_DB: [f32; 2] = [-16.0, -5.0];
/// Below this side level a track is mono and cannot be widened.
const MONO_SIDE_DB: f32 = -40.0;
/// Limits of the width factor.
const WIDTH_LIMITS: [f32; 2] = [0.8, 1.25];
/// Strength of the processing without an analysis.
const UNANALYSED_STRENGTH: f32 = 0.5;

/// How a track is mastered, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Parameters of the chain.
    pub parameters: Parameters,
    /// Description for the listener, in chain order. Empty if mastering is off.
    pub steps: Vec<MasteringStep>,
    /// The resulting processing mode.
    pub heard: ProcessingMode,
    /// Expected change of the integrated loudness, in LU. The unprocessed signal with this gain is the fair comparison.
    pub loudness_change_db: f32,
}

/// Chooses the processing of a track. With `album`, the album's profile decides, so that its tracks keep their relative
/// loudness and tone. Without any profile only safe, mild processing is chosen.
pub fn decide(settings: &MasteringSettings, track: Option<&AudioProfile>, album: Option<&AudioProfile>) -> Decision {
    let settings = settings.sanitized();
    if !settings.is_active() {
        let (parameters, steps) = (Parameters::default(), Vec::new());
        return Decision { parameters, steps, heard: ProcessingMode::Unprocessed, loudness_change_db: 0.0 };
    }
    let preset = preset_params(settings.preset);
    match album.or(track) {
        Some(source) if f64::from(source.integrated_lufs) > ABSOLUTE_GATE_LUFS => {
            plan_from_profile(&settings, &preset, source, track.unwrap_or(source), album.is_some())
        }
        _ => plan_without_profile(&settings, &preset),
    }
}

/// Plans from the profile `source`; `track` is the profile of the track itself.
fn plan_from_profile(
    settings: &MasteringSettings,
    preset: &PresetParams,
    source: &AudioProfile,
    track: &AudioProfile,
    album: bool,
) -> Decision {
    let MasteringSettings { intensity, night, .. } = *settings;
    let tone = Tone::new(Some(&levels_db(source, 1.0)), preset, intensity);
    let width = width(preset, source, intensity);
    // Loudness change caused by tone and width alone.
    let change_db = |of: &AudioProfile| loudness_change_db(&levels_db(of, 1.0), &tone.applied(&levels_db(of, width)));
    let ratio = 1.0 + (preset.ratio - 1.0) * compression_amount(preset, source) * intensity;
    let night_ratio = 1.0 + (NIGHT_RATIO - 1.0) * night;
    let mut compression =
        Compression { ratio, depth_db: preset.threshold_depth_db, attack_release_s: preset.attack_release_s };
    // Transients pass before the attack, so make-up gain raises peaks.
    let peak_change_db = change_db(source) + compression.makeup_db();
    let (gain_db, limited_by) = overall_gain(preset, source, change_db(source), peak_change_db, intensity);
    if night > 0.0 {
        compression.ratio = ratio.max(night_ratio);
        compression.depth_db = preset.threshold_depth_db.max(NIGHT_DEPTH_DB.min(source.range_lu + 3.0) * night);
        compression.attack_release_s = NIGHT_ATTACK_RELEASE_S;
    }
    let parameters = Parameters {
        gain_db,
        equaliser_db: tone.sections_db,
        bands: compression.bands(&tone.applied(&levels_db(source, 1.0)), gain_db),
        width,
        freeze_release_below_db: (source.noise_floor_dbfs + gain_db + 6.0).clamp(-100.0, -55.0),
    };

    let mut steps = vec![MasteringStep::Loudness {
        gain_db,
        from_lufs: source.integrated_lufs,
        target_lufs: preset.target_lufs,
        album,
        limited_by,
    }];
    push_tone_steps(&mut steps, &tone, preset, intensity);
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

/// Plans without a profile: half of the preset's tone at unchanged loudness, and the limiter.
fn plan_without_profile(settings: &MasteringSettings, preset: &PresetParams) -> Decision {
    let tone = Tone::new(None, preset, settings.intensity * UNANALYSED_STRENGTH);
    // Levels of a typical track at the target loudness.
    let shape = reference_db();
    let total_db = 10.0 * shape.iter().map(|&level| power(level)).sum::<f32>().log10();
    let levels_db = shape.map(|level| level - total_db + preset.target_lufs);
    let gain_db = -loudness_change_db(&levels_db, &tone.applied(&levels_db));
    let night = settings.night * UNANALYSED_STRENGTH;
    let compression = Compression {
        ratio: 1.0 + (NIGHT_RATIO - 1.0) * night,
        depth_db: NIGHT_DEPTH_DB * night,
        attack_release_s: NIGHT_ATTACK_RELEASE_S,
    };
    let parameters = Parameters {
        gain_db,
        equaliser_db: tone.sections_db,
        bands: compression.bands(&levels_db, 0.0),
        freeze_release_below_db: -60.0,
        ..Parameters::default()
    };
    let mut steps = vec![MasteringStep::AnalysisPending {}];
    push_tone_steps(&mut steps, &tone, preset, settings.intensity * UNANALYSED_STRENGTH);
    steps.push(MasteringStep::Limiter { ceiling_dbtp: CEILING_DBTP, reduction_db: 0.0 });
    Decision { parameters, steps, heard: ProcessingMode::Generic, loudness_change_db: 0.0 }
}

/// Returns the overall gain and what keeps it from the target. `change_db` and `peak_change_db` are the loudness and peak
/// changes caused by the other stages.
fn overall_gain(
    preset: &PresetParams,
    source: &AudioProfile,
    change_db: f32,
    peak_change_db: f32,
    intensity: f32,
) -> (f32, Option<GainLimit>) {
    let wanted_db = preset.target_lufs - source.integrated_lufs - change_db;
    let peaks_db = CEILING_DBTP + preset.max_limiter_reduction_db - source.true_peak_dbtp - peak_change_db;
    let noise_db = if source.noise_floor_dbfs < source.integrated_lufs - MIN_NOISE_DISTANCE_LU {
        (MAX_NOISE_DBFS - source.noise_floor_dbfs).max(0.0)
    } else {
        f32::INFINITY
    };
    let limits = [(peaks_db, GainLimit::Peaks), (noise_db, GainLimit::Noise), (MAX_GAIN_DB, GainLimit::MaxGain)];
    let (mut gain_db, mut limited_by) = (wanted_db, None);
    for (limit_db, reason) in limits {
        if gain_db > limit_db {
            (gain_db, limited_by) = (limit_db, Some(reason));
        }
    }
    if intensity < 1.0 && gain_db != 0.0 {
        (gain_db, limited_by) = (gain_db * intensity, limited_by.or(Some(GainLimit::Intensity)));
    }
    (gain_db, limited_by)
}

/// Returns the share of the preset's compression that a track gets, 0 to 1.
fn compression_amount(preset: &PresetParams, source: &AudioProfile) -> f32 {
    let ramp = |value: f32, [none, all]: [f32; 2]| ((value - none) / (all - none)).clamp(0.0, 1.0);
    let wide = ramp(source.range_lu, COMPRESS_RANGE_LU).max(ramp(source.plr_db(), COMPRESS_PLR_DB));
    wide.max(preset.min_compression * ramp(source.plr_db(), ALREADY_DENSE_PLR_DB))
}

/// Compression relative to the level of the loud parts.
struct Compression {
    /// Input dB per output dB above the threshold.
    ratio: f32,
    /// How far below the loud parts the threshold lies.
    depth_db: f32,
    /// Attack and release time in seconds.
    attack_release_s: [f32; 2],
}

impl Compression {
    /// Returns the make-up gain: the reduction at the level of the loud parts, less for slow attacks.
    fn makeup_db(&self) -> f32 {
        let [attack_s, release_s] = self.attack_release_s;
        self.depth_db * (1.0 - 1.0 / self.ratio) * release_s / (attack_s + release_s)
    }

    /// Returns the band settings for a track whose loud parts have these levels before this gain.
    fn bands(&self, levels_db: &BandLevels, gain_db: f32) -> [BandCompression; 4] {
        let [attack_s, release_s] = self.attack_release_s;
        if self.ratio <= 1.0 || self.depth_db <= 0.0 {
            return [BandCompression::default(); 4];
        }
        std::array::from_fn(|at| {
            let range = |band: usize| CROSSOVER_HZ.iter().filter(|&&hz| f64::from(band_hz(band)) >= hz).count();
            let bands_in_range = (0..SPECTRUM_BANDS).filter(|&band| range(band) == at);
            let loud: f32 = bands_in_range.map(|band| power(levels_db[band] + gain_db)).sum();
            let threshold_db = 10.0 * loud.log10() - self.depth_db;
            BandCompression { threshold_db, ratio: self.ratio, attack_s, release_s, makeup_db: self.makeup_db() }
        })
    }
}

/// Returns the side level relative to mid, above the bass.
fn side_db(source: &AudioProfile) -> f32 {
    let above_bass = |spectrum: &[f32]| -> f32 {
        let bands = spectrum.iter().enumerate().filter(|&(band, _)| f64::from(band_hz(band)) > CROSSOVER_HZ[0]);
        bands.map(|(_, &level)| power(level)).sum()
    };
    10.0 * (above_bass(&source.side_db) / above_bass(&source.mid_db).max(1e-12)).max(1e-9).log10()
}

/// Returns the width factor: toward the usual range, plus the preset's widening as long as it stays in that range.
fn width(preset: &PresetParams, source: &AudioProfile, intensity: f32) -> f32 {
    let (side_db, [narrow_db, wide_db]) = (side_db(source), USUAL_SIDE_DB);
    if side_db < MONO_SIDE_DB {
        return 1.0;
    }
    let corrected_db = (side_db.clamp(narrow_db, wide_db) - side_db) * preset.tone_correction;
    let room_db = (wide_db - side_db - corrected_db).max(0.0);
    let preset_db = (20.0 * preset.width.log10()).min(room_db);
    let factor = 10_f32.powf((corrected_db + preset_db) * intensity / 20.0).clamp(WIDTH_LIMITS[0], WIDTH_LIMITS[1]);
    if (factor - 1.0).abs() < 0.01 { 1.0 } else { factor }
}

/// Appends a step for each range whose tone changes audibly.
fn push_tone_steps(steps: &mut Vec<MasteringStep>, tone: &Tone, preset: &PresetParams, intensity: f32) {
    for (at, &(range, _)) in tone::RANGES.iter().enumerate() {
        let (gain_db, excess_db) = (mean(&tone.change_db, at), mean(&tone.deviation_db, at));
        if gain_db.abs() >= 0.25 {
            steps.push(MasteringStep::Tone {
                range,
                gain_db,
                excess_db,
                taste_db: preset.tone_offset_db[at] * intensity,
            });
        }
    }
}
