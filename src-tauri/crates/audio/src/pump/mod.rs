//! The thread that decodes one stream, and those that follow it without a gap, into rings.
//!
//! Each load has a pump of its own, so a slow file keeps nobody waiting: a pump that is dropped is told to stop and
//! left to find out.

mod pumping;
mod stream;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{Sender, channel},
    },
    thread::Thread,
};

use auralis_core::{LoadId, SourceFormat};

use crate::{
    decode::Opener,
    ring::{Gauge, Ring},
};
use pumping::Pumping;
pub use stream::{Stream, What};

/// What a pump is asked.
#[derive(Debug, Clone, Copy)]
pub struct Fill {
    /// Names the request; grows.
    pub token: u64,
    /// Which stream.
    pub load: LoadId,
    /// From where on.
    pub position_s: f64,
    /// The device's rate.
    pub rate_hz: u32,
}

enum Order {
    Fill(Fill),
    Next(Option<Box<Stream>>),
    Advance,
}

/// What a pump says.
pub enum PumpEvent {
    /// The stream is open.
    Ready { load: LoadId, duration_s: Option<f64>, source: SourceFormat },
    /// The stream cannot be opened.
    Failed { load: LoadId, reason: String },
    /// The stream cannot be decoded beyond what is in its ring.
    Broken { load: LoadId, reason: String },
    /// A ring that is to sound now.
    Filled { token: u64, stretch: Stretch, ring: Ring },
    /// A ring that takes over at the end of the one before.
    Joined { token: u64, stretch: Stretch, ring: Ring },
}

/// Which part of which track a ring holds.
#[derive(Clone)]
pub struct Stretch {
    /// The ring.
    pub ring: u64,
    /// The track.
    pub load: LoadId,
    /// Seconds of the track at the ring's first frame.
    pub start_s: f64,
    /// What the ring knows.
    pub gauge: Arc<Gauge>,
}

/// The handle to a pump. Dropping it ends the pump, and with it what its rings would still have got.
pub struct Pump {
    orders: Sender<Order>,
    thread: Thread,
    cancelled: Arc<AtomicBool>,
}

impl Pump {
    /// Opens a stream on a thread of its own. What becomes of it comes by `report`.
    pub fn start(
        opener: Arc<dyn Opener>,
        load: LoadId,
        what: What,
        position_s: f64,
        report: impl Fn(PumpEvent) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (orders, inbox) = channel();
        let cancelled = Arc::new(AtomicBool::new(false));
        let stop = cancelled.clone();
        let thread = std::thread::Builder::new().name("decoder".into()).spawn(move || {
            match Stream::open(&*opener, load, &what, position_s) {
                Err(error) => report(PumpEvent::Failed { load, reason: error.0 }),
                Ok(stream) => {
                    report(PumpEvent::Ready { load, duration_s: stream.duration_s(), source: stream.format() });
                    Pumping::new(stream, inbox, stop, report).run();
                }
            }
        })?;
        Ok(Self { orders, thread: thread.thread().clone(), cancelled })
    }

    /// Fills a new ring. Of several requests only the last counts.
    pub fn fill(&self, fill: Fill) {
        self.order(Order::Fill(fill));
    }

    /// What follows the current stream. What was to follow before does not any more, however far it is decoded.
    pub fn next(&self, stream: Option<Box<Stream>>) {
        self.order(Order::Next(stream));
    }

    /// What followed is now the current stream.
    pub fn advance(&self) {
        self.order(Order::Advance);
    }

    fn order(&self, order: Order) {
        drop(self.orders.send(order)); // a pump that has failed is gone
        self.thread.unpark();
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.cancelled.store(true, Relaxed);
        self.thread.unpark();
    }
}
