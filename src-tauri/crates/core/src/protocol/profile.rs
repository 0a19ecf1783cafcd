//! What is measured of the sound: a track's profile, once; the meters, while they are looked at.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How many third-octave bands a spectrum has: 20 Hz to 20 kHz. Band `i` lies around `1000 · 10^((i − 17) / 10)` Hz
/// (IEC 61260-1, base 10).
pub const SPECTRUM_BANDS: usize = 31;

/// What the analysis of a track found. Of an album: the same, as if its tracks were one.
///
/// Spectra are levels of third-octave bands, averaged over the loud parts, in dB full scale (a sine at full scale is
/// −3 dB). Levels that are below all hearing are −120.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AudioProfile {
    /// Seconds that were analysed.
    pub duration_s: f64,
    /// Integrated loudness (ITU-R BS.1770-5); −70 for silence.
    pub integrated_lufs: f32,
    /// Loudness range (EBU Tech 3342).
    pub range_lu: f32,
    /// Highest momentary loudness (EBU Tech 3341).
    pub momentary_max_lufs: f32,
    /// Highest short-term loudness (EBU Tech 3341).
    pub short_term_max_lufs: f32,
    /// Highest true peak (ITU-R BS.1770-5, annex 2).
    pub true_peak_dbtp: f32,
    /// Highest sample.
    pub sample_peak_dbfs: f32,
    /// Highest sample over RMS of the loud parts.
    pub crest_db: f32,
    /// Spectrum of the sum of left and right, halved.
    pub mid_db: Vec<f32>,
    /// Spectrum of their difference, halved.
    pub side_db: Vec<f32>,
    /// Correlation of left and right in each band, −1 to 1; 1 where there is no sound.
    pub correlation: Vec<f32>,
    /// Where the spectrum's weight lies.
    pub centroid_hz: f32,
    /// Beginnings of notes and beats, a second.
    pub onsets_per_s: f32,
    /// Level of the quietest moments that are not digital silence.
    pub noise_floor_dbfs: f32,
}

impl AudioProfile {
    /// Peak to loudness ratio.
    pub fn plr_db(&self) -> f32 {
        self.true_peak_dbtp - self.integrated_lufs
    }
}

/// A track's outline: about a thousand stretches of equal length, from its start to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Waveform {
    /// Highest sample of each stretch; 255 is full scale.
    pub peaks: Vec<u8>,
    /// Root mean square of each stretch; 255 is full scale.
    pub rms: Vec<u8>,
}

/// What leaves now, before and after mastering.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Meters {
    /// What goes in.
    pub before: SignalLevels,
    /// What comes out, before the volume.
    pub after: SignalLevels,
    /// By how much the limiter lowers the sound at this moment, in dB, 0 or above.
    pub limiter_db: f32,
    /// By how much loud moments are held back, in dB, 0 or above: bass, low mids, high mids, treble.
    pub held_back_db: [f32; 4],
    /// Correlation of left and right in what comes out: 1 is mono, 0 unrelated, below 0 cancels in mono.
    pub correlation: f32,
}

/// The levels of one signal. Nothing stands for silence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct SignalLevels {
    /// Over the last 0.4 s (EBU Tech 3341).
    pub momentary_lufs: Option<f32>,
    /// Over the last 3 s.
    pub short_term_lufs: Option<f32>,
    /// Since the track was started or sought in, or since somebody looks, if that is later.
    pub integrated_lufs: Option<f32>,
    /// Highest true peak of the last second or so.
    pub true_peak_dbtp: Option<f32>,
    /// Level of each third-octave band (see [`SPECTRUM_BANDS`]) over the last moments, in dB full scale; −120 is silence.
    pub spectrum_db: Vec<f32>,
}
