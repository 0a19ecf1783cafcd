//! Chooses the chain's parameters from a profile and the listener's settings.
//!
//! Well-made records are left as they are: only a fault that is more probable than its absence is corrected, and then at
//! nearly its full size.
//!
//! | module | contents |
//! |---|---|
//! | `presets` | the parameters of each preset |
//! | `reference`, `prior` | what recordings usually look like: shipped statistics, and those of the listener's library |
//! | `faults` | dull, harsh, boomy and thin recordings |
//! | `stereo` | recordings that are too narrow |
//! | `tone` | levels per band, and equaliser gains |
//! | this file | loudness, dynamics, and the description of each step |

mod faults;
mod presets;
mod prior;
mod reference;
mod stereo;
mod tone;

use auralis_core::{AudioProfile, GainLimit, MasteringSettings, MasteringStep, ProcessingMode, SPECTRUM_BANDS};

use crate::{
    Parameters,
    chain::{BandCompression, CEILING_DBTP, CROSSOVER_HZ, METER_TOLERANCE_DB},
    loudness::ABSOLUTE_GATE_LUFS,
};
pub use faults::FoundFault;
use presets::{PresetParams, preset_params};
use reference::Reference;
pub use reference::{GroupStatistics, SIZE as SPECTRUM_SIZE, aligned_spectrum};
pub use stereo::Narrowness;
use tone::{BandLevels, Tone, band_hz, levels_db, loudness_change_db, power, typical_db};

/// Largest overall gain.
const MAX_GAIN_DB: f32 = 12.0;
/// Highest level the noise floor is raised to, and how far below integrated loudness quiet passages count as noise.
const MAX_NOISE_DBFS: f32 = -50.0;
const MIN_NOISE_DISTANCE_LU: f32 = 30.0;
/// Below the first value a track is already dense and gets no further compression; above the second it may get all of it.
const ALREADY_DENSE_PLR_DB: [f32; 2] = [8.0, 10.0];
/// Full night mode: compression ratio, and how far the threshold lies below the loud parts.
const NIGHT_RATIO: f32 = 4.0;
const NIGHT_DEPTH_DB: f32 = 14.0;
const NIGHT_ATTACK_RELEASE_S: [f32; 2] = [0.03, 0.4];
/// A fault is corrected if it is at least this probable.
const MIN_CERTAINTY: f32 = 0.6;
/// Limits of the width factor.
const WIDTH_LIMITS: [f32; 2] = [0.8, 1.8];
/// Limiting beyond the bound of the preset that a quiet track may get, because a stray peak would make it quieter.
const STRAY_PEAK_DB: f32 = 1.5;
/// Filters shift phases, which may raise peaks although no level rises.
const PHASE_SHIFT_DB: f32 = 0.5;
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
    /// Expected change of the integrated loudness, in LU.
    pub loudness_change_db: f32,
}

impl Decision {
    /// Returns the parameters of the unprocessed signal at the loudness of the mastered one, for comparing.
    pub fn matched_bypass(&self) -> Parameters {
        Parameters { gain_db: self.loudness_change_db, ..Parameters::default() }
    }
}

/// What a profile says about a recording, however uncertain.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// The most probable fault of the tone; `None` for silence.
    pub tone: Option<FoundFault>,
    /// Whether it is too narrow.
    pub width: Narrowness,
}

/// Examines a recording, compared with the tracks of its group if there are enough.
pub fn examine(profile: &AudioProfile, group: Option<&GroupStatistics>) -> Findings {
    Findings {
        tone: faults::most_probable_fault(profile, &Reference::new(group)),
        width: stereo::narrowness(profile, group),
    }
}

/// Chooses the processing of a track. With `album`, the album's profile decides, so that its tracks keep their relative
/// loudness and tone. Without any profile only safe, mild processing is chosen.
pub fn decide(settings: &MasteringSettings, track: Option<&AudioProfile>, album: Option<&AudioProfile>) -> Decision {
    decide_in_library(settings, track, album, None)
}

/// Like [`decide`], but compares the track with others that belong to it. An album, which is judged as a whole, is not.
pub fn decide_in_library(
    settings: &MasteringSettings,
    track: Option<&AudioProfile>,
    album: Option<&AudioProfile>,
    group: Option<&GroupStatistics>,
) -> Decision {
    let settings = settings.sanitized();
    if !settings.is_active() {
        let (parameters, steps) = (Parameters::default(), Vec::new());
        return Decision { parameters, steps, heard: ProcessingMode::Unprocessed, loudness_change_db: 0.0 };
    }
    let preset = preset_params(settings.preset);
    match album.or(track) {
        Some(source) if f64::from(source.integrated_lufs) > ABSOLUTE_GATE_LUFS => {
            let findings = examine(source, group.filter(|_| album.is_none()));
            let Planned { parameters, steps } =
                plan_from_profile(&settings, &preset, source, &findings, album.is_some());
            let loudness_change_db = parameters.gain_db
                + track.map_or(0.0, |track| {
                    loudness_change_db(&|width| levels_db(track, width), &parameters.equaliser_db, parameters.width)
                });
            Decision { parameters, steps, heard: ProcessingMode::Mastered, loudness_change_db }
        }
        _ => plan_without_profile(&settings, &preset),
    }
}

struct Planned {
    parameters: Parameters,
    steps: Vec<MasteringStep>,
}

/// Plans from the profile of the track or album and what was found in it.
fn plan_from_profile(
    settings: &MasteringSettings,
    preset: &PresetParams,
    source: &AudioProfile,
    findings: &Findings,
    album: bool,
) -> Planned {
    let MasteringSettings { intensity, night, .. } = *settings;
    let fault = findings.tone.as_ref().filter(|fault| fault.certainty >= MIN_CERTAINTY);
    let tone_and_width = |intensity: f32| {
        let tone = Tone::new(fault.map(|fault| &fault.correction_db), preset, intensity);
        let width = width_factor(preset, &findings.width, intensity);
        // Loudness change caused by tone and width alone.
        let change_db = loudness_change_db(&|width| levels_db(source, width), &tone.sections_db, width);
        (tone, width, change_db)
    };
    let (tone, width, change_db) = tone_and_width(intensity);
    let ratio = 1.0 + (preset.ratio - 1.0) * compression_amount(source) * intensity;
    let night_ratio = 1.0 + (NIGHT_RATIO - 1.0) * night;
    let mut compression =
        Compression { ratio, depth_db: preset.threshold_depth_db, attack_release_s: preset.attack_release_s };
    // Transients pass before the attack, so make-up gain raises peaks.
    let peak_change_db = peak_change_db(source, &tone, width) + compression.makeup_db();
    // The loudness is that of full intensity, so that it stays when the listener turns the intensity.
    let (full_tone, full_width, full_change_db) = tone_and_width(1.0);
    let full_ratio = 1.0 + (preset.ratio - 1.0) * compression_amount(source);
    let full_compression = Compression { ratio: full_ratio, ..compression };
    let full_peak_change_db = self::peak_change_db(source, &full_tone, full_width) + full_compression.makeup_db();
    let (full_gain_db, limited_by) = overall_gain(preset, source, full_change_db, full_peak_change_db);
    let gain_db = (full_gain_db + full_change_db - change_db).min(MAX_GAIN_DB);
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

    let loudness = MasteringStep::Loudness {
        gain_db,
        from_lufs: source.integrated_lufs,
        target_lufs: preset.target_lufs,
        album,
        limited_by,
    };
    let mut steps = vec![loudness];
    if let Some(fault) = fault {
        steps.push(MasteringStep::ToneFault {
            fault: fault.kind,
            corner_hz: fault.corner_hz,
            deviation_db: fault.deviation_db,
            gain_db: -fault.deviation_db * preset.correction * intensity,
            certainty: fault.certainty,
        });
    }
    push_preset_tone(&mut steps, preset, intensity);
    if ratio > 1.0 {
        steps.push(MasteringStep::Dynamics { ratio, range_lu: source.range_lu, plr_db: source.plr_db() });
    }
    if night > 0.0 {
        steps.push(MasteringStep::Night { ratio: night_ratio, range_lu: source.range_lu });
    }
    if width != 1.0 {
        let certainty = Some(findings.width.certainty).filter(|certainty| *certainty >= MIN_CERTAINTY);
        steps.push(MasteringStep::Width { factor: width, side_db: findings.width.side_db, certainty });
    }
    if steps.len() == 1 {
        steps.insert(0, MasteringStep::NoChange {});
    }
    let reduction_db = (source.true_peak_dbtp + gain_db + peak_change_db - CEILING_DBTP).max(0.0);
    steps.push(MasteringStep::Limiter { ceiling_dbtp: CEILING_DBTP, reduction_db });
    Planned { parameters, steps }
}

/// Plans without a profile: half of the preset's tone at unchanged loudness, and the limiter.
fn plan_without_profile(settings: &MasteringSettings, preset: &PresetParams) -> Decision {
    let intensity = settings.intensity * UNANALYSED_STRENGTH;
    let tone = Tone::new(None, preset, intensity);
    // Levels of a typical track at the target loudness.
    let shape = typical_db();
    let total_db = 10.0 * shape.iter().map(|&level| power(level)).sum::<f32>().log10();
    let levels_db = shape.map(|level| level - total_db + preset.target_lufs);
    let gain_db = -loudness_change_db(&|_| levels_db, &tone.sections_db, 1.0);
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
    push_preset_tone(&mut steps, preset, intensity);
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
) -> (f32, Option<GainLimit>) {
    let wanted_db = preset.target_lufs - source.integrated_lufs - change_db;
    let ceiling_dbtp = CEILING_DBTP - METER_TOLERANCE_DB;
    let peaks_db = ceiling_dbtp + preset.max_limiter_reduction_db - source.true_peak_dbtp - peak_change_db;
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
    // A stray peak does not make a track quieter than it came, unless that would take much limiting.
    let as_it_came_db = (-change_db).min(wanted_db).min(peaks_db + STRAY_PEAK_DB);
    (gain_db.max(as_it_came_db).min(MAX_GAIN_DB), limited_by)
}

/// Returns how much equaliser and width raise peaks: half-way between the change of the power and the largest gain.
fn peak_change_db(source: &AudioProfile, tone: &Tone, width: f32) -> f32 {
    let is_filtered = tone.change_db.iter().any(|change| *change != 0.0) || width != 1.0;
    if !is_filtered {
        return 0.0;
    }
    let total = |levels: &BandLevels| levels.iter().map(|&level| power(level)).sum::<f32>().max(f32::MIN_POSITIVE);
    let power_db = 10.0 * (total(&tone.applied(&levels_db(source, width))) / total(&levels_db(source, 1.0))).log10();
    let largest_db = tone.change_db.iter().copied().fold(0.0, f32::max) + 20.0 * width.max(1.0).log10();
    let power_db = power_db.clamp(0.0, largest_db);
    (power_db + largest_db) / 2.0 + PHASE_SHIFT_DB
}

/// Returns the share of the preset's compression that a track gets, 0 to 1. A wide loudness range is no reason for more:
/// it is how the record was made.
fn compression_amount(source: &AudioProfile) -> f32 {
    let [none, all] = ALREADY_DENSE_PLR_DB;
    ((source.plr_db() - none) / (all - none)).clamp(0.0, 1.0)
}

/// Compression relative to the level of the loud parts.
#[derive(Clone, Copy)]
struct Compression {
    /// Input dB per output dB above the threshold.
    ratio: f32,
    /// How far the threshold lies below the loud parts.
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

/// Returns the width factor: the correction of a recording that is too narrow, else the preset's own.
fn width_factor(preset: &PresetParams, found: &Narrowness, intensity: f32) -> f32 {
    let db = if found.certainty >= MIN_CERTAINTY {
        found.correction_db * preset.correction
    } else if found.side_db > stereo::MAX_WIDENED_SIDE_DB || found.side_db < stereo::MONO_SIDE_DB {
        0.0
    } else {
        20.0 * preset.width.log10()
    };
    let factor = 10_f32.powf(db * intensity / 20.0).clamp(WIDTH_LIMITS[0], WIDTH_LIMITS[1]);
    if (factor - 1.0).abs() < 0.01 { 1.0 } else { factor }
}

/// Appends a step for each range that the preset itself raises or lowers audibly.
fn push_preset_tone(steps: &mut Vec<MasteringStep>, preset: &PresetParams, intensity: f32) {
    for (&(range, _), offset_db) in tone::RANGES.iter().zip(preset.tone_offset_db) {
        let gain_db = offset_db * intensity;
        if gain_db.abs() >= 0.25 {
            steps.push(MasteringStep::Tone { range, gain_db, excess_db: 0.0, taste_db: gain_db });
        }
    }
}
