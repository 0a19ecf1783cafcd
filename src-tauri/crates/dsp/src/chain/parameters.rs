//! The parameters of a chain.

use super::SECTIONS;

/// True-peak ceiling of every chain that is not neutral.
pub const CEILING_DBTP: f32 = -1.0;

/// The parameters of all stages. `Parameters::default()` is neutral: the output is the input.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Gain applied before all other stages.
    pub gain_db: f32,
    /// Gains of the equaliser's sections, from the lowest frequency to the highest.
    pub equaliser_db: [f32; SECTIONS],
    /// Multiband compression: bass, low mids, high mids, treble.
    pub bands: [BandCompression; 4],
    /// Factor of the side signal above the bass; 1 leaves it unchanged.
    pub width: f32,
    /// Band level (same scale as the threshold) below which the release is frozen, so that pauses do not raise noise.
    pub freeze_release_below_db: f32,
}

/// Compression of one frequency band.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandCompression {
    /// Threshold: mean power of left and right, in dBFS.
    pub threshold_db: f32,
    /// Input dB per output dB above the threshold; 1 does not compress.
    pub ratio: f32,
    /// Attack time in seconds.
    pub attack_s: f32,
    /// Release time in seconds.
    pub release_s: f32,
    /// Make-up gain.
    pub makeup_db: f32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            gain_db: 0.0,
            equaliser_db: [0.0; SECTIONS],
            bands: [BandCompression::default(); 4],
            width: 1.0,
            freeze_release_below_db: -120.0,
        }
    }
}

impl Default for BandCompression {
    fn default() -> Self {
        Self { threshold_db: 0.0, ratio: 1.0, attack_s: 0.02, release_s: 0.2, makeup_db: 0.0 }
    }
}

impl BandCompression {
    /// Returns whether the band does anything.
    pub fn is_active(&self) -> bool {
        self.ratio > 1.0 || self.makeup_db != 0.0
    }
}

impl Parameters {
    /// Returns whether the output is the input.
    pub fn is_neutral(&self) -> bool {
        *self == Self::default()
    }
}
