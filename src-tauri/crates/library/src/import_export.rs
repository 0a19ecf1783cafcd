//! Imports playlists from files, and exports playlists and the history.

use std::{
    collections::HashMap,
    io::{self, Write},
    path::{Path, PathBuf},
};

use auralis_core::{DataExport, EditRecord, LibraryEvent, PlaylistId, TrackId};
use serde_json::{Value, json};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    database::{Database, json_ids, path_bytes},
    edits::undo_log,
    error::{LibraryError, describe_io_error},
    external_files,
    file_access::FileAccess,
    files::{
        atomic::{self, write_atomically},
        playlist_format::{MAX_PLAYLIST_BYTES, PlaylistFileEntry, PlaylistFormat},
    },
    lists::{caches::ListCaches, page::ListReader},
    playlists,
    text::normalize,
};

/// Creates a playlist from a file. Returns the events, a record of the edit, and a text about entries that were not found.
pub(crate) async fn import(
    database: &Database,
    files: &FileAccess,
    path: &Path,
) -> Result<(Vec<LibraryEvent>, Option<EditRecord>, Option<String>), LibraryError> {
    let cannot = |reason: String| LibraryError::File { path: path.into(), reason };
    let file = path.to_path_buf();
    let named = files.run(path, move || {
        let folder = file.parent().unwrap_or(Path::new("/")).to_path_buf();
        let content = atomic::read_limited(&file, MAX_PLAYLIST_BYTES)?;
        Ok::<_, io::Error>(PlaylistFormat::from_path(&file).read(&content, &folder))
    });
    let named = named.await?.map_err(|error| cannot(describe_io_error(&error)))?;
    if named.is_empty() {
        return Err(cannot("there is no playlist in it".into()));
    }
    let (found, opened) = external_files::find(database, files, &named).await?;
    let by_name = match_by_file_name(&mut *database.begin_read().await?, &named, &found).await?;
    let missing = found.iter().zip(&by_name).filter(|(here, by_name)| here.is_empty() && by_name.is_none());
    let missing = missing.count();
    let tracks: Vec<TrackId> =
        found.into_iter().zip(by_name).flat_map(|(here, by_name)| here.into_iter().chain(by_name)).collect();
    if tracks.is_empty() {
        return Err(cannot(format!("none of its {missing} files exists")));
    }
    let mut tx = database.begin_write().await?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = playlists::next_free_name(&mut tx, &name).await?;
    let id = undo_log::begin(&mut tx).await?;
    playlists::create(&mut tx, &name, &tracks, None).await?;
    let record = undo_log::finish(&mut tx, id, name).await?;
    let changed = database.commit_user_data_changed(tx).await?;
    let warning = (missing > 0).then(|| format!("{missing} of its {} files do not exist.", named.len()));
    Ok((opened.into_iter().chain([changed]).collect(), record, warning))
}

/// Finds, for each missing file, the library track with the same file name and the most similar folders. This resolves
/// playlists from another machine.
async fn match_by_file_name(
    connection: &mut SqliteConnection,
    named: &[PathBuf],
    found: &[Vec<TrackId>],
) -> Result<Vec<Option<TrackId>>, LibraryError> {
    let missing: Vec<&Path> =
        named.iter().zip(found).filter(|(_, found)| found.is_empty()).map(|(path, _)| path.as_path()).collect();
    if missing.is_empty() {
        return Ok(vec![None; named.len()]);
    }
    let names: Vec<String> = missing.iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect();
    let rows = sqlx::query(
        "SELECT tracks.id, path, CAST(name AS TEXT) AS text FROM tracks JOIN folders ON folders.id = folder_id
         WHERE root_id <> 0 AND text IN (SELECT value FROM json_each(?)) ORDER BY tracks.id",
    );
    let mut known: HashMap<String, Vec<(TrackId, PathBuf)>> = HashMap::new();
    for row in rows.bind(json!(names).to_string()).fetch_all(connection).await? {
        let name: String = row.get(2);
        known.entry(name).or_default().push((TrackId(row.get(0)), path_bytes::path_from(row.get(1))));
    }
    let common_folders = |one: &Path, other: &Path| {
        let same = |(one, other): &(std::path::Component, std::path::Component)| {
            normalize(&one.as_os_str().to_string_lossy()) == normalize(&other.as_os_str().to_string_lossy())
        };
        one.components().rev().zip(other.components().rev()).take_while(same).count()
    };
    let best = |path: &PathBuf| {
        let candidates = known.get(path.file_name()?.to_str()?)?;
        let folder = path.parent()?;
        let rank = |(id, of): &(TrackId, PathBuf)| (common_folders(of, folder), *id);
        let (common, id) = candidates.iter().map(rank).max_by_key(|(common, _)| *common)?;
        // A name such as "01.mp3" alone is too little.
        (common > 0 || candidates.len() == 1).then_some(id)
    };
    Ok(named.iter().zip(found).map(|(path, found)| if found.is_empty() { best(path) } else { None }).collect())
}

/// Writes an export to its file.
pub(crate) async fn export(
    database: &Database,
    caches: &ListCaches,
    files: &FileAccess,
    export: &DataExport,
) -> Result<(), LibraryError> {
    match export {
        DataExport::Playlist { playlist, path: target } => {
            let entries = entries(database, caches, *playlist).await?;
            let path = PathBuf::from(target);
            let write = move || {
                let folder = path.parent().and_then(|folder| folder.canonicalize().ok()).unwrap_or_default();
                write_atomically(&path, |to| PlaylistFormat::from_path(&path).write(&entries, &folder, to))
            };
            files.run(Path::new(target), write).await?
        }
        DataExport::History { path: target, from_s, to_s } => {
            let rows = history(database, *from_s, *to_s).await?;
            let path = PathBuf::from(target);
            let as_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
            let write = move |to: &mut dyn Write| if as_json { write_json(&rows, to) } else { write_csv(&rows, to) };
            files.run(Path::new(target), move || write_atomically(&path, write)).await?
        }
    }
}

/// Returns the entries of a playlist, also missing ones.
async fn entries(
    database: &Database,
    caches: &ListCaches,
    playlist: PlaylistId,
) -> Result<Vec<PlaylistFileEntry>, LibraryError> {
    let mut reader = ListReader::begin(database, caches).await?;
    let ids = playlists::all_tracks(&mut reader, playlist).await?;
    let rows = sqlx::query(
        "SELECT coalesce(folders.path, lost_tracks.folder), coalesce(tracks.name, lost_tracks.name),
             coalesce(tracks.title, lost_tracks.title), coalesce(tracks.artist, lost_tracks.artist),
             coalesce(tracks.duration_s, lost_tracks.duration_s)
         FROM json_each(?) AS wanted
         LEFT JOIN tracks ON tracks.id = wanted.value
         LEFT JOIN folders ON folders.id = folder_id
         LEFT JOIN lost_tracks ON lost_tracks.id = wanted.value
         WHERE tracks.id IS NOT NULL OR lost_tracks.id IS NOT NULL ORDER BY wanted.key",
    );
    let entry = |row: SqliteRow| PlaylistFileEntry {
        path: path_bytes::path_from(row.get(0)).join(path_bytes::name_from(row.get(1))),
        title: row.get(2),
        artist: row.get(3),
        duration_s: row.get(4),
    };
    Ok(rows.bind(json_ids::json_ids(&ids)).map(entry).fetch_all(&mut *reader.snapshot.connection).await?)
}

/// The columns of an exported history.
const COLUMNS: [&str; 10] =
    ["began", "heard_s", "end", "play", "title", "artist", "album", "genre", "duration_s", "context"];

async fn history(
    database: &Database,
    from_s: Option<i64>,
    to_s: Option<i64>,
) -> Result<Vec<[Value; 10]>, LibraryError> {
    let rows = sqlx::query(
        "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', began_s, 'unixepoch'), heard_s, end, play, title, artist, album, genre,
             duration_s, context
         FROM listens WHERE began_s >= ? AND began_s < ? ORDER BY began_s, id",
    );
    let row = |row: SqliteRow| {
        let text = |column: usize| Value::from(row.get::<String, _>(column));
        let seconds = |column: usize| Value::from((row.get::<f64, _>(column) * 1000.0).round() / 1000.0);
        let context = serde_json::from_str(row.get(9)).unwrap_or_default();
        let play = Value::from(row.get::<bool, _>(3));
        [text(0), seconds(1), text(2), play, text(4), text(5), text(6), text(7), seconds(8), context]
    };
    let rows = rows.bind(from_s.unwrap_or(i64::MIN)).bind(to_s.unwrap_or(i64::MAX)).map(row);
    Ok(rows.fetch_all(&mut *database.begin_read().await?).await?)
}

fn write_json(rows: &[[Value; 10]], to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "[")?;
    for (index, row) in rows.iter().enumerate() {
        let object: serde_json::Map<_, _> = COLUMNS.map(str::to_owned).into_iter().zip(row.iter().cloned()).collect();
        let comma = if index + 1 < rows.len() { "," } else { "" };
        writeln!(to, "{}{comma}", Value::Object(object))?;
    }
    writeln!(to, "]")
}

/// Writes CSV (RFC 4180).
fn write_csv(rows: &[[Value; 10]], to: &mut dyn Write) -> io::Result<()> {
    write!(to, "{}\r\n", COLUMNS.join(","))?;
    for row in rows {
        let cell = |value: &Value| match value {
            Value::String(text) if text.contains(['"', ',', '\n', '\r']) => {
                format!("\"{}\"", text.replace('"', "\"\""))
            }
            Value::String(text) => text.clone(),
            Value::Object(_) => format!("\"{}\"", value.to_string().replace('"', "\"\"")),
            value => value.to_string(),
        };
        write!(to, "{}\r\n", row.each_ref().map(cell).join(","))?;
    }
    Ok(())
}
