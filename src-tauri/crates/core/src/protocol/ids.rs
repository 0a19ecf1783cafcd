//! Ids. Each kind is its own type, so that a track id cannot be passed where an entry id is expected.

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
    /// A track of the library: its row id, stable while the library knows the file.
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
    /// A folder that the user added to the library.
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
    /// A folder in one of the library's roots: a hash of its path, which does not reveal the path.
    FolderId(i64)
}
id! {
    /// A playlist.
    PlaylistId(i64)
}
id! {
    /// An entry of a playlist, which may contain a track many times. Never reused.
    PlaylistEntryId(i64)
}
id! {
    /// A listen in the history.
    ListenId(i64)
}
id! {
    /// An entry of the queue, which may contain a track many times, each time with another entry id. Never reused.
    EntryId(u64)
}
id! {
    /// Identifies one load of a track by the engine. Events of older loads are ignored.
    LoadId(u64)
}
id! {
    /// Counts the seeks within a load. Positions from before the last seek are ignored.
    SeekId(u64)
}

/// The kind of client that sent a command. The undo history shows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// The main window.
    #[default]
    #[serde(rename = "window")]
    MainWindow,
    /// The mini player.
    MiniPlayer,
    /// The interface in a browser.
    Browser,
    /// A program that uses the HTTP or WebSocket API.
    #[serde(rename = "remote")]
    ApiClient,
    /// The command line.
    CommandLine,
    /// The tray menu.
    Tray,
    /// Media keys and other MPRIS clients.
    Mpris,
    /// A file opened from the desktop.
    #[serde(rename = "desktop")]
    FileOpen,
}
