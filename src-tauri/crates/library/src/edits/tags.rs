//! Edits the tags of many tracks: of all or of none. Each edit can be undone.

use std::{path::PathBuf, sync::Arc};

use auralis_core::{EditRecord, EditableTags, LibraryEditId, LibraryEvent, RootId, TrackId, TrackSelection};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    analyses,
    database::{
        Database,
        json_ids::json_ids,
        path_bytes::{self, split_path},
    },
    edits::undo_log,
    error::LibraryError,
    scan::{
        found_file::{FileStamp, FoundFile, ScannedFolder},
        tag_reader::{ReadFile, ReadResult},
        writer::{CarryOver, ScanTransaction},
    },
    tags::{
        self,
        writer::{self, with_fields},
    },
    threads::run_blocking,
};

/// A pending write: the file and its new fields.
type TagWrite = (TrackFile, EditableTags);

/// A track and its file.
#[derive(Debug, Clone)]
struct TrackFile {
    id: TrackId,
    root: RootId,
    /// The path of the root.
    root_path: PathBuf,
    path: PathBuf,
}

/// The fields of tracks before an edit.
type OldFields = Vec<(TrackId, EditableTags)>;

/// Writes the fields to the files of all tracks.
pub(crate) async fn edit(
    database: &Database,
    tracks: &[TrackId],
    fields: EditableTags,
) -> Result<(LibraryEvent, EditRecord), LibraryError> {
    let files = track_files(&mut *database.begin_read().await?, tracks).await?;
    let writes = files.into_iter().map(|file| (file, fields.clone())).collect();
    let id = undo_log::new_id(&mut *database.begin_read().await?).await?;
    let event = apply(database, writes, id).await?;
    Ok((event, EditRecord { id, count: tracks.len(), name: String::new() }))
}

/// Undoes an edit, or redoes it if it is undone.
pub(crate) async fn revert(
    database: &Database,
    edit: LibraryEditId,
    fields: OldFields,
) -> Result<Vec<LibraryEvent>, LibraryError> {
    let ids: Vec<TrackId> = fields.iter().map(|(id, _)| *id).collect();
    let files = track_files(&mut *database.begin_read().await?, &ids).await?;
    let writes = files.into_iter().zip(fields).map(|(file, (_, fields))| (file, fields)).collect();
    Ok(vec![apply(database, writes, edit).await?])
}

/// Returns what undoes an edit; `None` if it is not one of tags.
pub(crate) async fn load_undo(database: &Database, edit: LibraryEditId) -> Result<Option<OldFields>, LibraryError> {
    let rows =
        "SELECT row, before FROM edit_rows WHERE edit = ? AND source = 'tags' AND before IS NOT NULL ORDER BY row";
    let rows: Vec<(i64, String)> =
        sqlx::query_as(rows).bind(edit.0).fetch_all(&mut *database.begin_read().await?).await?;
    let fields = |(id, before): (i64, String)| Some((TrackId(id), serde_json::from_str(&before).ok()?));
    Ok(if rows.is_empty() { None } else { rows.into_iter().map(fields).collect() })
}

/// Replaces the undo record of an edit.
async fn save_undo(database: &Database, edit: LibraryEditId, fields: &OldFields) -> Result<(), LibraryError> {
    let rows: Vec<_> = fields.iter().map(|(TrackId(id), fields)| serde_json::json!([id, fields])).collect();
    let rows = serde_json::to_string(&rows).unwrap_or_default();
    let mut tx = database.begin_write().await?;
    sqlx::query("DELETE FROM edit_rows WHERE edit = ?").bind(edit.0).execute(&mut *tx).await?;
    let insert = "INSERT INTO edit_rows SELECT ?, 'tags', value ->> 0, value -> 1 FROM json_each(?)";
    sqlx::query(insert).bind(edit.0).bind(rows).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

async fn apply(database: &Database, writes: Vec<TagWrite>, edit: LibraryEditId) -> Result<LibraryEvent, LibraryError> {
    let (old, read) = run_blocking(move || write_all(&writes).map(|old| (old, read_all(writes)))).await??;
    save_undo(database, edit, &old).await?;
    let mut tx = ScanTransaction::begin(database, CarryOver::default()).await?;
    let edited = json_ids(read.iter().flat_map(|read| &read.file.tracks).map(|(_, TrackId(id))| id));
    analyses::delete_stale(tx.connection(), &edited).await?;
    tx.write(read.into_iter().map(|file| ReadResult::File(Box::new(file)))).await?;
    analyses::restamp(tx.connection(), &edited).await?;
    let (changed, _) = tx.commit(database).await?;
    Ok(changed)
}

/// Returns the old fields. If a file cannot be written, those before it are restored.
fn write_all(writes: &[TagWrite]) -> Result<Vec<(TrackId, EditableTags)>, LibraryError> {
    let cannot = |path: &PathBuf, reason| LibraryError::File { path: path.clone(), reason };
    for (TrackFile { path, .. }, _) in writes {
        writer::check_writable(path).map_err(|reason| cannot(path, reason))?;
    }
    let mut written = Vec::with_capacity(writes.len());
    for (TrackFile { id, path, .. }, fields) in writes {
        match writer::write(path, fields) {
            Ok(old) => written.push((*id, old)),
            Err(reason) => {
                for ((TrackFile { path, .. }, _), (_, old)) in writes.iter().zip(&written) {
                    if let Err(error) = writer::write(path, old) {
                        tracing::error!(%error, path = %path.display(), "tags cannot be restored after a failed edit");
                    }
                }
                return Err(cannot(path, reason));
            }
        }
    }
    Ok(written)
}

/// Reads the files as a scan would.
fn read_all(writes: Vec<TagWrite>) -> Vec<ReadFile> {
    tags::configure_lofty_read();
    let read = |(TrackFile { id, root, root_path, path }, _): TagWrite| {
        let stamp = FileStamp::new(&path.metadata().ok()?);
        let (folder, name) = split_path(&path);
        let folder = Arc::new(ScannedFolder::new(root, &root_path, folder));
        let tracks = vec![(0, id)];
        let file = FoundFile { folder, name, stamp, sheet: None, tracks, replaced: Vec::new() };
        let (tags, sheet) = tags::read(&path).ok()?;
        Some(ReadFile::new(file, tags, sheet))
    };
    writes.into_iter().filter_map(read).collect()
}

async fn track_files(connection: &mut SqliteConnection, tracks: &[TrackId]) -> Result<Vec<TrackFile>, LibraryError> {
    if tracks.len() > TrackSelection::MAX_EDITED_TRACKS {
        return Err(LibraryError::TooManyFiles(tracks.len()));
    }
    let rows = sqlx::query(
        "SELECT tracks.id, root_id, folders.path, name, start_s IS NOT NULL, roots.path
         FROM json_each(?) AS wanted JOIN tracks ON tracks.id = wanted.value JOIN folders ON folders.id = folder_id
         JOIN roots ON roots.id = root_id
         ORDER BY wanted.key",
    );
    let file = |row: SqliteRow| {
        let path = path_bytes::path_from(row.get(2)).join(path_bytes::name_from(row.get(3)));
        let part: bool = row.get(4);
        (
            TrackFile {
                id: TrackId(row.get(0)),
                root: RootId(row.get(1)),
                root_path: path_bytes::path_from(row.get(5)),
                path,
            },
            part,
        )
    };
    let found = rows.bind(json_ids(tracks.iter().map(|TrackId(id)| id))).map(file).fetch_all(connection).await?;
    if let Some((file, _)) = found.iter().find(|(_, part)| *part) {
        let reason = "it contains several tracks".into();
        return Err(LibraryError::File { path: file.path.clone(), reason });
    }
    match tracks.iter().find(|id| !found.iter().any(|(file, _)| file.id == **id)) {
        Some(unknown) => Err(LibraryError::UnknownTrack(*unknown)),
        None => Ok(found.into_iter().map(|(file, _)| file).collect()),
    }
}

/// Returns the fields that are equal in all tracks; fields that differ are `None`.
pub(crate) async fn common_fields(database: &Database, tracks: &[TrackId]) -> Result<EditableTags, LibraryError> {
    let files = track_files(&mut *database.begin_read().await?, tracks).await?;
    let read = move || {
        tags::configure_lofty_read();
        let mut common: Option<EditableTags> = None;
        for TrackFile { path, .. } in files {
            let fields = tags::read_editable(&path).map_err(|reason| LibraryError::File { path, reason })?;
            common = Some(match common {
                None => fields,
                Some(common) => intersect_fields(common, fields),
            });
        }
        Ok(common.unwrap_or_default())
    };
    run_blocking(read).await?
}

/// Keeps the fields that are equal in both.
fn intersect_fields(one: EditableTags, other: EditableTags) -> EditableTags {
    macro_rules! intersect {
        ($($field:ident),*) => {
            EditableTags { $($field: one.$field.filter(|value| other.$field.as_ref() == Some(value))),* }
        };
    }
    with_fields!(intersect)
}
