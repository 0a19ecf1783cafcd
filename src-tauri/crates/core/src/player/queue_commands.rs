//! Commands that edit the queue.

use super::*;
use crate::queue::RemoveOutcome;

impl Core {
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
                let indexes = (0..tracks.len()).filter(|&index| tracks[index] == track);
                indexes.min_by_key(|index| index.abs_diff(wanted)).ok_or_else(|| {
                    let message = "The list does not contain this track (any more).";
                    ApiError::for_field(ErrorCode::NotFound, "start_track", message)
                })?
            }
            (None, Some(start)) if start < tracks.len() => start,
            (None, Some(_)) => {
                return Err(ApiError::for_field(ErrorCode::OutOfRange, "start", "The list has fewer tracks."));
            }
            (None, None) if shuffled => self.rng.usize(..tracks.len()),
            (None, None) => 0,
        };
        self.queue.play(tracks, start, shuffled, &mut self.rng);
        self.reset_failures();
        self.open_current(0.0);
        Ok(())
    }

    pub(super) fn replace_queue(&mut self, tracks: Vec<TrackId>, start: u32) -> Result<(), ApiError> {
        let start = start as usize;
        if start >= tracks.len() {
            return Err(ApiError::for_field(ErrorCode::OutOfRange, "start", "There are fewer tracks."));
        }
        let shuffled = self.queue.is_shuffled();
        self.queue.replace(tracks, start, shuffled, &mut self.rng);
        self.reset_failures();
        self.open_current(0.0);
        Ok(())
    }

    pub(super) fn remove_entries(&mut self, entries: &[EntryId]) -> Result<(), ApiError> {
        match self.queue.remove(entries).ok_or_else(unknown_entry)? {
            RemoveOutcome::Kept => {}
            RemoveOutcome::Replaced => self.on_entry_changed(),
            RemoveOutcome::Removed => self.stop_at_end(),
        }
        for id in entries {
            self.unplayable.remove(id);
        }
        Ok(())
    }

    pub(super) fn move_entries(&mut self, entries: &[EntryId], before: Option<EntryId>) -> Result<(), ApiError> {
        self.queue.move_before(entries, before).ok_or_else(unknown_entry)
    }

    pub(super) fn clear_queue(&mut self) -> Result<(), ApiError> {
        self.stop_at_end();
        self.unplayable.clear();
        if self.queue.len() > 0 {
            self.queue.clear();
        }
        Ok(())
    }
}

pub(super) fn unknown_entry() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "This entry is not in the queue (any more).")
}
