//! Names of things. Each is a type of its own, so that a track can never be passed where an entry is meant.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        pub struct $name(#[ts(type = "number")] pub $inner);
    };
}

id! {
    /// A track of the library: its row id, stable for as long as the file is known.
    TrackId(i64)
}
id! {
    /// An album of the library.
    AlbumId(i64)
}
id! {
    /// An artist of the library.
    ArtistId(i64)
}
id! {
    /// A folder that the listener added to the library.
    RootId(i64)
}
id! {
    /// A genre of the library.
    GenreId(i64)
}
id! {
    /// A composer of the library.
    ComposerId(i64)
}
id! {
    /// A folder in one of the library's roots: a number made of its path, so that it tells nobody the path.
    FolderId(i64)
}
id! {
    /// A playlist.
    PlaylistId(i64)
}
id! {
    /// One place in a playlist, which may hold a track many times. Never reused.
    PlaylistEntryId(i64)
}
id! {
    /// One listening in the history.
    ListenId(i64)
}
id! {
    /// One place in the queue. The same track may stand in the queue many times, each time as another entry.
    /// Never reused within the life of a queue.
    EntryId(u64)
}
id! {
    /// The generation of a load. Whatever the engine says of an older one is dropped.
    LoadId(u64)
}
id! {
    /// One of the seeks within a load, counted up. A position that is older than the last seek is dropped.
    SeekId(u64)
}

/// Where a wish came from: so that a listener who sees the queue change knows which hand it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// The main window.
    #[default]
    Window,
    /// The mini player.
    MiniPlayer,
    /// The interface in a browser.
    Browser,
    /// A program that speaks the protocol.
    Remote,
    /// The command line.
    CommandLine,
    /// The tray's menu.
    Tray,
    /// Media keys and whatever else speaks MPRIS.
    Mpris,
    /// The desktop: a file that was opened.
    Desktop,
}
