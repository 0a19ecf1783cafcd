//! Gain and mastering of each stream.

use auralis_core::{AnalysisProfiles, EngineEvent, LoadId, MasteringSettings, MasteringStep, ProcessingMode};
use auralis_dsp::{Chain, Parameters};

use super::{ControlThread, OpenOutput};
use crate::playback::SourceCommand;

/// What the listener asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct MasteringRequest {
    /// The listener's settings.
    pub settings: MasteringSettings,
    /// A/B comparison: bypass mastering, at the loudness of the mastered signal.
    pub is_ab_bypass: bool,
}

/// What mastering does to a stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MasteringPlan {
    /// Parameters of the chain.
    pub parameters: Parameters,
    /// Which mastering is audible.
    pub heard: ProcessingMode,
    /// The explanation for the listener.
    pub steps: Vec<MasteringStep>,
    /// The chain applies the gain of the stream, which raises it: so the limiter catches its peaks.
    pub includes_gain: bool,
}

impl MasteringRequest {
    /// Plans the mastering of a stream from what is known of it, and its gain in dB.
    pub fn plan(&self, profiles: &AnalysisProfiles, gain_db: f32) -> MasteringPlan {
        let decision = auralis_dsp::decide(&self.settings, profiles.track.as_deref(), profiles.album.as_deref());
        let (mut parameters, heard) = match decision.heard {
            mode if self.is_ab_bypass && mode != ProcessingMode::Unprocessed => {
                (decision.matched_bypass(), ProcessingMode::MatchedBypass)
            }
            mode => (decision.parameters, mode),
        };
        let includes_gain = parameters.is_neutral() && gain_db > 0.0;
        if includes_gain {
            parameters.gain_db = gain_db;
        }
        MasteringPlan { parameters, heard, steps: decision.steps, includes_gain }
    }
}

impl MasteringPlan {
    /// Builds a chain for a device's rate.
    pub fn chain(&self, rate_hz: u32) -> Box<Chain> {
        Box::new(Chain::new(rate_hz, &self.parameters))
    }
}

/// Gain and mastering of one load.
pub(super) struct StreamSettings {
    pub(super) gain_db: f32,
    pub(super) profiles: AnalysisProfiles,
    /// What mastering does to it; `None` until it is sent to a device for the first time.
    pub(super) plan: Option<MasteringPlan>,
    /// The plan was reported to the core.
    pub(super) is_reported: bool,
    /// The open device has the chain.
    pub(super) is_sent: bool,
}

impl StreamSettings {
    pub(super) fn new(gain_db: f32, profiles: AnalysisProfiles) -> Self {
        Self { gain_db, profiles, plan: None, is_reported: false, is_sent: false }
    }

    /// Plans the mastering anew. Returns whether the chain changes.
    pub(super) fn update_plan(&mut self, mastering: MasteringRequest) -> bool {
        let plan = mastering.plan(&self.profiles, self.gain_db);
        let before = self.plan.as_ref();
        let changed = before.is_none_or(|before| before.parameters != plan.parameters);
        self.is_reported &= before.is_some_and(|before| (before.heard, &before.steps) == (plan.heard, &plan.steps));
        self.plan = Some(plan);
        changed
    }

    /// The gain that is applied before the chain, in dB.
    pub(super) fn ring_gain_db(&self) -> f32 {
        if self.plan.as_ref().is_some_and(|plan| plan.includes_gain) { 0.0 } else { self.gain_db }
    }

    /// Returns the plan as an event, once per plan.
    fn take_report(&mut self, load: LoadId) -> Option<EngineEvent> {
        let MasteringPlan { heard, steps, .. } = self.plan.as_ref().filter(|_| !self.is_reported)?.clone();
        self.is_reported = true;
        Some(EngineEvent::ProcessingChanged { load, mode: heard, steps })
    }
}

impl<R: Fn(EngineEvent)> ControlThread<R> {
    /// Settings of the current and the prepared stream.
    pub(super) fn all_settings(&mut self) -> impl Iterator<Item = (LoadId, &mut StreamSettings)> {
        let current = self.current.as_mut().map(|current| (current.load, &mut current.settings));
        let prepared = self.prepared.as_mut().map(|prepared| (prepared.load, &mut prepared.settings));
        current.into_iter().chain(prepared)
    }

    pub(super) fn settings(&mut self, load: LoadId) -> Option<&mut StreamSettings> {
        self.all_settings().find(|(of, _)| *of == load).map(|(_, settings)| settings)
    }

    pub(super) fn set_gain(&mut self, load: LoadId, gain_db: f32, slow_ramp: bool) {
        if let Some(settings) = self.settings(load) {
            settings.gain_db = gain_db;
            self.update_mastering(slow_ramp);
        }
    }

    /// Recomputes the mastering of all active streams, and sends chains and gains that changed.
    pub(super) fn update_mastering(&mut self, slow_ramp: bool) {
        let mastering = self.mastering;
        let planned = self.all_settings().filter(|(_, settings)| settings.plan.is_some());
        if planned.fold(false, |changed, (_, settings)| settings.update_plan(mastering) | changed) {
            self.send_chains(slow_ramp);
        }
        let gains: Vec<_> = self.all_settings().map(|(load, settings)| (load, settings.ring_gain_db())).collect();
        if let Some(OpenOutput { timeline, .. }) = &self.open {
            for (load, gain_db) in gains {
                timeline.segments_of(load).for_each(|segment| segment.status.set_gain_db(gain_db, slow_ramp));
            }
        }
        self.report_mastering();
    }

    /// Sends the current chains to the open device.
    fn send_chains(&mut self, slow_ramp: bool) {
        let Some(rate_hz) = self.open.as_ref().map(|open| open.device.rate_hz) else { return };
        let sent = self.all_settings().filter(|(_, settings)| settings.is_sent);
        let sent: Vec<_> = sent.filter_map(|(load, settings)| Some((load, settings.plan.clone()?))).collect();
        match &sent[..] {
            [(one, plan), (other, same)] if plan.parameters == same.parameters => {
                self.send_command(SourceCommand::SetChain([*one, *other], plan.chain(rate_hz), slow_ramp));
            }
            each => {
                for (load, plan) in each {
                    self.send_command(SourceCommand::SetChain([*load, *load], plan.chain(rate_hz), slow_ramp));
                }
            }
        }
    }

    /// Reports plans that were not reported yet.
    pub(super) fn report_mastering(&mut self) {
        let reports: Vec<_> = self.all_settings().filter_map(|(load, settings)| settings.take_report(load)).collect();
        reports.into_iter().for_each(&self.report);
    }

    pub(super) fn chain_of_current(&self) -> Option<Box<Chain>> {
        let rate_hz = self.open.as_ref()?.device.rate_hz;
        Some(self.current.as_ref()?.settings.plan.as_ref()?.chain(rate_hz))
    }

    /// Returns `None` if the current chain can stay, as between tracks of one album.
    pub(super) fn chain_of_prepared(&self) -> Option<Box<Chain>> {
        let rate_hz = self.open.as_ref()?.device.rate_hz;
        let before = self.current.as_ref()?.settings.plan.as_ref()?;
        let plan = self.prepared.as_ref()?.settings.plan.as_ref()?;
        (plan.parameters != before.parameters).then(|| plan.chain(rate_hz))
    }
}
