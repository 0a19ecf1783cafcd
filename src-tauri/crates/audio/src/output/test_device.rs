//! A device that tests drive.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use auralis_core::{OutputId, OutputRow};

use super::{DeviceConnector, DeviceRenderer, DeviceStatus, OpenedDevice, Output, OutputError};

/// An output that a test drives, as fast as it likes: see [`TestDevice`].
pub struct TestOutput(Arc<Shared>);

/// Test handle that advances a [`TestOutput`]. Clones drive the same one.
#[derive(Clone)]
pub struct TestDevice(Arc<Shared>);

struct Shared {
    rate_hz: u32,
    waits_for_decoder: bool,
    plugged: AtomicBool,
    open: Mutex<Option<(DeviceRenderer, Arc<DeviceStatus>)>>,
}

/// Drops the renderer when the engine closes the device.
struct OpenGuard(Arc<Shared>);

impl TestDevice {
    /// Creates a device of this rate, and its handle. With `waits_for_decoder` it waits where a real device would
    /// underrun.
    pub fn new(rate_hz: u32, waits_for_decoder: bool) -> (TestOutput, Self) {
        let plugged = AtomicBool::new(true);
        let shared = Arc::new(Shared { rate_hz, waits_for_decoder, plugged, open: Mutex::new(None) });
        (TestOutput(shared.clone()), Self(shared))
    }

    /// Advances by this many frames and returns what was played; nothing while the device is closed.
    pub fn pull(&self, frames: usize) -> Vec<[f32; 2]> {
        let mut out = vec![[0.0; 2]; frames];
        if !self.pull_into(&mut out) {
            out.clear();
        }
        out
    }

    /// Advances into a buffer of the caller. Returns whether the device is open.
    pub fn pull_into(&self, out: &mut [[f32; 2]]) -> bool {
        let mut open = self.0.lock();
        if let Some((renderer, _)) = open.as_mut() {
            renderer.render_into(out.as_flattened_mut(), None);
        }
        open.is_some()
    }

    /// Whether the engine has it open.
    pub fn is_open(&self) -> bool {
        self.0.lock().is_some()
    }

    /// Removes the device, or brings it back.
    pub fn set_plugged(&self, plugged: bool) {
        self.0.plugged.store(plugged, Relaxed);
        if let (false, Some((_, status))) = (plugged, self.0.lock().as_ref()) {
            status.lost.store(true, Relaxed);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Option<(DeviceRenderer, Arc<DeviceStatus>)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Output for TestOutput {
    fn list(&mut self) -> Vec<OutputRow> {
        Vec::new()
    }

    fn open(&mut self, _: Option<&OutputId>, connector: DeviceConnector) -> Result<OpenedDevice, OutputError> {
        if !self.0.plugged.load(Relaxed) {
            return Err(OutputError("No sound device was found.".into()));
        }
        let renderer = connector.renderer(self.0.rate_hz, 2, 24, self.0.waits_for_decoder)?;
        *self.0.lock() = Some((renderer, connector.status.clone()));
        let guard = Box::new(OpenGuard(self.0.clone()));
        let (id, name) = (OutputId("virtual".into()), "Virtual output".into());
        Ok(OpenedDevice { id, name, rate_hz: self.0.rate_hz, bits: 24, cut_tail: None, guard })
    }
}

impl Drop for OpenGuard {
    fn drop(&mut self) {
        *self.0.lock() = None;
    }
}
