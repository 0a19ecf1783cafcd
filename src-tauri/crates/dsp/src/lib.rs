//! What is done to the sound, and what is measured of it.
//!
//! Knows samples only: no file, device, clock or thread. Signals are interleaved stereo, `[f32; 2]` a frame; what has
//! one channel comes as two equal ones. Nothing that is called `process` allocates, locks, logs or waits.
//!
//! | | |
//! |---|---|
//! | `analysis` | all that is measured of a track, in one pass; an album's profile |
//! | `decision` | from what is known of a track to what is done to it |
//! | `chain` | doing it |
//! | `dither` | to 16 or 24 bits |
//! | `meters` | what is measured while it sounds |
//! | `loudness`, `distribution` | BS.1770, EBU R 128: windows, gates; what of them is kept |
//! | `true_peak` | the highest value between the samples |
//! | `lanes` | eight numbers at a time, on each kind of processor |
//! | `spectrum` | third octaves of sum and difference |
//! | `outline`, `onsets` | the waveform; beginnings of notes and beats |

mod analysis;
mod chain;
mod decision;
mod distribution;
mod dither;
mod lanes;
mod loudness;
mod meters;
mod onsets;
mod outline;
mod spectrum;
mod true_peak;

pub use analysis::{ANALYSIS_VERSION, Analyser, Analysis, album_profile};
pub use chain::{Activity, Band, Chain, Parameters};
pub use decision::{Decision, decide};
pub use distribution::Distribution;
pub use dither::Dither;
pub use meters::LiveMeters;

/// One sample of the left and one of the right channel; full scale is ±1.
pub type Frame = [f32; 2];
