//! Chooses, opens, loses and resumes outputs.

use std::{
    collections::VecDeque,
    sync::atomic::Ordering::{Relaxed, Release},
    time::{Duration, Instant},
};

use auralis_core::{CurrentOutput, EngineEvent, OutputId, OutputRow};

use super::{ControlThread, OpenOutput, timeline::Timeline};
use crate::output::{
    OutputError,
    device_thread::{DeviceCommand, OpenDevice},
};

/// An idle device is closed after this time.
const IDLE_CLOSE_DELAY: Duration = Duration::from_secs(10);
/// Delays between attempts to open a device.
const BACK_OFF_MS: [u64; 5] = [250, 500, 1000, 2000, 5000];
/// A device that takes no frames for this long counts as lost.
const STALL_TIMEOUT: Duration = Duration::from_millis(3000);
/// A lost output that returns within this time is opened again.
const RESUME_WINDOW: Duration = Duration::from_secs(60);

impl<R: Fn(EngineEvent)> ControlThread<R> {
    pub(super) fn ensure_device(&mut self) {
        if self.current.is_some() && self.open.is_none() && !self.opening {
            self.retry = None;
            self.open_device(0);
        }
    }

    /// Requests a device after this many failures.
    pub(super) fn open_device(&mut self, failures: usize) {
        self.opening = true;
        self.failures = failures;
        drop(self.device_tx.send(DeviceCommand::Open(self.chosen_output.clone())));
    }

    pub(super) fn choose_output(&mut self, output: Option<OutputId>) {
        self.chosen_output = output;
        // A device that is being opened is checked against the choice when it is open.
        if self.open.is_some() {
            self.switch_output();
        }
    }

    /// Continues at the output that is now wanted, from the last audible position.
    fn switch_output(&mut self) {
        self.close_device();
        self.ensure_device();
    }

    /// Outputs were added or removed, or the system's default changed.
    pub(super) fn on_outputs_listed(&mut self, outputs: Vec<OutputRow>) {
        let before = std::mem::replace(&mut self.outputs, outputs.clone());
        (self.report)(EngineEvent::Outputs(outputs));
        let is_in = |outputs: &[OutputRow], id: &OutputId| outputs.iter().any(|output| output.id == *id);
        if let Some(OpenOutput { device: OpenDevice { id, .. }, .. }) = &self.open {
            if !is_in(&self.outputs, id) {
                // The server may have moved the stream to another output, which the listener did not ask for.
                if is_in(&before, id) {
                    self.on_device_lost();
                }
            } else if self.target_output().is_some_and(|target| target != id) {
                self.switch_output();
            }
        } else if self
            .lost_output
            .as_ref()
            .is_some_and(|(id, at)| at.elapsed() < RESUME_WINDOW && is_in(&self.outputs, id))
        {
            self.ensure_device();
        }
    }

    /// Returns the chosen output if it exists, else the system's default.
    fn target_output(&self) -> Option<&OutputId> {
        let chosen = self.outputs.iter().find(|output| Some(&output.id) == self.chosen_output.as_ref());
        chosen.or_else(|| self.outputs.iter().find(|output| output.is_default)).map(|output| &output.id)
    }

    pub(super) fn on_device_opened(&mut self, device: OpenDevice) {
        if device.requested != self.chosen_output {
            return self.open_device(0);
        }
        self.retry = None;
        self.silent_since = None;
        let (id, name, rate_hz, bits) = (device.id.clone(), device.name.clone(), device.rate_hz, device.bits);
        self.diagnostics.set_meters(Some(device.handles.meters.clone()));
        self.diagnostics.set_device(Some((name.clone(), rate_hz, device.handles.clock.clone(), device.status.clone())));
        let timeline = Timeline::new(rate_hz);
        self.reported_at = 0;
        self.opening = false;
        self.open = Some(OpenOutput {
            device,
            timeline,
            pending_commands: VecDeque::new(),
            last_progress: (0, Instant::now()),
        });
        (self.report)(EngineEvent::Output(CurrentOutput::Open { id, name, rate_hz, bits }));
        self.request_decoding();
    }

    pub(super) fn on_open_failed(&mut self, requested: Option<OutputId>, error: OutputError) {
        if requested != self.chosen_output {
            return self.open_device(0);
        }
        self.opening = false;
        if self.failures == 0 {
            (self.report)(EngineEvent::Output(CurrentOutput::Unavailable { reason: error.0 }));
        }
        self.retry_later(self.failures + 1);
    }

    fn retry_later(&mut self, failures: usize) {
        let wait = BACK_OFF_MS[failures.clamp(1, BACK_OFF_MS.len()) - 1];
        self.retry = Some((Instant::now() + Duration::from_millis(wait), failures));
    }

    pub(super) fn check_health(&mut self) {
        let Some(OpenOutput { device, last_progress, .. }) = &mut self.open else { return };
        let submitted = device.handles.clock.submitted_frames();
        if submitted != last_progress.0 {
            *last_progress = (submitted, Instant::now());
        }
        let stuck = device.handles.clock.is_paced() && last_progress.1.elapsed() > STALL_TIMEOUT;
        if !stuck && !device.status.lost.load(Relaxed) {
            return;
        }
        self.on_device_lost();
    }

    /// Pauses: the device is gone.
    fn on_device_lost(&mut self) {
        self.lost_output = self.open.as_ref().map(|open| (open.device.id.clone(), Instant::now()));
        self.wants_playback = false;
        self.controls.playing.store(false, Release);
        self.close_device();
        let reason = "The sound device is gone.".to_owned();
        (self.report)(EngineEvent::Output(CurrentOutput::Disconnected { reason }));
        self.report_position();
        self.retry_later(1); // a lost output is not reported as missing as well
    }

    /// Closes the device. The current stream stays at its last audible position.
    pub(super) fn close_device(&mut self) {
        self.drop_decoded();
        self.diagnostics.set_device(None);
        self.diagnostics.set_meters(None);
        self.open = None;
        drop(self.device_tx.send(DeviceCommand::Close));
    }

    /// Whether the open output is heard noticeably later than frames are submitted.
    pub(super) fn is_heard_late(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.device.cut_tail.is_some())
    }

    /// Silences such an output at once. The source must have been silenced before.
    pub(super) fn cut_tail(&self) {
        if let Some(cut_tail) = self.open.as_ref().and_then(|open| open.device.cut_tail.as_ref()) {
            cut_tail();
        }
    }

    /// Drops what was decoded. The current stream stays at its last audible position.
    pub(super) fn drop_decoded(&mut self) {
        self.current_position();
        self.is_audible = false;
        self.fading_out_decoder = None;
        self.all_settings().for_each(|(_, settings)| settings.is_sent = false);
        let ahead = self.prepared.as_mut().and_then(|prepared| prepared.decoder.as_mut());
        for decoder in self.current.as_mut().map(|current| &mut current.decoder).into_iter().chain(ahead) {
            decoder.request_id = 0;
        }
        self.diagnostics.set_ring(None);
    }

    /// Closes a device that has been idle for too long.
    pub(super) fn close_if_idle(&mut self) {
        if self.open.is_none() {
            return;
        }
        if self.wants_playback || self.is_audible {
            self.silent_since = None;
        } else if self.silent_since.get_or_insert_with(Instant::now).elapsed() >= IDLE_CLOSE_DELAY {
            self.silent_since = None;
            self.close_device();
            (self.report)(EngineEvent::Output(CurrentOutput::Closed));
        }
    }
}
