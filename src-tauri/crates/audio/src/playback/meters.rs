//! Levels before and after mastering. The audio thread queues its blocks; whoever wants levels measures them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use auralis_core::Meters;
use auralis_dsp::{Activity, Frame, LiveMeters};
use rtrb::{Consumer, Producer, RingBuffer};

use super::{BLOCK_FRAMES, PlaybackClock};

/// Seconds the queue holds: more than any device's latency.
const CAPACITY_S: u32 = 2;
/// How long levels stay after the last audible block.
const METER_HOLD: Duration = Duration::from_millis(300);

/// Input and output of the chain for one block.
pub struct MeterBlock {
    /// Input; the first `frames` count.
    pub before: [Frame; BLOCK_FRAMES],
    /// Output.
    pub after: [Frame; BLOCK_FRAMES],
    /// Number of frames.
    pub frames: usize,
    /// Device frame of the first frame.
    pub device_frame: u64,
    /// Id of the ring that was the input.
    pub ring: u64,
    /// What the chain did.
    pub activity: Activity,
}

/// Measures queued blocks when they become audible.
pub struct MeterReader {
    blocks: Consumer<MeterBlock>,
    clock: Arc<PlaybackClock>,
    live: LiveMeters,
    activity: Activity,
    ring: u64,
    played_at: Option<Instant>,
}

/// Creates the queue for a device's rate. When it is full, new blocks are dropped.
pub fn meter_queue(rate_hz: u32) -> (Producer<MeterBlock>, Consumer<MeterBlock>) {
    RingBuffer::new((rate_hz * CAPACITY_S) as usize / BLOCK_FRAMES)
}

impl MeterReader {
    /// Creates a reader for a device.
    pub fn new(rate_hz: u32, blocks: Consumer<MeterBlock>, clock: Arc<PlaybackClock>) -> Self {
        let (live, activity) = (LiveMeters::new(rate_hz), Activity::default());
        Self { blocks, clock, live, activity, ring: 0, played_at: None }
    }

    /// Returns the levels of what is heard now; `None` while nothing is, and on the first call after a break.
    pub fn read(&mut self) -> Option<Meters> {
        if self.blocks.slots() == self.blocks.buffer().capacity() {
            // Nobody has read for a while: these blocks are outdated.
            while self.blocks.pop().is_ok() {}
            self.live.restart();
            self.played_at = None;
        }
        let played = self.clock.played_frames();
        let mut activity: Option<Activity> = None;
        while self.blocks.peek().is_ok_and(|block| block.device_frame <= played) {
            let Ok(block) = self.blocks.pop() else { break };
            if block.ring != self.ring {
                self.ring = block.ring;
                self.live.restart();
            }
            self.live.push(&block.before[..block.frames], &block.after[..block.frames]);
            activity = Some(max_activity(block.activity, activity.unwrap_or_default()));
        }
        if let Some(activity) = activity {
            (self.activity, self.played_at) = (activity, Some(Instant::now()));
        }
        self.played_at.filter(|at| at.elapsed() < METER_HOLD)?;
        let Activity { limiter_reduction_db, compressor_reduction_db } = self.activity;
        Some(Meters { limiter_reduction_db, compressor_reduction_db, ..self.live.read() })
    }
}

/// The larger of each value.
fn max_activity(one: Activity, other: Activity) -> Activity {
    let mut compressor_reduction_db = one.compressor_reduction_db;
    let pairs = compressor_reduction_db.iter_mut().zip(other.compressor_reduction_db);
    pairs.for_each(|(max, db)| *max = max.max(db));
    let limiter_reduction_db = one.limiter_reduction_db.max(other.limiter_reduction_db);
    Activity { limiter_reduction_db, compressor_reduction_db }
}
