//! Plays to nothing, at real-time speed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use auralis_core::{OutputId, OutputRow};

use super::{DeviceConnector, OpenedDevice, Output, OutputError};

const RATE_HZ: u32 = 48_000;
const PERIOD: usize = 1024;

/// A silent device paced by the clock, for machines without a sound device and for tests.
pub struct NullOutput;

struct NullStream {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Output for NullOutput {
    fn list(&mut self) -> Vec<OutputRow> {
        Vec::new()
    }

    fn open(&mut self, _: Option<&OutputId>, connector: DeviceConnector) -> Result<OpenedDevice, OutputError> {
        let mut renderer = connector.renderer(RATE_HZ, 2, 24, false)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::Builder::new()
            .name("null output".into())
            .spawn(move || {
                let period = Duration::from_secs_f64(PERIOD as f64 / f64::from(RATE_HZ));
                let mut buffer = [0.0f32; 2 * PERIOD];
                let mut due = Instant::now();
                while !stopped.load(Relaxed) {
                    renderer.render_into(&mut buffer, Some(Duration::ZERO));
                    due += period;
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                }
            })
            .map_err(|error| OutputError(error.to_string()))?;
        let guard = NullStream { stop, thread: Some(thread) };
        let (id, name) = (OutputId("null".into()), "Null output".into());
        Ok(OpenedDevice { id, name, rate_hz: RATE_HZ, bits: 24, cut_tail: None, guard: Box::new(guard) })
    }
}

impl Drop for NullStream {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
