//! Copies the listener's data from a damaged database, or from a backup, into a new one. A scan restores the rest.
//!
//! Every track is copied to `lost_tracks`. When the next scan finds its file, it gets back its favourite mark, rating,
//! plays and playlist entries. Rows that cannot be read come from the newest backup that has them.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Executor, SqliteConnection};

use super::{json_ids::json_ids, path_bytes};
use crate::error::result_code;

/// A table with numeric ids, and the statement that copies the rows that a condition on `id` names.
struct TableCopy {
    table: &'static str,
    insert: &'static str,
}

const PLAIN_COPIES: [TableCopy; 5] = [
    TableCopy { table: "roots", insert: "INSERT OR IGNORE INTO roots SELECT * FROM source.roots AS copied WHERE" },
    TableCopy {
        table: "playlists",
        insert: "INSERT OR IGNORE INTO playlists SELECT * FROM source.playlists AS copied WHERE",
    },
    TableCopy {
        table: "playlist_entries",
        insert: "INSERT OR IGNORE INTO playlist_entries SELECT * FROM source.playlist_entries AS copied WHERE",
    },
    TableCopy {
        table: "listens",
        insert: "INSERT OR IGNORE INTO listens SELECT * FROM source.listens AS copied WHERE",
    },
    TableCopy {
        table: "lost_tracks",
        insert: "INSERT OR IGNORE INTO lost_tracks SELECT * FROM source.lost_tracks AS copied WHERE",
    },
];

const TRACKS_COPY: TableCopy = TableCopy {
    table: "tracks",
    insert: "INSERT OR IGNORE INTO lost_tracks
         SELECT copied.id, copied.name, cue, path, title, artist, album, duration_s, added_s, favourite_s, rating, plays,
             skips, played_s
         FROM source.tracks AS copied JOIN source.folders AS folders ON folders.id = folder_id WHERE",
};

/// Tracks that the listener has done something with.
const HAS_USER_DATA: &str = "(favourite_s IS NOT NULL OR rating IS NOT NULL OR plays > 0 OR skips > 0
     OR copied.id IN (SELECT track_id FROM source.playlist_entries)
     OR copied.id IN (SELECT track_id FROM source.listens))";

/// Statements for tables without numeric ids: all rows or none.
const WHOLE_COPIES: [&str; 2] = [
    "INSERT OR IGNORE INTO ignored SELECT * FROM source.ignored",
    "INSERT OR IGNORE INTO session SELECT * FROM source.session",
];

/// Statements that run afterwards, so that no id is used again and the totals are right.
const REPAIRS: [&str; 5] = [
    "DELETE FROM playlist_entries WHERE playlist_id NOT IN (SELECT id FROM playlists)",
    "DELETE FROM sqlite_sequence WHERE name = 'tracks'",
    "INSERT INTO sqlite_sequence SELECT 'tracks', coalesce(max(id), 0) FROM lost_tracks",
    "UPDATE roots SET online = 1",
    "UPDATE totals SET roots = (SELECT count(*) FROM roots WHERE id <> 0)",
];

/// How many ranges of one table are tried at most.
const MAX_RANGES: u32 = 20_000;

/// The highest id that is tried if it cannot be read.
const ASSUMED_MAX_ID: i64 = 1 << 24;

/// Copies all user data from the attached database `source`, which is whole.
pub(super) async fn copy_user_data(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let plain = PLAIN_COPIES.iter().map(|copy| format!("{} TRUE", copy.insert));
    let tracks = [format!("{} {HAS_USER_DATA}", TRACKS_COPY.insert)];
    let whole = WHOLE_COPIES.iter().map(|insert| insert.to_string());
    for insert in plain.chain(tracks).chain(whole) {
        connection.execute(AssertSqlSafe(insert)).await?;
    }
    Ok(())
}

/// Copies what can be read of a damaged database of this version, and the rest from its backups, the newest first.
pub(super) async fn recover(
    connection: &mut SqliteConnection,
    damaged: &Path,
    backups: &[PathBuf],
) -> Result<(), sqlx::Error> {
    connection.execute("PRAGMA foreign_keys = OFF").await?;
    let mut missing = Missing::everything();
    for source in std::iter::once(damaged).chain(backups.iter().map(PathBuf::as_path)) {
        if missing.is_nothing() {
            break;
        }
        match copy_from(connection, source, &missing).await {
            Ok(still_missing) => missing = still_missing,
            Err(error) => tracing::warn!(%error, path = %source.display(), "a damaged database cannot be read at all"),
        }
    }
    for repair in REPAIRS {
        connection.execute(repair).await?;
    }
    connection.execute("PRAGMA foreign_keys = ON").await?;
    tracing::info!(is_complete = missing.is_nothing(), "recovered the listener's data");
    Ok(())
}

/// What no source could supply yet.
struct Missing {
    /// Of each table: all of it, or single rows.
    tables: Vec<(&'static TableCopy, Rows)>,
    whole: Vec<&'static str>,
}

enum Rows {
    All,
    Ids(Vec<i64>),
}

impl Missing {
    fn everything() -> Missing {
        let tables = PLAIN_COPIES.iter().chain([&TRACKS_COPY]).map(|copy| (copy, Rows::All)).collect();
        Missing { tables, whole: WHOLE_COPIES.to_vec() }
    }

    fn is_nothing(&self) -> bool {
        self.tables.is_empty() && self.whole.is_empty()
    }
}

/// Copies what is missing from one source. Returns what it could not supply.
async fn copy_from(
    connection: &mut SqliteConnection,
    source: &Path,
    missing: &Missing,
) -> Result<Missing, sqlx::Error> {
    let attach = sqlx::query("ATTACH DATABASE CAST(? AS TEXT) AS source").bind(path_bytes::to_bytes(source));
    attach.execute(&mut *connection).await?;
    let mut still_missing = Missing { tables: Vec::new(), whole: Vec::new() };
    for (copy, rows) in &missing.tables {
        // In a backup every track is a missing one.
        let from_backup = TableCopy { table: "lost_tracks", insert: PLAIN_COPIES[4].insert };
        let is_backup = copy.table == "tracks" && is_empty(connection, "tracks").await;
        let statement = if is_backup { &from_backup } else { *copy };
        let unreadable = match rows {
            Rows::All => copy_readable_rows(connection, statement).await,
            Rows::Ids(ids) => copy_ids(connection, statement, ids).await,
        };
        match unreadable {
            Rows::Ids(ids) if ids.is_empty() => {}
            unreadable => still_missing.tables.push((copy, unreadable)),
        }
    }
    for insert in &missing.whole {
        if let Err(error) = connection.execute(*insert).await {
            tracing::warn!(%error, "a table of a damaged database cannot be read");
            still_missing.whole.push(insert);
        }
    }
    connection.execute("DETACH DATABASE source").await?;
    Ok(still_missing)
}

async fn is_empty(connection: &mut SqliteConnection, table: &str) -> bool {
    let empty = AssertSqlSafe(format!("SELECT NOT EXISTS (SELECT 1 FROM source.{table})"));
    sqlx::query_scalar(empty).fetch_one(connection).await.unwrap_or(false)
}

/// Copies a table by ranges of ids. A range that cannot be read is halved. Returns the rows that are lost.
async fn copy_readable_rows(connection: &mut SqliteConnection, copy: &TableCopy) -> Rows {
    let max_id = AssertSqlSafe(format!("SELECT coalesce(max(id), 0) FROM source.{}", copy.table));
    let max_id = sqlx::query_scalar::<_, i64>(max_id).fetch_one(&mut *connection).await;
    let insert = format!("{} copied.id BETWEEN ?1 AND ?2", copy.insert);
    let mut ranges = vec![(0, max_id.unwrap_or(ASSUMED_MAX_ID))];
    let mut lost = Vec::new();
    for _ in 0..MAX_RANGES {
        let Some((first, last)) = ranges.pop() else { return Rows::Ids(lost) };
        let insert = sqlx::query(AssertSqlSafe(insert.clone())).bind(first).bind(last);
        match insert.execute(&mut *connection).await {
            Ok(_) => {}
            // A damaged page: its rows are lost, those of the neighbouring pages are not.
            Err(error) if result_code(&error) == Some(11) => {
                if first < last {
                    let middle = first + (last - first) / 2;
                    ranges.extend([(middle + 1, last), (first, middle)]);
                } else {
                    lost.push(first);
                }
            }
            Err(error) => {
                tracing::warn!(%error, table = copy.table, "a table of a damaged database cannot be read");
                return Rows::All;
            }
        }
    }
    Rows::All
}

/// Copies single rows. Returns those that are lost; rows that the source does not have are none.
async fn copy_ids(connection: &mut SqliteConnection, copy: &TableCopy, ids: &[i64]) -> Rows {
    let insert = format!("{} copied.id IN (SELECT value FROM json_each(?))", copy.insert);
    let insert = sqlx::query(AssertSqlSafe(insert)).bind(json_ids(ids));
    match insert.execute(connection).await {
        Ok(_) => Rows::Ids(Vec::new()),
        Err(error) => {
            tracing::warn!(%error, table = copy.table, "a table of a backup cannot be read");
            Rows::Ids(ids.to_vec())
        }
    }
}
