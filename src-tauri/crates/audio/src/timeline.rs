//! What is heard when: the marks of the audio thread, read at the moment their frames are heard.

use std::collections::VecDeque;

use auralis_core::LoadId;

use crate::{
    log::{Flow, Mark},
    pump::Stretch,
};

/// The rings that may be heard, and the marks that are still to be heard.
pub struct Timeline {
    rate_hz: u32,
    stretches: Vec<Stretch>,
    coming: VecDeque<Mark>,
    now: Option<Mark>,
}

/// Something that the listener has just begun to hear.
pub struct Heard {
    /// Which track.
    pub load: LoadId,
    /// What happens to it.
    pub flow: Flow,
}

impl Timeline {
    /// The timeline of a device that has just been opened.
    pub fn new(rate_hz: u32) -> Self {
        Self { rate_hz, stretches: Vec::new(), coming: VecDeque::new(), now: None }
    }

    /// Whatever was to be heard is not any more.
    pub fn clear(&mut self) {
        self.stretches.clear();
        self.now = None;
    }

    /// A ring was given to the audio thread.
    pub fn expect(&mut self, stretch: Stretch) {
        self.stretches.push(stretch);
    }

    /// The rings of a track.
    pub fn of(&self, load: LoadId) -> impl Iterator<Item = &Stretch> {
        self.stretches.iter().filter(move |stretch| stretch.load == load)
    }

    /// The audio thread says what it did.
    pub fn note(&mut self, mark: Mark) {
        self.coming.push_back(mark);
    }

    /// Whether nothing that is known is still to be heard.
    pub fn is_settled(&self) -> bool {
        self.coming.is_empty()
    }

    /// The next mark that is heard by now.
    pub fn hear(&mut self, heard: u64) -> Option<Heard> {
        while let Some(mark) = self.coming.pop_front_if(|mark| mark.device_frame <= heard) {
            if let Some(load) = self.find(mark.ring).map(|stretch| stretch.load) {
                if let Some(before) = self.now.replace(mark).filter(|before| before.ring != mark.ring) {
                    self.stretches.retain(|stretch| stretch.ring != before.ring);
                }
                return Some(Heard { load, flow: mark.flow });
            }
        }
        None
    }

    /// Where the listener is, and whether that moves.
    pub fn position(&self, heard: u64) -> Option<(LoadId, f64, bool)> {
        let mark = self.now?;
        let stretch = self.find(mark.ring)?;
        let running = mark.flow == Flow::Running;
        let until = self.coming.front().map_or(heard, |next| heard.min(next.device_frame));
        let moved = if running { until.saturating_sub(mark.device_frame) } else { 0 };
        let frames = mark.taken + moved;
        Some((stretch.load, stretch.start_s + frames as f64 / f64::from(self.rate_hz), running))
    }

    /// What is known of the ring that is heard.
    pub fn current(&self) -> Option<&Stretch> {
        self.find(self.now?.ring)
    }

    fn find(&self, ring: u64) -> Option<&Stretch> {
        self.stretches.iter().find(|stretch| stretch.ring == ring)
    }
}
