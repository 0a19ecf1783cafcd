//! A library folder that is offline (a drive, a share, a server): its tracks are not skipped. Playback pauses at its place
//! and resumes when the folder is back, unless the user has done something else.

use std::collections::BTreeSet;

use super::*;

/// What is known about folders that are offline.
#[derive(Debug, Default)]
pub(super) struct OfflineFolders {
    /// The entry whose file failed, with the reason, until it is known whether its folder is offline.
    checking: Option<(Entry, String)>,
    /// A next entry that cannot be prepared, because its folder is being checked or is offline.
    unprepared: Option<EntryId>,
    /// The folder that paused playback. Forgotten when the user acts.
    pub(super) paused_by: Option<String>,
    /// The folders that the library is waiting for.
    awaited: BTreeSet<String>,
}

impl OfflineFolders {
    /// Whether loading an entry waits for a check of its folder.
    pub(super) fn is_checking(&self, entry: EntryId) -> bool {
        self.checking.as_ref().is_some_and(|(checked, _)| checked.id == entry)
    }

    /// Whether an entry is not to be prepared.
    pub(super) fn is_unprepared(&self, entry: EntryId) -> bool {
        self.unprepared == Some(entry)
    }

    /// The user does something: what failed is tried again.
    pub(super) fn forget(&mut self) {
        self.checking = None;
        self.unprepared = None;
        self.paused_by = None;
    }
}

impl Core {
    /// The file of the current entry failed at a position: asks whether its folder is offline.
    pub(super) fn check_current_folder(&mut self, entry: Entry, reason: String) {
        let position_s = self.position_s();
        self.prepared = None;
        self.set_position(position_s, false);
        self.transport = if self.transport == PlaybackState::Paused { self.transport } else { PlaybackState::Loading };
        self.offline.checking = Some((entry, reason));
        self.effects.push(Effect::CheckFolder(entry.track));
    }

    /// The file of the next entry failed: asks whether its folder is offline.
    pub(super) fn check_next_folder(&mut self, entry: Entry, reason: String) {
        self.offline.unprepared = Some(entry.id);
        if self.offline.checking.is_none() {
            self.offline.checking = Some((entry, reason));
            self.effects.push(Effect::CheckFolder(entry.track));
        }
    }

    pub(super) fn on_folder_checked(&mut self, track: TrackId, offline: Option<String>) {
        let Some((entry, reason)) = self.offline.checking.take_if(|(entry, _)| entry.track == track) else { return };
        let is_current = self.queue.current().is_some_and(|current| current.id == entry.id) && self.stream.is_none();
        match offline {
            Some(folder) => {
                if self.offline.awaited.insert(folder.clone()) {
                    self.effects.push(Effect::AwaitFolder { track, folder: folder.clone() });
                }
                if is_current {
                    if self.is_playing() {
                        self.transport = PlaybackState::Paused;
                        self.offline.paused_by = Some(folder.clone());
                    }
                    self.push_folder_notice(&folder);
                }
            }
            None if is_current => self.on_current_failed(entry, &reason),
            None => {
                self.offline.unprepared = None;
                self.mark_unplayable(entry, &reason);
            }
        }
    }

    pub(super) fn on_folder_online(&mut self, folder: &str) {
        self.offline.awaited.remove(folder);
        self.offline.unprepared = None;
        self.notices.retain(|notice| notice.kind != NoticeKind::FolderOffline || notice.subject != folder);
        let was_paused = self.offline.paused_by.take_if(|paused_by| *paused_by == folder).is_some();
        if was_paused && self.transport == PlaybackState::Paused {
            // There is a current entry, so this cannot fail.
            let _ = self.play();
        }
    }

    fn push_folder_notice(&mut self, folder: &str) {
        let is_shown = |notice: &Notice| notice.kind == NoticeKind::FolderOffline && notice.subject == folder;
        if !self.notices.iter().any(is_shown) {
            self.push_notice(NoticeKind::FolderOffline, folder, "Playback resumes when the folder is back.");
        }
    }
}
