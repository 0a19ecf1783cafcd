//! Signal processing and measurement: analysis, meters, the mastering decision and the mastering chain.
//!
//! The crate works on samples only. It has no files, devices, clocks or threads. Signals are interleaved stereo, one
//! [`Frame`] per sample time; mono is passed as two equal channels. Functions named `process` never allocate, lock, log
//! or wait.
//!
//! | module | contents |
//! |---|---|
//! | `analysis` | measures a whole track in one pass; combines tracks into an album profile |
//! | `decision` | chooses the chain's parameters from a profile and the listener's settings |
//! | `chain` | the mastering chain |
//! | `dither` | conversion to 8–24 bits |
//! | `meters` | live levels before and after mastering |
//! | `loudness`, `histograms` | BS.1770 and EBU R 128 windows and gates; loudness histograms for albums |
//! | `true_peak` | the highest value between samples |
//! | `simd` | operations on eight numbers at a time, per kind of processor |
//! | `spectrum` | third-octave spectra of mid and side |
//! | `waveform`, `onsets` | waveform overview; note and beat onsets |

mod analysis;
mod chain;
mod decision;
mod dither;
mod histograms;
mod loudness;
mod meters;
mod onsets;
mod simd;
mod spectrum;
mod true_peak;
mod waveform;

pub use analysis::{ANALYSIS_VERSION, Analyser, Analysis, album_profile};
pub use chain::{Activity, BLOCK_FRAMES, BandCompression, Chain, EQUALISER_HZ, Parameters};
pub use decision::{
    Decision, Findings, FoundFault, GroupStatistics, Narrowness, SPECTRUM_SIZE, aligned_spectrum, decide,
    decide_in_library, examine,
};
pub use dither::Dither;
pub use histograms::LoudnessHistograms;
pub use meters::LiveMeters;

/// One sample of the left and one of the right channel; full scale is ±1.
pub type Frame = [f32; 2];
