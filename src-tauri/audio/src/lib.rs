//! What is heard: decoding, resampling, gapless joins, the rodio source and the outputs.
//!
//! An [`Engine`] takes [`EngineCommand`](auralis_core::EngineCommand)s and reports
//! [`EngineEvent`](auralis_core::EngineEvent)s. It never chooses a track.
//!
//! ```text
//! commands ─▶ control ─▶ pump: decoder ─▶ resampler ─▶ ring ─▶ source: (mastering) ─▶ volume ─▶ rodio mixer ─▶ device
//!                ▲                                                │
//!                └───────────── marks: what is heard when ────────┘
//! ```
//!
//! | | |
//! |---|---|
//! | `control`  | the thread that decides |
//! | `pump`     | the thread that decodes a stream, and those that join it |
//! | `ring`     | the frames between a pump and the audio thread |
//! | `source`   | what runs on the audio thread |
//! | `timeline` | what is heard when |
//! | `decode`   | files to frames |
//! | `resample` | the file's rate to the device's |
//! | `output`, `device` | what the sound goes to, and the thread that opens it |

mod control;
mod decode;
mod device;
mod diagnostics;
mod engine;
mod output;
mod pump;
mod resample;
mod ring;
mod source;
mod timeline;

pub use decode::{DecodeError, Decoder, FileOpener, Opener};
pub use diagnostics::Gauges;
pub use engine::{Engine, OutputKind};
pub use output::{
    Connect, Health, NullOutput, Opened, Output, OutputError, Playout, SystemOutput, VirtualDevice, VirtualOutput,
};
