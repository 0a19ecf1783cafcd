//! Playlists: manual ones with ordered entries, and smart ones, which run a search whenever they are opened.

use auralis_core::{
    PlaylistEntryId, PlaylistEntryRow, PlaylistId, PlaylistRow, RowQuery, SmartPlaylist, TrackFilter, TrackId,
    TrackList, UserDataEdit,
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    database::json_ids::json_ids,
    error::LibraryError,
    lists::{page::ListReader, rows::track_rows},
    query::{compiled_list::CompiledList, parser::Query},
    text::{normalize, sort_key},
};

/// Distance of the positions of two entries that are added one after the other. It can be halved 40 times before positions
/// collide.
const POSITION_GAP: f64 = 1_048_576.0;

/// Returns all playlists by name.
pub(crate) async fn rows(connection: &mut SqliteConnection) -> Result<Vec<PlaylistRow>, LibraryError> {
    let rows = sqlx::query("SELECT id, name, smart, tracks, duration_s FROM playlists ORDER BY sort, id");
    let playlist = |row: SqliteRow| {
        let smart = row.get::<Option<String>, _>(2).map(|smart| decode(&smart));
        let is_manual = smart.is_none();
        PlaylistRow {
            id: PlaylistId(row.get(0)),
            name: row.get(1),
            smart,
            tracks: is_manual.then(|| row.get(3)),
            duration_s: is_manual.then(|| row.get(4)),
        }
    };
    Ok(rows.map(playlist).fetch_all(connection).await?)
}

/// SQL for a page of entries, for the tracks of all entries, and for those whose file exists.
const PAGE: &str =
    "SELECT id, track_id FROM playlist_entries WHERE playlist_id = ? ORDER BY position, id LIMIT ? OFFSET ?";
const ALL: &str = "SELECT track_id FROM playlist_entries WHERE playlist_id = ? ORDER BY position, id";
const AVAILABLE: &str = "SELECT track_id FROM playlist_entries JOIN tracks ON tracks.id = track_id
     WHERE playlist_id = ? ORDER BY position, playlist_entries.id";

/// Returns the length of a playlist and a window of it.
pub(crate) async fn entries(
    reader: &mut ListReader<'_>,
    playlist: PlaylistId,
    query: &RowQuery,
) -> Result<(u32, Vec<PlaylistEntryRow>), LibraryError> {
    if let Some(list) = smart_list(reader, playlist).await? {
        let all = reader.snapshot.counts.tracks;
        let (total, ids) = reader.page_of_ids(&list, all, query).await?;
        let rows = track_rows(&mut reader.snapshot.connection, &ids).await?;
        return Ok((total, rows.into_iter().map(|track| PlaylistEntryRow { entry: None, track }).collect()));
    }
    let total = "SELECT tracks FROM playlists WHERE id = ?";
    let total: u32 = sqlx::query_scalar(total).bind(playlist.0).fetch_one(&mut *reader.snapshot.connection).await?;
    let page = sqlx::query_as(PAGE).bind(playlist.0).bind(query.limit).bind(query.offset);
    let found: Vec<(i64, i64)> = page.fetch_all(&mut *reader.snapshot.connection).await?;
    let ids: Vec<i64> = found.iter().map(|(_, track)| *track).collect();
    let tracks = track_rows(&mut reader.snapshot.connection, &ids).await?;
    let row = |((entry, _), track): (&(i64, i64), _)| PlaylistEntryRow { entry: Some(PlaylistEntryId(*entry)), track };
    Ok((total, found.iter().zip(tracks).map(row).collect()))
}

/// Returns the ids of all tracks of a playlist in its order, also of missing ones.
pub(crate) async fn all_tracks(reader: &mut ListReader<'_>, playlist: PlaylistId) -> Result<Vec<i64>, LibraryError> {
    if let Some(list) = smart_list(reader, playlist).await? {
        return Ok(reader.list_ids(&list).await?.into_iter().map(|TrackId(id)| id).collect());
    }
    Ok(sqlx::query_scalar(ALL).bind(playlist.0).fetch_all(&mut *reader.snapshot.connection).await?)
}

/// Returns the ids of the available tracks of a playlist, in its order.
pub(crate) async fn tracks(reader: &mut ListReader<'_>, playlist: PlaylistId) -> Result<Vec<TrackId>, LibraryError> {
    if let Some(list) = smart_list(reader, playlist).await? {
        return reader.list_ids(&list).await;
    }
    let ids: Vec<i64> =
        sqlx::query_scalar(AVAILABLE).bind(playlist.0).fetch_all(&mut *reader.snapshot.connection).await?;
    Ok(ids.into_iter().map(TrackId).collect())
}

/// Returns the list of a smart playlist; `None` for a manual one.
async fn smart_list(reader: &mut ListReader<'_>, playlist: PlaylistId) -> Result<Option<CompiledList>, LibraryError> {
    let smart: Option<Option<String>> = sqlx::query_scalar("SELECT smart FROM playlists WHERE id = ?")
        .bind(playlist.0)
        .fetch_optional(&mut *reader.snapshot.connection)
        .await?;
    let Some(smart) = smart.ok_or(LibraryError::UnknownPlaylist(playlist))? else { return Ok(None) };
    let SmartPlaylist { search, sort, descending, limit } = decode(&smart);
    let filter = TrackFilter { search: Some(search), ..TrackFilter::default() };
    let mut list = reader.compile(&TrackList { filter, sort, descending }).await?;
    list.max_rows = limit;
    Ok(Some(list))
}

pub(crate) async fn create(
    tx: &mut SqliteConnection,
    name: &str,
    tracks: &[TrackId],
    smart: Option<SmartPlaylist>,
) -> Result<(), LibraryError> {
    let name = require_free_name(tx, name, None).await?;
    smart.as_ref().map_or(Ok(()), check_search)?;
    let id = sqlx::query_scalar("INSERT INTO playlists (key, name, sort, smart) VALUES (?, ?, ?, ?) RETURNING id")
        .bind(normalize(name))
        .bind(name)
        .bind(sort_key(name))
        .bind(smart.as_ref().map(encode))
        .fetch_one(&mut *tx)
        .await?;
    if tracks.is_empty() { Ok(()) } else { add(tx, PlaylistId(id), tracks, None).await }
}

pub(crate) async fn rename(tx: &mut SqliteConnection, playlist: PlaylistId, name: &str) -> Result<(), LibraryError> {
    let name = require_free_name(tx, name, Some(playlist)).await?;
    let renamed = sqlx::query("UPDATE playlists SET key = ?, name = ?, sort = ? WHERE id = ?")
        .bind(normalize(name))
        .bind(name)
        .bind(sort_key(name))
        .bind(playlist.0)
        .execute(tx)
        .await?;
    if renamed.rows_affected() == 0 { Err(LibraryError::UnknownPlaylist(playlist)) } else { Ok(()) }
}

/// Returns the name of a playlist, or an empty one if there is no such playlist.
pub(crate) async fn name(tx: &mut SqliteConnection, playlist: PlaylistId) -> Result<String, LibraryError> {
    let name =
        sqlx::query_scalar("SELECT name FROM playlists WHERE id = ?").bind(playlist.0).fetch_optional(tx).await?;
    Ok(name.unwrap_or_default())
}

/// Returns a free name for a new playlist, with a number appended if need be.
pub(crate) async fn next_free_name(tx: &mut SqliteConnection, name: &str) -> Result<String, LibraryError> {
    let name: String = name.trim().chars().take(UserDataEdit::MAX_PLAYLIST_NAME_CHARS - 10).collect();
    let name = if name.is_empty() { "Playlist".into() } else { name };
    for number in 1.. {
        let numbered = if number == 1 { name.clone() } else { format!("{name} {number}") };
        if require_free_name(tx, &numbered, None).await.is_ok() {
            return Ok(numbered);
        }
    }
    Ok(name)
}

/// Returns the trimmed name. Fails if another playlist than `except` has it.
async fn require_free_name<'n>(
    tx: &mut SqliteConnection,
    name: &'n str,
    except: Option<PlaylistId>,
) -> Result<&'n str, LibraryError> {
    let name = name.trim();
    let other: Option<i64> =
        sqlx::query_scalar("SELECT id FROM playlists WHERE key = ?").bind(normalize(name)).fetch_optional(tx).await?;
    match other {
        Some(other) if Some(PlaylistId(other)) != except => Err(LibraryError::NameTaken(name.into())),
        _ => Ok(name),
    }
}

pub(crate) async fn delete(tx: &mut SqliteConnection, playlist: PlaylistId) -> Result<(), LibraryError> {
    let deleted = sqlx::query("DELETE FROM playlists WHERE id = ?").bind(playlist.0).execute(tx).await?;
    if deleted.rows_affected() == 0 { Err(LibraryError::UnknownPlaylist(playlist)) } else { Ok(()) }
}

/// Replaces the rules of a smart playlist.
pub(crate) async fn set_smart_rules(
    tx: &mut SqliteConnection,
    playlist: PlaylistId,
    smart: &SmartPlaylist,
) -> Result<(), LibraryError> {
    if !is_smart(tx, playlist).await? {
        return Err(LibraryError::InvalidEdit("this playlist is not a smart one"));
    }
    check_search(smart)?;
    let set = "UPDATE playlists SET smart = ? WHERE id = ?";
    sqlx::query(set).bind(encode(smart)).bind(playlist.0).execute(tx).await?;
    Ok(())
}

pub(crate) async fn add(
    tx: &mut SqliteConnection,
    playlist: PlaylistId,
    tracks: &[TrackId],
    before: Option<PlaylistEntryId>,
) -> Result<(), LibraryError> {
    require_entries(tx, playlist, before.as_slice()).await?;
    let (first, step) = reserve_positions(tx, playlist, before, tracks.len(), &[]).await?;
    sqlx::query(
        "INSERT INTO playlist_entries (playlist_id, position, track_id)
         SELECT ?, ? + key * ?, value FROM json_each(?) ORDER BY key",
    )
    .bind(playlist.0)
    .bind(first)
    .bind(step)
    .bind(json_ids(tracks.iter().map(|TrackId(id)| id)))
    .execute(&mut *tx)
    .await?;
    update_totals(tx, playlist).await
}

pub(crate) async fn remove(
    tx: &mut SqliteConnection,
    playlist: PlaylistId,
    entries: &[PlaylistEntryId],
) -> Result<(), LibraryError> {
    require_entries(tx, playlist, entries).await?;
    sqlx::query("DELETE FROM playlist_entries WHERE id IN (SELECT value FROM json_each(?))")
        .bind(ids(entries))
        .execute(&mut *tx)
        .await?;
    update_totals(tx, playlist).await
}

/// Moves entries, in the given order, before another; to the end without one.
pub(crate) async fn reorder(
    tx: &mut SqliteConnection,
    playlist: PlaylistId,
    entries: &[PlaylistEntryId],
    before: Option<PlaylistEntryId>,
) -> Result<(), LibraryError> {
    require_entries(tx, playlist, entries).await?;
    require_entries(tx, playlist, before.as_slice()).await?;
    if before.is_some_and(|before| entries.contains(&before)) {
        return Err(LibraryError::InvalidEdit("entries cannot be moved in front of themselves"));
    }
    let (first, step) = reserve_positions(tx, playlist, before, entries.len(), entries).await?;
    sqlx::query(
        "UPDATE playlist_entries SET position = ? + wanted.key * ? FROM json_each(?) AS wanted
         WHERE playlist_entries.id = wanted.value",
    )
    .bind(first)
    .bind(step)
    .bind(ids(entries))
    .execute(tx)
    .await?;
    Ok(())
}

/// Returns positions for `count` entries before another: the first, and the distance between them. Entries in `moving` are
/// ignored. If positions are too close, all entries are spread again.
async fn reserve_positions(
    tx: &mut SqliteConnection,
    playlist: PlaylistId,
    before: Option<PlaylistEntryId>,
    count: usize,
    moving: &[PlaylistEntryId],
) -> Result<(f64, f64), LibraryError> {
    let moving = ids(moving);
    for spread in [false, true] {
        if spread {
            let spread = "UPDATE playlist_entries SET position = place * ? FROM
                (SELECT id AS entry, row_number() OVER (ORDER BY position, id) AS place FROM playlist_entries
                 WHERE playlist_id = ?) WHERE id = entry";
            sqlx::query(spread).bind(POSITION_GAP).bind(playlist.0).execute(&mut *tx).await?;
        }
        let upper: Option<f64> = match before {
            None => None,
            Some(before) => {
                let position = "SELECT position FROM playlist_entries WHERE id = ?";
                Some(sqlx::query_scalar(position).bind(before.0).fetch_one(&mut *tx).await?)
            }
        };
        let lower: Option<f64> = sqlx::query_scalar(
            "SELECT position FROM playlist_entries WHERE playlist_id = ?1 AND (?2 IS NULL OR position < ?2)
             AND id NOT IN (SELECT value FROM json_each(?3)) ORDER BY position DESC, id DESC LIMIT 1",
        )
        .bind(playlist.0)
        .bind(upper)
        .bind(&moving)
        .fetch_optional(&mut *tx)
        .await?;
        let lower = lower.unwrap_or_else(|| upper.map_or(0.0, |upper| upper - POSITION_GAP));
        let step = upper.map_or(POSITION_GAP, |upper| (upper - lower) / (count as f64 + 1.0));
        let are_distinct = |step: f64| step > lower.abs().max(POSITION_GAP) * f64::EPSILON * 16.0;
        if are_distinct(step) || spread {
            return Ok((lower + step, step));
        }
    }
    Ok((POSITION_GAP, POSITION_GAP))
}

/// Fails with the first id that is not an entry of the playlist, and if the playlist is a smart one.
async fn require_entries(
    tx: &mut SqliteConnection,
    playlist: PlaylistId,
    entries: &[PlaylistEntryId],
) -> Result<(), LibraryError> {
    if is_smart(tx, playlist).await? {
        return Err(LibraryError::InvalidEdit("a smart playlist cannot be edited entry by entry"));
    }
    let unknown: Option<i64> = sqlx::query_scalar(
        "SELECT value FROM json_each(?) WHERE NOT EXISTS
         (SELECT 1 FROM playlist_entries WHERE id = value AND playlist_id = ?) ORDER BY key LIMIT 1",
    )
    .bind(ids(entries))
    .bind(playlist.0)
    .fetch_optional(tx)
    .await?;
    unknown.map_or(Ok(()), |id| Err(LibraryError::UnknownEntry(PlaylistEntryId(id))))
}

async fn is_smart(tx: &mut SqliteConnection, playlist: PlaylistId) -> Result<bool, LibraryError> {
    let smart = sqlx::query_scalar("SELECT smart IS NOT NULL FROM playlists WHERE id = ?")
        .bind(playlist.0)
        .fetch_optional(tx)
        .await?;
    smart.ok_or(LibraryError::UnknownPlaylist(playlist))
}

/// Recomputes the number of tracks and the length of a playlist.
pub(crate) async fn update_totals(tx: &mut SqliteConnection, playlist: PlaylistId) -> Result<(), LibraryError> {
    sqlx::query(
        "UPDATE playlists SET (tracks, duration_s) =
         (SELECT count(*), total(duration_s) FROM playlist_entries LEFT JOIN tracks ON tracks.id = track_id
          WHERE playlist_id = playlists.id) WHERE id = ?",
    )
    .bind(playlist.0)
    .execute(tx)
    .await?;
    Ok(())
}

fn ids(entries: &[PlaylistEntryId]) -> String {
    json_ids(entries.iter().map(|PlaylistEntryId(id)| id))
}

/// Fails if the search of a smart playlist is invalid.
/// An empty search without a limit is one: the playlist would contain the whole library.
fn check_search(smart: &SmartPlaylist) -> Result<(), LibraryError> {
    if smart.limit.is_none() && Query::parse(&smart.search).into_id_query().is_none() {
        return Err(LibraryError::InvalidPattern("Type what the playlist should contain.".into()));
    }
    Query::parse(&smart.search).warning.map_or(Ok(()), |warning| Err(LibraryError::InvalidPattern(warning)))
}

fn encode(smart: &SmartPlaylist) -> String {
    serde_json::to_string(smart).unwrap_or_default()
}

/// Decodes smart rules. Those of a newer version that cannot be read become an empty search.
fn decode(smart: &str) -> SmartPlaylist {
    serde_json::from_str(smart).unwrap_or_else(|error| {
        tracing::warn!(%error, "the rules of a smart playlist cannot be read");
        SmartPlaylist::default()
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::database::{Database, query_plan};

    #[tokio::test]
    async fn entries_are_read_by_an_index_in_their_order() {
        let dir = tempfile::tempdir().unwrap();
        let (database, _) = Database::open(&dir.path().join("library.db")).await.unwrap();
        let mut connection = database.begin_read().await.unwrap();
        for sql in [PAGE, ALL, AVAILABLE] {
            let plan = query_plan(&mut connection, sql).await;
            let entries = "SEARCH playlist_entries USING COVERING INDEX playlist_entries_in_order (playlist_id=?)";
            assert_eq!(plan[0], entries, "{sql}: {plan:#?}");
            let others = ["SEARCH tracks USING INTEGER PRIMARY KEY (rowid=?)"];
            assert!(plan[1..].iter().all(|step| others.contains(&&**step)), "{sql}: {plan:#?}");
        }
    }
}
