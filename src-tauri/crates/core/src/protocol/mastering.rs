//! Mastering: its settings, what it does to the current track, and why.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A sound preset. All presets use the same processing, which adapts to the track's analysis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Corrects what deviates from typical recordings.
    #[default]
    Adaptive,
    /// Like adaptive, with smaller changes.
    Gentle,
    /// More bass, softer treble.
    Warm,
    /// Clearer treble.
    Bright,
    /// Tighter bass and stronger attacks.
    Punchy,
    /// Wider stereo image, full dynamics.
    Live,
}

/// Mastering settings; stored in the settings file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct MasteringSettings {
    /// Whether mastering is on. Off is bit-identical to the source.
    pub enabled: bool,
    /// The sound preset.
    pub preset: Preset,
    /// Strength, 0 to 1. At 0 the sound is bit-identical, unless `night` is above 0.
    pub intensity: f32,
    /// Dynamic-range compression for night listening, 0 to 1.
    pub night: f32,
}

impl Default for MasteringSettings {
    fn default() -> Self {
        MasteringSettings { enabled: false, preset: Preset::default(), intensity: 1.0, night: 0.0 }
    }
}

impl MasteringSettings {
    /// Brings values that were edited by hand into range.
    pub fn sanitized(self) -> Self {
        let fraction = |value: f32, default| if value.is_finite() { value.clamp(0.0, 1.0) } else { default };
        MasteringSettings { intensity: fraction(self.intensity, 1.0), night: fraction(self.night, 0.0), ..self }
    }

    /// Whether the settings change the sound at all.
    pub fn is_active(&self) -> bool {
        self.enabled && (self.intensity > 0.0 || self.night > 0.0)
    }
}

/// State of mastering.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct MasteringState {
    /// The settings.
    pub settings: MasteringSettings,
    /// Whether the level-matched bypass is on.
    #[serde(rename = "comparing")]
    pub bypassed: bool,
    /// How the current track is processed.
    #[serde(rename = "heard")]
    pub mode: ProcessingMode,
    /// The processing steps of the current track and their reasons, in processing order. Empty while there are none.
    pub steps: Vec<MasteringStep>,
    /// Progress of the library analysis.
    pub analysis: AnalysisState,
}

/// Progress of the library analysis, which runs in the background and starts with the tracks that play next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AnalysisState {
    /// Number of analysed tracks.
    pub analysed: u32,
    /// Number of tracks that can be analysed: all available ones, except those that could not be read.
    pub total: u32,
    /// Whether a track is being analysed.
    pub running: bool,
}

/// How the audible signal is processed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProcessingMode {
    /// Not at all: bit-identical to the file, before volume and resampling.
    #[default]
    #[serde(rename = "plain")]
    Unprocessed,
    /// By conservative steps that suit any track, until this one is analysed.
    #[serde(rename = "cautious")]
    Generic,
    /// By steps derived from the track's analysis.
    Mastered,
    /// Not at all, but at the loudness of the mastered signal.
    #[serde(rename = "compared")]
    MatchedBypass,
}

/// A processing step and the measurements that led to it. The interface has the texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum MasteringStep {
    /// The track is not analysed yet, so only generic processing is applied.
    #[serde(rename = "not_analysed")]
    AnalysisPending {},
    /// The track needs no change of tone or dynamics.
    #[serde(rename = "left_alone")]
    NoChange {},
    /// A change of the overall loudness.
    Loudness {
        /// The gain.
        gain_db: f32,
        /// Integrated loudness before.
        from_lufs: f32,
        /// Target loudness of the preset.
        target_lufs: f32,
        /// Whether the album's loudness is used, which keeps the relative loudness of its tracks.
        album: bool,
        /// Why the gain does not reach the target, if it does not.
        #[serde(rename = "held_by")]
        limited_by: Option<GainLimit>,
    },
    /// A fault of the recording's tone, and its correction by a shelf.
    ToneFault {
        /// What the recording sounds like.
        fault: ToneFault,
        /// Corner frequency of the shelf.
        corner_hz: f32,
        /// Excess (or lack, if negative) beyond the corner, compared with recordings of its kind.
        deviation_db: f32,
        /// Gain of the correction beyond the corner.
        gain_db: f32,
        /// Probability that it is a fault, 0 to 1.
        certainty: f32,
    },
    /// A change of level in a frequency range.
    Tone {
        /// The range.
        range: ToneRange,
        /// Average gain over the range.
        gain_db: f32,
        /// The track's level in the range, relative to typical recordings.
        excess_db: f32,
        /// Gain that the preset adds regardless of the track.
        taste_db: f32,
    },
    /// Multiband compression of loud parts.
    Dynamics {
        /// Compression ratio above the threshold.
        ratio: f32,
        /// Loudness range of the track (EBU Tech 3342).
        range_lu: f32,
        /// Peak to loudness ratio of the track.
        plr_db: f32,
    },
    /// Compression for night listening.
    Night {
        /// Compression ratio above the threshold.
        ratio: f32,
        /// Loudness range of the track (EBU Tech 3342).
        range_lu: f32,
    },
    /// A change of the stereo width. Bass stays mono.
    Width {
        /// Gain factor of the side signal; 1 is no change.
        factor: f32,
        /// Level of side relative to mid in the track.
        side_db: f32,
        /// Probability that the recording is narrower than it was made, if that is the reason.
        certainty: Option<f32>,
    },
    /// True-peak limiting.
    Limiter {
        /// Maximum true peak.
        ceiling_dbtp: f32,
        /// Expected gain reduction at the highest peak; 0 if no peak reaches the ceiling.
        reduction_db: f32,
    },
}

/// What limited a gain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GainLimit {
    /// The limiter would have to reduce peaks by more than the preset allows.
    Peaks,
    /// The largest gain that is ever applied.
    #[serde(rename = "bound")]
    MaxGain,
    /// The recording's noise would become audible.
    Noise,
}

/// Faults of a recording's tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ToneFault {
    /// Too little treble.
    Dull,
    /// Too much treble.
    Harsh,
    /// Too much bass.
    Boomy,
    /// Too little bass.
    Thin,
}

/// Frequency ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ToneRange {
    /// Below 120 Hz.
    Bass,
    /// 120 to 500 Hz.
    LowMids,
    /// 500 Hz to 2 kHz.
    Mids,
    /// 2 to 6 kHz.
    Presence,
    /// Above 6 kHz.
    Treble,
}
