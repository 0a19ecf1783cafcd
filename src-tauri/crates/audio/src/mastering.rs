//! What is decided for a stream, by what is known of it and what the listener chose.

use auralis_core::{AnalysisProfiles, MasteringSettings, MasteringStep, ProcessingMode};
use auralis_dsp::{Chain, Parameters};

/// What the listener wants to hear.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mastering {
    /// What was chosen.
    pub settings: MasteringSettings,
    /// The plain signal, as loud as the mastered one.
    pub comparing: bool,
}

/// What is done to a stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decided {
    /// By the chain.
    pub parameters: Parameters,
    /// As the listener hears it.
    pub heard: ProcessingMode,
    /// And why.
    pub steps: Vec<MasteringStep>,
}

impl Mastering {
    /// Decides.
    pub fn decide(&self, profiles: &AnalysisProfiles) -> Decided {
        let decision = auralis_dsp::decide(&self.settings, profiles.track.as_deref(), profiles.album.as_deref());
        let auralis_dsp::Decision { mut parameters, steps, mut heard, loudness_change_db } = decision;
        if self.comparing && heard != ProcessingMode::Plain {
            parameters = Parameters { gain_db: loudness_change_db, ..Parameters::default() };
            heard = ProcessingMode::Compared;
        }
        Decided { parameters, heard, steps }
    }
}

impl Decided {
    /// A chain that does it.
    pub fn chain(&self, rate_hz: u32) -> Box<Chain> {
        Box::new(Chain::new(rate_hz, &self.parameters))
    }
}
