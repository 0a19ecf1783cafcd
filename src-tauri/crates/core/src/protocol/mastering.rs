//! Mastering: what the listener chose, what is done to the sound because of it, and why.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A taste. All of them are made by the same mechanism, from what is known of the track.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Toward what is usual, as far as the track needs it.
    #[default]
    Adaptive,
    /// Less of everything.
    Gentle,
    /// Fuller below, softer above.
    Warm,
    /// Clearer above.
    Bright,
    /// Firmer bass and attacks.
    Punchy,
    /// Wider, with its dynamics kept.
    Live,
}

/// What the listener chose; kept in the settings file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct MasteringSettings {
    /// Whether there is any. Off is bit-identical.
    pub enabled: bool,
    /// Which taste.
    pub preset: Preset,
    /// How much of it, 0 to 1; 0 is bit-identical, unless `night` is above 0.
    pub intensity: f32,
    /// Night listening, 0 to 1: how much nearer the quiet and the loud come to each other.
    pub night: f32,
}

impl Default for MasteringSettings {
    fn default() -> Self {
        MasteringSettings { enabled: false, preset: Preset::default(), intensity: 1.0, night: 0.0 }
    }
}

impl MasteringSettings {
    /// The same within the ranges: a file may have been edited by hand.
    pub fn clamped(self) -> Self {
        let share = |value: f32, otherwise| if value.is_finite() { value.clamp(0.0, 1.0) } else { otherwise };
        MasteringSettings { intensity: share(self.intensity, 1.0), night: share(self.night, 0.0), ..self }
    }

    /// Whether the sound is to be changed at all.
    pub fn is_active(&self) -> bool {
        self.enabled && (self.intensity > 0.0 || self.night > 0.0)
    }
}

/// Mastering, as every client shows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct MasteringState {
    /// What the listener chose.
    pub settings: MasteringSettings,
    /// The listener holds the plain signal against it.
    pub comparing: bool,
    /// What is heard now.
    pub heard: ProcessingMode,
    /// What is done to the current track and why, in the order of the chain. Empty while nothing is.
    pub steps: Vec<MasteringStep>,
    /// How far the library is analysed.
    pub analysis: AnalysisState,
}

/// How far the library is analysed. It happens by itself, what is about to be heard first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AnalysisState {
    /// Tracks with a profile.
    pub analysed: u32,
    /// Tracks that can have one: all that are there, less those that could not be read.
    pub total: u32,
    /// Whether a track is being analysed now.
    pub running: bool,
}

/// What the listener hears of the current track.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProcessingMode {
    /// The samples of the file, bit by bit (before volume and resampling).
    #[default]
    Plain,
    /// Careful steps that suit any track, until this one is analysed.
    Cautious,
    /// Steps that follow from the track's profile.
    Mastered,
    /// The plain signal, as loud as the mastered one.
    Compared,
}

/// One thing that is done to a track, and the numbers that led to it. The interface has the words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum MasteringStep {
    /// The track is not analysed yet: only what suits any track is done.
    NotAnalysed {},
    /// The track is as it should be; its tone and dynamics are left alone.
    LeftAlone {},
    /// It is made louder or quieter as a whole.
    Loudness {
        /// By so much.
        gain_db: f32,
        /// Integrated loudness of what is brought to the target.
        from_lufs: f32,
        /// What the preset aims at.
        target_lufs: f32,
        /// Whether that is the album's, so that its tracks keep their relation.
        album: bool,
        /// Why the gain ends before the target, where it does.
        held_by: Option<GainLimit>,
    },
    /// A range of pitch is raised or lowered.
    Tone {
        /// Which.
        range: ToneRange,
        /// By so much, on average over the range.
        gain_db: f32,
        /// How much more (less, if negative) the track has there than is usual.
        excess_db: f32,
        /// What the preset adds by taste, whatever the track has.
        taste_db: f32,
    },
    /// Loud moments are held back a little, each range of pitch by itself.
    Dynamics {
        /// dB in for 1 dB out, above the threshold.
        ratio: f32,
        /// Loudness range of the track (EBU Tech 3342).
        range_lu: f32,
        /// Peak to loudness ratio of the track.
        plr_db: f32,
    },
    /// Night listening: the loud and the quiet come nearer to each other.
    Night {
        /// dB in for 1 dB out, above the threshold.
        ratio: f32,
        /// Loudness range of the track (EBU Tech 3342).
        range_lu: f32,
    },
    /// The stereo image becomes wider or narrower; the bass stays in the middle.
    Width {
        /// Factor of the difference between left and right; 1 is as it was.
        factor: f32,
        /// Level of the difference against the sum in the track.
        side_db: f32,
    },
    /// Peaks are held under the ceiling.
    Limiter {
        /// True peak that is not passed.
        ceiling_dbtp: f32,
        /// By how much the highest peak is expected to be lowered; 0 if it stays below by itself.
        reduction_db: f32,
    },
}

/// What keeps a gain from reaching its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GainLimit {
    /// The peaks would have to be lowered by more than the preset allows.
    Peaks,
    /// It would be more than is ever done.
    Bound,
    /// The noise of the recording would be heard.
    Noise,
    /// The listener wants less than all of it.
    Intensity,
}

/// Ranges of pitch that have a name.
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
