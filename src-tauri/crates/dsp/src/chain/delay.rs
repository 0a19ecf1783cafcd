//! Sound, later.

use super::BLOCK;
use crate::Frame;

/// A delay line.
pub struct Delay {
    line: Vec<Frame>,
    at: usize,
}

impl Delay {
    pub fn new(frames: usize) -> Self {
        Self { line: vec![[0.0; 2]; frames], at: 0 }
    }

    /// Puts a block in and takes out what is due.
    pub fn process(&mut self, block: &mut [Frame; BLOCK]) {
        let length = self.line.len();
        let mut done = 0;
        while length > 0 && done < BLOCK {
            let now = (BLOCK - done).min(length - self.at);
            self.line[self.at..self.at + now].swap_with_slice(&mut block[done..done + now]);
            done += now;
            self.at = (self.at + now) % length;
        }
    }

    pub fn reset(&mut self) {
        self.line.fill([0.0; 2]);
        self.at = 0;
    }
}
