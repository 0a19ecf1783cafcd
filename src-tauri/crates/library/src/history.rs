//! What was heard: one row a listening, and from those what each track's row says of it.

use auralis_core::{HistoryRow, LibraryEvent, Listen, ListenEndReason, ListenId, RowQuery, TrackId};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    database::Database,
    derived::json,
    edits::now_s,
    error::LibraryError,
    rows::{cut, track_rows},
};

/// Adds a listening. Nothing is told where there was none to speak of, or its track is gone.
pub(crate) async fn add(database: &Database, listen: &Listen) -> Result<Option<LibraryEvent>, LibraryError> {
    if listen.listened_s < Listen::MIN_LISTEN_S {
        return Ok(None);
    }
    let began_s = now_s() - listen.started_s_ago.max(0.0).round() as i64;
    let mut change = database.write().await?;
    let added = sqlx::query(
        "INSERT INTO listens (track_id, began_s, local_s, heard_s, end, play, context, title, artist, album, genre, duration_s)
         SELECT id, ?1, unixepoch(?1, 'unixepoch', 'localtime'), ?2, ?3, ?4, ?5, title, artist, album, genre, duration_s
         FROM tracks WHERE id = ?6",
    )
    .bind(began_s)
    .bind(listen.listened_s)
    .bind(end_name(listen.end))
    .bind(listen.is_play())
    .bind(serde_json::to_string(&listen.context).unwrap_or_default())
    .bind(listen.track.0)
    .execute(&mut *change)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(None);
    }
    recount(&mut change, &json(&[listen.track.0])).await?;
    database.commit_edit(change).await.map(Some)
}

/// How many listenings there are, and those of a page.
const ALL: [&str; 2] = [
    "SELECT count(*) FROM listens",
    "SELECT id, began_s, heard_s, end, play, context, title, artist, album, track_id FROM listens
     ORDER BY began_s DESC, id DESC LIMIT ? OFFSET ?",
];
const OF_TRACK: [&str; 2] = [
    "SELECT count(*) FROM listens WHERE track_id = ?",
    "SELECT id, began_s, heard_s, end, play, context, title, artist, album, track_id FROM listens
     WHERE track_id = ? ORDER BY began_s DESC, id DESC LIMIT ? OFFSET ?",
];

/// The rows of a window of the history, the latest first, and how many there are in all.
pub(crate) async fn rows(
    view: &mut SqliteConnection,
    track: Option<TrackId>,
    window: &RowQuery,
) -> Result<(u32, Vec<HistoryRow>), LibraryError> {
    let [count, page] = if track.is_some() { OF_TRACK } else { ALL };
    let (mut count, mut page) = (sqlx::query_scalar(count), sqlx::query(page));
    if let Some(TrackId(id)) = track {
        (count, page) = (count.bind(id), page.bind(id));
    }
    let total = count.fetch_one(&mut *view).await?;
    let page = page.bind(window.limit).bind(window.offset).fetch_all(&mut *view).await?;
    let ids: Vec<i64> = page.iter().map(|row| row.get(9)).collect();
    let tracks = track_rows(view, &ids).await?;
    let row = |(row, track): (SqliteRow, _)| HistoryRow {
        id: ListenId(row.get(0)),
        began_s: row.get(1),
        listened_s: row.get(2),
        end: end_of(row.get(3)),
        play: row.get(4),
        context: serde_json::from_str(row.get(5)).unwrap_or_default(),
        title: cut(row.get(6)),
        artist: cut(row.get(7)),
        album: cut(row.get(8)),
        track,
    };
    Ok((total, page.into_iter().zip(tracks).map(row).collect()))
}

/// Forgets single listenings.
pub(crate) async fn forget(change: &mut SqliteConnection, listens: &[ListenId]) -> Result<(), LibraryError> {
    let ids = json(listens.iter().map(|ListenId(id)| id));
    let unknown: Option<i64> = sqlx::query_scalar(
        "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM listens WHERE id = value) ORDER BY key LIMIT 1",
    )
    .bind(&ids)
    .fetch_optional(&mut *change)
    .await?;
    if let Some(id) = unknown {
        return Err(LibraryError::UnknownListen(ListenId(id)));
    }
    let forgotten = "DELETE FROM listens WHERE id IN (SELECT value FROM json_each(?)) RETURNING track_id";
    let tracks: Vec<i64> = sqlx::query_scalar(forgotten).bind(ids).fetch_all(&mut *change).await?;
    recount(change, &json(&tracks)).await
}

/// Forgets the listenings that began in a period.
pub(crate) async fn erase(
    change: &mut SqliteConnection,
    from_s: Option<i64>,
    to_s: Option<i64>,
) -> Result<(), LibraryError> {
    let tracks: Vec<i64> =
        sqlx::query_scalar("DELETE FROM listens WHERE began_s >= ? AND began_s < ? RETURNING track_id")
            .bind(from_s.unwrap_or(i64::MIN))
            .bind(to_s.unwrap_or(i64::MAX))
            .fetch_all(&mut *change)
            .await?;
    recount(change, &json(&tracks)).await
}

/// Brings what tracks say of their plays into step with the history.
async fn recount(change: &mut SqliteConnection, tracks: &str) -> Result<(), LibraryError> {
    const COUNTS: &str = "(SELECT coalesce(sum(play), 0), count(*) FILTER (WHERE end = 'skipped' AND NOT play), max(began_s) FILTER (WHERE play)
         FROM listens WHERE track_id = tracks.id)";
    for table in ["tracks", "lost_tracks AS tracks"] {
        let update = format!(
            "UPDATE {table} SET (plays, skips, played_s) = {COUNTS} WHERE id IN (SELECT value FROM json_each(?))"
        );
        sqlx::query(sqlx::AssertSqlSafe(update)).bind(tracks).execute(&mut *change).await?;
    }
    Ok(())
}

pub(crate) fn end_name(end: ListenEndReason) -> &'static str {
    match end {
        ListenEndReason::Finished => "finished",
        ListenEndReason::Skipped => "skipped",
        ListenEndReason::Stopped => "stopped",
    }
}

fn end_of(name: &str) -> ListenEndReason {
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
        let mut view = database.read().await.unwrap();
        for sql in ALL.into_iter().chain(OF_TRACK) {
            let plan = crate::database::plan(&mut view, sql).await;
            assert_eq!(plan.len(), 1, "{sql}: {plan:#?}");
            assert!(plan[0].contains("INDEX listens_by_"), "{sql}: {plan:#?}");
        }
    }
}
