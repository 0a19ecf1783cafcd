//! Measurements of the sound: the audio analysis of a track, and the live meters.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Number of third-octave bands of a spectrum, from 20 Hz to 20 kHz. The centre of band `i` is
/// `1000 · 10^((i − 17) / 10)` Hz (IEC 61260-1, base 10).
pub const SPECTRUM_BANDS: usize = 31;

/// The audio analysis of a track; or of an album, as if its tracks were one.
///
/// Spectra are levels of third-octave bands, averaged over the loud parts, in dBFS (a full-scale sine is −3 dB). The
/// lowest value is −120.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AudioProfile {
    /// Analysed seconds.
    pub duration_s: f64,
    /// Integrated loudness (ITU-R BS.1770-5); −70 for silence.
    pub integrated_lufs: f32,
    /// Loudness range (EBU Tech 3342).
    pub range_lu: f32,
    /// Maximum momentary loudness (EBU Tech 3341).
    pub momentary_max_lufs: f32,
    /// Maximum short-term loudness (EBU Tech 3341).
    pub short_term_max_lufs: f32,
    /// True peak (ITU-R BS.1770-5, annex 2).
    pub true_peak_dbtp: f32,
    /// Sample peak.
    pub sample_peak_dbfs: f32,
    /// Sample peak over the RMS of the loud parts.
    pub crest_db: f32,
    /// Spectrum of mid: (left + right) / 2.
    pub mid_db: Vec<f32>,
    /// Spectrum of side: (left − right) / 2.
    pub side_db: Vec<f32>,
    /// Correlation of left and right in each band, −1 to 1; 1 for silence.
    pub correlation: Vec<f32>,
    /// Spectral centroid.
    pub centroid_hz: f32,
    /// Onsets of notes and beats per second.
    pub onsets_per_s: f32,
    /// Level of the quietest parts that are not digital silence.
    pub noise_floor_dbfs: f32,
}

impl AudioProfile {
    /// Returns the peak-to-loudness ratio.
    pub fn plr_db(&self) -> f32 {
        self.true_peak_dbtp - self.integrated_lufs
    }
}

/// The waveform of a track: about a thousand intervals of equal length.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Waveform {
    /// Sample peak of each interval; 255 is full scale.
    pub peaks: Vec<u8>,
    /// RMS of each interval; 255 is full scale.
    pub rms: Vec<u8>,
}

/// The current levels, before and after mastering.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Meters {
    /// Before mastering.
    pub before: SignalLevels,
    /// After mastering, before the volume.
    pub after: SignalLevels,
    /// Current gain reduction of the limiter, in dB, 0 or above.
    #[serde(rename = "limiter_db")]
    pub limiter_reduction_db: f32,
    /// Current gain reduction of the compressor bands, in dB, 0 or above: bass, low mids, high mids, treble.
    #[serde(rename = "held_back_db")]
    pub compressor_reduction_db: [f32; 4],
    /// Correlation of left and right after mastering: 1 is mono, 0 unrelated, below 0 cancels in mono.
    pub correlation: f32,
}

/// The levels of one signal. `None` is silence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct SignalLevels {
    /// Momentary loudness: the last 0.4 s (EBU Tech 3341).
    pub momentary_lufs: Option<f32>,
    /// Short-term loudness: the last 3 s.
    pub short_term_lufs: Option<f32>,
    /// Integrated loudness since the start of the track, the last seek, or the moment the meters were first requested.
    pub integrated_lufs: Option<f32>,
    /// True peak of about the last second.
    pub true_peak_dbtp: Option<f32>,
    /// Current level of each third-octave band (see [`SPECTRUM_BANDS`]), in dBFS; −120 is silence.
    pub spectrum_db: Vec<f32>,
}
