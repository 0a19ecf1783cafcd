//! Plays that are to be told to a server. The history is the queue of them: what was told last is remembered.

use auralis_core::{ListenId, MusicBrainzIds, TrackId};
use sqlx::{Row, sqlite::SqliteRow};

use crate::{
    database::Database,
    error::LibraryError,
    loose::blocking,
    rows::{View, track_paths},
    session, tags,
};

/// Under which the last listening that was told is kept, for as long as plays are told at all.
const KEPT: &str = "scrobbled";

/// A play as a server wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scrobble {
    /// Which listening it is.
    pub listen: ListenId,
    /// When it began, in seconds since 1970.
    pub began_s: i64,
    /// The title.
    pub title: String,
    /// The artist's credit.
    pub artist: String,
    /// The album's title, empty if unknown.
    pub album: String,
    /// The track's length in seconds, 0 if unknown.
    pub duration_s: f64,
    /// What the file says of it now, if it is there.
    pub musicbrainz: MusicBrainzIds,
}

/// From now on, or no longer. What was heard while they were not told never is.
pub(crate) async fn scrobble(database: &Database, on: bool) -> Result<(), LibraryError> {
    let is_on = told_up_to(database).await?.is_some();
    match on {
        true if is_on => Ok(()),
        true => {
            let last = "SELECT coalesce(max(id), 0) FROM listens";
            let last = sqlx::query_scalar(last).fetch_one(&mut *database.read().await?).await?;
            told(database, ListenId(last)).await
        }
        false => session::save(database, &[(KEPT, b"")]).await,
    }
}

/// The first of those that have not been told, and how many there are.
pub(crate) async fn untold(database: &Database, most: u32) -> Result<(Vec<Scrobble>, u32), LibraryError> {
    let Some(ListenId(last)) = told_up_to(database).await? else { return Ok((Vec::new(), 0)) };
    let mut view = View::new(database).await?;
    // Servers refuse what has no name.
    let count = "SELECT count(*) FROM listens WHERE id > ? AND play AND title <> '' AND artist <> ''";
    let count = sqlx::query_scalar(count).bind(last).fetch_one(&mut *view.connection).await?;
    let rows = sqlx::query(
        "SELECT id, began_s, title, artist, album, duration_s, track_id FROM listens
         WHERE id > ? AND play AND title <> '' AND artist <> '' ORDER BY id LIMIT ?",
    );
    let scrobble = |row: SqliteRow| Scrobble {
        listen: ListenId(row.get(0)),
        began_s: row.get(1),
        title: row.get(2),
        artist: row.get(3),
        album: row.get(4),
        duration_s: row.get(5),
        musicbrainz: MusicBrainzIds::default(),
    };
    let rows = rows.bind(last).bind(most).map(|row: SqliteRow| (TrackId(row.get(6)), scrobble(row)));
    let (tracks, mut plays): (Vec<_>, Vec<_>) = rows.fetch_all(&mut *view.connection).await?.into_iter().unzip();
    let files = track_paths(&mut view.connection, &tracks).await?;
    drop(view);
    let plays = blocking(move || {
        tags::prepare_thread();
        for (play, file) in plays.iter_mut().zip(files) {
            let details = file.and_then(|file| tags::read_details(&file));
            play.musicbrainz = details.map(|details| details.musicbrainz).unwrap_or_default();
        }
        plays
    });
    Ok((plays.await?, count))
}

/// Notes that all up to this one have been told.
pub(crate) async fn told(database: &Database, ListenId(last): ListenId) -> Result<(), LibraryError> {
    session::save(database, &[(KEPT, last.to_string().as_bytes())]).await
}

async fn told_up_to(database: &Database) -> Result<Option<ListenId>, LibraryError> {
    let kept = session::load(database, KEPT).await?.unwrap_or_default();
    Ok(std::str::from_utf8(&kept).ok().and_then(|id| id.parse().ok()).map(ListenId))
}
