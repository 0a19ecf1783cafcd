//! Track metadata in MPRIS form.

use std::collections::HashMap;

use auralis_core::{AppState, EntryId, TrackRow};
use auralis_library::CoverSize;
use url::Url;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, Value};

use super::convert::microseconds;
use crate::app::PlayerHandle;

/// Metadata of one track, by the field names of the specification.
pub(super) type Metadata = HashMap<&'static str, Value<'static>>;

const ENTRY_PATH_PREFIX: &str = "/io/github/auralis_player/Auralis/entry/";
const NO_TRACK: &str = "/org/mpris/MediaPlayer2/TrackList/NoTrack";

/// Returns the MPRIS track ID of a queue entry.
pub(super) fn track_id(entry: Option<EntryId>) -> OwnedObjectPath {
    match entry {
        Some(EntryId(id)) => ObjectPath::from_string_unchecked(format!("{ENTRY_PATH_PREFIX}{id}")).into(),
        None => ObjectPath::from_static_str_unchecked(NO_TRACK).into(),
    }
}

/// Returns the queue entry of a track ID; `None` for any other object path.
pub(super) fn entry_of(track: &ObjectPath<'_>) -> Option<EntryId> {
    track.strip_prefix(ENTRY_PATH_PREFIX)?.parse().ok().map(EntryId)
}

/// Returns the metadata of the current track. Its length is the engine's, which is more accurate than the tags.
pub(super) async fn current_metadata(handle: &PlayerHandle, view: &AppState) -> Metadata {
    let player = &view.player;
    let Some(track) = &player.track else { return empty_metadata(player.entry) };
    let row = handle.tracks(&[track.id]).await.ok().and_then(|rows| rows.into_iter().next().flatten());
    let mut metadata = entry_metadata(handle, player.entry, row).await;
    metadata.insert("mpris:length", microseconds(player.duration_s).into());
    metadata
}

/// Returns the metadata of a queue entry.
pub(super) async fn entry_metadata(handle: &PlayerHandle, entry: Option<EntryId>, row: Option<TrackRow>) -> Metadata {
    let mut metadata = empty_metadata(entry);
    let Some(TrackRow { track, track_number, disc_number, year, genre, .. }) = row else { return metadata };
    let mut insert = |name, value: Value<'static>| drop(metadata.insert(name, value));
    if let Some(url) = handle.path(track.id).await.ok().flatten().and_then(|path| Url::from_file_path(path).ok()) {
        insert("xesam:url", String::from(url).into());
    }
    if let Some(url) = cover(handle, track.cover.as_deref()).await {
        insert("mpris:artUrl", String::from(url).into());
    }
    insert("mpris:length", microseconds(track.duration_s).into());
    insert("xesam:title", track.title.into());
    for (name, text) in [("xesam:artist", track.artist), ("xesam:genre", genre)] {
        if !text.is_empty() {
            insert(name, vec![text].into());
        }
    }
    if !track.album.is_empty() {
        insert("xesam:album", track.album.into());
    }
    for (name, number) in [("xesam:trackNumber", track_number), ("xesam:discNumber", disc_number)] {
        if let Some(number) = number.and_then(|number| i32::try_from(number).ok()) {
            insert(name, number.into());
        }
    }
    if let Some(year) = year.filter(|year| (0..=9999).contains(year)) {
        insert("xesam:contentCreated", format!("{year:04}-01-01T00:00:00Z").into());
    }
    metadata
}

fn empty_metadata(entry: Option<EntryId>) -> Metadata {
    HashMap::from([("mpris:trackid", ObjectPath::from(track_id(entry)).into())])
}

/// Returns the URL of a cover file: desktops do not fetch pictures over HTTP.
async fn cover(handle: &PlayerHandle, hash: Option<&str>) -> Option<Url> {
    let path = handle.cover_file(hash?, CoverSize::Large).await.ok()??;
    Url::from_file_path(path).ok()
}
