//! What the engine measures of itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering::Relaxed};

use auralis_core::{EngineDiagnostics, Meters, OutputDiagnostics};

use crate::{
    meters::Metering,
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
    metering: Option<Arc<Mutex<Metering>>>,
}

impl Gauges {
    /// A device was opened or closed.
    pub fn show_device(&self, device: Option<(String, u32, Arc<Clock>, Arc<Health>)>) {
        self.lock().device = device;
    }

    /// Levels can be measured, or not any more.
    pub fn show_metering(&self, metering: Option<Arc<Mutex<Metering>>>) {
        self.lock().metering = metering;
    }

    /// The levels before and after mastering at this moment; nothing while nothing is heard. Measures what was heard
    /// since the last time, which takes the caller a few thousandths of that.
    pub fn meters(&self) -> Option<Meters> {
        let metering = self.lock().metering.clone()?;
        metering.lock().unwrap_or_else(PoisonError::into_inner).read()
    }

    /// Another ring is heard.
    pub fn show_ring(&self, ring: Option<Arc<Gauge>>) {
        self.lock().ring = ring;
    }

    /// Reads them all.
    pub fn read(&self) -> EngineDiagnostics {
        let shown = self.lock();
        let (underruns, underrun_frames) = (self.underruns.events.load(Relaxed), self.underruns.frames.load(Relaxed));
        let Some((name, rate_hz, clock, health)) = &shown.device else {
            return EngineDiagnostics { underruns, underrun_frames, ..Default::default() };
        };
        let buffered = shown.ring.as_ref().map_or(0, |ring| ring.fill());
        let output = OutputDiagnostics {
            name: name.clone(),
            rate_hz: *rate_hz,
            latency_s: clock.latency_s(),
            realtime: health.realtime.load(Relaxed),
            underruns: health.xruns.load(Relaxed),
        };
        EngineDiagnostics {
            underruns,
            underrun_frames,
            buffered_s: buffered as f64 / f64::from(*rate_hz),
            decode_load: shown.ring.as_ref().map_or(0.0, |ring| ring.work_s() * f64::from(*rate_hz)),
            output: Some(output),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
