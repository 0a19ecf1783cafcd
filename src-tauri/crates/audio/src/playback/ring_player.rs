//! Plays one ring with the gain of its track and its fades.

use auralis_dsp::Frame;

use super::{ramp::Ramp, ring::RingReader};

/// Ramp-length multiplier for automatic changes: 30 s, in which nobody notices that a track becomes 7 dB quieter.
pub const SLOW_RAMP_FACTOR: u32 = 3_000;

/// Shape of a fade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FadeCurve {
    /// Two crossing fades keep the sum of amplitudes: for two positions of one track, and for very short fades.
    Linear,
    /// Two crossing fades keep the sum of powers: for two tracks.
    EqualPower,
}

/// A ring with its gain and fade.
pub struct RingPlayer {
    /// The frames.
    pub ring: RingReader,
    gain: Ramp,
    /// Ramp length of a gain change, in frames.
    gain_frames: u32,
    /// Progress of the fade, 0 to 1.
    fade: Ramp,
    curve: FadeCurve,
}

impl RingPlayer {
    /// Creates a player at full level. `gain_frames` is the ramp length of a gain change.
    pub fn new(ring: RingReader, gain_frames: u32) -> Self {
        let gain = Ramp::at(ring.status().gain());
        Self { ring, gain, gain_frames, fade: Ramp::at(1.0), curve: FadeCurve::Linear }
    }

    /// Fades in from silence.
    pub fn fade_in(&mut self, frames: u32, curve: FadeCurve) {
        (self.fade, self.curve) = (Ramp::between(0.0, 1.0, frames), curve);
    }

    /// Fades out from the current level.
    pub fn fade_out(&mut self, frames: u32, curve: FadeCurve) {
        let from = if curve == self.curve { self.fade.now() } else { self.level() };
        (self.fade, self.curve) = (Ramp::between(from, 0.0, frames), curve);
    }

    /// Fades out unless it already does.
    pub fn ensure_fade_out(&mut self, frames: u32) {
        if self.fade.target() > 0.0 {
            self.fade_out(frames, FadeCurve::Linear);
        }
    }

    /// Frames until the fade is complete.
    pub fn fade_frames_remaining(&self) -> u32 {
        self.fade.frames_remaining()
    }

    /// Reads up to `out.len()` frames with gain and fade applied, and returns their number.
    pub fn read(&mut self, out: &mut [Frame]) -> usize {
        let target = self.ring.status().gain();
        if self.ring.taken() == 0 {
            self.gain = Ramp::at(target);
        }
        let status = self.ring.status();
        self.gain.set_target(
            target,
            if status.uses_slow_ramp() { self.gain_frames * SLOW_RAMP_FACTOR } else { self.gain_frames },
        );
        let got = self.ring.read(out);
        if (self.gain.settled_value(), self.fade.settled_value()) != (Some(1.0), Some(1.0)) {
            for frame in &mut out[..got] {
                let level = self.gain.step() * self.level();
                self.fade.step();
                *frame = frame.map(|sample| sample * level);
            }
        }
        got
    }

    fn level(&self) -> f32 {
        match self.curve {
            FadeCurve::Linear => self.fade.now(),
            FadeCurve::EqualPower => (self.fade.now() * std::f32::consts::FRAC_PI_2).sin(),
        }
    }
}
