//! Waiting for the library without waiting: which tracks a command means, and what a track is.

use super::*;

impl Core {
    /// Commands that touch the queue or the transport are carried out in the order they came, so while the library
    /// looks up the tracks of one, the others stand in line.
    pub(super) fn receive(&mut self, wish: Wish) {
        if self.resolving.is_some() && in_line(&wish.command) {
            self.waiting.push_back(wish);
        } else {
            self.begin(wish);
        }
    }

    fn begin(&mut self, wish: Wish) {
        let id = wish.id;
        if let Err(refusal) = self.validate(&wish.command) {
            return self.answer(id, Err(refusal));
        }
        match wish.command.tracks() {
            Some(tracks) => {
                self.effects.push(Effect::ResolveTracks { id, tracks: tracks.clone() });
                self.resolving = Some(wish);
            }
            None => {
                self.queue.editor = wish.from;
                if let Some(result) = self.carry_out(id, wish.command) {
                    self.answer(id, result);
                }
            }
        }
    }

    pub(super) fn tracks_resolved(&mut self, id: CommandId, result: Result<Vec<TrackId>, ApiError>) {
        let Some(wish) = self.resolving.take_if(|resolving| resolving.id == id) else { return };
        self.queue.editor = wish.from;
        let result = result.and_then(|tracks| match wish.command {
            Command::ReplaceQueue { tracks: named, start } => {
                self.replace_queue(tracks, start)?;
                self.context = PlaybackContext::of(&named);
                Ok(())
            }
            Command::PlayTracks { tracks: named, start, start_track } => {
                self.play_tracks(tracks, start, start_track)?;
                self.context = PlaybackContext::of(&named);
                Ok(())
            }
            Command::Enqueue { place, .. } => {
                self.queue.insert(tracks, place);
                Ok(())
            }
            Command::ExportMastered(export) => self.export_mastered(tracks, export),
            _ => Ok(()),
        });
        self.answer(id, result);
        while self.resolving.is_none() {
            let Some(wish) = self.waiting.pop_front() else { break };
            self.begin(wish);
        }
    }

    pub(super) fn track_read(&mut self, id: TrackId, track: Option<Track>) {
        if !self.reading.remove(&id) {
            return;
        }
        // A track that plays goes on, whatever became of its row.
        if track.is_some() || !self.tracks.contains_key(&id) {
            self.tracks.insert(id, track);
        }
    }

    pub(super) fn read(&mut self, id: TrackId) {
        if self.reading.insert(id) {
            self.effects.push(Effect::ReadTrack(id));
        }
    }

    /// Asks for the tracks that matter now and forgets the others.
    pub(super) fn keep_tracks(&mut self, following: Option<usize>) {
        let current = self.queue.current_index();
        let matter: Vec<_> = current.into_iter().chain(following).flat_map(|index| self.queue.around(index)).collect();
        self.tracks.retain(|id, _| matter.contains(id));
        for id in matter {
            if !self.tracks.contains_key(&id) {
                self.read(id);
            }
        }
    }
}

fn in_line(command: &Command) -> bool {
    !matches!(
        command,
        Command::SetVolume { .. }
            | Command::SetMuted { .. }
            | Command::SetMastering { .. }
            | Command::Compare { .. }
            | Command::AddRoot { .. }
            | Command::RemoveRoot { .. }
            | Command::Scan {}
            | Command::CancelScan {}
            | Command::Edit(_)
            | Command::Export(_)
            | Command::CancelExport {}
            | Command::EditTags { .. }
            | Command::UndoTags {}
            | Command::SetIgnored { .. }
            | Command::ChangeSettings { .. }
            | Command::ChooseOutput { .. }
            | Command::DismissNotice { .. }
    )
}
