//! How each stream is to sound: its gain, and what mastering does to it.

use auralis_core::{AnalysisProfiles, EngineEvent, LoadId};
use auralis_dsp::Chain;

use super::{Control, Open};
use crate::{
    mastering::{Decided, Mastering},
    source::Cue,
};

/// How a stream is to sound.
pub(super) struct Sound {
    pub(super) gain_db: f32,
    pub(super) profiles: AnalysisProfiles,
    /// What mastering does to it, once it was to sound.
    pub(super) decided: Option<Decided>,
    /// The core knows that.
    pub(super) told: bool,
    /// The open device has it.
    pub(super) given: bool,
}

impl Sound {
    pub(super) fn new(gain_db: f32, profiles: AnalysisProfiles) -> Self {
        Self { gain_db, profiles, decided: None, told: false, given: false }
    }

    /// Decides what mastering does to it, and says whether that is not what it did before.
    pub(super) fn decide(&mut self, mastering: Mastering) -> bool {
        let decided = mastering.decide(&self.profiles);
        let changed = self.decided.as_ref().is_none_or(|before| before.parameters != decided.parameters);
        self.told &= self.decided.as_ref() == Some(&decided);
        self.decided = Some(decided);
        changed
    }

    /// What was decided, once.
    fn news(&mut self, load: LoadId) -> Option<EngineEvent> {
        let Decided { heard, steps, .. } = self.decided.as_ref().filter(|_| !self.told)?.clone();
        self.told = true;
        Some(EngineEvent::Mastered { load, heard, steps })
    }
}

impl<R: Fn(EngineEvent)> Control<R> {
    /// How the current and the prepared stream are to sound.
    pub(super) fn sounds(&mut self) -> impl Iterator<Item = (LoadId, &mut Sound)> {
        let current = self.current.as_mut().map(|current| (current.load, &mut current.sound));
        let prepared = self.prepared.as_mut().map(|prepared| (prepared.load, &mut prepared.sound));
        current.into_iter().chain(prepared)
    }

    pub(super) fn sound(&mut self, load: LoadId) -> Option<&mut Sound> {
        self.sounds().find(|(of, _)| *of == load).map(|(_, sound)| sound)
    }

    pub(super) fn set_gain(&mut self, load: LoadId, gain_db: f32, gently: bool) {
        if let Some(sound) = self.sound(load) {
            sound.gain_db = gain_db;
        }
        if let Some(Open { timeline, .. }) = &self.open {
            timeline.of(load).for_each(|stretch| stretch.gauge.set_gain_db(gain_db, gently));
        }
    }

    /// Brings the mastering of the streams up to what is known and chosen, where they were to sound before.
    pub(super) fn master_anew(&mut self, gently: bool) {
        let mastering = self.mastering;
        let decided = self.sounds().filter(|(_, sound)| sound.decided.is_some());
        if decided.fold(false, |changed, (_, sound)| sound.decide(mastering) | changed) {
            self.give_chains(gently);
        }
        self.tell_mastering();
    }

    /// What the open device has goes over to what is decided now.
    fn give_chains(&mut self, gently: bool) {
        let Some(rate_hz) = self.open.as_ref().map(|open| open.device.rate_hz) else { return };
        let given = self.sounds().filter(|(_, sound)| sound.given);
        let given: Vec<_> = given.filter_map(|(load, sound)| Some((load, sound.decided.clone()?))).collect();
        match &given[..] {
            [(one, decided), (other, same)] if decided.parameters == same.parameters => {
                self.cue(Cue::Master([*one, *other], decided.chain(rate_hz), gently));
            }
            each => {
                for (load, decided) in each {
                    self.cue(Cue::Master([*load, *load], decided.chain(rate_hz), gently));
                }
            }
        }
    }

    /// Tells what is done to the streams, where that is news.
    pub(super) fn tell_mastering(&mut self) {
        let news: Vec<_> = self.sounds().filter_map(|(load, sound)| sound.news(load)).collect();
        news.into_iter().for_each(&self.report);
    }

    pub(super) fn chain_of_current(&self) -> Option<Box<Chain>> {
        let rate_hz = self.open.as_ref()?.device.rate_hz;
        Some(self.current.as_ref()?.sound.decided.as_ref()?.chain(rate_hz))
    }

    /// Nothing if it is what masters the current stream: so it is within an album.
    pub(super) fn chain_of_prepared(&self) -> Option<Box<Chain>> {
        let rate_hz = self.open.as_ref()?.device.rate_hz;
        let before = self.current.as_ref()?.sound.decided.as_ref()?;
        let decided = self.prepared.as_ref()?.sound.decided.as_ref()?;
        (decided.parameters != before.parameters).then(|| decided.chain(rate_hz))
    }
}
