//! What a chain is told to do.

use super::SECTIONS;

/// True peak that never leaves a chain that acts.
pub const CEILING_DBTP: f32 = -1.0;

/// Everything a chain does, as numbers. `Parameters::default()` is nothing at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// By so much everything is made louder or quieter, first of all.
    pub gain_db: f32,
    /// Gains of the equaliser's sections, from the lowest to the highest.
    pub equaliser_db: [f32; SECTIONS],
    /// What is done to loud moments: bass, low mids, high mids, treble.
    pub bands: [Band; 4],
    /// Factor of the difference between left and right above the bass; 1 is as it was.
    pub width: f32,
    /// Level in a band, as of its threshold, below which nothing that is held back is let go: what sounds there is the
    /// noise between the music.
    pub hold_below_db: f32,
}

/// How one range of pitch is compressed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Level (RMS, in dB full scale; of both channels together, halved) above which it is held back.
    pub threshold_db: f32,
    /// dB in for 1 dB out, above the threshold; 1 holds nothing back.
    pub ratio: f32,
    /// Seconds in which it is held back.
    pub attack_s: f32,
    /// Seconds in which it is let go.
    pub release_s: f32,
    /// By so much it is raised again.
    pub makeup_db: f32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            gain_db: 0.0,
            equaliser_db: [0.0; SECTIONS],
            bands: [Band::default(); 4],
            width: 1.0,
            hold_below_db: -120.0,
        }
    }
}

impl Default for Band {
    fn default() -> Self {
        Self { threshold_db: 0.0, ratio: 1.0, attack_s: 0.02, release_s: 0.2, makeup_db: 0.0 }
    }
}

impl Band {
    /// Whether it does anything.
    pub fn acts(&self) -> bool {
        self.ratio > 1.0 || self.makeup_db != 0.0
    }
}

impl Parameters {
    /// Whether nothing is done: what comes out is what goes in.
    pub fn is_neutral(&self) -> bool {
        *self == Self::default()
    }
}
