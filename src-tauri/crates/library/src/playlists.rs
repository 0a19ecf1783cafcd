//! Playlists: entries in an order of their own, or a search that is made anew whenever it is looked at.

use auralis_core::{
    PlaylistEntryId, PlaylistEntryRow, PlaylistId, PlaylistRow, RowQuery, SmartPlaylist, TrackFilter, TrackId,
    TrackList, UserDataEdit,
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    derived::json,
    error::LibraryError,
    fold::{fold, sort_key},
    query::Query,
    rows::{View, track_rows},
    select::{self, Selection},
};

/// Room between two entries that are added one after the other. Halving it 40 times leaves numbers that differ.
const STEP: f64 = 1_048_576.0;

/// All playlists by name.
pub(crate) async fn rows(view: &mut SqliteConnection) -> Result<Vec<PlaylistRow>, LibraryError> {
    let rows = sqlx::query("SELECT id, name, smart, tracks, duration_s FROM playlists ORDER BY sort, id");
    let playlist = |row: SqliteRow| {
        let smart = row.get::<Option<String>, _>(2).map(|smart| decode(&smart));
        let counted = smart.is_none();
        PlaylistRow {
            id: PlaylistId(row.get(0)),
            name: row.get(1),
            smart,
            tracks: counted.then(|| row.get(3)),
            duration_s: counted.then(|| row.get(4)),
        }
    };
    Ok(rows.map(playlist).fetch_all(view).await?)
}

/// The entries of a page, the tracks of all entries, and those that the library has.
const PAGE: &str =
    "SELECT id, track_id FROM playlist_entries WHERE playlist_id = ? ORDER BY position, id LIMIT ? OFFSET ?";
const ALL: &str = "SELECT track_id FROM playlist_entries WHERE playlist_id = ? ORDER BY position, id";
const THERE: &str = "SELECT track_id FROM playlist_entries JOIN tracks ON tracks.id = track_id
     WHERE playlist_id = ? ORDER BY position, playlist_entries.id";

/// The rows of a window of a playlist, and how many it has in all.
pub(crate) async fn entries(
    view: &mut View<'_>,
    playlist: PlaylistId,
    window: &RowQuery,
) -> Result<(u32, Vec<PlaylistEntryRow>), LibraryError> {
    if let Some(list) = smart_list(view, playlist).await? {
        let all = view.counts.tracks;
        let (total, ids) = view.page(list, all, window).await?;
        let rows = track_rows(&mut view.connection, &ids).await?;
        return Ok((total, rows.into_iter().map(|track| PlaylistEntryRow { entry: None, track }).collect()));
    }
    let total = "SELECT tracks FROM playlists WHERE id = ?";
    let total: u32 = sqlx::query_scalar(total).bind(playlist.0).fetch_one(&mut *view.connection).await?;
    let page = sqlx::query_as(PAGE).bind(playlist.0).bind(window.limit).bind(window.offset);
    let found: Vec<(i64, i64)> = page.fetch_all(&mut *view.connection).await?;
    let ids: Vec<i64> = found.iter().map(|(_, track)| *track).collect();
    let tracks = track_rows(&mut view.connection, &ids).await?;
    let row = |((entry, _), track): (&(i64, i64), _)| PlaylistEntryRow { entry: Some(PlaylistEntryId(*entry)), track };
    Ok((total, found.iter().zip(tracks).map(row).collect()))
}

/// The ids of all tracks of a playlist, also of those that are lost, in its order.
pub(crate) async fn all_tracks(view: &mut View<'_>, playlist: PlaylistId) -> Result<Vec<i64>, LibraryError> {
    if let Some(list) = smart_list(view, playlist).await? {
        return Ok(view.list_ids(&list).await?.into_iter().map(|TrackId(id)| id).collect());
    }
    Ok(sqlx::query_scalar(ALL).bind(playlist.0).fetch_all(&mut *view.connection).await?)
}

/// The ids of the tracks of a playlist that the library has, in its order.
pub(crate) async fn tracks(view: &mut View<'_>, playlist: PlaylistId) -> Result<Vec<TrackId>, LibraryError> {
    if let Some(list) = smart_list(view, playlist).await? {
        return view.list_ids(&list).await;
    }
    let ids: Vec<i64> = sqlx::query_scalar(THERE).bind(playlist.0).fetch_all(&mut *view.connection).await?;
    Ok(ids.into_iter().map(TrackId).collect())
}

/// What a smart playlist finds; nothing for another.
async fn smart_list(view: &mut View<'_>, playlist: PlaylistId) -> Result<Option<Selection>, LibraryError> {
    let smart: Option<Option<String>> = sqlx::query_scalar("SELECT smart FROM playlists WHERE id = ?")
        .bind(playlist.0)
        .fetch_optional(&mut *view.connection)
        .await?;
    let Some(smart) = smart.ok_or(LibraryError::UnknownPlaylist(playlist))? else { return Ok(None) };
    let SmartPlaylist { search, sort, descending, limit } = decode(&smart);
    let filter = TrackFilter { search: Some(search), ..TrackFilter::default() };
    let mut list = select::tracks(view, &TrackList { filter, sort, descending }).await?;
    list.most = limit;
    Ok(Some(list))
}

pub(crate) async fn create(
    change: &mut SqliteConnection,
    name: &str,
    tracks: &[TrackId],
    smart: Option<SmartPlaylist>,
) -> Result<(), LibraryError> {
    let name = free_name(change, name, None).await?;
    smart.as_ref().map_or(Ok(()), expect_sense)?;
    let id = sqlx::query_scalar("INSERT INTO playlists (key, name, sort, smart) VALUES (?, ?, ?, ?) RETURNING id")
        .bind(fold(name))
        .bind(name)
        .bind(sort_key(name))
        .bind(smart.as_ref().map(encode))
        .fetch_one(&mut *change)
        .await?;
    if tracks.is_empty() { Ok(()) } else { add(change, PlaylistId(id), tracks, None).await }
}

pub(crate) async fn rename(
    change: &mut SqliteConnection,
    playlist: PlaylistId,
    name: &str,
) -> Result<(), LibraryError> {
    let name = free_name(change, name, Some(playlist)).await?;
    let renamed = sqlx::query("UPDATE playlists SET key = ?, name = ?, sort = ? WHERE id = ?")
        .bind(fold(name))
        .bind(name)
        .bind(sort_key(name))
        .bind(playlist.0)
        .execute(change)
        .await?;
    if renamed.rows_affected() == 0 { Err(LibraryError::UnknownPlaylist(playlist)) } else { Ok(()) }
}

/// A name for a new playlist that none has: with a number behind it if need be.
pub(crate) async fn next_free_name(change: &mut SqliteConnection, name: &str) -> Result<String, LibraryError> {
    let name: String = name.trim().chars().take(UserDataEdit::MAX_PLAYLIST_NAME_CHARS - 10).collect();
    let name = if name.is_empty() { "Playlist".into() } else { name };
    for number in 1.. {
        let numbered = if number == 1 { name.clone() } else { format!("{name} {number}") };
        if free_name(change, &numbered, None).await.is_ok() {
            return Ok(numbered);
        }
    }
    Ok(name)
}

/// The name without space around it, if no other playlist has it.
async fn free_name<'n>(
    change: &mut SqliteConnection,
    name: &'n str,
    but: Option<PlaylistId>,
) -> Result<&'n str, LibraryError> {
    let name = name.trim();
    let other: Option<i64> =
        sqlx::query_scalar("SELECT id FROM playlists WHERE key = ?").bind(fold(name)).fetch_optional(change).await?;
    match other {
        Some(other) if Some(PlaylistId(other)) != but => Err(LibraryError::NameTaken(name.into())),
        _ => Ok(name),
    }
}

pub(crate) async fn delete(change: &mut SqliteConnection, playlist: PlaylistId) -> Result<(), LibraryError> {
    let deleted = sqlx::query("DELETE FROM playlists WHERE id = ?").bind(playlist.0).execute(change).await?;
    if deleted.rows_affected() == 0 { Err(LibraryError::UnknownPlaylist(playlist)) } else { Ok(()) }
}

/// Has a smart playlist find something else.
pub(crate) async fn change(
    change: &mut SqliteConnection,
    playlist: PlaylistId,
    smart: &SmartPlaylist,
) -> Result<(), LibraryError> {
    if !is_smart(change, playlist).await? {
        return Err(LibraryError::WrongKind("this playlist is not a smart one"));
    }
    expect_sense(smart)?;
    let set = "UPDATE playlists SET smart = ? WHERE id = ?";
    sqlx::query(set).bind(encode(smart)).bind(playlist.0).execute(change).await?;
    Ok(())
}

pub(crate) async fn add(
    change: &mut SqliteConnection,
    playlist: PlaylistId,
    tracks: &[TrackId],
    before: Option<PlaylistEntryId>,
) -> Result<(), LibraryError> {
    expect_entries(change, playlist, before.as_slice()).await?;
    let (first, step) = room(change, playlist, before, tracks.len(), &[]).await?;
    sqlx::query(
        "INSERT INTO playlist_entries (playlist_id, position, track_id)
         SELECT ?, ? + key * ?, value FROM json_each(?) ORDER BY key",
    )
    .bind(playlist.0)
    .bind(first)
    .bind(step)
    .bind(json(tracks.iter().map(|TrackId(id)| id)))
    .execute(&mut *change)
    .await?;
    count(change, playlist).await
}

pub(crate) async fn remove(
    change: &mut SqliteConnection,
    playlist: PlaylistId,
    entries: &[PlaylistEntryId],
) -> Result<(), LibraryError> {
    expect_entries(change, playlist, entries).await?;
    sqlx::query("DELETE FROM playlist_entries WHERE id IN (SELECT value FROM json_each(?))")
        .bind(ids(entries))
        .execute(&mut *change)
        .await?;
    count(change, playlist).await
}

/// Moves entries, in the order given, in front of another.
pub(crate) async fn reorder(
    change: &mut SqliteConnection,
    playlist: PlaylistId,
    entries: &[PlaylistEntryId],
    before: Option<PlaylistEntryId>,
) -> Result<(), LibraryError> {
    expect_entries(change, playlist, entries).await?;
    expect_entries(change, playlist, before.as_slice()).await?;
    if before.is_some_and(|before| entries.contains(&before)) {
        return Err(LibraryError::WrongKind("entries cannot be moved in front of themselves"));
    }
    let (first, step) = room(change, playlist, before, entries.len(), entries).await?;
    sqlx::query(
        "UPDATE playlist_entries SET position = ? + wanted.key * ? FROM json_each(?) AS wanted
         WHERE playlist_entries.id = wanted.value",
    )
    .bind(first)
    .bind(step)
    .bind(ids(entries))
    .execute(change)
    .await?;
    Ok(())
}

/// Where `count` entries go in front of another: the position of the first, and the step to the next. `moving` are not
/// in the way. Where there is no room left, all entries are put further apart.
async fn room(
    change: &mut SqliteConnection,
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
            sqlx::query(spread).bind(STEP).bind(playlist.0).execute(&mut *change).await?;
        }
        let upper: Option<f64> = match before {
            None => None,
            Some(before) => {
                let position = "SELECT position FROM playlist_entries WHERE id = ?";
                Some(sqlx::query_scalar(position).bind(before.0).fetch_one(&mut *change).await?)
            }
        };
        let lower: Option<f64> = sqlx::query_scalar(
            "SELECT position FROM playlist_entries WHERE playlist_id = ?1 AND (?2 IS NULL OR position < ?2)
             AND id NOT IN (SELECT value FROM json_each(?3)) ORDER BY position DESC, id DESC LIMIT 1",
        )
        .bind(playlist.0)
        .bind(upper)
        .bind(&moving)
        .fetch_optional(&mut *change)
        .await?;
        let lower = lower.unwrap_or_else(|| upper.map_or(0.0, |upper| upper - STEP));
        let step = upper.map_or(STEP, |upper| (upper - lower) / (count as f64 + 1.0));
        let differ = |step: f64| step > lower.abs().max(STEP) * f64::EPSILON * 16.0;
        if differ(step) || spread {
            return Ok((lower + step, step));
        }
    }
    Ok((STEP, STEP))
}

/// Fails with the first id that no entry of the playlist has, and if the playlist is none that has entries.
async fn expect_entries(
    change: &mut SqliteConnection,
    playlist: PlaylistId,
    entries: &[PlaylistEntryId],
) -> Result<(), LibraryError> {
    if is_smart(change, playlist).await? {
        return Err(LibraryError::WrongKind("a smart playlist cannot be edited entry by entry"));
    }
    let unknown: Option<i64> = sqlx::query_scalar(
        "SELECT value FROM json_each(?) WHERE NOT EXISTS
         (SELECT 1 FROM playlist_entries WHERE id = value AND playlist_id = ?) ORDER BY key LIMIT 1",
    )
    .bind(ids(entries))
    .bind(playlist.0)
    .fetch_optional(change)
    .await?;
    unknown.map_or(Ok(()), |id| Err(LibraryError::UnknownEntry(PlaylistEntryId(id))))
}

async fn is_smart(change: &mut SqliteConnection, playlist: PlaylistId) -> Result<bool, LibraryError> {
    let smart = sqlx::query_scalar("SELECT smart IS NOT NULL FROM playlists WHERE id = ?")
        .bind(playlist.0)
        .fetch_optional(change)
        .await?;
    smart.ok_or(LibraryError::UnknownPlaylist(playlist))
}

async fn count(change: &mut SqliteConnection, playlist: PlaylistId) -> Result<(), LibraryError> {
    sqlx::query(
        "UPDATE playlists SET (tracks, duration_s) =
         (SELECT count(*), total(duration_s) FROM playlist_entries LEFT JOIN tracks ON tracks.id = track_id
          WHERE playlist_id = playlists.id) WHERE id = ?",
    )
    .bind(playlist.0)
    .execute(change)
    .await?;
    Ok(())
}

fn ids(entries: &[PlaylistEntryId]) -> String {
    json(entries.iter().map(|PlaylistEntryId(id)| id))
}

/// Fails if the search of a smart playlist is not understood.
fn expect_sense(smart: &SmartPlaylist) -> Result<(), LibraryError> {
    Query::parse(&smart.search).problem.map_or(Ok(()), |problem| Err(LibraryError::Search(problem)))
}

fn encode(smart: &SmartPlaylist) -> String {
    serde_json::to_string(smart).unwrap_or_default()
}

/// One that cannot be read, of a version to come, finds everything.
fn decode(smart: &str) -> SmartPlaylist {
    serde_json::from_str(smart).unwrap_or_else(|error| {
        tracing::warn!(%error, "a smart playlist cannot be read");
        SmartPlaylist::default()
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::database::{Database, plan};

    #[tokio::test]
    async fn entries_are_read_by_an_index_in_their_order() {
        let dir = tempfile::tempdir().unwrap();
        let (database, _) = Database::open(&dir.path().join("library.db")).await.unwrap();
        let mut view = database.read().await.unwrap();
        for sql in [PAGE, ALL, THERE] {
            let plan = plan(&mut view, sql).await;
            let entries = "SEARCH playlist_entries USING COVERING INDEX playlist_entries_in_order (playlist_id=?)";
            assert_eq!(plan[0], entries, "{sql}: {plan:#?}");
            let others = ["SEARCH tracks USING INTEGER PRIMARY KEY (rowid=?)"];
            assert!(plan[1..].iter().all(|step| others.contains(&&**step)), "{sql}: {plan:#?}");
        }
    }
}
