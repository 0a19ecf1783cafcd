//! Copies what can still be read of a damaged database into a new one: the listener's data. A scan restores the rest.
//!
//! Every track is copied to `lost_tracks`. When the next scan finds its file, it gets back its favourite mark, rating,
//! plays and playlist entries.

use std::path::Path;

use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::{database::path_bytes, error::result_code};

/// Tables, and the statement that copies their rows in a range of ids.
const RANGE_COPIES: [(&str, &str); 6] = [
    ("roots", "INSERT OR IGNORE INTO roots SELECT * FROM damaged.roots WHERE id BETWEEN ?1 AND ?2"),
    ("playlists", "INSERT OR IGNORE INTO playlists SELECT * FROM damaged.playlists WHERE id BETWEEN ?1 AND ?2"),
    (
        "playlist_entries",
        "INSERT OR IGNORE INTO playlist_entries SELECT * FROM damaged.playlist_entries WHERE id BETWEEN ?1 AND ?2",
    ),
    ("listens", "INSERT OR IGNORE INTO listens SELECT * FROM damaged.listens WHERE id BETWEEN ?1 AND ?2"),
    ("lost_tracks", "INSERT OR IGNORE INTO lost_tracks SELECT * FROM damaged.lost_tracks WHERE id BETWEEN ?1 AND ?2"),
    (
        "tracks",
        "INSERT OR IGNORE INTO lost_tracks
         SELECT tracks.id, tracks.name, cue, path, title, artist, album, duration_s, added_s, favourite_s, rating, plays,
             skips, played_s
         FROM damaged.tracks AS tracks JOIN damaged.folders AS folders ON folders.id = folder_id
         WHERE tracks.id BETWEEN ?1 AND ?2",
    ),
];

/// Statements for tables without numeric ids: all rows or none.
const WHOLE_COPIES: [&str; 2] = [
    "INSERT OR IGNORE INTO ignored SELECT * FROM damaged.ignored",
    "INSERT OR IGNORE INTO session SELECT * FROM damaged.session",
];

/// Statements that run afterwards, so that no id is used again and the totals are right.
const REPAIRS: [&str; 4] = [
    "DELETE FROM sqlite_sequence WHERE name = 'tracks'",
    "INSERT INTO sqlite_sequence SELECT 'tracks', coalesce(max(id), 0) FROM lost_tracks",
    "UPDATE roots SET online = 1",
    "UPDATE totals SET roots = (SELECT count(*) FROM roots WHERE id <> 0)",
];

/// How many ranges of one table are tried at most.
const MAX_RANGES: u32 = 20_000;

/// Copies what can be read. `damaged` must have the schema of this version, or nothing is copied.
pub(super) async fn recover(connection: &mut SqliteConnection, damaged: &Path) -> Result<(), sqlx::Error> {
    sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut *connection).await?;
    let attach = sqlx::query("ATTACH DATABASE CAST(? AS TEXT) AS damaged").bind(path_bytes::to_bytes(damaged));
    attach.execute(&mut *connection).await?;
    let mut recovered = 0;
    for (table, insert) in RANGE_COPIES {
        recovered += copy_readable_rows(connection, table, insert).await;
    }
    for insert in WHOLE_COPIES {
        if let Err(error) = sqlx::query(insert).execute(&mut *connection).await {
            tracing::warn!(%error, "part of a damaged table cannot be read");
        }
    }
    for repair in REPAIRS {
        sqlx::query(repair).execute(&mut *connection).await?;
    }
    sqlx::query("DETACH DATABASE damaged").execute(&mut *connection).await?;
    sqlx::query("PRAGMA foreign_keys = ON").execute(connection).await?;
    tracing::info!(recovered, "recovered rows from the damaged database");
    Ok(())
}

/// Copies a table by ranges of ids. A range that cannot be read is halved.
async fn copy_readable_rows(connection: &mut SqliteConnection, table: &str, insert: &'static str) -> u64 {
    const ASSUMED_MAX_ID: i64 = 1 << 24;
    let max_id = format!("SELECT coalesce(max(id), 0) FROM damaged.{table}");
    let max_id =
        sqlx::query_scalar::<_, i64>(AssertSqlSafe(max_id)).fetch_one(&mut *connection).await.unwrap_or(ASSUMED_MAX_ID);
    let (mut ranges, mut recovered) = (vec![(0, max_id)], 0);
    for _ in 0..MAX_RANGES {
        let Some((first, last)) = ranges.pop() else { break };
        match sqlx::query(insert).bind(first).bind(last).execute(&mut *connection).await {
            Ok(inserted) => recovered += inserted.rows_affected(),
            // A damaged page: its rows are lost, those of the neighbouring pages are not.
            Err(error) if result_code(&error) == Some(11) => {
                if first < last {
                    let middle = first + (last - first) / 2;
                    ranges.extend([(middle + 1, last), (first, middle)]);
                }
            }
            Err(error) => {
                tracing::warn!(%error, table, "part of a damaged table cannot be read");
                break;
            }
        }
    }
    recovered
}
