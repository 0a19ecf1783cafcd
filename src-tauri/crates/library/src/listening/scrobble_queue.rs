//! Plays to be sent to a scrobbling server. The history itself is the queue; only the id of the last sent listen is stored.

use auralis_core::{ListenId, MusicBrainzIds, TrackId};
use sqlx::{Row, sqlite::SqliteRow};

use crate::{
    database::{Database, key_value},
    error::LibraryError,
    file_access::FileAccess,
    lists::rows::track_paths,
    tags,
};

/// Key of the last sent listen. It is empty while scrobbling is off.
const LAST_SCROBBLE_KEY: &str = "scrobbled";

/// A play with what a scrobbling server needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Scrobble {
    /// The entry of the history.
    pub listen: ListenId,
    /// When it started, as Unix time.
    pub began_s: i64,
    /// The title.
    pub title: String,
    /// The artist credit.
    pub artist: String,
    /// The album's title, empty if unknown.
    pub album: String,
    /// The track's length in seconds, 0 if unknown.
    pub duration_s: f64,
    /// MusicBrainz ids from the file's current tags, if the file is there.
    pub musicbrainz: MusicBrainzIds,
}

/// Switches scrobbling on or off. Listens from before it is switched on are never sent.
pub(crate) async fn set_enabled(database: &Database, enabled: bool) -> Result<(), LibraryError> {
    let is_enabled = last_sent(database).await?.is_some();
    match enabled {
        true if is_enabled => Ok(()),
        true => {
            let last = "SELECT coalesce(max(id), 0) FROM listens";
            let last = sqlx::query_scalar(last).fetch_one(&mut *database.begin_read().await?).await?;
            mark_sent(database, ListenId(last)).await
        }
        false => key_value::save(database, &[(LAST_SCROBBLE_KEY, b"")]).await,
    }
}

/// Returns the first pending scrobbles, at most `limit`, and the number of all.
pub(crate) async fn pending(
    database: &Database,
    files: &FileAccess,
    limit: u32,
) -> Result<(Vec<Scrobble>, u32), LibraryError> {
    let Some(ListenId(last)) = last_sent(database).await? else { return Ok((Vec::new(), 0)) };
    let mut connection = database.begin_read().await?;
    // Servers refuse plays without title or artist.
    let count = "SELECT count(*) FROM listens WHERE id > ? AND play AND title <> '' AND artist <> ''";
    let count = sqlx::query_scalar(count).bind(last).fetch_one(&mut *connection).await?;
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
    let rows = rows.bind(last).bind(limit).map(|row: SqliteRow| (TrackId(row.get(6)), scrobble(row)));
    let (tracks, mut plays): (Vec<_>, Vec<_>) = rows.fetch_all(&mut *connection).await?.into_iter().unzip();
    let paths = track_paths(&mut connection, &tracks).await?;
    drop(connection);
    for (play, path) in plays.iter_mut().zip(paths) {
        let Some(path) = path else { continue };
        let file = path.clone();
        let read = move || {
            tags::configure_lofty_read();
            tags::read_details(&path)
        };
        // Without the file, a play is sent without these ids.
        if let Ok(Some(details)) = files.run(&file, read).await {
            play.musicbrainz = details.musicbrainz;
        }
    }
    Ok((plays, count))
}

/// Marks all listens up to this one as sent.
pub(crate) async fn mark_sent(database: &Database, ListenId(last): ListenId) -> Result<(), LibraryError> {
    key_value::save(database, &[(LAST_SCROBBLE_KEY, last.to_string().as_bytes())]).await
}

async fn last_sent(database: &Database) -> Result<Option<ListenId>, LibraryError> {
    let kept = key_value::load(database, LAST_SCROBBLE_KEY).await?.unwrap_or_default();
    Ok(std::str::from_utf8(&kept).ok().and_then(|id| id.parse().ok()).map(ListenId))
}
