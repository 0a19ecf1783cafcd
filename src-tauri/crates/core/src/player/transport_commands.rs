//! Commands that control playback.

use super::*;

/// Up to this position in a track, Previous goes to the previous entry; after it, to the start of the track.
const PREVIOUS_RESTART_THRESHOLD_S: f64 = 3.0;

impl Core {
    pub(super) fn play(&mut self) -> Result<(), ApiError> {
        self.lost_output = None;
        self.offline.paused_by = None;
        match (self.transport, &self.stream) {
            (PlaybackState::Playing | PlaybackState::Loading, _) => {}
            (PlaybackState::Paused, Some(stream)) => {
                self.transport = if stream.is_ready() { PlaybackState::Playing } else { PlaybackState::Loading };
                self.send_to_engine(EngineCommand::Play);
            }
            _ if self.queue.current().is_none() => {
                return Err(ApiError::new(ErrorCode::NotPossible, "The queue is empty."));
            }
            _ => {
                self.reset_failures();
                self.open_current(self.position.position_s);
            }
        }
        Ok(())
    }

    pub(super) fn pause(&mut self) -> Result<(), ApiError> {
        self.lost_output = None;
        self.offline.paused_by = None;
        if self.is_playing() {
            self.set_position(self.position_s(), false);
            self.transport = PlaybackState::Paused;
            if self.stream.is_some() {
                self.send_to_engine(EngineCommand::Pause);
            }
        }
        Ok(())
    }

    pub(super) fn toggle(&mut self) -> Result<(), ApiError> {
        if self.is_playing() { self.pause() } else { self.play() }
    }

    pub(super) fn stop(&mut self) -> Result<(), ApiError> {
        self.stop_at_end();
        Ok(())
    }

    pub(super) fn next(&mut self) -> Result<(), ApiError> {
        self.reset_failures();
        self.end_listen(ListenEndReason::Skipped);
        match self.queue.next_entry(false, &self.unplayable) {
            Some((next, _)) => {
                self.queue.advance(next, &mut self.rng);
                self.on_entry_changed();
            }
            None => self.stop_at_end(),
        }
        Ok(())
    }

    pub(super) fn previous(&mut self) -> Result<(), ApiError> {
        if self.position_s() <= PREVIOUS_RESTART_THRESHOLD_S && self.queue.step_back(&self.unplayable) {
            self.on_entry_changed();
        } else if self.has_position() {
            self.move_to(0.0);
        }
        Ok(())
    }

    pub(super) fn seek(&mut self, position_s: f64) -> Result<(), ApiError> {
        if !self.has_position() {
            return Err(ApiError::new(ErrorCode::NotPossible, "Nothing is playing."));
        }
        if self.duration_s().is_some_and(|duration| position_s >= duration) {
            self.on_track_end();
        } else {
            self.move_to(position_s.max(0.0));
        }
        Ok(())
    }

    pub(super) fn jump_to(&mut self, entry: EntryId) -> Result<(), ApiError> {
        if !self.queue.jump_to(entry) {
            return Err(unknown_entry());
        }
        self.reset_failures();
        self.open_current(0.0);
        Ok(())
    }

    /// Forgets earlier playback failures: the user starts something, so failed files are tried again.
    pub(super) fn reset_failures(&mut self) {
        self.played_since_user_action = false;
        self.unplayable.clear();
    }
}
