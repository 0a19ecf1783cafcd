//! Which frame of which track is audible: marks of the audio thread, read when their frames are heard.

use std::collections::VecDeque;

use auralis_core::LoadId;

use crate::{
    decoder_thread::RingSegment,
    playback::{PlaybackMark, SegmentState},
};

/// Rings that may become audible, and marks that are still to be heard.
pub struct Timeline {
    rate_hz: u32,
    segments: Vec<RingSegment>,
    upcoming: VecDeque<PlaybackMark>,
    current_mark: Option<PlaybackMark>,
}

/// Playback of a load has changed for the listener.
pub struct PlaybackChange {
    /// The load.
    pub load: LoadId,
    /// What happens to it now.
    pub state: SegmentState,
}

impl Timeline {
    /// Creates the timeline of a device that was just opened.
    pub fn new(rate_hz: u32) -> Self {
        Self { rate_hz, segments: Vec::new(), upcoming: VecDeque::new(), current_mark: None }
    }

    /// Drops all segments: none of them will be heard.
    pub fn clear(&mut self) {
        self.segments.clear();
        self.current_mark = None;
    }

    /// Registers a ring that was sent to the audio thread.
    pub fn add_segment(&mut self, segment: RingSegment) {
        self.segments.push(segment);
    }

    /// Returns the rings of a load.
    pub fn segments_of(&self, load: LoadId) -> impl Iterator<Item = &RingSegment> {
        self.segments.iter().filter(move |segment| segment.load == load)
    }

    /// Adds a mark of the audio thread.
    pub fn push_mark(&mut self, mark: PlaybackMark) {
        self.upcoming.push_back(mark);
    }

    /// Whether all known marks were heard.
    pub fn has_no_pending_marks(&self) -> bool {
        self.upcoming.is_empty()
    }

    /// Returns the next mark that is audible at this frame of the device.
    pub fn advance_to(&mut self, played_frames: u64) -> Option<PlaybackChange> {
        while let Some(mark) = self.upcoming.pop_front_if(|mark| mark.device_frame <= played_frames) {
            if let Some(load) = self.find(mark.ring).map(|segment| segment.load) {
                if let Some(before) = self.current_mark.replace(mark).filter(|before| before.ring != mark.ring) {
                    self.segments.retain(|segment| segment.ring != before.ring);
                }
                return Some(PlaybackChange { load, state: mark.state });
            }
        }
        None
    }

    /// Returns the load, the position in seconds and whether it moves.
    pub fn position(&self, played_frames: u64) -> Option<(LoadId, f64, bool)> {
        let mark = self.current_mark?;
        let segment = self.find(mark.ring)?;
        let running = mark.state == SegmentState::Running;
        let until = self.upcoming.front().map_or(played_frames, |next| played_frames.min(next.device_frame));
        let moved = if running { until.saturating_sub(mark.device_frame) } else { 0 };
        let frames = mark.taken + moved;
        Some((segment.load, segment.start_s + frames as f64 / f64::from(self.rate_hz), running))
    }

    /// Returns the segment that is audible.
    pub fn current(&self) -> Option<&RingSegment> {
        self.find(self.current_mark?.ring)
    }

    fn find(&self, ring: u64) -> Option<&RingSegment> {
        self.segments.iter().find(|segment| segment.ring == ring)
    }
}
