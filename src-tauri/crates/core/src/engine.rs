//! The interface to the audio engine: what the core asks of it, and what it reports.
//!
//! The engine never chooses a track. It is told what to play and what follows, and reports what was played.

use std::{path::PathBuf, sync::Arc};

use crate::{
    AudioProfile, CurrentOutput, LoadId, MasteringSettings, MasteringStep, OutputId, OutputRow, ProcessingMode, SeekId,
    SourceFormat,
};

/// The part of a file that is a track, if it is not the whole file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeRange {
    /// Seconds from the file's first frame. Start and end are rounded to the nearest frame, so that a track that ends
    /// where another one starts joins it without a gap.
    pub start_s: f64,
    /// Seconds from the file's first frame; `None` for the end of the file.
    pub end_s: Option<f64>,
}

/// The analyses that mastering uses. Without them, mastering applies generic processing only.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnalysisProfiles {
    /// The track's analysis, once there is one.
    pub track: Option<Arc<AudioProfile>>,
    /// The album's analysis, set when the album plays in order, so that relative levels between tracks are kept.
    pub album: Option<Arc<AudioProfile>>,
}

/// A command to the engine. Commands return at once; their results come back as [`EngineEvent`]s.
#[derive(Debug, Clone, PartialEq)]
pub enum EngineCommand {
    /// Open `path` as the current stream, in place of whatever plays. Drops the prepared stream.
    Load {
        /// Identifies the stream in later commands and events.
        load: LoadId,
        /// The file.
        path: PathBuf,
        /// The part to play; `None` for the whole file.
        range: Option<TimeRange>,
        /// Normalisation gain in dB.
        gain_db: f32,
        /// The analyses that mastering uses.
        profiles: AnalysisProfiles,
        /// Start position in seconds from the first frame.
        position_s: f64,
        /// Whether it starts to play as soon as it is ready.
        playing: bool,
    },
    /// Prepare `path` to follow the current stream without a gap. Replaces a stream that was prepared before, even if
    /// part of it is already decoded.
    Prepare {
        /// Identifies the stream in later commands and events.
        load: LoadId,
        /// The file.
        path: PathBuf,
        /// The part to play; `None` for the whole file.
        range: Option<TimeRange>,
        /// Normalisation gain in dB.
        gain_db: f32,
        /// The analyses that mastering uses.
        profiles: AnalysisProfiles,
        /// Duration in seconds of the equal-power crossfade with the end of the current stream; 0 joins them sample to
        /// sample.
        crossfade_s: f64,
    },
    /// Drop the prepared stream: nothing follows the current one.
    ClearPrepared,
    /// Play the current stream.
    Play,
    /// Fade out and keep the position.
    Pause,
    /// Fade out and drop every stream. The output may be closed.
    Stop,
    /// Seek in the stream, if it is still the current one. Of several pending seeks only the last counts.
    Seek {
        /// The stream.
        load: LoadId,
        /// Identifies the seek in later position events.
        seek: SeekId,
        /// Seconds from its first frame, at or above 0.
        position_s: f64,
    },
    /// Change the gain of a stream. If the stream is audible, the change is ramped.
    SetStreamGain {
        /// The current or the prepared stream.
        load: LoadId,
        /// The new gain in dB.
        gain_db: f32,
        /// Use a ramp of 30 s, which nobody notices (change caused by new analysis, not by the user).
        slow_ramp: bool,
    },
    /// Change the analyses that mastering uses for a stream. If the stream is audible, the change is ramped over 30 s.
    SetStreamProfiles {
        /// The current or the prepared stream.
        load: LoadId,
        /// The new analyses.
        profiles: AnalysisProfiles,
    },
    /// Change mastering for every stream. Audible within a tenth of a second.
    SetMastering {
        /// The user's settings.
        settings: MasteringSettings,
        /// Whether the unprocessed signal plays instead, at the loudness of the mastered one.
        bypassed: bool,
    },
    /// Set the volume. The change is ramped.
    SetGain {
        /// Linear amplitude, 0.0 to 1.0. The core maps the 0–100 volume scale to it.
        gain: f32,
    },
    /// Choose the output. While it is unavailable, the system default is used. Playback continues there.
    ChooseOutput {
        /// The output; `None` for the system default, which may change at any time.
        output: Option<OutputId>,
    },
}

/// An event of the engine.
#[derive(Debug, Clone, PartialEq)]
pub enum EngineEvent {
    /// The stream is open and its first samples are decoded.
    Ready {
        /// The stream.
        load: LoadId,
        /// Its exact length in seconds, if the file has one.
        duration_s: Option<f64>,
        /// The file's format.
        source: SourceFormat,
    },
    /// The stream cannot be opened or decoded further. It will not play (again).
    Failed {
        /// The stream.
        load: LoadId,
        /// The reason without the file name, to be shown to the user.
        reason: String,
    },
    /// The prepared stream is now the audible one.
    Advanced {
        /// The stream.
        load: LoadId,
    },
    /// The current stream played to its last frame and nothing was prepared.
    Ended {
        /// The stream.
        load: LoadId,
    },
    /// The processing of a stream changed. Also sent when it becomes audible.
    ProcessingChanged {
        /// The stream.
        load: LoadId,
        /// How it is processed.
        mode: ProcessingMode,
        /// The steps in processing order, with their reasons.
        steps: Vec<MasteringStep>,
    },
    /// The playback position: once a second while playing, and at every discontinuity.
    Position {
        /// The stream.
        load: LoadId,
        /// The last seek that is included; 0 before the first.
        seek: SeekId,
        /// Frames given to the output minus its buffered frames, in seconds of the stream.
        position_s: f64,
        /// Whether the position advances.
        running: bool,
    },
    /// The output was opened, closed or disconnected, or cannot be opened.
    Output(CurrentOutput),
    /// The available outputs. Sent at the start and after every change.
    Outputs(Vec<OutputRow>),
}
