//! The device: which is wanted, opening it, losing it, letting it go.

use std::{
    collections::VecDeque,
    sync::atomic::Ordering::{Relaxed, Release},
    time::{Duration, Instant},
};

use auralis_core::{CurrentOutput, EngineEvent, OutputId, OutputRow};

use super::{Control, Open};
use crate::{
    device::{DeviceOrder, OpenDevice},
    output::OutputError,
    timeline::Timeline,
};

/// A silent device is kept this long.
const RELEASE: Duration = Duration::from_secs(10);
/// Waits between attempts to get a device.
const BACK_OFF_MS: [u64; 5] = [250, 500, 1000, 2000, 5000];
/// A device that asks for nothing for this long is gone.
const SILENT_DEVICE: Duration = Duration::from_millis(3000);
/// What was lost is waited for this long: then it is opened as soon as it is there again.
const AWAITED: Duration = Duration::from_secs(60);

impl<R: Fn(EngineEvent)> Control<R> {
    pub(super) fn want_device(&mut self) {
        if self.current.is_some() && self.open.is_none() && !self.opening {
            self.retry = None;
            self.open_device(0);
        }
    }

    /// Asks for a device, after so many failures.
    pub(super) fn open_device(&mut self, failures: usize) {
        self.opening = true;
        self.failures = failures;
        drop(self.orders.send(DeviceOrder::Open));
    }

    pub(super) fn choose_output(&mut self, output: Option<OutputId>) {
        self.chosen.clone_from(&output);
        drop(self.orders.send(DeviceOrder::Choose(output)));
        if self.open.is_some() {
            self.move_on();
        }
    }

    /// What plays goes on at the output that is wanted now, from where it was heard.
    fn move_on(&mut self) {
        self.close_device();
        self.want_device();
    }

    /// Outputs came or went, or the system's default is another.
    pub(super) fn listed(&mut self, outputs: Vec<OutputRow>) {
        let before = std::mem::replace(&mut self.outputs, outputs.clone());
        (self.report)(EngineEvent::Outputs(outputs));
        let is_in = |outputs: &[OutputRow], id: &OutputId| outputs.iter().any(|output| output.id == *id);
        if let Some(Open { device: OpenDevice { id, .. }, .. }) = &self.open {
            if !is_in(&self.outputs, id) {
                // The server may have moved the stream to another output: the listener did not ask for that.
                if is_in(&before, id) {
                    self.lose();
                }
            } else if self.wanted().is_some_and(|wanted| wanted != id) {
                self.move_on();
            }
        } else if self.lost.as_ref().is_some_and(|(id, at)| at.elapsed() < AWAITED && is_in(&self.outputs, id)) {
            self.want_device();
        }
    }

    /// The chosen output while it is there, else the system's default.
    fn wanted(&self) -> Option<&OutputId> {
        let chosen = self.outputs.iter().find(|output| Some(&output.id) == self.chosen.as_ref());
        chosen.or_else(|| self.outputs.iter().find(|output| output.is_default)).map(|output| &output.id)
    }

    pub(super) fn device_opened(&mut self, device: OpenDevice) {
        self.retry = None;
        self.silent_since = None;
        let (id, name, rate_hz, bits) = (device.id.clone(), device.name.clone(), device.rate_hz, device.bits);
        self.gauges.show_metering(Some(device.deck.metering.clone()));
        self.gauges.show_device(Some((name.clone(), rate_hz, device.deck.clock.clone(), device.health.clone())));
        let timeline = Timeline::new(rate_hz);
        self.reported_at = 0;
        self.opening = false;
        self.open = Some(Open { device, timeline, cues: VecDeque::new(), alive: (0, Instant::now()) });
        (self.report)(EngineEvent::Output(CurrentOutput::Open { id, name, rate_hz, bits }));
        self.fill();
    }

    pub(super) fn device_missing(&mut self, error: OutputError) {
        self.opening = false;
        if self.failures == 0 {
            (self.report)(EngineEvent::Output(CurrentOutput::Missing { reason: error.0 }));
        }
        self.retry_later(self.failures + 1);
    }

    fn retry_later(&mut self, failures: usize) {
        let wait = BACK_OFF_MS[failures.clamp(1, BACK_OFF_MS.len()) - 1];
        self.retry = Some((Instant::now() + Duration::from_millis(wait), failures));
    }

    pub(super) fn check_health(&mut self) {
        let Some(Open { device, alive, .. }) = &mut self.open else { return };
        let given = device.deck.clock.given();
        if given != alive.0 {
            *alive = (given, Instant::now());
        }
        let stuck = device.deck.clock.is_paced() && alive.1.elapsed() > SILENT_DEVICE;
        if !stuck && !device.health.lost.load(Relaxed) {
            return;
        }
        self.lose();
    }

    /// The device is gone.
    fn lose(&mut self) {
        self.lost = self.open.as_ref().map(|open| (open.device.id.clone(), Instant::now()));
        self.playing = false;
        self.levels.open.store(false, Release);
        self.close_device();
        let reason = "The sound device is gone.".to_owned();
        (self.report)(EngineEvent::Output(CurrentOutput::Lost { reason }));
        self.report_position();
        self.retry_later(1); // what is lost is not reported as missing, too
    }

    /// Closes the device; the current stream rests where it was heard.
    pub(super) fn close_device(&mut self) {
        self.place();
        self.running = false;
        self.outgoing = None;
        self.sounds().for_each(|(_, sound)| sound.given = false);
        let ahead = self.prepared.as_mut().and_then(|prepared| prepared.feed.as_mut());
        for feed in self.current.as_mut().map(|current| &mut current.feed).into_iter().chain(ahead) {
            feed.token = 0;
        }
        self.gauges.show_device(None);
        self.gauges.show_metering(None);
        self.gauges.show_ring(None);
        self.open = None;
        drop(self.orders.send(DeviceOrder::Close));
    }

    /// Lets go of a device that has been silent for long.
    pub(super) fn release(&mut self) {
        if self.open.is_none() {
            return;
        }
        if self.playing || self.running {
            self.silent_since = None;
        } else if self.silent_since.get_or_insert_with(Instant::now).elapsed() >= RELEASE {
            self.silent_since = None;
            self.close_device();
            (self.report)(EngineEvent::Output(CurrentOutput::Closed));
        }
    }
}
