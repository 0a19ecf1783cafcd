//! Listens, the history made of them, and statistics of it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    AlbumId, ArtistId, ComposerId, FolderId, GenreId, ListenId, PlaylistId, TrackFilter, TrackId, TrackRow,
    TrackSelection,
};

/// What playback was started from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "from", content = "id", rename_all = "snake_case")]
pub enum PlaybackContext {
    /// Individually selected tracks.
    #[default]
    Tracks,
    /// "Up next": the user added the track to the queue.
    Queue,
    /// The list of all tracks, or a part of it without a name of its own.
    Library,
    /// A search.
    Search,
    /// The favourites.
    Favourites,
    /// An album.
    Album(AlbumId),
    /// An artist.
    Artist(ArtistId),
    /// A genre.
    Genre(GenreId),
    /// A composer.
    Composer(ComposerId),
    /// A year.
    Year(i32),
    /// A folder.
    Folder(FolderId),
    /// A playlist.
    Playlist(PlaylistId),
}

impl PlaybackContext {
    /// Returns the context of tracks that were selected this way.
    pub(crate) fn of(tracks: &TrackSelection) -> Self {
        let TrackFilter { search, album, artist, genre, composer, year, folder, favourite, played: _ } = match tracks {
            TrackSelection::Ids { .. } | TrackSelection::Files { .. } => return PlaybackContext::Tracks,
            TrackSelection::Playlist { playlist } => return PlaybackContext::Playlist(*playlist),
            TrackSelection::List { list } => &list.filter,
        };
        let searched = || search.as_ref().map(|_| PlaybackContext::Search);
        album
            .map(PlaybackContext::Album)
            .or(artist.map(PlaybackContext::Artist))
            .or(genre.map(PlaybackContext::Genre))
            .or(composer.map(PlaybackContext::Composer))
            .or(year.map(PlaybackContext::Year))
            .or(folder.map(PlaybackContext::Folder))
            .or(favourite.filter(|is| *is).map(|_| PlaybackContext::Favourites))
            .or_else(searched)
            .unwrap_or(PlaybackContext::Library)
    }
}

/// Why a listen ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ListenEndReason {
    /// The track played to its end.
    Finished,
    /// The user went on to another track.
    Skipped,
    /// Playback was stopped, or Auralis was closed.
    Stopped,
}

/// A finished listen, as the core reports it to the library.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Listen {
    /// The track.
    pub track: TrackId,
    /// How long ago it started, in seconds.
    pub started_s_ago: f64,
    /// Time listened in seconds, without pauses and skipped parts.
    pub listened_s: f64,
    /// Length of the track in seconds; 0 if unknown.
    pub duration_s: f64,
    /// Why it ended.
    pub end: ListenEndReason,
    /// What playback was started from.
    pub context: PlaybackContext,
}

impl Listen {
    /// Shortest listen that is recorded, in seconds. Shorter ones come from browsing through tracks.
    pub const MIN_LISTEN_S: f64 = 1.0;

    /// Whether it counts as a play: half of the track or four minutes
    /// (<https://www.last.fm/api/scrobbling#when-is-a-scrobble-a-scrobble>).
    pub fn is_play(&self) -> bool {
        const PLAY_THRESHOLD_S: f64 = 240.0;
        self.listened_s >= PLAY_THRESHOLD_S || (self.duration_s > 0.0 && self.listened_s >= self.duration_s / 2.0)
    }
}

/// A row of the history. It keeps the track's names at the time, also after the track is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct HistoryRow {
    /// The listen's id.
    pub id: ListenId,
    /// When it started (Unix seconds).
    #[ts(type = "number")]
    pub began_s: i64,
    /// Time listened in seconds.
    #[serde(rename = "heard_s")]
    pub listened_s: f64,
    /// Why it ended.
    pub end: ListenEndReason,
    /// Whether it counted as a play.
    pub play: bool,
    /// What playback was started from.
    pub context: PlaybackContext,
    /// The title.
    pub title: String,
    /// The artist credit.
    pub artist: String,
    /// The album title.
    pub album: String,
    /// The track as it is now; `None` if it is no longer in the library.
    pub track: Option<TrackRow>,
}

/// Listening statistics of a period. Hours and days are in the local time of each listen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Statistics {
    /// Number of listens.
    pub listens: u32,
    /// Number of plays.
    pub plays: u32,
    /// Number of skipped listens.
    pub skips: u32,
    /// Time listened in seconds.
    #[serde(rename = "heard_s")]
    pub listened_s: f64,
    /// Number of different tracks.
    pub tracks: u32,
    /// Number of different artists.
    pub artists: u32,
    /// Number of different albums.
    pub albums: u32,
    /// Seconds listened by weekday (Monday first) and hour: 7 × 24.
    pub week: Vec<Vec<f64>>,
    /// By month, oldest first, without months in which nothing was played.
    pub months: Vec<MonthStatistics>,
    /// The most played tracks.
    pub top_tracks: Vec<TopItem>,
    /// The most played artists.
    pub top_artists: Vec<TopItem>,
    /// The most played albums.
    pub top_albums: Vec<TopItem>,
    /// The most played genres.
    pub top_genres: Vec<TopItem>,
    /// Tracks that were played for the first time in this period, latest first.
    #[serde(rename = "first_heard")]
    pub first_played: Vec<TopItem>,
    /// Consecutive days with music, up to the last day of the period or the day before.
    pub streak_days: u32,
    /// Most consecutive days with music in the period.
    pub longest_streak_days: u32,
}

impl Statistics {
    /// Largest length of each chart.
    pub const MAX_TOP_ITEMS: u32 = 50;
}

/// Statistics of one month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MonthStatistics {
    /// The year.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// Time listened in seconds.
    #[serde(rename = "heard_s")]
    pub listened_s: f64,
    /// Number of plays.
    pub plays: u32,
}

/// An item of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TopItem {
    /// Id of the track, artist, album or genre, if it is still in the library.
    #[ts(type = "number | null")]
    pub id: Option<i64>,
    /// Its name.
    pub name: String,
    /// The artist of a track or album; otherwise empty.
    pub artist: String,
    /// Number of plays in the period.
    pub plays: u32,
    /// Time listened in seconds.
    #[serde(rename = "heard_s")]
    pub listened_s: f64,
    /// When it was played for the first time ever (Unix seconds).
    #[serde(rename = "first_heard_s")]
    #[ts(type = "number")]
    pub first_played_s: i64,
    /// Content hash of a cover.
    pub cover: Option<String>,
}
