//! What can still be read of a damaged database goes into a new one: what the listener made. The files say the rest.
//!
//! Every track goes among the lost ones; the next scan finds its file, and with it favourite, rating, plays and playlists.

use std::path::Path;

use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::{error::result_code, paths};

/// Tables, and how their rows with ids of a range are taken over.
const ROWS: [(&str, &str); 6] = [
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

/// The same for tables whose rows have no numbers: all or none.
const WHOLE: [&str; 2] = [
    "INSERT OR IGNORE INTO ignored SELECT * FROM damaged.ignored",
    "INSERT OR IGNORE INTO session SELECT * FROM damaged.session",
];

/// What follows: no id is used again, and the totals are right.
const AFTER: [&str; 4] = [
    "DELETE FROM sqlite_sequence WHERE name = 'tracks'",
    "INSERT INTO sqlite_sequence SELECT 'tracks', coalesce(max(id), 0) FROM lost_tracks",
    "UPDATE roots SET online = 1",
    "UPDATE totals SET roots = (SELECT count(*) FROM roots WHERE id <> 0)",
];

/// The most ranges that are tried of one table.
const TRIES: u32 = 20_000;

/// Takes over what can be read. `damaged` is of the same version, or nothing is.
pub(crate) async fn rescue(connection: &mut SqliteConnection, damaged: &Path) -> Result<(), sqlx::Error> {
    sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut *connection).await?;
    let attach = sqlx::query("ATTACH DATABASE CAST(? AS TEXT) AS damaged").bind(paths::bytes(damaged));
    attach.execute(&mut *connection).await?;
    let mut rescued = 0;
    for (table, insert) in ROWS {
        rescued += rows(connection, table, insert).await;
    }
    for insert in WHOLE {
        if let Err(error) = sqlx::query(insert).execute(&mut *connection).await {
            tracing::warn!(%error, "not all of a damaged database can be read");
        }
    }
    for after in AFTER {
        sqlx::query(after).execute(&mut *connection).await?;
    }
    sqlx::query("DETACH DATABASE damaged").execute(&mut *connection).await?;
    sqlx::query("PRAGMA foreign_keys = ON").execute(connection).await?;
    tracing::info!(rescued, "rows of the damaged database");
    Ok(())
}

/// Takes over a table by ranges, each halved where it cannot be read.
async fn rows(connection: &mut SqliteConnection, table: &str, insert: &'static str) -> u64 {
    const UNKNOWN: i64 = 1 << 24;
    let most = format!("SELECT coalesce(max(id), 0) FROM damaged.{table}");
    let most = sqlx::query_scalar::<_, i64>(AssertSqlSafe(most)).fetch_one(&mut *connection).await.unwrap_or(UNKNOWN);
    let (mut ranges, mut rescued) = (vec![(0, most)], 0);
    for _ in 0..TRIES {
        let Some((first, last)) = ranges.pop() else { break };
        match sqlx::query(insert).bind(first).bind(last).execute(&mut *connection).await {
            Ok(inserted) => rescued += inserted.rows_affected(),
            // A page that is damaged. What it held is lost; what stands beside it is not.
            Err(error) if result_code(&error) == Some(11) => {
                if first < last {
                    let middle = first + (last - first) / 2;
                    ranges.extend([(middle + 1, last), (first, middle)]);
                }
            }
            Err(error) => {
                tracing::warn!(%error, table, "not all of a damaged database can be read");
                break;
            }
        }
    }
    rescued
}
