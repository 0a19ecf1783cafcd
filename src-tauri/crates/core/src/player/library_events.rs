//! Handles events of the library.

use super::*;

impl Core {
    pub(super) fn on_library_event(&mut self, event: LibraryEvent) {
        match event {
            LibraryEvent::Changed { revision, tracks, albums, artists, roots } => {
                self.library = LibraryState { revision, tracks, albums, artists, roots, ..self.library.clone() };
                // The tags of cached tracks may have changed.
                for id in self.track_cache.keys().copied().collect::<Vec<_>>() {
                    self.request_track(id);
                }
            }
            LibraryEvent::ScanProgressed(progress) => self.library.scan = Some(progress),
            LibraryEvent::ScanEnded(summary) => {
                self.library.scan = None;
                self.library.last_scan = Some(summary);
            }
            LibraryEvent::ScanFailed { subject, reason } => {
                self.library.scan = None;
                self.push_notice(NoticeKind::ScanFailed, &subject, &reason);
            }
            LibraryEvent::PlaylistIncomplete { subject, reason } => {
                self.push_notice(NoticeKind::PlaylistIncomplete, &subject, &reason);
            }
            LibraryEvent::Analysed { tracks, state } => {
                self.analysis = state;
                for id in tracks.into_iter().filter(|id| self.track_cache.contains_key(id)).collect::<Vec<_>>() {
                    self.request_track(id);
                }
            }
        }
    }
}
