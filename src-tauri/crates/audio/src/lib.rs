//! Decodes, resamples, plays and masters audio: gapless joins, the rodio source and the outputs.
//!
//! An [`Engine`] takes [`EngineCommand`](auralis_core::EngineCommand)s and reports
//! [`EngineEvent`](auralis_core::EngineEvent)s. It never chooses a track.
//!
//! ```text
//! commands ─▶ control thread ─▶ decoder thread: decoder ─▶ resampler ─▶ ring
//!                  ▲                                                     │
//!                  │                                                     ▼
//!                  └──── marks: which frame is heard when ◀──── audio thread: gain, fades ─▶ mastering
//!                                                               ─▶ volume ─▶ rodio mixer ─▶ device
//! ```
//!
//! There is one folder per thread:
//!
//! | folder | holds |
//! |---|---|
//! | `control`        | the control thread: commands, streams, outputs, mastering, the timeline |
//! | `decoder_thread` | one thread per load: decodes and resamples into rings |
//! | `playback`       | the audio thread: plays rings through the mastering chain |
//! | `decode`         | files to frames, without threads |
//! | `output`         | devices, and the thread that opens them |
//! | `offline`        | analysis and export of whole files, without an engine |

mod control;
mod decode;
mod decoder_thread;
mod engine;
mod offline;
mod output;
mod playback;

pub use control::diagnostics::DiagnosticsHandle;
pub use decode::{DecodeError, FileDecoder, OpenFile, SystemFiles, TrackDecoder};
pub use engine::{Engine, OutputKind};
pub use offline::{ExportError, ExportJob, analyse, export};
pub use output::{
    CutTail, DeviceConnector, DeviceRenderer, DeviceStatus, NullOutput, OpenedDevice, Output, OutputError, RoomsLink,
    RoomsOutput, RoomsTarget, SystemOutput, TestDevice, TestOutput,
};
