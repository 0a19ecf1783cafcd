//! When what goes into the mastering is heard: it leaves a few frames later, and rests inside while the listener pauses.

use std::collections::VecDeque;

use rtrb::Producer;

/// Why the sound of a ring goes on or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Its frames are leaving.
    Running,
    /// The listener paused.
    Paused,
    /// The decoder is late.
    Starved,
    /// Its last frame has left and nothing follows.
    Over,
}

/// From this frame of the device on, this is what happens.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// Counted from the opening of the device.
    pub device_frame: u64,
    /// Which ring.
    pub ring: u64,
    /// Frames of the ring that had been heard.
    pub taken: u64,
    /// What happens.
    pub flow: Flow,
}

/// From this frame of the mix on, this goes in.
#[derive(Clone, Copy)]
struct Entry {
    frame: u64,
    ring: u64,
    taken: u64,
    flow: Flow,
}

impl Entry {
    /// Frames of the ring that have gone by when `frame` of the mix does.
    fn taken_at(&self, frame: u64) -> u64 {
        let moved = if self.flow == Flow::Running { frame.saturating_sub(self.frame) } else { 0 };
        self.taken + moved
    }
}

/// Tells the control thread what leaves, from what went in.
pub struct Log {
    marks: Producer<Mark>,
    /// Frames from what goes in to what comes out.
    latency: u64,
    /// What is inside, the oldest first.
    inside: VecDeque<Entry>,
    /// What is leaving.
    leaving: Option<Entry>,
    told: Option<(u64, Flow)>,
}

/// What may be inside at a time: more than 64 rings cannot begin in a block.
const MOST: usize = 1024;

impl Log {
    /// A log of nothing.
    pub fn new(marks: Producer<Mark>, latency: u64) -> Self {
        Self { marks, latency, inside: VecDeque::with_capacity(MOST), leaving: None, told: None }
    }

    /// From `frame` of the mix on, this ring flows so, of which so many frames had been taken. Says whether something
    /// else did before.
    pub fn note(&mut self, frame: u64, ring: u64, taken: u64, flow: Flow) -> bool {
        let last = self.inside.back().or(self.leaving.as_ref()).map(|last| (last.ring, last.flow));
        let is_news = last != Some((ring, flow));
        if is_news && self.inside.len() < MOST {
            self.inside.push_back(Entry { frame, ring, taken, flow });
        }
        is_news && last.is_some()
    }

    /// Nothing of what is inside matters any more.
    pub fn forget(&mut self) {
        self.inside.clear();
        (self.leaving, self.told) = (None, None);
    }

    /// Whether nothing that matters has left yet.
    pub fn is_fresh(&self) -> bool {
        self.leaving.is_none()
    }

    /// So many frames go in from frame `fed` of the mix on, and as many leave, to frame `device_frame` of the device.
    pub fn tell(&mut self, fed: u64, frames: usize, device_frame: u64) {
        if frames == 0 {
            return;
        }
        if let (Some(leaving), Some((_, Flow::Paused))) = (self.leaving, self.told) {
            self.push(leaving, fed, device_frame, leaving.flow);
        }
        while let Some(next) = self.inside.front().copied() {
            let leaves = next.frame + self.latency;
            let at = device_frame + leaves.saturating_sub(fed);
            if leaves >= fed + frames as u64 || !self.push(next, leaves, at, next.flow) {
                break;
            }
            self.leaving = self.inside.pop_front();
        }
    }

    /// What leaves rests from `device_frame` on, until more goes in. `otherwise`: a ring and how many frames of it were
    /// taken, if nothing of it went in yet.
    pub fn pause(&mut self, fed: u64, device_frame: u64, otherwise: Option<(u64, u64)>) {
        let untouched = otherwise.map(|(ring, taken)| Entry { frame: u64::MAX, ring, taken, flow: Flow::Paused });
        if let Some(rests) = self.leaving.or(self.inside.front().copied()).or(untouched)
            && self.told != Some((rests.ring, Flow::Paused))
        {
            self.push(rests, fed, device_frame, Flow::Paused);
        }
    }

    /// Says so of an entry, while frame `fed` of the mix goes in; not if too much is still unread.
    fn push(&mut self, entry: Entry, fed: u64, device_frame: u64, flow: Flow) -> bool {
        let Entry { ring, .. } = entry;
        let taken = entry.taken_at(fed.saturating_sub(self.latency));
        let told = self.marks.push(Mark { device_frame, ring, taken, flow }).is_ok();
        if told {
            self.told = Some((ring, flow));
        }
        told
    }
}
