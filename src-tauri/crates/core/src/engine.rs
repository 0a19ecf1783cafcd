//! The border to the audio engine: what the core asks of it, and what it reports.
//!
//! The engine never chooses a track. It is told what to play and what follows, and says what was heard.

use std::{path::PathBuf, sync::Arc};

use crate::{
    AudioProfile, CurrentOutput, LoadId, MasteringSettings, MasteringStep, OutputId, OutputRow, ProcessingMode, SeekId,
    SourceFormat,
};

/// The part of a file that is a track, where it is not all of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeRange {
    /// Seconds from the file's first frame. Rounded to the nearest frame, as is the end: so a track that ends where
    /// another starts joins it without a gap.
    pub start_s: f64,
    /// Seconds from the file's first frame; with none, the file's end.
    pub end_s: Option<f64>,
}

/// What mastering follows from. Where nothing is known, only what suits all tracks is done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnalysisProfiles {
    /// The track's, once it is analysed.
    pub track: Option<Arc<AudioProfile>>,
    /// Its album's, where it is heard in the album's order: its tracks keep their relations then.
    pub album: Option<Arc<AudioProfile>>,
}

/// A wish of the core. All of them return at once; what became of one comes back as an [`EngineEvent`].
#[derive(Debug, Clone, PartialEq)]
pub enum EngineCommand {
    /// Open `path` and make it the current stream, in place of whatever plays. Forgets a prepared stream.
    Load {
        /// Names this stream in every later command and event.
        load: LoadId,
        /// The file.
        path: PathBuf,
        /// Which part of it; with none, all.
        range: Option<TimeRange>,
        /// What it is amplified by, in dB.
        gain_db: f32,
        /// What mastering follows from.
        profiles: AnalysisProfiles,
        /// Where to start, in seconds from its first frame.
        position_s: f64,
        /// Whether sound starts as soon as there is some.
        playing: bool,
    },
    /// Have `path` ready to follow the current stream without a gap. Replaces what was prepared before, also
    /// when some of that has been decoded already.
    Prepare {
        /// Names the stream.
        load: LoadId,
        /// The file.
        path: PathBuf,
        /// Which part of it; with none, all.
        range: Option<TimeRange>,
        /// What it is amplified by, in dB.
        gain_db: f32,
        /// What mastering follows from.
        profiles: AnalysisProfiles,
        /// Seconds for which it and the end of the current stream sound together, fading into each other with equal
        /// power; 0 joins them sample to sample.
        crossfade_s: f64,
    },
    /// Nothing follows the current stream.
    Unprepare,
    /// Let the current stream sound.
    Play,
    /// Fade out and hold the position.
    Pause,
    /// Fade out and let go of every stream; the device may be released.
    Stop,
    /// Move the stream, if it is still the current one. Only the last of several seeks counts.
    Seek {
        /// Which stream.
        load: LoadId,
        /// Names the seek in the positions that come of it.
        seek: SeekId,
        /// Seconds from its first frame, at or above 0.
        position_s: f64,
    },
    /// Amplify a stream by another amount, reached by a ramp where it is heard already.
    SetStreamGain {
        /// Which stream: the current or the prepared one.
        load: LoadId,
        /// dB.
        gain_db: f32,
        /// Whether that follows from what became known of it, not from a wish: what sounds gets there in a second then.
        gently: bool,
    },
    /// Let mastering follow from something else in a stream, because more is known. What sounds gets there in a second.
    SetStreamProfiles {
        /// Which stream: the current or the prepared one.
        load: LoadId,
        /// What is known of its track.
        profiles: AnalysisProfiles,
    },
    /// How the sound is mastered from now on, heard within a tenth of a second.
    SetMastering {
        /// What the listener chose.
        settings: MasteringSettings,
        /// The plain signal is heard instead, as loud as the mastered one.
        comparing: bool,
    },
    /// The listener's volume as an amplitude factor, 0.0 to 1.0, reached by a ramp.
    SetGain {
        /// Linear amplitude; the taper from the 0–100 scale is the core's.
        gain: f32,
    },
    /// Where the sound is to go: to this output while it is there, else to the system's default. What plays goes on
    /// there.
    ChooseOutput {
        /// Which; with none, whatever the system's default is at each moment.
        output: Option<OutputId>,
    },
}

/// A report of the engine.
#[derive(Debug, Clone, PartialEq)]
pub enum EngineEvent {
    /// The stream is open and its first sound is decoded.
    Ready {
        /// Which stream.
        load: LoadId,
        /// Its true length in seconds, where the file tells.
        duration_s: Option<f64>,
        /// What the file holds.
        source: SourceFormat,
    },
    /// The stream cannot be opened or decoded any further. It will not be heard (again).
    Failed {
        /// Which stream.
        load: LoadId,
        /// Why, in words for the listener, without the file's name.
        reason: String,
    },
    /// The prepared stream is now the one that is heard.
    Advanced {
        /// Which stream.
        load: LoadId,
    },
    /// The current stream was heard to its last frame and nothing was prepared.
    Ended {
        /// Which stream.
        load: LoadId,
    },
    /// What is done to a stream from now on, and why: when it begins to sound, and whenever that changes.
    Mastered {
        /// Which stream.
        load: LoadId,
        /// What is heard of it.
        heard: ProcessingMode,
        /// What is done, in the order of the chain.
        steps: Vec<MasteringStep>,
    },
    /// Where the listener is: once a second while sound is leaving, and at every discontinuity.
    Position {
        /// Which stream.
        load: LoadId,
        /// The newest seek that this takes account of; 0 before the first.
        seek: SeekId,
        /// Frames given to the device less what it still buffers, in seconds of the stream.
        position_s: f64,
        /// Whether the position is moving.
        running: bool,
    },
    /// The device changed: opened, closed, lost, or not to be had.
    Output(CurrentOutput),
    /// What there is to choose from, first and whenever that changes.
    Outputs(Vec<OutputRow>),
}
