//! A delay line.

use super::BLOCK_FRAMES;
use crate::Frame;

/// Delays a signal by a fixed number of frames.
pub struct Delay {
    line: Vec<Frame>,
    position: usize,
}

impl Delay {
    pub fn new(frames: usize) -> Self {
        Self { line: vec![[0.0; 2]; frames], position: 0 }
    }

    /// Replaces a block by the one that entered a delay's length earlier.
    pub fn process(&mut self, block: &mut [Frame; BLOCK_FRAMES]) {
        let length = self.line.len();
        let mut done = 0;
        while length > 0 && done < BLOCK_FRAMES {
            let now = (BLOCK_FRAMES - done).min(length - self.position);
            self.line[self.position..self.position + now].swap_with_slice(&mut block[done..done + now]);
            done += now;
            self.position = (self.position + now) % length;
        }
    }

    pub fn reset(&mut self) {
        self.line.fill([0.0; 2]);
        self.position = 0;
    }
}
