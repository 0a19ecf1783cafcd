//! What a listener may ask, one rule a command.

use super::*;
use crate::queue::Removal;

/// How far into a track Previous still goes to the one before it, in seconds.
const PREVIOUS_WITHIN_S: f64 = 3.0;

impl Core {
    /// Refuses what no state could allow.
    pub(super) fn validate(&self, command: &Command) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::of_field(ErrorCode::OutOfRange, field, message));
        if let Some(tracks) = command.tracks() {
            tracks.validate()?;
        }
        match command {
            Command::Seek { position_s } if !position_s.is_finite() => {
                out_of_range("position_s", "The position must be a finite number of seconds.")
            }
            Command::SetVolume { volume } if *volume > 100 => out_of_range("volume", "The volume goes from 0 to 100."),
            Command::SetMastering { intensity: Some(share), .. } if !(0.0..=1.0).contains(share) => {
                out_of_range("intensity", "The intensity goes from 0 to 1.")
            }
            Command::SetMastering { night: Some(share), .. } if !(0.0..=1.0).contains(share) => {
                out_of_range("night", "Night listening goes from 0 to 1.")
            }
            Command::AddRoot { path } if !path.starts_with('/') => {
                out_of_range("path", "The folder must be an absolute path.")
            }
            Command::ChangeSettings { settings } => settings.validate(),
            Command::ChooseOutput { output: Some(output) } if !self.knows_output(output) => {
                Err(ApiError::of_field(ErrorCode::NotFound, "output", "There is no such output (any more)."))
            }
            Command::Edit(edit) => edit.validate(),
            Command::Export(export) => export.validate(),
            Command::ExportMastered(export) => export.validate(),
            Command::EditTags { tracks, tags } => tracks.validate().and_then(|()| tags.validate()),
            Command::SetIgnored { patterns }
                if patterns.len() > 100
                    || patterns.iter().any(|pattern| !(1..=200).contains(&pattern.chars().count())) =>
            {
                out_of_range("patterns", "At most 100 patterns can be set, each of 1 to 200 characters.")
            }
            _ => Ok(()),
        }
    }

    /// Returns nothing where the answer comes later.
    pub(super) fn carry_out(&mut self, id: CommandId, command: Command) -> Option<Result<(), ApiError>> {
        Some(match command {
            Command::Play {} => self.play(),
            Command::Pause {} => self.pause(),
            Command::Toggle {} if matches!(self.transport, PlaybackState::Playing | PlaybackState::Loading) => {
                self.pause()
            }
            Command::Toggle {} => self.play(),
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
                self.comparing &= self.mastering.is_active();
                self.send_mastering();
                Ok(())
            }
            Command::Compare { on: true } if !self.mastering.is_active() => {
                Err(ApiError::new(ErrorCode::NotPossible, "Mastering is off: there is nothing to compare."))
            }
            Command::Compare { on } => {
                self.comparing = on;
                self.send_mastering();
                Ok(())
            }
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
            Command::Undo {} => self.travel("There is nothing to undo.", |queue| queue.undo()),
            Command::Redo {} => self.travel("There is nothing to redo.", |queue| queue.redo()),
            Command::AddRoot { path } => return self.ask_library(id, LibraryCommand::AddRoot { path: path.into() }),
            Command::RemoveRoot { root } => return self.ask_library(id, LibraryCommand::RemoveRoot { root }),
            Command::Scan {} => return self.ask_library(id, LibraryCommand::Scan),
            Command::CancelScan {} => return self.ask_library(id, LibraryCommand::CancelScan),
            Command::Edit(edit) => return self.ask_library(id, LibraryCommand::Edit(edit)),
            Command::Export(export) => return self.ask_library(id, LibraryCommand::Export(export)),
            Command::CancelExport {} => {
                self.effects.push(Effect::CancelExport);
                Ok(())
            }
            Command::EditTags { tracks, tags } => {
                return self.ask_library(id, LibraryCommand::EditTags { tracks, tags });
            }
            Command::UndoTags {} => return self.ask_library(id, LibraryCommand::UndoTags),
            Command::SetIgnored { patterns } => return self.ask_library(id, LibraryCommand::SetIgnored { patterns }),
            Command::ChangeSettings { settings } => {
                self.change_settings(settings);
                Ok(())
            }
            Command::ChooseOutput { output } => {
                self.settings.output = output;
                self.send_output();
                Ok(())
            }
            Command::DismissNotice { notice } => self.dismiss(notice),
            // Resolved first; see `resolving`.
            Command::PlayTracks { .. }
            | Command::ReplaceQueue { .. }
            | Command::Enqueue { .. }
            | Command::ExportMastered(_) => return None,
        })
    }

    fn ask_library(&mut self, id: CommandId, command: LibraryCommand) -> Option<Result<(), ApiError>> {
        self.effects.push(Effect::Library { id, command });
        None
    }

    pub(super) fn play(&mut self) -> Result<(), ApiError> {
        self.interrupted = None;
        match (self.transport, &self.stream) {
            (PlaybackState::Playing | PlaybackState::Loading, _) => {}
            (PlaybackState::Paused, Some(stream)) => {
                self.transport = if stream.is_ready() { PlaybackState::Playing } else { PlaybackState::Loading };
                self.engine(EngineCommand::Play);
            }
            _ if self.queue.current().is_none() => {
                return Err(ApiError::new(ErrorCode::NotPossible, "The queue is empty."));
            }
            _ => {
                self.ask_anew();
                self.start(self.anchor.position_s);
            }
        }
        Ok(())
    }

    fn pause(&mut self) -> Result<(), ApiError> {
        self.interrupted = None;
        if matches!(self.transport, PlaybackState::Playing | PlaybackState::Loading) {
            self.anchor(self.position_s(), false);
            self.transport = PlaybackState::Paused;
            if self.stream.is_some() {
                self.engine(EngineCommand::Pause);
            }
        }
        Ok(())
    }

    fn stop(&mut self) -> Result<(), ApiError> {
        self.close();
        self.transport = PlaybackState::Stopped;
        Ok(())
    }

    fn next(&mut self) -> Result<(), ApiError> {
        self.ask_anew();
        self.leave(ListenEndReason::Skipped);
        match self.queue.following(false, &self.broken) {
            Some((step, _)) => {
                self.queue.take(step, &mut self.rng);
                self.arrived();
            }
            None => self.finish(),
        }
        Ok(())
    }

    fn previous(&mut self) -> Result<(), ApiError> {
        if self.position_s() <= PREVIOUS_WITHIN_S && self.queue.step_back(&self.broken) {
            self.arrived();
        } else if self.is_open() {
            self.move_to(0.0);
        }
        Ok(())
    }

    fn seek(&mut self, position_s: f64) -> Result<(), ApiError> {
        if !self.is_open() {
            return Err(ApiError::new(ErrorCode::NotPossible, "Nothing is playing."));
        }
        if self.duration_s().is_some_and(|duration| position_s >= duration) {
            self.track_over();
        } else {
            self.move_to(position_s.max(0.0));
        }
        Ok(())
    }

    fn jump_to(&mut self, entry: EntryId) -> Result<(), ApiError> {
        if !self.queue.jump(entry) {
            return Err(unknown_entry());
        }
        self.ask_anew();
        self.start(0.0);
        Ok(())
    }

    pub(super) fn play_tracks(
        &mut self,
        tracks: Vec<TrackId>,
        start: Option<u32>,
        start_track: Option<TrackId>,
    ) -> Result<(), ApiError> {
        if tracks.is_empty() {
            return Err(ApiError::new(ErrorCode::NotFound, "There are no tracks to play."));
        }
        let shuffled = self.queue.is_shuffled();
        let start = start.map(|start| start as usize);
        let start = match (start_track, start) {
            (Some(track), _) => {
                let wanted = start.unwrap_or(0);
                let places = (0..tracks.len()).filter(|&index| tracks[index] == track);
                places.min_by_key(|index| index.abs_diff(wanted)).ok_or_else(|| {
                    ApiError::of_field(ErrorCode::NotFound, "start_track", "The list has no such track (any more).")
                })?
            }
            (None, Some(start)) if start < tracks.len() => start,
            (None, Some(_)) => {
                return Err(ApiError::of_field(ErrorCode::OutOfRange, "start", "The list is shorter than that."));
            }
            (None, None) if shuffled => self.rng.usize(..tracks.len()),
            (None, None) => 0,
        };
        self.queue.play(tracks, start, shuffled, &mut self.rng);
        self.ask_anew();
        self.start(0.0);
        Ok(())
    }

    pub(super) fn replace_queue(&mut self, tracks: Vec<TrackId>, start: u32) -> Result<(), ApiError> {
        let start = start as usize;
        if start >= tracks.len() {
            return Err(ApiError::of_field(ErrorCode::OutOfRange, "start", "There are fewer tracks than that."));
        }
        let shuffled = self.queue.is_shuffled();
        self.queue.replace(tracks, start, shuffled, &mut self.rng);
        self.ask_anew();
        self.start(0.0);
        Ok(())
    }

    fn remove_entries(&mut self, entries: &[EntryId]) -> Result<(), ApiError> {
        match self.queue.remove(entries).ok_or_else(unknown_entry)? {
            Removal::Others => {}
            Removal::CurrentReplaced => self.arrived(),
            Removal::CurrentGone => self.finish(),
        }
        for id in entries {
            self.broken.remove(id);
        }
        Ok(())
    }

    fn move_entries(&mut self, entries: &[EntryId], before: Option<EntryId>) -> Result<(), ApiError> {
        self.queue.move_before(entries, before).ok_or_else(unknown_entry)
    }

    fn clear_queue(&mut self) -> Result<(), ApiError> {
        self.finish();
        self.broken.clear();
        if self.queue.len() > 0 {
            self.queue.clear();
        }
        Ok(())
    }

    /// Undo or redo. What plays goes on if the queue still has it.
    fn travel(&mut self, refusal: &str, travel: impl FnOnce(&mut Queue) -> bool) -> Result<(), ApiError> {
        let before = self.queue.current().map(|entry| entry.id);
        if !travel(&mut self.queue) {
            return Err(ApiError::new(ErrorCode::NotPossible, refusal));
        }
        self.broken.clear();
        match self.queue.current().map(|entry| entry.id) {
            None => self.finish(),
            after if after != before => self.arrived(),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn export_mastered(&mut self, tracks: Vec<TrackId>, export: MasteredExport) -> Result<(), ApiError> {
        if self.export.is_some() {
            return Err(ApiError::new(ErrorCode::NotPossible, "An export is running already."));
        }
        if tracks.is_empty() {
            return Err(ApiError::new(ErrorCode::NotFound, "There are no tracks to export."));
        }
        if tracks.len() > TrackSelection::MOST_FILES {
            let message = "At most 10,000 tracks can be exported at once.";
            return Err(ApiError::of_field(ErrorCode::OutOfRange, "tracks", message));
        }
        self.export = Some(ExportProgress { total: tracks.len() as u32, ..ExportProgress::default() });
        let settings = MasteringSettings { enabled: true, ..self.mastering };
        self.effects.push(Effect::ExportMastered { tracks, export, settings });
        Ok(())
    }

    fn change_settings(&mut self, patch: SettingsPatch) {
        let SettingsPatch {
            theme,
            view,
            panel,
            language,
            shortcuts,
            loudness,
            pre_amp_db,
            crossfade_s,
            remote,
            desktop,
            scrobbling,
        } = patch;
        let now = self.settings.clone();
        self.settings = Settings {
            theme: theme.unwrap_or(now.theme),
            view: view.unwrap_or(now.view),
            panel: panel.unwrap_or(now.panel),
            language: language.unwrap_or(now.language),
            shortcuts: shortcuts.unwrap_or(now.shortcuts),
            output: now.output,
            loudness: loudness.unwrap_or(now.loudness),
            pre_amp_db: pre_amp_db.unwrap_or(now.pre_amp_db),
            crossfade_s: crossfade_s.unwrap_or(now.crossfade_s),
            remote: remote.unwrap_or(now.remote),
            desktop: desktop.unwrap_or(now.desktop),
            scrobbling: scrobbling.unwrap_or(now.scrobbling),
        };
    }

    fn dismiss(&mut self, notice: u32) -> Result<(), ApiError> {
        let before = self.notices.len();
        self.notices.retain(|kept| kept.id != notice);
        if self.notices.len() == before {
            return Err(ApiError::of_field(ErrorCode::NotFound, "notice", "There is no such notice."));
        }
        Ok(())
    }

    /// The listener starts something by hand: files that failed before get another chance.
    fn ask_anew(&mut self) {
        self.heard = false;
        self.broken.clear();
    }

    fn knows_output(&self, id: &OutputId) -> bool {
        self.settings.output.as_ref() == Some(id) || self.outputs.available.iter().any(|output| output.id == *id)
    }

    pub(super) fn send_output(&mut self) {
        self.engine(EngineCommand::ChooseOutput { output: self.settings.output.clone() });
    }

    pub(super) fn send_mastering(&mut self) {
        self.engine(EngineCommand::SetMastering { settings: self.mastering, comparing: self.comparing });
    }

    pub(super) fn send_gain(&mut self) {
        let level = if self.muted { 0.0 } else { f32::from(self.volume) / 100.0 };
        // The cube of the level is close to loudness as heard; PulseAudio's sliders use it, too.
        self.engine(EngineCommand::SetGain { gain: level.powi(3) });
    }
}

fn unknown_entry() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "The queue has no such entry (any more).")
}
