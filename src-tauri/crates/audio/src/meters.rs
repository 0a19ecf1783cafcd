//! The levels before and after mastering. The audio thread leaves what it mastered in a ring; whoever asks measures it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use auralis_core::Meters;
use auralis_dsp::{Activity, LiveMeters};
use rtrb::{Consumer, Producer, RingBuffer};

use crate::{output::Clock, ring::Frame, source::BLOCK};

/// Seconds that the ring holds, more than lies between giving a device a frame and hearing it.
const CAPACITY_S: u32 = 2;
/// What is heard no more for this long is not shown any more either.
const SILENT: Duration = Duration::from_millis(300);

/// What went into the chain and what came out at the same time.
pub struct Block {
    /// What went in; only as many frames count as are in `after`.
    pub before: [Frame; BLOCK],
    /// What came out.
    pub after: [Frame; BLOCK],
    /// How many frames that is.
    pub frames: usize,
    /// The frame of the device from which on it is heard.
    pub device_frame: u64,
    /// The ring that went in.
    pub ring: u64,
    /// What the chain did.
    pub activity: Activity,
}

/// The end that is asked.
pub struct Metering {
    blocks: Consumer<Block>,
    clock: Arc<Clock>,
    live: LiveMeters,
    activity: Activity,
    ring: u64,
    heard_at: Option<Instant>,
}

/// Makes the ring for a device of this rate. Nobody has to read it: a full one takes nothing more.
pub fn ring(rate_hz: u32) -> (Producer<Block>, Consumer<Block>) {
    RingBuffer::new((rate_hz * CAPACITY_S) as usize / BLOCK)
}

impl Metering {
    /// Measures what is heard by a device's clock.
    pub fn new(rate_hz: u32, blocks: Consumer<Block>, clock: Arc<Clock>) -> Self {
        let (live, activity) = (LiveMeters::new(rate_hz), Activity::default());
        Self { blocks, clock, live, activity, ring: 0, heard_at: None }
    }

    /// The levels of what is heard now; nothing while nothing is, or at the first look after a while.
    pub fn read(&mut self) -> Option<Meters> {
        if self.blocks.slots() == self.blocks.buffer().capacity() {
            // Nobody has looked: what is there is old.
            while self.blocks.pop().is_ok() {}
            self.live.restart();
            self.heard_at = None;
        }
        let heard = self.clock.heard();
        let mut activity: Option<Activity> = None;
        while self.blocks.peek().is_ok_and(|block| block.device_frame <= heard) {
            let Ok(block) = self.blocks.pop() else { break };
            if block.ring != self.ring {
                self.ring = block.ring;
                self.live.restart();
            }
            self.live.push(&block.before[..block.frames], &block.after[..block.frames]);
            activity = Some(most(block.activity, activity.unwrap_or_default()));
        }
        if let Some(activity) = activity {
            (self.activity, self.heard_at) = (activity, Some(Instant::now()));
        }
        self.heard_at.filter(|at| at.elapsed() < SILENT)?;
        let Activity { limiter_db, held_back_db } = self.activity;
        Some(Meters { limiter_db, held_back_db, ..self.live.read() })
    }
}

/// The more of each.
fn most(one: Activity, other: Activity) -> Activity {
    let mut held_back_db = one.held_back_db;
    held_back_db.iter_mut().zip(other.held_back_db).for_each(|(most, db)| *most = most.max(db));
    Activity { limiter_db: one.limiter_db.max(other.limiter_db), held_back_db }
}
