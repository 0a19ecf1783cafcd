//! Maps input frames to device frames through the chain's latency, including pauses.

use std::collections::VecDeque;

use rtrb::Producer;

/// Why a ring is heard, or is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentState {
    /// It plays.
    Running,
    /// The listener paused.
    Paused,
    /// The decoder is late.
    Underrun,
    /// Its last frame was output and nothing follows.
    Ended,
}

/// Playback state from a device frame on.
#[derive(Debug, Clone, Copy)]
pub struct PlaybackMark {
    /// Counted since the device was opened.
    pub device_frame: u64,
    /// Id of the ring.
    pub ring: u64,
    /// Frames of the ring played before it.
    pub taken: u64,
    /// State from here on.
    pub state: SegmentState,
}

/// A state that entered the chain at frame `frame` of the mix.
#[derive(Clone, Copy)]
struct PendingMark {
    frame: u64,
    ring: u64,
    taken: u64,
    state: SegmentState,
}

impl PendingMark {
    /// Frames of the ring that have passed when the mix is at `frame`.
    fn taken_at(&self, frame: u64) -> u64 {
        let moved = if self.state == SegmentState::Running { frame.saturating_sub(self.frame) } else { 0 };
        self.taken + moved
    }
}

/// Reports state changes to the control thread when they leave the chain.
pub struct MarkScheduler {
    marks: Producer<PlaybackMark>,
    /// Latency of the chain in frames.
    latency: u64,
    /// Marks inside the chain, oldest first.
    in_chain: VecDeque<PendingMark>,
    /// The mark at the output.
    at_output: Option<PendingMark>,
    last_mark: Option<(u64, SegmentState)>,
}

/// Maximum number of marks in the chain: no more than 64 rings can begin within one block.
const MAX_PENDING_MARKS: usize = 1024;

impl MarkScheduler {
    /// Creates a scheduler without marks.
    pub fn new(marks: Producer<PlaybackMark>, latency: u64) -> Self {
        Self { marks, latency, in_chain: VecDeque::with_capacity(MAX_PENDING_MARKS), at_output: None, last_mark: None }
    }

    /// Records that the ring has this state from `frame` of the mix on, after `taken` of its frames. Returns whether
    /// the state changed.
    pub fn record(&mut self, frame: u64, ring: u64, taken: u64, state: SegmentState) -> bool {
        let last = self.in_chain.back().or(self.at_output.as_ref()).map(|last| (last.ring, last.state));
        let is_new = last != Some((ring, state));
        if is_new && self.in_chain.len() < MAX_PENDING_MARKS {
            self.in_chain.push_back(PendingMark { frame, ring, taken, state });
        }
        is_new && last.is_some()
    }

    /// Drops all marks.
    pub fn clear(&mut self) {
        self.in_chain.clear();
        (self.at_output, self.last_mark) = (None, None);
    }

    /// Whether nothing has been output yet.
    pub fn is_unplayed(&self) -> bool {
        self.at_output.is_none()
    }

    /// Sends the marks due while `frames` frames enter the chain at `input_frames` and leave it at `device_frame`.
    pub fn emit_due(&mut self, input_frames: u64, frames: usize, device_frame: u64) {
        if frames == 0 {
            return;
        }
        if let (Some(at_output), Some((_, SegmentState::Paused))) = (self.at_output, self.last_mark) {
            self.send(at_output, input_frames, device_frame, at_output.state);
        }
        while let Some(next) = self.in_chain.front().copied() {
            let leaves = next.frame + self.latency;
            let at = device_frame + leaves.saturating_sub(input_frames);
            if leaves >= input_frames + frames as u64 || !self.send(next, leaves, at, next.state) {
                break;
            }
            self.at_output = self.in_chain.pop_front();
        }
    }

    /// Reports that the output pauses at `device_frame`. `otherwise` is the ring to name, and its frames taken, if none
    /// has entered the chain yet.
    pub fn pause(&mut self, input_frames: u64, device_frame: u64, otherwise: Option<(u64, u64)>) {
        let untouched =
            otherwise.map(|(ring, taken)| PendingMark { frame: u64::MAX, ring, taken, state: SegmentState::Paused });
        if let Some(rests) = self.at_output.or(self.in_chain.front().copied()).or(untouched)
            && self.last_mark != Some((rests.ring, SegmentState::Paused))
        {
            self.send(rests, input_frames, device_frame, SegmentState::Paused);
        }
    }

    /// Sends one mark. Returns false if the queue is full.
    fn send(&mut self, entry: PendingMark, input_frames: u64, device_frame: u64, state: SegmentState) -> bool {
        let PendingMark { ring, .. } = entry;
        let taken = entry.taken_at(input_frames.saturating_sub(self.latency));
        let is_sent = self.marks.push(PlaybackMark { device_frame, ring, taken, state }).is_ok();
        if is_sent {
            self.last_mark = Some((ring, state));
        }
        is_sent
    }
}
