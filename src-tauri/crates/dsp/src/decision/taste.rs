//! What each preset likes: a few numbers, all used by one mechanism.

use auralis_core::Preset;

/// A taste at full intensity.
#[derive(Debug, Clone, Copy)]
pub struct Taste {
    /// Integrated loudness that it aims at.
    pub target_lufs: f32,
    /// The share of what is unusual in the tone that is taken back, 0 to 1.
    pub strength: f32,
    /// More than this is never done to a range of pitch for being unusual.
    pub most_tone_db: f32,
    /// What is added whatever the track has: bass, low mids, mids, presence, treble.
    pub tone_db: [f32; 5],
    /// dB in for 1 dB out above the threshold, for a track that needs all of it.
    pub ratio: f32,
    /// How much of that every track gets that is not yet dense, 0 to 1.
    pub ratio_always: f32,
    /// How far below the level of its loud parts a band is held back.
    pub depth_db: f32,
    /// Seconds in which loud moments are held back, and let go.
    pub pace_s: [f32; 2],
    /// Factor of the stereo image, whatever the track has.
    pub width: f32,
    /// By so much the peaks may be lowered to become louder.
    pub most_reduction_db: f32,
}

const ADAPTIVE: Taste = Taste {
    target_lufs: -14.0,
    strength: 0.6,
    most_tone_db: 4.0,
    tone_db: [0.0; 5],
    ratio: 2.0,
    ratio_always: 0.0,
    depth_db: 2.0,
    pace_s: [0.02, 0.2],
    width: 1.0,
    most_reduction_db: 3.0,
};

/// The taste that a preset is.
pub fn taste(preset: Preset) -> Taste {
    match preset {
        Preset::Adaptive => ADAPTIVE,
        Preset::Gentle => Taste {
            target_lufs: -16.0,
            strength: 0.3,
            most_tone_db: 2.5,
            ratio: 1.3,
            pace_s: [0.03, 0.3],
            most_reduction_db: 2.0,
            ..ADAPTIVE
        },
        Preset::Warm => {
            Taste { strength: 0.5, tone_db: [1.5, 1.0, 0.0, -0.7, -1.8], ratio: 1.6, pace_s: [0.025, 0.25], ..ADAPTIVE }
        }
        Preset::Bright => Taste { strength: 0.5, tone_db: [0.0, -1.0, 0.0, 1.2, 2.2], ratio: 1.5, ..ADAPTIVE },
        // Slow to act and quick to let go: beginnings pass, what follows them is held back.
        Preset::Punchy => Taste {
            strength: 0.5,
            tone_db: [1.5, -0.5, 0.0, 1.0, 0.0],
            ratio_always: 1.0,
            ratio: 2.5,
            depth_db: 5.0,
            pace_s: [0.04, 0.12],
            // Peaks that are lowered are attacks that are lost.
            most_reduction_db: 1.0,
            ..ADAPTIVE
        },
        Preset::Live => Taste {
            target_lufs: -15.0,
            strength: 0.4,
            most_tone_db: 3.0,
            tone_db: [0.8, 0.0, 0.0, 0.0, 0.5],
            ratio: 1.0,
            width: 1.15,
            most_reduction_db: 2.0,
            ..ADAPTIVE
        },
    }
}
