//! The way of the sound from the file to the output, and how it fares.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CurrentOutput, GainSource, ProcessingMode};

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct SourceFormat {
    /// The codec's name, as people write it.
    pub codec: String,
    /// Whether it keeps every bit.
    pub lossless: bool,
    /// Frames per second.
    pub rate_hz: u32,
    /// Bits of a sample, where the codec has such a thing.
    pub bits: Option<u32>,
    /// Channels; more than two are folded down to two.
    pub channels: u32,
}

/// What is done to the sound of the current track, in this order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SignalPath {
    /// What is decoded.
    pub source: SourceFormat,
    /// dB for equal loudness; 0 is none.
    pub gain_db: f32,
    /// Whose loudness that follows.
    pub gain_source: GainSource,
    /// The gain is less than wished for, so that nothing clips.
    pub gain_limited: bool,
    /// Whether mastering acts on it.
    pub mastering: bool,
    /// The rate that it is converted to, where the output has another than the file.
    pub resampled_hz: Option<u32>,
    /// Bits of a sample that the output keeps, where they are fewer than there are by then: what is rounded away becomes
    /// noise (dither).
    pub dithered_bits: Option<u32>,
    /// Where it goes, once that is open.
    pub output: Option<String>,
    /// Every bit of the file reaches the output as it is. What the system does behind it is not seen from here.
    pub bit_perfect: bool,
}

impl SignalPath {
    /// The way of a source that leaves by an output; `unity`: volume at 100, not muted, no crossfades.
    pub(crate) fn new(
        source: SourceFormat,
        gain: crate::Gain,
        heard: ProcessingMode,
        unity: bool,
        output: &CurrentOutput,
    ) -> Self {
        let mut path = SignalPath {
            gain_db: gain.db,
            gain_source: gain.source,
            gain_limited: gain.limited,
            mastering: matches!(heard, ProcessingMode::Cautious | ProcessingMode::Mastered),
            resampled_hz: None,
            dithered_bits: None,
            output: None,
            bit_perfect: false,
            source,
        };
        if let CurrentOutput::Open { name, rate_hz, bits, .. } = output {
            path.output = Some(name.clone());
            path.resampled_hz = Some(*rate_hz).filter(|rate_hz| *rate_hz != path.source.rate_hz);
            let whole =
                path.source.lossless && path.source.channels <= 2 && path.source.bits.is_some_and(|held| held <= *bits);
            path.bit_perfect =
                whole && unity && path.gain_db == 0.0 && heard == ProcessingMode::Plain && path.resampled_hz.is_none();
            path.dithered_bits = Some(*bits).filter(|bits| *bits == 16 && !path.bit_perfect);
        }
        path
    }
}

/// How the engine fares at this moment. Asked for, never sent by itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct EngineDiagnostics {
    /// The open output.
    pub output: Option<OutputDiagnostics>,
    /// Seconds that are decoded and wait to be heard.
    pub buffered_s: f64,
    /// Share of one processor that decoding and resampling took of the time they decoded: 0.01 is a hundredth.
    pub decode_load: f64,
    /// Times since the start that there was nothing to play in time.
    #[ts(type = "number")]
    pub underruns: u64,
    /// Frames of silence that were heard because of it.
    #[ts(type = "number")]
    pub underrun_frames: u64,
}

/// The open output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct OutputDiagnostics {
    /// As the sound server calls it.
    pub name: String,
    /// Frames per second that it accepted.
    pub rate_hz: u32,
    /// Seconds from giving it a frame to hearing it.
    pub latency_s: f64,
    /// Whether the thread that serves it goes before all others.
    pub realtime: bool,
    /// Times that it ran dry itself.
    #[ts(type = "number")]
    pub underruns: u64,
}
