//! The signal path from the file to the output, and engine diagnostics.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CurrentOutput, GainSource, ProcessingMode};

/// The audio format of a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct SourceFormat {
    /// Display name of the codec.
    pub codec: String,
    /// Whether the codec is lossless.
    pub lossless: bool,
    /// Sample rate in Hz.
    pub rate_hz: u32,
    /// Bits per sample, if the codec has a bit depth.
    pub bits: Option<u32>,
    /// Number of channels; more than two are downmixed to stereo.
    pub channels: u32,
}

/// The processing of the current track, in this order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SignalPath {
    /// The file's format.
    pub source: SourceFormat,
    /// Normalisation gain in dB.
    pub gain_db: f32,
    /// Which loudness the gain is based on.
    pub gain_source: GainSource,
    /// Whether the gain was reduced to avoid clipping.
    pub gain_limited: bool,
    /// Whether mastering is applied.
    pub mastering: bool,
    /// The sample rate it is resampled to, if the output's rate differs from the file's.
    pub resampled_hz: Option<u32>,
    /// Bits per sample it is dithered to, if the output keeps fewer bits than the signal has.
    pub dithered_bits: Option<u32>,
    /// Name of the output, once it is open.
    pub output: Option<String>,
    /// Whether the output receives the file's samples unchanged. What the system does afterwards is unknown.
    pub bit_perfect: bool,
}

impl SignalPath {
    /// Describes the path from a source to an output. `unity_gain`: volume 100, not muted, no crossfade.
    pub(crate) fn new(
        source: SourceFormat,
        gain: crate::Gain,
        mode: ProcessingMode,
        unity_gain: bool,
        output: &CurrentOutput,
    ) -> Self {
        let mut path = SignalPath {
            gain_db: gain.db,
            gain_source: gain.source,
            gain_limited: gain.limited,
            mastering: matches!(mode, ProcessingMode::Generic | ProcessingMode::Mastered),
            resampled_hz: None,
            dithered_bits: None,
            output: None,
            bit_perfect: false,
            source,
        };
        if let CurrentOutput::Open { name, rate_hz, bits, .. } = output {
            path.output = Some(name.clone());
            path.resampled_hz = Some(*rate_hz).filter(|rate_hz| *rate_hz != path.source.rate_hz);
            let fits_output =
                path.source.lossless && path.source.channels <= 2 && path.source.bits.is_some_and(|held| held <= *bits);
            path.bit_perfect = fits_output
                && unity_gain
                && path.gain_db == 0.0
                && mode == ProcessingMode::Unprocessed
                && path.resampled_hz.is_none();
            path.dithered_bits = Some(*bits).filter(|bits| *bits == 16 && !path.bit_perfect);
        }
        path
    }
}

/// Current engine statistics, returned on request only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct EngineDiagnostics {
    /// The open output.
    pub output: Option<OutputDiagnostics>,
    /// Decoded audio that has not been played yet, in seconds.
    pub buffered_s: f64,
    /// CPU time of decoding and resampling per second of audio: 0.01 is 1 % of one core.
    pub decode_load: f64,
    /// Number of underruns since the start.
    #[ts(type = "number")]
    pub underruns: u64,
    /// Frames of silence played because of them.
    #[ts(type = "number")]
    pub underrun_frames: u64,
}

/// The open output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct OutputDiagnostics {
    /// Its name in the sound server.
    pub name: String,
    /// Sample rate in Hz that it accepted.
    pub rate_hz: u32,
    /// Output latency in seconds.
    pub latency_s: f64,
    /// Whether its thread has real-time priority.
    pub realtime: bool,
    /// Number of underruns that the output itself reported.
    #[ts(type = "number")]
    pub underruns: u64,
}
