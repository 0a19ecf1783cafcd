//! What the engine measures of itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering::Relaxed};

use auralis_core::{Diagnostics, OutputDiagnostics};

use crate::{
    output::{Clock, Health},
    ring::Gauge,
    source::Underruns,
};

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
        let output = OutputDiagnostics {
            name: name.clone(),
            rate_hz: *rate_hz,
            latency_s: clock.latency_s(),
            underruns: health.xruns.load(Relaxed),
        };
        Diagnostics {
            underruns,
            underrun_frames,
            buffered_s: buffered as f64 / f64::from(*rate_hz),
            decode_load: 0.0,
            output: Some(output),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
