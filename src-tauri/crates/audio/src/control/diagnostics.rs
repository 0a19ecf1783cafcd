//! Live figures of the engine.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use auralis_core::{EngineDiagnostics, Meters, OutputDiagnostics};

use crate::{
    output::DeviceStatus,
    playback::{MeterReader, PlaybackClock, RingStatus, Underruns},
};

/// Reads the engine's live figures, from any thread and also after the engine is gone.
#[derive(Default)]
pub struct DiagnosticsHandle {
    /// Decoder underruns of all devices since the start.
    pub underruns: Arc<Underruns>,
    /// Underruns of all devices that were closed.
    past_xruns: AtomicU64,
    sources: Mutex<DiagnosticSources>,
}

#[derive(Default)]
struct DiagnosticSources {
    device: Option<(String, u32, Arc<PlaybackClock>, Arc<DeviceStatus>)>,
    ring: Option<Arc<RingStatus>>,
    meters: Option<Arc<Mutex<MeterReader>>>,
}

impl DiagnosticsHandle {
    /// Sets the open device, or `None` when it was closed.
    pub fn set_device(&self, device: Option<(String, u32, Arc<PlaybackClock>, Arc<DeviceStatus>)>) {
        let before = std::mem::replace(&mut self.lock().device, device);
        let xruns = before.map_or(0, |(.., status)| status.xruns.load(Relaxed));
        self.past_xruns.fetch_add(xruns, Relaxed);
    }

    /// Sets the meters of the open device, or `None` when it was closed.
    pub fn set_meters(&self, meters: Option<Arc<Mutex<MeterReader>>>) {
        self.lock().meters = meters;
    }

    /// Returns the levels before and after mastering at this moment, or `None` while nothing is heard. Measures what
    /// was heard since the last call, which costs the caller a few thousandths of that time.
    pub fn meters(&self) -> Option<Meters> {
        let meters = self.lock().meters.clone()?;
        meters.lock().unwrap_or_else(PoisonError::into_inner).read()
    }

    /// Sets the ring that is heard.
    pub fn set_ring(&self, ring: Option<Arc<RingStatus>>) {
        self.lock().ring = ring;
    }

    /// Returns all figures.
    pub fn read(&self) -> EngineDiagnostics {
        let sources = self.lock();
        let underrun_frames = self.underruns.frames.load(Relaxed);
        let underruns = self.underruns.events.load(Relaxed) + self.past_xruns.load(Relaxed);
        let Some((name, rate_hz, clock, status)) = &sources.device else {
            return EngineDiagnostics { underruns, underrun_frames, ..Default::default() };
        };
        let buffered = sources.ring.as_ref().map_or(0, |ring| ring.buffered_frames());
        let output = OutputDiagnostics {
            name: name.clone(),
            rate_hz: *rate_hz,
            latency_s: clock.latency_s(),
            realtime: status.realtime.load(Relaxed),
            underruns: status.xruns.load(Relaxed),
        };
        EngineDiagnostics {
            underruns: underruns + output.underruns,
            underrun_frames,
            buffered_s: buffered as f64 / f64::from(*rate_hz),
            decode_load: sources.ring.as_ref().map_or(0.0, |ring| ring.cpu_s_per_frame() * f64::from(*rate_hz)),
            output: Some(output),
        }
    }

    fn lock(&self) -> MutexGuard<'_, DiagnosticSources> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
