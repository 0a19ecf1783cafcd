//! Tracks in the words of MPRIS.

use std::collections::HashMap;

use auralis_core::{AppState, EntryId, TrackRow};
use auralis_library::CoverSize;
use url::Url;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, Value};

use super::player::microseconds;
use crate::app::Handle;

/// What a track is, by the names of the specification.
pub(super) type Metadata = HashMap<&'static str, Value<'static>>;

const ENTRIES: &str = "/io/github/auralis_player/Auralis/entry/";
const NO_TRACK: &str = "/org/mpris/MediaPlayer2/TrackList/NoTrack";

/// An entry of the queue as the specification names tracks.
pub(super) fn track_id(entry: Option<EntryId>) -> OwnedObjectPath {
    match entry {
        Some(EntryId(id)) => ObjectPath::from_string_unchecked(format!("{ENTRIES}{id}")).into(),
        None => ObjectPath::from_static_str_unchecked(NO_TRACK).into(),
    }
}

/// The entry that a client names; `None` for anything that was never an entry.
pub(super) fn entry_of(track: &ObjectPath<'_>) -> Option<EntryId> {
    track.strip_prefix(ENTRIES)?.parse().ok().map(EntryId)
}

/// What plays now. Its length is the engine's, which knows better than the tags.
pub(super) async fn of_current(handle: &Handle, view: &AppState) -> Metadata {
    let player = &view.player;
    let Some(track) = &player.track else { return of_unknown(player.entry) };
    let row = handle.tracks(&[track.id]).await.ok().and_then(|rows| rows.into_iter().next().flatten());
    let mut metadata = of_entry(handle, player.entry, row).await;
    metadata.insert("mpris:length", microseconds(player.duration_s).into());
    metadata
}

/// What the track of an entry is.
pub(super) async fn of_entry(handle: &Handle, entry: Option<EntryId>, row: Option<TrackRow>) -> Metadata {
    let mut metadata = of_unknown(entry);
    let Some(TrackRow { track, track_number, disc_number, year, genre, .. }) = row else { return metadata };
    let mut tell = |name, value: Value<'static>| drop(metadata.insert(name, value));
    if let Some(url) = handle.path(track.id).await.ok().flatten().and_then(|path| Url::from_file_path(path).ok()) {
        tell("xesam:url", String::from(url).into());
    }
    if let Some(url) = cover(handle, track.cover.as_deref()).await {
        tell("mpris:artUrl", String::from(url).into());
    }
    tell("mpris:length", microseconds(track.duration_s).into());
    tell("xesam:title", track.title.into());
    for (name, text) in [("xesam:artist", track.artist), ("xesam:genre", genre)] {
        if !text.is_empty() {
            tell(name, vec![text].into());
        }
    }
    if !track.album.is_empty() {
        tell("xesam:album", track.album.into());
    }
    for (name, number) in [("xesam:trackNumber", track_number), ("xesam:discNumber", disc_number)] {
        if let Some(number) = number.and_then(|number| i32::try_from(number).ok()) {
            tell(name, number.into());
        }
    }
    if let Some(year) = year.filter(|year| (0..=9999).contains(year)) {
        tell("xesam:contentCreated", format!("{year:04}-01-01T00:00:00Z").into());
    }
    metadata
}

fn of_unknown(entry: Option<EntryId>) -> Metadata {
    HashMap::from([("mpris:trackid", ObjectPath::from(track_id(entry)).into())])
}

/// A file, because desktops do not fetch pictures from players.
async fn cover(handle: &Handle, hash: Option<&str>) -> Option<Url> {
    let path = handle.cover_file(hash?, CoverSize::Large).await.ok()??;
    Url::from_file_path(path).ok()
}
