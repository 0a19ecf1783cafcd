//! Runs commands.

use super::*;

impl Core {
    /// Runs a command. Returns `None` if it is completed later.
    pub(super) fn execute(&mut self, id: CommandId, command: Command) -> Option<Result<(), ApiError>> {
        Some(match command {
            Command::Play {} => self.play(),
            Command::Pause {} => self.pause(),
            Command::Toggle {} => self.toggle(),
            Command::Stop {} => self.stop(),
            Command::Next {} => self.next(),
            Command::Previous {} => self.previous(),
            Command::Seek { position_s } => self.seek(position_s),
            Command::SetVolume { volume } => {
                self.volume = volume;
                self.send_gain();
                Ok(())
            }
            Command::SetMuted { muted } => {
                self.muted = muted;
                self.send_gain();
                Ok(())
            }
            Command::SetMastering { enabled, preset, intensity, night } => {
                let now = self.mastering;
                self.mastering = MasteringSettings {
                    enabled: enabled.unwrap_or(now.enabled),
                    preset: preset.unwrap_or(now.preset),
                    intensity: intensity.unwrap_or(now.intensity),
                    night: night.unwrap_or(now.night),
                };
                self.bypassed &= self.mastering.is_active();
                self.send_mastering();
                Ok(())
            }
            Command::SetSleepTimer { timer } => self.set_sleep_timer(timer),
            Command::SetBypass { enabled } => self.set_bypass(enabled),
            Command::SetShuffle { enabled } => {
                self.queue.set_shuffled(enabled, &mut self.rng);
                Ok(())
            }
            Command::SetRepeat { mode } => {
                self.queue.repeat = mode;
                Ok(())
            }
            Command::JumpTo { entry } => self.jump_to(entry),
            Command::RemoveEntries { entries } => self.remove_entries(&entries),
            Command::MoveEntries { entries, before } => self.move_entries(&entries, before),
            Command::ClearQueue {} => self.clear_queue(),
            Command::Undo {} => return self.apply_history_step(id, Step::Undo),
            Command::Redo {} => return self.apply_history_step(id, Step::Redo),
            Command::AddRoot { path } => return self.run_in_library(id, LibraryCommand::AddRoot { path: path.into() }),
            Command::RemoveRoot { root } => return self.run_in_library(id, LibraryCommand::RemoveRoot { root }),
            Command::Scan {} => return self.run_in_library(id, LibraryCommand::Scan),
            Command::CancelScan {} => return self.run_in_library(id, LibraryCommand::CancelScan),
            Command::Edit(edit) => {
                self.running_edits.insert(id, ((&edit).into(), self.queue.current_client));
                return self.run_in_library(id, LibraryCommand::Edit(edit));
            }
            Command::Export(export) => return self.run_in_library(id, LibraryCommand::Export(export)),
            Command::EditTags { tracks, tags } => {
                self.running_edits.insert(id, (EditKind::EditTags, self.queue.current_client));
                return self.run_in_library(id, LibraryCommand::EditTags { tracks, tags });
            }
            Command::SetIgnorePatterns { patterns } => {
                return self.run_in_library(id, LibraryCommand::SetIgnorePatterns { patterns });
            }
            Command::CancelExport {} => {
                self.effects.push(Effect::CancelExport);
                Ok(())
            }
            Command::ChangeSettings { settings } => {
                self.settings.apply(settings);
                Ok(())
            }
            Command::ChooseOutput { output } => self.choose_output(output),
            Command::SetRoom(change) => {
                self.effects.push(Effect::ChangeRoom { id, change });
                return None;
            }
            Command::DismissNotice { notice } => self.dismiss_notice(notice),
            // Their tracks are resolved first; see `execute_with_tracks`.
            Command::PlayTracks { .. }
            | Command::ReplaceQueue { .. }
            | Command::Enqueue { .. }
            | Command::ExportMastered(_) => return None,
        })
    }

    /// Runs a command whose tracks have been resolved.
    pub(super) fn execute_with_tracks(&mut self, command: Command, tracks: Vec<TrackId>) -> Result<(), ApiError> {
        match command {
            Command::ReplaceQueue { tracks: selection, start } => {
                self.replace_queue(tracks, start)?;
                self.context = PlaybackContext::of(&selection);
                Ok(())
            }
            Command::PlayTracks { tracks: selection, start, start_track } => {
                self.play_tracks(tracks, start, start_track)?;
                self.context = PlaybackContext::of(&selection);
                Ok(())
            }
            Command::Enqueue { position, before, .. } => {
                self.queue.insert(tracks, position, before).ok_or_else(unknown_entry)
            }
            Command::ExportMastered(export) => self.export_mastered(tracks, export),
            // No other command has its tracks resolved.
            _ => Ok(()),
        }
    }

    pub(super) fn run_in_library(&mut self, id: CommandId, command: LibraryCommand) -> Option<Result<(), ApiError>> {
        self.effects.push(Effect::Library { id, command });
        None
    }

    fn set_bypass(&mut self, enabled: bool) -> Result<(), ApiError> {
        if enabled && !self.mastering.is_active() {
            return Err(ApiError::new(ErrorCode::NotPossible, "Mastering is off, so there is nothing to bypass."));
        }
        self.bypassed = enabled;
        self.send_mastering();
        Ok(())
    }

    fn choose_output(&mut self, output: Option<OutputId>) -> Result<(), ApiError> {
        if output.as_ref().is_some_and(|id| !self.is_known_output(id)) {
            return Err(ApiError::for_field(ErrorCode::NotFound, "output", "This output does not exist (any more)."));
        }
        self.settings.output = output;
        self.send_output();
        Ok(())
    }

    fn is_known_output(&self, id: &OutputId) -> bool {
        self.settings.output.as_ref() == Some(id) || self.outputs.available.iter().any(|output| output.id == *id)
    }

    fn export_mastered(&mut self, tracks: Vec<TrackId>, export: MasteredExport) -> Result<(), ApiError> {
        if self.export.is_some() {
            return Err(ApiError::new(ErrorCode::NotPossible, "An export is already running."));
        }
        if tracks.is_empty() {
            return Err(ApiError::new(ErrorCode::NotFound, "There are no tracks to export."));
        }
        if tracks.len() > TrackSelection::MAX_EDITED_TRACKS {
            let message = "At most 10,000 tracks can be exported at once.";
            return Err(ApiError::for_field(ErrorCode::OutOfRange, "tracks", message));
        }
        self.export = Some(ExportProgress { total: tracks.len() as u32, ..ExportProgress::default() });
        let settings = MasteringSettings { enabled: true, ..self.mastering };
        self.effects.push(Effect::ExportMastered { tracks, export, settings });
        Ok(())
    }

    pub(super) fn send_output(&mut self) {
        self.send_to_engine(EngineCommand::ChooseOutput { output: self.settings.output.clone() });
    }

    pub(super) fn send_mastering(&mut self) {
        self.send_to_engine(EngineCommand::SetMastering { settings: self.mastering, bypassed: self.bypassed });
    }

    pub(super) fn send_gain(&mut self) {
        let level = if self.muted { 0.0 } else { f32::from(self.volume) / 100.0 };
        // Cubic, which is close to perceived loudness; PulseAudio's volume sliders use it, too.
        self.send_to_engine(EngineCommand::SetGain { gain: level.powi(3) });
    }
}
