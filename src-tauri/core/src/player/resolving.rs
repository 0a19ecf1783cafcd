//! Waiting for the library without waiting: which tracks a command means, and what a track is.

use super::*;

impl Core {
    /// Commands that touch the queue or the transport are carried out in the order they came, so while the library
    /// looks up the tracks of one, the others stand in line.
    pub(super) fn receive(&mut self, id: CommandId, command: Command) {
        if self.resolving.is_some() && in_line(&command) {
            self.waiting.push_back((id, command));
        } else {
            self.begin(id, command);
        }
    }

    fn begin(&mut self, id: CommandId, command: Command) {
        if let Err(refusal) = self.validate(&command) {
            return self.answer(id, Err(refusal));
        }
        match command.tracks() {
            Some(tracks) => {
                self.effects.push(Effect::ResolveTracks { id, tracks: tracks.clone() });
                self.resolving = Some((id, command));
            }
            None => {
                if let Some(result) = self.carry_out(id, command) {
                    self.answer(id, result);
                }
            }
        }
    }

    pub(super) fn tracks_resolved(&mut self, id: CommandId, result: Result<Vec<TrackId>, Refusal>) {
        let Some((_, command)) = self.resolving.take_if(|(resolving, _)| *resolving == id) else { return };
        let result = result.and_then(|tracks| match command {
            Command::ReplaceQueue { start, .. } => self.replace_queue(tracks, start),
            Command::PlayTracks { start, start_track, .. } => self.play_tracks(tracks, start, start_track),
            Command::Enqueue { place, .. } => {
                self.queue.insert(tracks, place);
                Ok(())
            }
            _ => Ok(()),
        });
        self.answer(id, result);
        while self.resolving.is_none() {
            let Some((id, command)) = self.waiting.pop_front() else { break };
            self.begin(id, command);
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
            | Command::AddRoot { .. }
            | Command::RemoveRoot { .. }
            | Command::Scan {}
            | Command::CancelScan {}
            | Command::Edit(_)
            | Command::ChangeSettings { .. }
            | Command::ChooseOutput { .. }
            | Command::DismissNotice { .. }
    )
}
