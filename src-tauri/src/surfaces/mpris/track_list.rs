//! `org.mpris.MediaPlayer2.TrackList`: a slice of the queue around the current entry. The specification recommends that
//! for long lists.

use auralis_core::{AppState, Command, EntryId, ListQuery, QueueRow, RowItems, RowQuery};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath};
use zbus::{fdo, interface};

use super::convert::dbus_error;
use super::metadata::{self, Metadata};
use crate::app::PlayerHandle;

/// Entries before the current one.
const ENTRIES_BEFORE: u32 = 10;
/// Size of the slice.
const MAX_ENTRIES: u32 = 50;

pub(super) struct TrackList {
    handle: PlayerHandle,
}

impl TrackList {
    pub(super) fn new(handle: PlayerHandle) -> Self {
        TrackList { handle }
    }
}

#[interface(name = "org.mpris.MediaPlayer2.TrackList")]
impl TrackList {
    async fn get_tracks_metadata(&self, tracks: Vec<ObjectPath<'_>>) -> Vec<Metadata> {
        let rows = rows_around(&self.handle, self.handle.snapshot().view()).await;
        let mut found = Vec::new();
        for entry in tracks.iter().filter_map(metadata::entry_of) {
            if let Some(row) = rows.iter().find(|row| row.entry == entry) {
                found.push(metadata::entry_metadata(&self.handle, Some(entry), row.track.clone()).await);
            }
        }
        found
    }

    /// Ignores entries that no longer exist.
    async fn remove_track(&self, track: ObjectPath<'_>) -> fdo::Result<()> {
        let Some(entry) = metadata::entry_of(&track) else { return Ok(()) };
        self.handle.dispatch(Command::RemoveEntries { entries: vec![entry] }, None).await.map(drop).map_err(dbus_error)
    }

    /// Ignores entries that no longer exist.
    async fn go_to(&self, track: ObjectPath<'_>) -> fdo::Result<()> {
        let Some(entry) = metadata::entry_of(&track) else { return Ok(()) };
        self.handle.dispatch(Command::JumpTo { entry }, None).await.map(drop).map_err(dbus_error)
    }

    #[zbus(property(emits_changed_signal = "invalidates"))]
    async fn tracks(&self) -> Vec<OwnedObjectPath> {
        let entries = entries_around(&self.handle, self.handle.snapshot().view()).await;
        entries.into_iter().map(|entry| metadata::track_id(Some(entry))).collect()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_edit_tracks(&self) -> bool {
        true
    }

    #[zbus(signal)]
    pub(super) async fn track_list_replaced(
        emitter: &SignalEmitter<'_>,
        tracks: Vec<OwnedObjectPath>,
        current: OwnedObjectPath,
    ) -> zbus::Result<()>;
}

/// Returns the entries of the slice.
pub(super) async fn entries_around(handle: &PlayerHandle, view: &AppState) -> Vec<EntryId> {
    rows_around(handle, view).await.into_iter().map(|row| row.entry).collect()
}

async fn rows_around(handle: &PlayerHandle, view: &AppState) -> Vec<QueueRow> {
    let offset = view.queue.current.unwrap_or(0).saturating_sub(ENTRIES_BEFORE);
    let window = RowQuery { list: ListQuery::Queue {}, offset, limit: MAX_ENTRIES };
    match handle.query(&window).await.map(|rows| rows.items) {
        Ok(RowItems::Queue(rows)) => rows,
        _ => Vec::new(),
    }
}
