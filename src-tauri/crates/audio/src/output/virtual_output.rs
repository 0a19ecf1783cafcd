//! A device whose time passes when it is told to.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use auralis_core::{OutputId, OutputRow};

use super::{Connect, Health, Opened, Output, OutputError, Playout};

/// A device that is driven by hand, as fast as one likes: see [`VirtualDevice`].
pub struct VirtualOutput(Arc<Shared>);

/// The hand that drives a [`VirtualOutput`]; clones drive the same one.
#[derive(Clone)]
pub struct VirtualDevice(Arc<Shared>);

struct Shared {
    rate_hz: u32,
    patient: bool,
    plugged: AtomicBool,
    open: Mutex<Option<(Playout, Arc<Health>)>>,
}

/// Unplugs the playout when the engine closes the device.
struct Socket(Arc<Shared>);

impl VirtualDevice {
    /// A device of this rate, and its hand. A patient one waits for the decoder wherever a real one would have an
    /// underrun.
    pub fn new(rate_hz: u32, patient: bool) -> (VirtualOutput, Self) {
        let plugged = AtomicBool::new(true);
        let shared = Arc::new(Shared { rate_hz, patient, plugged, open: Mutex::new(None) });
        (VirtualOutput(shared.clone()), Self(shared))
    }

    /// Lets time pass by this many frames and gives what was played: nothing while the device is closed.
    pub fn pull(&self, frames: usize) -> Vec<[f32; 2]> {
        let mut out = vec![[0.0; 2]; frames];
        if !self.pull_into(&mut out) {
            out.clear();
        }
        out
    }

    /// The same into a buffer of the caller's; says whether the device is open.
    pub fn pull_into(&self, out: &mut [[f32; 2]]) -> bool {
        let mut open = self.0.lock();
        if let Some((playout, _)) = open.as_mut() {
            playout.fill(out.as_flattened_mut(), None);
        }
        open.is_some()
    }

    /// Whether the engine has it open.
    pub fn is_open(&self) -> bool {
        self.0.lock().is_some()
    }

    /// Takes the device away, or brings it back.
    pub fn set_plugged(&self, plugged: bool) {
        self.0.plugged.store(plugged, Relaxed);
        if let (false, Some((_, health))) = (plugged, self.0.lock().as_ref()) {
            health.lost.store(true, Relaxed);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Option<(Playout, Arc<Health>)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Output for VirtualOutput {
    fn list(&mut self) -> Vec<OutputRow> {
        Vec::new()
    }

    fn open(&mut self, _: Option<&OutputId>, connect: Connect) -> Result<Opened, OutputError> {
        if !self.0.plugged.load(Relaxed) {
            return Err(OutputError("No sound device was found.".into()));
        }
        let playout = connect.playout(self.0.rate_hz, 2, 24, self.0.patient)?;
        *self.0.lock() = Some((playout, connect.health.clone()));
        let stream = Box::new(Socket(self.0.clone()));
        let (id, name) = (OutputId("virtual".into()), "Virtual output".into());
        Ok(Opened { id, name, rate_hz: self.0.rate_hz, bits: 24, stream })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        *self.0.lock() = None;
    }
}
