//! What is heard: decoding, resampling, gapless joins, the rodio source and the outputs.
//!
//! An [`Engine`] takes [`EngineCommand`](auralis_core::EngineCommand)s and reports
//! [`EngineEvent`](auralis_core::EngineEvent)s. It never chooses a track.
//!
//! ```text
//! commands ─▶ control ─▶ pump: decoder ─▶ resampler ─▶ ring ─▶ source: gain, fades ─▶ mastering ─▶ volume ─▶ rodio mixer ─▶ device
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
//! | `voice`    | one ring as it sounds: its gain and its fades |
//! | `mastering` | what is decided for a stream |
//! | `chains`   | the chains that act on the mix |
//! | `meters`   | the levels before and after them |
//! | `log`      | when what goes into them leaves |
//! | `timeline` | what is heard when |
//! | `decode`   | files to frames |
//! | `resample` | the file's rate to the device's |
//! | `analyse`  | a whole file, measured |
//! | `render`   | a track, mastered, as a file |
//! | `output`, `device` | what the sound goes to, and the thread that opens it |

mod analyse;
mod chains;
mod control;
mod decode;
mod device;
mod diagnostics;
mod engine;
mod log;
mod mastering;
mod meters;
mod output;
mod pump;
mod ramp;
mod render;
mod resample;
mod ring;
mod source;
mod timeline;
mod voice;

pub use analyse::analyse;
pub use decode::{Decode, DecodeError, Decoder, FileOpener, Opener};
pub use diagnostics::Gauges;
pub use engine::{Engine, OutputKind};
pub use output::{
    Connect, Health, NullOutput, Opened, Output, OutputError, Playout, SystemOutput, VirtualDevice, VirtualOutput,
};
pub use render::{RenderError, Rendering, render};
