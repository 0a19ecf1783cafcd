//! What the library has, as every client sees it: rows, the lists they stand in, and the state of a scan.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    AlbumId, AnalysisState, ArtistId, AudioProfile, ComposerId, DataExport, EditableTags, EntryId, FolderId, GenreId,
    HistoryRow, Loudness, PlaylistEntryRow, PlaylistId, PlaylistRow, RootId, SearchResults, Statistics, TimeRange,
    TrackId, TrackSelection, UserDataEdit,
};

/// What a surface shows of one track. Constant in size, whatever the file's tags hold: texts are cut at
/// [`TrackSummary::TEXT_CHARS`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TrackSummary {
    /// The library's id.
    pub id: TrackId,
    /// The title, or the file's name where there is none.
    pub title: String,
    /// The artist's credit as printed, empty if unknown.
    pub artist: String,
    /// The album's title, empty if unknown.
    pub album: String,
    /// The album, where the track belongs to one.
    pub album_id: Option<AlbumId>,
    /// The first of its artists, where it has one.
    pub artist_id: Option<ArtistId>,
    /// Seconds.
    pub duration_s: f64,
    /// Content hash of its cover; the picture comes by URL.
    pub cover: Option<String>,
    /// Whether it is a favourite of the listener's.
    pub favourite: bool,
    /// The listener's rating, 0 to [`TrackSummary::MOST_STARS`].
    pub rating: Option<u8>,
}

impl TrackSummary {
    /// The best rating.
    pub const MOST_STARS: u8 = 5;
    /// Longest text of a summary, in characters.
    pub const TEXT_CHARS: usize = 120;
}

/// A track as the core plays it: what is shown, and where the file is. Never serialised, so that a path cannot
/// reach another machine by accident.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// What is shown.
    pub summary: TrackSummary,
    /// The file.
    pub path: PathBuf,
    /// Which part of the file it is; with none, all.
    pub range: Option<TimeRange>,
    /// How loud it is, as far as that is known.
    pub loudness: Loudness,
    /// What its analysis found, once it is analysed.
    pub profile: Option<Arc<AudioProfile>>,
    /// That of its album, once all of it is analysed.
    pub album_profile: Option<Arc<AudioProfile>>,
}

/// A row of a list of tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TrackRow {
    /// What every surface shows.
    #[serde(flatten)]
    pub track: TrackSummary,
    /// Position on its disc.
    pub track_number: Option<u32>,
    /// Which disc of the album.
    pub disc_number: Option<u32>,
    /// Year of release.
    pub year: Option<i32>,
    /// Year of the first release, where this is a later one.
    pub original_year: Option<i32>,
    /// The genres, joined for display; empty if unknown.
    pub genre: String,
    /// The composers, joined for display; empty if unknown.
    pub composer: String,
    /// Beats per minute.
    pub bpm: Option<f32>,
    /// When the library met it, in seconds since 1970.
    #[ts(type = "number")]
    pub added_s: i64,
    /// What it is encoded as, such as `FLAC`.
    pub codec: String,
    /// How often it was heard: half of it, or four minutes.
    pub plays: u32,
    /// When it was last heard, in seconds since 1970.
    #[ts(type = "number | null")]
    pub played_s: Option<i64>,
    /// Whether its file can be reached; a row that cannot is greyed.
    pub available: bool,
}

/// Everything that is known of a track besides its row, read from its file when it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct TrackDetails {
    /// The file; empty for clients on another machine.
    pub path: String,
    /// Size of the file in bytes.
    #[ts(type = "number")]
    pub size_bytes: u64,
    /// Bits per second, in thousands.
    pub bitrate_kbps: Option<u32>,
    /// Frames per second.
    pub rate_hz: Option<u32>,
    /// Bits of a sample, where the format has such.
    pub bit_depth: Option<u8>,
    /// How many.
    pub channels: Option<u8>,
    /// Whom the artist's credit names.
    pub artists: Vec<String>,
    /// Whose album it is on, as printed.
    pub album_artist: String,
    /// Whether the album is one of several artists.
    pub compilation: bool,
    /// How many tracks its disc has.
    pub track_total: Option<u32>,
    /// How many discs the album has.
    pub disc_total: Option<u32>,
    /// Day, month or year of this release, as tagged.
    pub date: String,
    /// Day, month or year of the first release, as tagged.
    pub original_date: String,
    /// All of them.
    pub genres: Vec<String>,
    /// All of them.
    pub composers: Vec<String>,
    /// The work that it is part of.
    pub work: String,
    /// Which part of the work.
    pub movement: String,
    /// International Standard Recording Code.
    pub isrc: String,
    /// Whatever the tagger wanted to say.
    pub comment: String,
    /// What the tags say about its level.
    pub loudness: Loudness,
    /// Ids of MusicBrainz.
    pub musicbrainz: MusicBrainzIds,
}

/// Names of things at MusicBrainz (<https://musicbrainz.org/doc/MusicBrainz_Identifier>); empty where the tags have none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct MusicBrainzIds {
    /// What was recorded.
    pub recording: String,
    /// That recording on this release.
    pub track: String,
    /// This edition of the album.
    pub release: String,
    /// The album in all its editions.
    pub release_group: String,
    /// The track's artists, in the order of the credit.
    pub artists: Vec<String>,
    /// The album's artists.
    pub album_artists: Vec<String>,
}

/// A line of lyrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LyricLine {
    /// When it is sung, in seconds into the track; `None` in lyrics without times.
    pub at_s: Option<f64>,
    /// The words, perhaps none.
    pub text: String,
}

/// A row of the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct QueueRow {
    /// Names this place in the queue in every edit.
    pub entry: EntryId,
    /// Put there by the listener (Play next, Add to queue), not by an album or list that was started.
    pub queued: bool,
    /// The track; `None` if the library no longer knows it.
    pub track: Option<TrackRow>,
}

/// A row of the album grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AlbumRow {
    /// The library's id.
    pub id: AlbumId,
    /// Its title.
    pub title: String,
    /// The album artist.
    pub artist: String,
    /// The album artist, where there is one.
    pub artist_id: Option<ArtistId>,
    /// Year of release.
    pub year: Option<i32>,
    /// How many tracks the library has of it.
    pub tracks: u32,
    /// Their length together, in seconds.
    pub duration_s: f64,
    /// Content hash of its cover.
    pub cover: Option<String>,
}

/// A row of the list of artists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ArtistRow {
    /// The library's id.
    pub id: ArtistId,
    /// The name.
    pub name: String,
    /// Albums that are theirs.
    pub albums: u32,
    /// Tracks that name them.
    pub tracks: u32,
    /// Content hash of the cover of one of their albums.
    pub cover: Option<String>,
}

/// A row of the list of genres.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GenreRow {
    /// The library's id.
    pub id: GenreId,
    /// The name.
    pub name: String,
    /// Tracks that are of it.
    pub tracks: u32,
}

/// A row of the list of composers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ComposerRow {
    /// The library's id.
    pub id: ComposerId,
    /// The name.
    pub name: String,
    /// Tracks that name them.
    pub tracks: u32,
}

/// A row of the list of years.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct YearRow {
    /// The year of release.
    pub year: i32,
    /// Tracks of that year.
    pub tracks: u32,
}

/// A row of the tree of folders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FolderRow {
    /// Names it.
    pub id: FolderId,
    /// Its name without those above it.
    pub name: String,
    /// Folders directly in it that hold tracks, or folders with tracks.
    pub folders: u32,
    /// Tracks in it and below.
    pub tracks: u32,
}

/// A folder of the library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RootRow {
    /// The library's id.
    pub id: RootId,
    /// The folder; empty for clients on another machine.
    pub path: String,
    /// How many tracks it holds.
    pub tracks: u32,
    /// Whether it was there when last looked for. An offline root keeps its tracks.
    pub online: bool,
}

/// A file that a scan could not read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ScanFailure {
    /// The file.
    pub path: String,
    /// Why, in words for the listener.
    pub reason: String,
}

/// Why tracks seem to be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateReason {
    /// Their files hold the same bytes.
    Content,
    /// Their analyses found the same recording, in whatever format.
    Sound,
    /// They have the same title and artist, and are as long.
    Tags,
}

/// A row of the list of duplicates. Rows of one group stand together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Duplicate {
    /// Which tracks seem to be the same: those of one number, from 0.
    pub group: u32,
    /// Why.
    pub by: DuplicateReason,
    /// One of them.
    pub track: TrackRow,
}

/// Which tracks: all those that match every field that is set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct TrackFilter {
    /// A search as the listener types it: words that title, artist, album or genre must hold, of which the last may be
    /// a beginning, and conditions such as `year:1990..1999`.
    pub search: Option<String>,
    /// On this album.
    pub album: Option<AlbumId>,
    /// By this artist, as track or album artist.
    pub artist: Option<ArtistId>,
    /// Of this genre.
    pub genre: Option<GenreId>,
    /// By this composer.
    pub composer: Option<ComposerId>,
    /// Released in this year.
    pub year: Option<i32>,
    /// In this folder or below.
    pub folder: Option<FolderId>,
    /// Whether the listener's favourites, or the others.
    pub favourite: Option<bool>,
    /// Whether ever heard, or never.
    pub played: Option<bool>,
}

/// The column that orders a list of tracks. Every order is total: ties are broken by album, disc, number, folder, file
/// name and id; those of what the listener did by id alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TrackSort {
    /// By title.
    Title,
    /// By artist, then album, disc and number.
    #[default]
    Artist,
    /// By album, then disc and number.
    Album,
    /// By length.
    Duration,
    /// By year of release.
    Year,
    /// By when the library met it.
    Added,
    /// By the listener's rating.
    Rating,
    /// By how often it was heard.
    Plays,
    /// By when it was last heard.
    Played,
    /// By when it became a favourite.
    Favourited,
}

impl TrackSort {
    /// All of them.
    pub const ALL: [TrackSort; 10] = [
        TrackSort::Title,
        TrackSort::Artist,
        TrackSort::Album,
        TrackSort::Duration,
        TrackSort::Year,
        TrackSort::Added,
        TrackSort::Rating,
        TrackSort::Plays,
        TrackSort::Played,
        TrackSort::Favourited,
    ];
}

/// The column that orders the albums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AlbumSort {
    /// By title.
    Title,
    /// By album artist, then year.
    #[default]
    Artist,
    /// By year of release.
    Year,
    /// By when the library met it.
    Added,
}

/// A list of tracks in a stated order: what the listener sees, and what plays when a row of it is started.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct TrackList {
    /// Which tracks.
    pub filter: TrackFilter,
    /// In which order.
    pub sort: TrackSort,
    /// From last to first.
    pub descending: bool,
}

/// A list that a client can see a window of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "list", rename_all = "snake_case", deny_unknown_fields)]
#[ts(optional_fields)]
pub enum ListQuery {
    /// The queue, in the order it plays.
    Queue {},
    /// Tracks of the library.
    Tracks {
        /// Which, in which order.
        #[serde(default)]
        tracks: TrackList,
    },
    /// Albums.
    Albums {
        /// Words that title or artist must hold.
        #[serde(default)]
        search: Option<String>,
        /// Of this album artist.
        #[serde(default)]
        artist: Option<ArtistId>,
        /// One album by its id.
        #[serde(default)]
        album: Option<AlbumId>,
        /// With a track of this genre.
        #[serde(default)]
        genre: Option<GenreId>,
        /// Of this year.
        #[serde(default)]
        year: Option<i32>,
        /// In which order.
        #[serde(default)]
        sort: AlbumSort,
        /// From last to first.
        #[serde(default)]
        descending: bool,
    },
    /// Artists by name.
    Artists {
        /// Words that the name must hold.
        #[serde(default)]
        search: Option<String>,
        /// One artist by their id.
        #[serde(default)]
        artist: Option<ArtistId>,
        /// Only those who have an album.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        with_albums: bool,
    },
    /// Genres by name.
    Genres {},
    /// Composers by name.
    Composers {},
    /// Years of release, the latest first.
    Years {},
    /// Folders directly in a folder, by name; without one, the library's roots.
    Folders {
        /// Which they lie in.
        #[serde(default)]
        parent: Option<FolderId>,
    },
    /// A folder and those it lies in, outermost first.
    FolderPath {
        /// Which.
        folder: FolderId,
    },
    /// What a search finds, the best of each kind. One row.
    Search {
        /// As typed; see [`TrackFilter::search`].
        search: String,
    },
    /// The listener's playlists by name.
    Playlists {},
    /// What is in a playlist, in its order.
    Playlist {
        /// Which.
        playlist: PlaylistId,
    },
    /// What was listened to, the latest first.
    History {
        /// Only of this track.
        #[serde(default)]
        track: Option<TrackId>,
    },
    /// What the history tells of a period. One row.
    Statistics {
        /// From here on, in seconds since 1970; without it, from the first listening on.
        #[serde(default)]
        #[ts(type = "number", optional)]
        from_s: Option<i64>,
        /// Up to here; without it, up to now.
        #[serde(default)]
        #[ts(type = "number", optional)]
        to_s: Option<i64>,
    },
    /// Folders of the library.
    Roots {},
    /// Files that the last scan could not read.
    ScanFailures {},
    /// Patterns of names that scans pass over.
    Ignored {},
    /// Tracks that seem to be there more than once, group by group.
    Duplicates {},
    /// What can be edited in the tags of tracks, as all of them have it. One row. Only for clients on this machine.
    Tags {
        /// Which, at most [`crate::TrackSelection::MOST_FILES`].
        tracks: TrackSelection,
    },
    /// Everything that is known of one track: one row.
    Details {
        /// Which.
        track: TrackId,
    },
    /// The lines of a track's lyrics, from a file beside it or from its tags.
    Lyrics {
        /// Which.
        track: TrackId,
    },
}

/// Asks for the rows of a list from `offset` on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RowQuery {
    /// The list.
    pub of: ListQuery,
    /// The first row, from 0.
    pub offset: u32,
    /// At most so many rows; more than [`RowQuery::LIMIT`] is refused.
    pub limit: u32,
}

impl RowQuery {
    /// The most rows that one query may ask for.
    pub const LIMIT: u32 = 500;
}

/// The answer to a [`RowQuery`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RowPage {
    /// The revision of what the list shows: the queue's, or the library's.
    #[ts(type = "number")]
    pub revision: u64,
    /// How many rows the whole list has.
    pub total: u32,
    /// The first row that is here.
    pub offset: u32,
    /// The rows.
    #[serde(flatten)]
    pub items: RowItems,
}

/// Rows of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", content = "items", rename_all = "snake_case")]
pub enum RowItems {
    /// Of the queue.
    Queue(Vec<QueueRow>),
    /// Of a list of tracks.
    Tracks(Vec<TrackRow>),
    /// Of a list of albums.
    Albums(Vec<AlbumRow>),
    /// Of a list of artists.
    Artists(Vec<ArtistRow>),
    /// Of the list of genres.
    Genres(Vec<GenreRow>),
    /// Of the list of composers.
    Composers(Vec<ComposerRow>),
    /// Of the list of years.
    Years(Vec<YearRow>),
    /// Of the tree of folders.
    Folders(Vec<FolderRow>),
    /// What a search found.
    Found(Vec<SearchResults>),
    /// The listener's playlists.
    Playlists(Vec<PlaylistRow>),
    /// Of a playlist.
    Playlist(Vec<PlaylistEntryRow>),
    /// Of the history.
    History(Vec<HistoryRow>),
    /// Of a period.
    Statistics(Vec<Statistics>),
    /// Of the library's folders.
    Roots(Vec<RootRow>),
    /// Of the last scan's failures.
    Failures(Vec<ScanFailure>),
    /// Of the patterns.
    Ignored(Vec<String>),
    /// Of tracks that seem to be there more than once.
    Duplicates(Vec<Duplicate>),
    /// Of tracks together.
    Tags(Vec<EditableTags>),
    /// Of one track.
    Details(Vec<TrackDetails>),
    /// Of lyrics.
    Lyrics(Vec<LyricLine>),
}

/// How far a scan is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct ScanProgress {
    /// Audio files met so far.
    pub found: u32,
    /// Whether `found` is the whole: the walk is over, so it is a true denominator.
    pub counted: bool,
    /// Files dealt with: read, unchanged or failed.
    pub done: u32,
    /// Tracks that are new.
    pub added: u32,
    /// Tracks whose file had changed.
    pub updated: u32,
    /// Files that could not be read; the list `scan_failures` names them.
    pub failed: u32,
    /// Files dealt with in a second, on average of the last few.
    pub files_per_s: u32,
    /// Seconds until the end at that rate, once `counted`.
    pub left_s: Option<u32>,
}

/// How a scan ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ScanSummary {
    /// Its last progress.
    pub progress: ScanProgress,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Stopped by the listener before the end.
    pub cancelled: bool,
}

/// A report of the library.
#[derive(Debug, Clone, PartialEq)]
pub enum LibraryEvent {
    /// What is in it changed: any list may look different now.
    Changed {
        /// The revision that [`RowPage`] carry from now on.
        revision: u64,
        /// Tracks in all.
        tracks: u32,
        /// Albums in all.
        albums: u32,
        /// Artists in all.
        artists: u32,
        /// Folders in all.
        roots: u32,
    },
    /// A scan runs; at most ten a second.
    ScanProgressed(ScanProgress),
    /// Of how many tracks the last edit of tags can be taken back.
    TagsUndoable {
        /// 0 if there is nothing to take back.
        tracks: u32,
    },
    /// It is over.
    ScanEnded(ScanSummary),
    /// A playlist was made of a file, of which some entries were not found.
    PlaylistIncomplete {
        /// The file.
        subject: String,
        /// In words for the listener.
        reason: String,
    },
    /// The analysis went on. No list looks different for it.
    Analysed {
        /// Tracks of which more is known than before: of themselves, or of their album.
        tracks: Vec<TrackId>,
        /// How far it is.
        state: AnalysisState,
    },
    /// It could not run to its end.
    ScanFailed {
        /// The folder or the database, whichever it was.
        subject: String,
        /// In words for the listener.
        reason: String,
    },
}

/// A wish of the core for the library.
#[derive(Debug, Clone, PartialEq)]
pub enum LibraryCommand {
    /// Add a folder and scan it.
    AddRoot {
        /// An absolute path.
        path: PathBuf,
    },
    /// Forget a folder and its tracks; the files stay.
    RemoveRoot {
        /// Which.
        root: RootId,
    },
    /// Look through every folder again. A scan already running starts over when it is done.
    Scan,
    /// Stop the running scan; what it has read stays.
    CancelScan,
    /// Change what the listener made of it.
    Edit(UserDataEdit),
    /// Write something to a file.
    Export(DataExport),
    /// Change the tags in the files of tracks.
    EditTags {
        /// Which.
        tracks: TrackSelection,
        /// The new values.
        tags: Box<EditableTags>,
    },
    /// Take the last edit of tags back.
    UndoTags,
    /// Have scans pass over what these patterns name.
    SetIgnored {
        /// All of them.
        patterns: Vec<String>,
    },
}
