//! Plays to the sound server, or to a sound card if there is none.

use auralis_core::{OutputId, OutputRow};

#[cfg(target_os = "linux")]
use super::pulse::Server;
use super::{DeviceConnector, OpenedDevice, Output, OutputError, host};

/// PulseAudio or PipeWire if one runs, else ALSA; on other systems their own host.
#[derive(Default)]
pub struct SystemOutput {
    #[cfg(target_os = "linux")]
    server: Server,
    /// The kernel's list of sound cards and their outputs when ALSA was last asked: asking opens each of them.
    #[cfg(target_os = "linux")]
    card_cache: Option<(String, Vec<OutputRow>)>,
}

#[cfg(target_os = "linux")]
impl Output for SystemOutput {
    fn list(&mut self) -> Vec<OutputRow> {
        if let Some(rows) = self.server.list() {
            return rows;
        }
        if self.server.is_restarting() {
            return Vec::new();
        }
        let cards = std::fs::read_to_string("/proc/asound/cards").unwrap_or_default();
        match &self.card_cache {
            Some((same, rows)) if *same == cards => rows.clone(),
            _ => self.card_cache.insert((cards, host::list())).1.clone(),
        }
    }

    fn open(&mut self, chosen: Option<&OutputId>, connector: DeviceConnector) -> Result<OpenedDevice, OutputError> {
        match self.server.open(chosen, &connector) {
            Some(opened) => opened,
            None if self.server.is_restarting() => Err(OutputError("The sound server does not answer.".into())),
            None => host::open(chosen, &connector),
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Output for SystemOutput {
    fn list(&mut self) -> Vec<OutputRow> {
        host::list()
    }

    fn open(&mut self, chosen: Option<&OutputId>, connector: DeviceConnector) -> Result<OpenedDevice, OutputError> {
        host::open(chosen, &connector)
    }
}
