//! One ring as it sounds: with the gain of its track, fading in or out.

use crate::{
    ramp::Ramp,
    ring::{Frame, Ring},
};

/// So many times as long as others takes a change that nobody asked for.
pub const GENTLY: u32 = 100;

/// How a fade sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// Two of them add up to the same amplitude: for two places of one track, and for what is too short to be heard.
    Linear,
    /// Two of them add up to the same power: for two tracks.
    EqualPower,
}

/// A ring and how loud it is at this frame.
pub struct Voice {
    /// The frames.
    pub ring: Ring,
    gain: Ramp,
    /// Frames in which another gain is reached, if not gently.
    gain_frames: u32,
    /// How far it is faded in: from 0 to 1.
    fade: Ramp,
    curve: Curve,
}

impl Voice {
    /// A ring at its full level. `gain_frames`: in how many frames it follows another gain.
    pub fn new(ring: Ring, gain_frames: u32) -> Self {
        let gain = Ramp::at(ring.gauge().gain());
        Self { ring, gain, gain_frames, fade: Ramp::at(1.0), curve: Curve::Linear }
    }

    /// From silence to its full level.
    pub fn fade_in(&mut self, frames: u32, curve: Curve) {
        (self.fade, self.curve) = (Ramp::between(0.0, 1.0, frames), curve);
    }

    /// From where it is to silence.
    pub fn fade_out(&mut self, frames: u32, curve: Curve) {
        let from = if curve == self.curve { self.fade.now() } else { self.level() };
        (self.fade, self.curve) = (Ramp::between(from, 0.0, frames), curve);
    }

    /// Fades out unless it does already.
    pub fn end_in(&mut self, frames: u32) {
        if self.fade.target() > 0.0 {
            self.fade_out(frames, Curve::Linear);
        }
    }

    /// Frames until a fade is over.
    pub fn fading(&self) -> u32 {
        self.fade.left()
    }

    /// Takes what there is, at most `out`, as it sounds, and says how many frames that was.
    pub fn read(&mut self, out: &mut [Frame]) -> usize {
        let target = self.ring.gauge().gain();
        if self.ring.taken() == 0 {
            self.gain = Ramp::at(target);
        }
        let gauge = self.ring.gauge();
        self.gain.go(target, if gauge.is_gentle() { self.gain_frames * GENTLY } else { self.gain_frames });
        let got = self.ring.read(out);
        if (self.gain.rest(), self.fade.rest()) != (Some(1.0), Some(1.0)) {
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
            Curve::Linear => self.fade.now(),
            Curve::EqualPower => (self.fade.now() * std::f32::consts::FRAC_PI_2).sin(),
        }
    }
}
