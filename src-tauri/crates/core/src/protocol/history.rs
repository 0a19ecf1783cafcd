//! What was listened to, and what that tells.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    AlbumId, ArtistId, ComposerId, FolderId, GenreId, ListenId, PlaylistId, TrackFilter, TrackId, TrackRow,
    TrackSelection,
};

/// Where a track that was heard came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "from", content = "id", rename_all = "snake_case")]
pub enum PlaybackContext {
    /// Tracks that were picked one by one.
    #[default]
    Tracks,
    /// The listener put it into the queue.
    Queue,
    /// The list of all tracks, or a part of it that has no name of its own.
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
    /// Where tracks come from that are named like this.
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

/// How a listening ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ListenEndReason {
    /// The track was heard to its end.
    Finished,
    /// The listener went on to another.
    Skipped,
    /// Playing was stopped, or the app was closed.
    Stopped,
}

/// A track was left: what the core knows of one listening.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Listen {
    /// The track.
    pub track: TrackId,
    /// How long ago it began, in seconds.
    pub began_s_ago: f64,
    /// How much of it was heard, in seconds; pauses and what was jumped over do not count.
    pub heard_s: f64,
    /// The track's length in seconds, 0 if unknown.
    pub duration_s: f64,
    /// How it ended.
    pub end: ListenEndReason,
    /// Where it came from.
    pub context: PlaybackContext,
}

impl Listen {
    /// What was heard for less is no listening: the listener was looking for something else.
    pub const LEAST_S: f64 = 1.0;

    /// Whether it counts as a play: half of the track or four minutes
    /// (<https://www.last.fm/api/scrobbling#when-is-a-scrobble-a-scrobble>).
    pub fn is_play(&self) -> bool {
        const ENOUGH_S: f64 = 240.0;
        self.heard_s >= ENOUGH_S || (self.duration_s > 0.0 && self.heard_s >= self.duration_s / 2.0)
    }
}

/// A row of the history. It tells what the track was called then, also when it is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct HistoryRow {
    /// Names it.
    pub id: ListenId,
    /// When it began, in seconds since 1970.
    #[ts(type = "number")]
    pub began_s: i64,
    /// How much was heard, in seconds.
    pub heard_s: f64,
    /// How it ended.
    pub end: ListenEndReason,
    /// Whether it counted as a play.
    pub play: bool,
    /// Where it came from.
    pub context: PlaybackContext,
    /// The title.
    pub title: String,
    /// The artist's credit.
    pub artist: String,
    /// The album's title.
    pub album: String,
    /// The track as it is now; `None` if the library no longer has it.
    pub track: Option<TrackRow>,
}

/// What the history tells of a period. Hours and days are those of the listener's clock at the time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Statistics {
    /// Listenings in all.
    pub listens: u32,
    /// Those that count as plays.
    pub plays: u32,
    /// Those that the listener skipped.
    pub skips: u32,
    /// Time listened, in seconds.
    pub heard_s: f64,
    /// Different tracks, artists and albums.
    pub tracks: u32,
    /// Different artists.
    pub artists: u32,
    /// Different albums.
    pub albums: u32,
    /// Seconds listened by weekday (Monday first) and hour: 7 × 24.
    pub week: Vec<Vec<f64>>,
    /// By month, oldest first, months without music left out.
    pub months: Vec<MonthStatistics>,
    /// The tracks that were played most.
    pub top_tracks: Vec<TopItem>,
    /// The artists.
    pub top_artists: Vec<TopItem>,
    /// The albums.
    pub top_albums: Vec<TopItem>,
    /// The genres.
    pub top_genres: Vec<TopItem>,
    /// Tracks that were heard for the first time in this period, the latest first.
    pub first_heard: Vec<TopItem>,
    /// Days with music, one after the other, up to the last day of the period or the one before.
    pub streak_days: u32,
    /// The longest such row of days in the period.
    pub longest_streak_days: u32,
}

impl Statistics {
    /// The most rows of each of the lists of tops.
    pub const MOST_TOPS: u32 = 50;
}

/// The music of one month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MonthStatistics {
    /// The year.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// Time listened, in seconds.
    pub heard_s: f64,
    /// Plays.
    pub plays: u32,
}

/// One of those heard most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TopItem {
    /// The library's id of the track, artist, album or genre, while it has it.
    #[ts(type = "number | null")]
    pub id: Option<i64>,
    /// Its name.
    pub name: String,
    /// The artist of a track or album, else empty.
    pub artist: String,
    /// Plays in the period.
    pub plays: u32,
    /// Time listened, in seconds.
    pub heard_s: f64,
    /// When it was first heard at all, in seconds since 1970.
    #[ts(type = "number")]
    pub first_heard_s: i64,
    /// Content hash of a cover.
    pub cover: Option<String>,
}
