//! The parameters of each preset, all used by one mechanism.

use auralis_core::Preset;

/// A preset at full intensity.
#[derive(Debug, Clone, Copy)]
pub struct PresetParams {
    /// Target integrated loudness.
    pub target_lufs: f32,
    /// Share of a found fault that is corrected, 0 to 1.
    pub correction: f32,
    /// Fixed tone offset, independent of the track: bass, low mids, mids, presence, treble.
    pub tone_offset_db: [f32; 5],
    /// Compression ratio of tracks that are not dense already; 1 is no compression.
    pub ratio: f32,
    /// How far the threshold lies below the level of the loud parts.
    pub threshold_depth_db: f32,
    /// Attack and release time in seconds.
    pub attack_release_s: [f32; 2],
    /// Fixed factor of the side signal, independent of the track.
    pub width: f32,
    /// Largest limiter reduction accepted to reach the target loudness.
    pub max_limiter_reduction_db: f32,
}

const ADAPTIVE: PresetParams = PresetParams {
    target_lufs: -14.0,
    correction: 1.0,
    tone_offset_db: [0.0; 5],
    ratio: 1.0,
    threshold_depth_db: 2.0,
    attack_release_s: [0.02, 0.2],
    width: 1.0,
    max_limiter_reduction_db: 3.0,
};

/// Returns the parameters of a preset.
pub fn preset_params(preset: Preset) -> PresetParams {
    match preset {
        Preset::Adaptive => ADAPTIVE,
        Preset::Gentle => {
            PresetParams { target_lufs: -16.0, correction: 0.5, max_limiter_reduction_db: 2.0, ..ADAPTIVE }
        }
        Preset::Warm => PresetParams { correction: 0.8, tone_offset_db: [1.5, 1.0, 0.0, -0.7, -1.8], ..ADAPTIVE },
        Preset::Bright => PresetParams { correction: 0.8, tone_offset_db: [0.0, -1.0, 0.0, 1.2, 2.2], ..ADAPTIVE },
        // Slow attack and fast release: transients pass, what follows them is compressed.
        Preset::Punchy => PresetParams {
            correction: 0.8,
            tone_offset_db: [1.5, -0.5, 0.0, 1.0, 0.0],
            ratio: 2.5,
            threshold_depth_db: 5.0,
            attack_release_s: [0.04, 0.12],
            // Limiting peaks would soften the attacks.
            max_limiter_reduction_db: 1.0,
            ..ADAPTIVE
        },
        Preset::Live => PresetParams {
            target_lufs: -15.0,
            correction: 0.7,
            tone_offset_db: [0.8, 0.0, 0.0, 0.0, 0.5],
            width: 1.15,
            max_limiter_reduction_db: 2.0,
            ..ADAPTIVE
        },
    }
}
