//! Maps frames submitted to a device to the time at which they are heard.

use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

/// When the frames submitted to a device are heard.
pub struct PlaybackClock {
    epoch: Instant,
    /// Frames submitted to the device.
    submitted_frames: AtomicU64,
    /// Nanoseconds since `epoch` at which the first frame was heard, or would have been if playback had never paused.
    first_heard_ns: AtomicI64,
    /// Nanoseconds from the last callback until its first frame is heard.
    latency_ns: AtomicU64,
    rate_hz: u32,
}

/// Marks a device without a real-time clock.
const UNPACED: i64 = i64::MIN;

impl PlaybackClock {
    pub fn new(rate_hz: u32) -> Self {
        Self {
            epoch: Instant::now(),
            submitted_frames: AtomicU64::new(0),
            first_heard_ns: AtomicI64::new(UNPACED),
            latency_ns: AtomicU64::new(0),
            rate_hz,
        }
    }

    /// Frames per second.
    #[cfg(target_os = "linux")]
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Frames submitted to the device.
    pub fn submitted_frames(&self) -> u64 {
        self.submitted_frames.load(Relaxed)
    }

    /// Frames submitted to the device less those it still buffers.
    pub fn played_frames(&self) -> u64 {
        let submitted_frames = self.submitted_frames();
        match self.first_heard_ns.load(Relaxed) {
            UNPACED => submitted_frames,
            first => {
                let now = self.epoch.elapsed().as_nanos() as i64;
                let elapsed_s = now.saturating_sub(first).max(0) as f64 / 1e9;
                submitted_frames.min((elapsed_s * f64::from(self.rate_hz)) as u64)
            }
        }
    }

    /// Whether the device has a real-time clock.
    pub fn is_paced(&self) -> bool {
        self.first_heard_ns.load(Relaxed) != UNPACED
    }

    /// Seconds from submitting a frame to hearing it.
    pub fn latency_s(&self) -> f64 {
        self.latency_ns.load(Relaxed) as f64 / 1e9
    }

    /// Holds the clock until it is synchronized.
    #[cfg(target_os = "linux")]
    pub fn hold(&self) {
        self.first_heard_ns.store(i64::MAX, Relaxed);
    }

    /// Synchronizes the clock: at `at`, `heard_s` had been played and `ahead_s` were still buffered.
    #[cfg(target_os = "linux")]
    pub fn synchronize(&self, at: Instant, heard_s: f64, ahead_s: f64) {
        let at_ns = at.saturating_duration_since(self.epoch).as_nanos() as i64;
        self.first_heard_ns.store(at_ns - (heard_s * 1e9) as i64, Relaxed);
        self.latency_ns.store((ahead_s * 1e9) as u64, Relaxed);
    }

    pub fn submit(&self, frames: u64, delay: Option<Duration>) {
        if let Some(delay) = delay {
            let played_ns = (self.submitted_frames() as f64 * 1e9 / f64::from(self.rate_hz)) as i64;
            let heard_at = (self.epoch.elapsed() + delay).as_nanos() as i64;
            self.first_heard_ns.store(heard_at - played_ns, Relaxed);
            self.latency_ns.store(delay.as_nanos() as u64, Relaxed);
        }
        self.submitted_frames.fetch_add(frames, Relaxed);
    }
}
