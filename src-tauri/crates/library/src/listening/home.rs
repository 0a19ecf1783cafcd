//! The shelves of the Home page.

use auralis_core::{Home, PlaybackContext, PlaylistId, RecentContext, TrackRow};
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::{clock::unix_now_s, error::LibraryError, lists::rows, query::sql::IN_LIBRARY, tags::cover_hash::CoverHash};

const DAY_S: i64 = 86_400;
/// Ratings from here on count as favourites.
const MIN_RATING: i64 = 4;
/// Listens that are searched for recent contexts.
const RECENT_LISTENS: u32 = 500;

pub(crate) async fn home(connection: &mut SqliteConnection) -> Result<Home, LibraryError> {
    let now_s = unix_now_s();
    let added = "SELECT id FROM albums ORDER BY added_s DESC, artist_sort DESC, title_sort DESC LIMIT ?";
    let added = sqlx::query_scalar(added).bind(Home::MAX_ITEMS).fetch_all(&mut *connection).await?;
    Ok(Home {
        recent_contexts: recent_contexts(connection).await?,
        recently_added: rows::album_rows(connection, &added).await?,
        recently_played: recently_played(connection).await?,
        top_tracks: top_tracks(connection, now_s - i64::from(Home::TOP_DAYS) * DAY_S).await?,
        forgotten_favourites: forgotten_favourites(connection, now_s).await?,
    })
}

async fn tracks(connection: &mut SqliteConnection, ids: &[i64]) -> Result<Vec<TrackRow>, LibraryError> {
    Ok(rows::track_rows(connection, ids).await?.into_iter().flatten().collect())
}

async fn recently_played(connection: &mut SqliteConnection) -> Result<Vec<TrackRow>, LibraryError> {
    let sql =
        format!("SELECT id FROM tracks{IN_LIBRARY} AND played_s IS NOT NULL ORDER BY played_s DESC, id DESC LIMIT ?");
    let ids: Vec<i64> =
        sqlx::query_scalar(AssertSqlSafe(sql)).bind(Home::MAX_ITEMS).fetch_all(&mut *connection).await?;
    tracks(connection, &ids).await
}

async fn top_tracks(connection: &mut SqliteConnection, from_s: i64) -> Result<Vec<TrackRow>, LibraryError> {
    let sql = format!(
        "SELECT track_id FROM listens WHERE began_s >= ? AND play
         AND track_id IN (SELECT id FROM tracks{IN_LIBRARY} AND id = track_id)
         GROUP BY track_id ORDER BY count(*) DESC, max(began_s) DESC LIMIT ?"
    );
    let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(from_s).bind(Home::MAX_ITEMS);
    let ids: Vec<i64> = query.fetch_all(&mut *connection).await?;
    tracks(connection, &ids).await
}

async fn forgotten_favourites(connection: &mut SqliteConnection, now_s: i64) -> Result<Vec<TrackRow>, LibraryError> {
    // A track that was never played counts from when it was added. The last term shuffles by day.
    let sql = format!(
        "SELECT id FROM tracks{IN_LIBRARY} AND id IN
             (SELECT id FROM tracks WHERE favourite_s IS NOT NULL UNION SELECT id FROM tracks WHERE rating >= ?)
         AND coalesce(played_s, added_s) < ? ORDER BY (id * 7919 + ?) % 10007 LIMIT ?"
    );
    let query = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(MIN_RATING)
        .bind(now_s - i64::from(Home::FORGOTTEN_DAYS) * DAY_S)
        .bind(now_s / DAY_S * 4001)
        .bind(Home::MAX_ITEMS);
    let ids: Vec<i64> = query.fetch_all(&mut *connection).await?;
    tracks(connection, &ids).await
}

async fn recent_contexts(connection: &mut SqliteConnection) -> Result<Vec<RecentContext>, LibraryError> {
    let sql = "SELECT context FROM (SELECT context, began_s FROM listens ORDER BY began_s DESC LIMIT ?)
               GROUP BY context ORDER BY max(began_s) DESC";
    let recent: Vec<String> = sqlx::query_scalar(sql).bind(RECENT_LISTENS).fetch_all(&mut *connection).await?;
    let mut found = Vec::new();
    for context in recent.iter().filter_map(|context| serde_json::from_str(context).ok()) {
        found.extend(describe(connection, context).await?);
        if found.len() == Home::MAX_ITEMS as usize {
            break;
        }
    }
    Ok(found)
}

/// Returns nothing for a context without a page of its own, and for one that is gone.
async fn describe(
    connection: &mut SqliteConnection,
    context: PlaybackContext,
) -> Result<Option<RecentContext>, LibraryError> {
    let (name, artist, covers) = match context {
        PlaybackContext::Album(id) => match rows::album_rows(connection, &[id.0]).await?.pop() {
            Some(album) => (album.title, album.artist, album.cover.into_iter().collect()),
            None => return Ok(None),
        },
        PlaybackContext::Artist(id) => match rows::artist_rows(connection, &[id.0]).await?.pop() {
            Some(artist) => (artist.name, String::new(), artist.cover.into_iter().collect()),
            None => return Ok(None),
        },
        PlaybackContext::Genre(id) => match name_of(connection, "genres", id.0).await? {
            Some(name) => (name, String::new(), Vec::new()),
            None => return Ok(None),
        },
        PlaybackContext::Playlist(id) => match name_of(connection, "playlists", id.0).await? {
            Some(name) => (name, String::new(), playlist_covers(connection, id).await?),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    Ok(Some(RecentContext { context, name, artist, covers }))
}

async fn name_of(
    connection: &mut SqliteConnection,
    table: &'static str,
    id: i64,
) -> Result<Option<String>, LibraryError> {
    let sql = format!("SELECT name FROM {table} WHERE id = ?");
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).bind(id).fetch_optional(connection).await?)
}

/// Returns the first four covers of a playlist; none of a smart one.
async fn playlist_covers(connection: &mut SqliteConnection, playlist: PlaylistId) -> Result<Vec<String>, LibraryError> {
    let sql = "SELECT coalesce(tracks.cover, folders.cover) FROM playlist_entries
               JOIN tracks ON tracks.id = track_id JOIN folders ON folders.id = folder_id
               WHERE playlist_id = ? ORDER BY position LIMIT 50";
    let covers: Vec<Option<Vec<u8>>> = sqlx::query_scalar(sql).bind(playlist.0).fetch_all(connection).await?;
    let mut first = Vec::new();
    for cover in covers.into_iter().flatten().filter_map(|bytes| CoverHash::digits(&bytes)) {
        if !first.contains(&cover) && first.len() < 4 {
            first.push(cover);
        }
    }
    Ok(first)
}
