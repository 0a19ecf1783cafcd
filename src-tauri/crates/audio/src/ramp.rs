//! From one value to another without a step.

/// A value that moves to its target in a straight line.
#[derive(Debug, Clone, Copy)]
pub struct Ramp {
    now: f32,
    target: f32,
    left: u32,
}

impl Ramp {
    /// Resting at a value.
    pub fn at(value: f32) -> Self {
        Self { now: value, target: value, left: 0 }
    }

    /// On the way from one value to another, in so many frames.
    pub fn between(from: f32, to: f32, frames: u32) -> Self {
        let mut ramp = Self::at(from);
        ramp.go(to, frames);
        ramp
    }

    /// Sets out for a target; does nothing if it is on the way there.
    pub fn go(&mut self, target: f32, frames: u32) {
        if target != self.target {
            (self.target, self.left) = (target, frames);
            if frames == 0 {
                self.now = target;
            }
        }
    }

    /// The value of this frame; moves on to the next.
    pub fn step(&mut self) -> f32 {
        let now = self.now;
        if self.left > 0 {
            self.now += (self.target - self.now) / self.left as f32;
            self.left -= 1;
            if self.left == 0 {
                self.now = self.target;
            }
        }
        now
    }

    /// The value at which it rests, if it does.
    pub fn rest(&self) -> Option<f32> {
        (self.left == 0).then_some(self.now)
    }

    /// The value of this frame.
    pub fn now(&self) -> f32 {
        self.now
    }

    /// Where it goes, or rests.
    pub fn target(&self) -> f32 {
        self.target
    }

    /// Frames until it rests.
    pub fn left(&self) -> u32 {
        self.left
    }
}
