//! The listening history, and the play counts of tracks that are computed from it.

use auralis_core::{HistoryRow, LibraryEvent, Listen, ListenEndReason, ListenId, RowQuery, TrackId};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    clock::unix_now_s,
    database::{Database, json_ids::json_ids},
    error::LibraryError,
    lists::rows::{track_rows, truncate_text},
};

/// Adds a listen. Returns `None` if it was too short to count or its track is unknown.
pub(crate) async fn add(database: &Database, listen: &Listen) -> Result<Option<LibraryEvent>, LibraryError> {
    if listen.listened_s < Listen::MIN_LISTEN_S {
        return Ok(None);
    }
    let started_at_s = unix_now_s() - listen.started_s_ago.max(0.0).round() as i64;
    let mut tx = database.begin_write().await?;
    let added = sqlx::query(
        "INSERT INTO listens (track_id, began_s, local_s, heard_s, end, play, context, title, artist, album, genre, duration_s)
         SELECT id, ?1, unixepoch(?1, 'unixepoch', 'localtime'), ?2, ?3, ?4, ?5, title, artist, album, genre, duration_s
         FROM tracks WHERE id = ?6",
    )
    .bind(started_at_s)
    .bind(listen.listened_s)
    .bind(end_to_str(listen.end))
    .bind(listen.is_play())
    .bind(serde_json::to_string(&listen.context).unwrap_or_default())
    .bind(listen.track.0)
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(None);
    }
    update_play_counts(&mut tx, &json_ids(&[listen.track.0])).await?;
    database.commit_user_data_changed(tx).await.map(Some)
}

/// SQL for the number of listens, and for a page of them.
const ALL_SQL: [&str; 2] = [
    "SELECT count(*) FROM listens",
    "SELECT id, began_s, heard_s, end, play, context, title, artist, album, track_id FROM listens
     ORDER BY began_s DESC, id DESC LIMIT ? OFFSET ?",
];
const OF_TRACK_SQL: [&str; 2] = [
    "SELECT count(*) FROM listens WHERE track_id = ?",
    "SELECT id, began_s, heard_s, end, play, context, title, artist, album, track_id FROM listens
     WHERE track_id = ? ORDER BY began_s DESC, id DESC LIMIT ? OFFSET ?",
];

/// Returns the length of the history and a window of it, the latest first.
pub(crate) async fn rows(
    connection: &mut SqliteConnection,
    track: Option<TrackId>,
    query: &RowQuery,
) -> Result<(u32, Vec<HistoryRow>), LibraryError> {
    let [count, page] = if track.is_some() { OF_TRACK_SQL } else { ALL_SQL };
    let (mut count, mut page) = (sqlx::query_scalar(count), sqlx::query(page));
    if let Some(TrackId(id)) = track {
        (count, page) = (count.bind(id), page.bind(id));
    }
    let total = count.fetch_one(&mut *connection).await?;
    let page = page.bind(query.limit).bind(query.offset).fetch_all(&mut *connection).await?;
    let ids: Vec<i64> = page.iter().map(|row| row.get(9)).collect();
    let tracks = track_rows(connection, &ids).await?;
    let row = |(row, track): (SqliteRow, _)| HistoryRow {
        id: ListenId(row.get(0)),
        began_s: row.get(1),
        listened_s: row.get(2),
        end: end_from_str(row.get(3)),
        play: row.get(4),
        context: serde_json::from_str(row.get(5)).unwrap_or_default(),
        title: truncate_text(row.get(6)),
        artist: truncate_text(row.get(7)),
        album: truncate_text(row.get(8)),
        track,
    };
    Ok((total, page.into_iter().zip(tracks).map(row).collect()))
}

/// Deletes single listens.
pub(crate) async fn delete_listens(tx: &mut SqliteConnection, listens: &[ListenId]) -> Result<(), LibraryError> {
    let ids = json_ids(listens.iter().map(|ListenId(id)| id));
    let unknown: Option<i64> = sqlx::query_scalar(
        "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM listens WHERE id = value) ORDER BY key LIMIT 1",
    )
    .bind(&ids)
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(id) = unknown {
        return Err(LibraryError::UnknownListen(ListenId(id)));
    }
    let delete = "DELETE FROM listens WHERE id IN (SELECT value FROM json_each(?)) RETURNING track_id";
    let tracks: Vec<i64> = sqlx::query_scalar(delete).bind(ids).fetch_all(&mut *tx).await?;
    update_play_counts(tx, &json_ids(&tracks)).await
}

/// Deletes the listens that started at or after `from_s` and before `to_s` (Unix times).
pub(crate) async fn delete_period(
    tx: &mut SqliteConnection,
    from_s: Option<i64>,
    to_s: Option<i64>,
) -> Result<(), LibraryError> {
    let tracks: Vec<i64> =
        sqlx::query_scalar("DELETE FROM listens WHERE began_s >= ? AND began_s < ? RETURNING track_id")
            .bind(from_s.unwrap_or(i64::MIN))
            .bind(to_s.unwrap_or(i64::MAX))
            .fetch_all(&mut *tx)
            .await?;
    update_play_counts(tx, &json_ids(&tracks)).await
}

/// Recomputes play counts, skip counts and the last play of tracks from the history.
pub(crate) async fn update_play_counts(tx: &mut SqliteConnection, tracks: &str) -> Result<(), LibraryError> {
    const COUNTS: &str = "(SELECT coalesce(sum(play), 0), count(*) FILTER (WHERE end = 'skipped' AND NOT play), max(began_s) FILTER (WHERE play)
         FROM listens WHERE track_id = tracks.id)";
    for table in ["tracks", "lost_tracks AS tracks"] {
        let update = format!(
            "UPDATE {table} SET (plays, skips, played_s) = {COUNTS} WHERE id IN (SELECT value FROM json_each(?))"
        );
        sqlx::query(sqlx::AssertSqlSafe(update)).bind(tracks).execute(&mut *tx).await?;
    }
    Ok(())
}

pub(crate) fn end_to_str(end: ListenEndReason) -> &'static str {
    match end {
        ListenEndReason::Finished => "finished",
        ListenEndReason::Skipped => "skipped",
        ListenEndReason::Stopped => "stopped",
    }
}

fn end_from_str(name: &str) -> ListenEndReason {
    match name {
        "finished" => ListenEndReason::Finished,
        "skipped" => ListenEndReason::Skipped,
        _ => ListenEndReason::Stopped,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_page_is_read_by_an_index_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (database, _) = Database::open(&dir.path().join("library.db")).await.unwrap();
        let mut connection = database.begin_read().await.unwrap();
        for sql in ALL_SQL.into_iter().chain(OF_TRACK_SQL) {
            let plan = crate::database::query_plan(&mut connection, sql).await;
            assert_eq!(plan.len(), 1, "{sql}: {plan:#?}");
            assert!(plan[0].contains("INDEX listens_by_"), "{sql}: {plan:#?}");
        }
    }
}
