//! The tracks that the core knows: those of the current and the next entry and of their neighbours. This is the only
//! place where a track id becomes a track. Reads are asynchronous.

use super::*;

impl Core {
    /// Requests the tracks that are needed now and drops the others. `next`: index of the next entry.
    pub(super) fn update_track_cache(&mut self, next: Option<usize>) {
        let current = self.queue.current_index();
        let needed: Vec<_> = current.into_iter().chain(next).flat_map(|index| self.queue.neighbours(index)).collect();
        self.track_cache.retain(|id, _| needed.contains(id));
        for id in needed {
            if !self.track_cache.contains_key(&id) {
                self.request_track(id);
            }
        }
    }

    /// Has the library read a track, unless it already does.
    pub(super) fn request_track(&mut self, id: TrackId) {
        if self.pending_reads.insert(id) {
            self.effects.push(Effect::ReadTrack(id));
        }
    }

    pub(super) fn on_track_read(&mut self, id: TrackId, track: Option<Track>) {
        if !self.pending_reads.remove(&id) {
            return;
        }
        // A track that plays continues even if it was removed from the library.
        if track.is_some() || !self.track_cache.contains_key(&id) {
            self.track_cache.insert(id, track);
        }
    }

    pub(super) fn current_track(&self) -> Option<&Track> {
        self.track_cache.get(&self.queue.current()?.track)?.as_ref()
    }
}
