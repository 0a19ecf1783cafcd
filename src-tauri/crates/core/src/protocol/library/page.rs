//! Queries for pages of rows, and the pages.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    AlbumRow, ArtistRow, ComposerRow, Duplicate, EditableTags, FolderRow, GenreRow, HistoryRow, Home, ListQuery,
    LyricLine, PlaylistEntryRow, PlaylistRow, QueueRow, RootRow, ScanFailure, SearchResults, Statistics, TrackDetails,
    TrackRow, YearRow,
};

/// A query for a page of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RowQuery {
    /// The list.
    #[serde(rename = "of")]
    pub list: ListQuery,
    /// Index of the first row, from 0.
    pub offset: u32,
    /// Largest number of rows to return; at most [`RowQuery::MAX_ROWS`].
    pub limit: u32,
}

impl RowQuery {
    /// Largest number of rows that one query may request.
    pub const MAX_ROWS: u32 = 500;
}

/// A page of rows: the reply to a [`RowQuery`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RowPage {
    /// The revision of the list's source: the queue or the library.
    #[ts(type = "number")]
    pub revision: u64,
    /// Number of rows in the whole list.
    pub total: u32,
    /// Index of the first row of the page.
    pub offset: u32,
    /// The rows.
    #[serde(flatten)]
    pub items: RowItems,
}

/// The rows of a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", content = "items", rename_all = "snake_case")]
pub enum RowItems {
    /// The queue.
    Queue(Vec<QueueRow>),
    /// A track list.
    Tracks(Vec<TrackRow>),
    /// Albums.
    Albums(Vec<AlbumRow>),
    /// Artists.
    Artists(Vec<ArtistRow>),
    /// Genres.
    Genres(Vec<GenreRow>),
    /// Composers.
    Composers(Vec<ComposerRow>),
    /// Years.
    Years(Vec<YearRow>),
    /// Folders.
    Folders(Vec<FolderRow>),
    /// Search results.
    #[serde(rename = "found")]
    SearchResults(Vec<SearchResults>),
    /// Playlists.
    Playlists(Vec<PlaylistRow>),
    /// Entries of a playlist.
    Playlist(Vec<PlaylistEntryRow>),
    /// The history.
    History(Vec<HistoryRow>),
    /// Statistics of a period.
    Statistics(Vec<Statistics>),
    /// The shelves of Home.
    Home(Vec<Home>),
    /// Library folders.
    Roots(Vec<RootRow>),
    /// Files that the last scan could not read.
    #[serde(rename = "failures")]
    ScanFailures(Vec<ScanFailure>),
    /// Names that scans ignore.
    #[serde(rename = "ignored")]
    IgnorePatterns(Vec<String>),
    /// Duplicate tracks.
    Duplicates(Vec<Duplicate>),
    /// Editable tags.
    Tags(Vec<EditableTags>),
    /// Track details.
    Details(Vec<TrackDetails>),
    /// Lyrics.
    Lyrics(Vec<LyricLine>),
}
