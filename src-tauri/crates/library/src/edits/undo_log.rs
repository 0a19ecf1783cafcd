//! Undo of edits of the listener's data.
//!
//! While an edit is recorded, triggers of the database store each row as it was before (see migration 8). Undoing an edit
//! puts these rows back. It is recorded in the same way, so that undoing it once more redoes the edit.

use auralis_core::{EditRecord, LibraryEditId};
use sqlx::{Row, SqliteConnection};

use crate::{database::Database, error::LibraryError, listening::history, playlists};

/// Stands for an edit while it is reverted.
const REVERTING: i64 = 0;

/// Starts to record an edit in this transaction. Ids increase, also after older edits were dropped: they are Unix times in
/// milliseconds.
pub(crate) async fn begin(tx: &mut SqliteConnection) -> Result<LibraryEditId, LibraryError> {
    let id = new_id(tx).await?;
    record(tx, id.0).await?;
    Ok(id)
}

pub(crate) async fn new_id(tx: &mut SqliteConnection) -> Result<LibraryEditId, LibraryError> {
    let id = "SELECT max(CAST(unixepoch('subsec') * 1000 AS INTEGER), coalesce(max(edit), 0) + 1) FROM edit_rows";
    Ok(LibraryEditId(sqlx::query_scalar(id).fetch_one(tx).await?))
}

/// Ends the recording. Returns what was edited, or `None` if nothing changed.
pub(crate) async fn finish(
    tx: &mut SqliteConnection,
    id: LibraryEditId,
    name: String,
) -> Result<Option<EditRecord>, LibraryError> {
    stop_recording(tx).await?;
    let counts = "SELECT source, count(*) FROM edit_rows WHERE edit = ? GROUP BY source";
    let counts: Vec<(String, i64)> = sqlx::query_as(counts).bind(id.0).fetch_all(tx).await?;
    // Of a playlist and its entries, the entries are counted.
    let counted = |(source, count): &(String, i64)| if source == "playlists" { 0 } else { *count as usize };
    let count = counts.iter().map(counted).max();
    Ok(count.map(|count| EditRecord { id, count, name }))
}

/// Undoes an edit, or redoes it if it is undone.
pub(crate) async fn revert(tx: &mut SqliteConnection, LibraryEditId(edit): LibraryEditId) -> Result<(), LibraryError> {
    let is_known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM edit_rows WHERE edit = ?)")
        .bind(edit)
        .fetch_one(&mut *tx)
        .await?;
    if !is_known {
        return Err(LibraryError::InvalidEdit("this edit can no longer be undone"));
    }
    let playlists = affected(tx, edit, "playlist_entries", "playlist_id").await?;
    let tracks = affected(tx, edit, "listens", "track_id").await?;
    record(tx, REVERTING).await?;
    // A playlist comes before its entries, and goes after them.
    for sql in [
        "INSERT INTO playlists (id, key, name, sort, smart)
         SELECT row, before ->> 'key', before ->> 'name', before ->> 'sort', before ->> 'smart' FROM edit_rows
         WHERE edit = ? AND source = 'playlists' AND before IS NOT NULL
         ON CONFLICT (id) DO UPDATE SET key = excluded.key, name = excluded.name, sort = excluded.sort,
             smart = excluded.smart",
        "INSERT INTO playlist_entries (id, playlist_id, position, track_id)
         SELECT row, before ->> 'playlist_id', CAST(before ->> 'position' AS REAL), before ->> 'track_id' FROM edit_rows
         WHERE edit = ? AND source = 'playlist_entries' AND before IS NOT NULL
         ON CONFLICT (id) DO UPDATE SET position = excluded.position",
        "INSERT INTO listens (id, track_id, began_s, local_s, heard_s, end, play, context, title, artist, album, genre,
             duration_s)
         SELECT row, before ->> 'track_id', before ->> 'began_s', before ->> 'local_s',
             CAST(before ->> 'heard_s' AS REAL), before ->> 'end', before ->> 'play', before ->> 'context',
             before ->> 'title', before ->> 'artist', before ->> 'album', before ->> 'genre',
             CAST(before ->> 'duration_s' AS REAL) FROM edit_rows
         WHERE edit = ? AND source = 'listens' AND before IS NOT NULL",
        "UPDATE tracks SET favourite_s = before ->> 'favourite_s', rating = before ->> 'rating' FROM edit_rows
         WHERE edit = ? AND source = 'tracks' AND tracks.id = row",
        "DELETE FROM playlist_entries WHERE id IN
             (SELECT row FROM edit_rows WHERE edit = ? AND source = 'playlist_entries' AND before IS NULL)",
        "DELETE FROM playlists WHERE id IN
             (SELECT row FROM edit_rows WHERE edit = ? AND source = 'playlists' AND before IS NULL)",
        "DELETE FROM listens WHERE id IN
             (SELECT row FROM edit_rows WHERE edit = ? AND source = 'listens' AND before IS NULL)",
    ] {
        let done = sqlx::query(sql).bind(edit).execute(&mut *tx).await;
        done.map_err(|error| match error.as_database_error() {
            // Such as another playlist that has the name by now.
            Some(database) if database.is_unique_violation() || database.is_foreign_key_violation() => {
                LibraryError::InvalidEdit("the library has changed since this edit")
            }
            _ => error.into(),
        })?;
    }
    stop_recording(tx).await?;
    sqlx::query("DELETE FROM edit_rows WHERE edit = ?").bind(edit).execute(&mut *tx).await?;
    let rename = "UPDATE edit_rows SET edit = ? WHERE edit = ?";
    sqlx::query(rename).bind(edit).bind(REVERTING).execute(&mut *tx).await?;
    for playlist in playlists {
        playlists::update_totals(tx, auralis_core::PlaylistId(playlist)).await?;
    }
    history::update_play_counts(tx, &crate::database::json_ids::json_ids(&tracks)).await
}

/// Drops the records of edits up to `newest`, except those of `edits`.
pub(crate) async fn retain(
    database: &Database,
    edits: &[LibraryEditId],
    newest: LibraryEditId,
) -> Result<(), LibraryError> {
    let kept = crate::database::json_ids::json_ids(edits.iter().map(|LibraryEditId(id)| id));
    let mut tx = database.begin_write().await?;
    let drop = "DELETE FROM edit_rows WHERE edit <= ? AND edit NOT IN (SELECT value FROM json_each(?))";
    sqlx::query(drop).bind(newest.0).bind(kept).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

/// Returns what a column of the edited rows refers to, before and after.
async fn affected(tx: &mut SqliteConnection, edit: i64, table: &str, column: &str) -> Result<Vec<i64>, LibraryError> {
    let sql = format!(
        "SELECT before ->> '{column}' FROM edit_rows WHERE edit = ?1 AND source = '{table}' AND before IS NOT NULL
         UNION SELECT {column} FROM {table} JOIN edit_rows ON row = id WHERE edit = ?1 AND source = '{table}'"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(edit).fetch_all(tx).await?;
    Ok(rows.into_iter().map(|row| row.get(0)).collect())
}

async fn record(tx: &mut SqliteConnection, edit: i64) -> Result<(), LibraryError> {
    sqlx::query("INSERT INTO recorded_edit VALUES (?)").bind(edit).execute(tx).await?;
    Ok(())
}

async fn stop_recording(tx: &mut SqliteConnection) -> Result<(), LibraryError> {
    sqlx::query("DELETE FROM recorded_edit").execute(tx).await?;
    Ok(())
}
