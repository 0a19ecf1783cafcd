//! Linear ramps.

/// A value that moves linearly to a target.
#[derive(Debug, Clone, Copy)]
pub struct Ramp {
    now: f32,
    target: f32,
    frames_remaining: u32,
}

impl Ramp {
    /// A settled value.
    pub fn at(value: f32) -> Self {
        Self { now: value, target: value, frames_remaining: 0 }
    }

    /// A ramp from one value to another.
    pub fn between(from: f32, to: f32, frames: u32) -> Self {
        let mut ramp = Self::at(from);
        ramp.set_target(to, frames);
        ramp
    }

    /// Starts a ramp to a target; does nothing if that is the target already.
    pub fn set_target(&mut self, target: f32, frames: u32) {
        if target != self.target {
            (self.target, self.frames_remaining) = (target, frames);
            if frames == 0 {
                self.now = target;
            }
        }
    }

    /// Returns the value of this frame and advances.
    pub fn step(&mut self) -> f32 {
        let now = self.now;
        if self.frames_remaining > 0 {
            self.now += (self.target - self.now) / self.frames_remaining as f32;
            self.frames_remaining -= 1;
            if self.frames_remaining == 0 {
                self.now = self.target;
            }
        }
        now
    }

    /// Returns the value if it is settled.
    pub fn settled_value(&self) -> Option<f32> {
        (self.frames_remaining == 0).then_some(self.now)
    }

    /// The value of this frame.
    pub fn now(&self) -> f32 {
        self.now
    }

    /// The target.
    pub fn target(&self) -> f32 {
        self.target
    }

    /// Frames until it settles.
    pub fn frames_remaining(&self) -> u32 {
        self.frames_remaining
    }
}
