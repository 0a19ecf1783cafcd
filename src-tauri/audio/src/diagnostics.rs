//! What the engine measures of itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering::Relaxed};

use crate::{
    output::{Clock, Health},
    ring::Gauge,
    source::Underruns,
};

/// How the engine fares at this moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diagnostics {
    /// Times since the start that the decoder was late.
    pub underruns: u64,
    /// Frames of silence that were heard because of it.
    pub underrun_frames: u64,
    /// Times that the open device itself ran dry.
    pub device_underruns: u64,
    /// Seconds that are decoded and wait to be heard.
    pub buffered_s: f64,
    /// The open device.
    pub output: Option<OutputDiagnostics>,
}

/// The open device.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputDiagnostics {
    /// As the sound server calls it.
    pub name: String,
    /// Frames per second that it accepted.
    pub rate_hz: u32,
    /// Seconds from giving a frame to hearing it.
    pub latency_s: f64,
}

/// Where the control thread puts what can be asked at any time.
#[derive(Default)]
pub struct Gauges {
    /// Of all devices since the start.
    pub underruns: Arc<Underruns>,
    shown: Mutex<Shown>,
}

#[derive(Default)]
struct Shown {
    device: Option<(String, u32, Arc<Clock>, Arc<Health>)>,
    ring: Option<Arc<Gauge>>,
}

impl Gauges {
    /// A device was opened or closed.
    pub fn show_device(&self, device: Option<(String, u32, Arc<Clock>, Arc<Health>)>) {
        self.lock().device = device;
    }

    /// Another ring is heard.
    pub fn show_ring(&self, ring: Option<Arc<Gauge>>) {
        self.lock().ring = ring;
    }

    /// Reads them all.
    pub fn read(&self) -> Diagnostics {
        let shown = self.lock();
        let (underruns, underrun_frames) = (self.underruns.events.load(Relaxed), self.underruns.frames.load(Relaxed));
        let Some((name, rate_hz, clock, health)) = &shown.device else {
            return Diagnostics { underruns, underrun_frames, ..Default::default() };
        };
        let buffered = shown.ring.as_ref().map_or(0, |ring| ring.fill());
        let output = OutputDiagnostics { name: name.clone(), rate_hz: *rate_hz, latency_s: clock.latency_s() };
        Diagnostics {
            underruns,
            underrun_frames,
            device_underruns: health.xruns.load(Relaxed),
            buffered_s: buffered as f64 / f64::from(*rate_hz),
            output: Some(output),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
