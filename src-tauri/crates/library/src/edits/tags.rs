//! Edits the tags of many tracks: of all or of none. Each edit can be undone.

use std::{path::PathBuf, sync::Arc};

use auralis_core::{EditRecord, EditableTags, LibraryEditId, LibraryEvent, RootId, TrackId, TrackSelection};
use sqlx::{Executor, Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    analyses,
    database::{
        Database,
        json_ids::json_ids,
        path_bytes::{self, split_path},
    },
    edits::undo_log,
    error::LibraryError,
    file_access::FileAccess,
    scan::{
        found_file::{FileStamp, FoundFile, ScannedFolder},
        tag_reader::{ReadFile, ReadResult},
        writer::{CarryOver, ScanTransaction},
    },
    tags::{
        self,
        writer::{self, with_fields},
    },
};

/// The fields of tracks before an edit.
type OldFields = Vec<(TrackId, EditableTags)>;

/// A track and its file.
#[derive(Debug, Clone)]
struct TrackFile {
    id: TrackId,
    root: RootId,
    /// The path of the root.
    root_path: PathBuf,
    path: PathBuf,
}

impl TrackFile {
    fn error(&self, reason: String) -> LibraryError {
        LibraryError::File { path: self.path.clone(), reason }
    }
}

/// Writes the fields to the files of all tracks, or to none.
pub(crate) async fn edit(
    database: &Database,
    access: &FileAccess,
    tracks: &[TrackId],
    fields: EditableTags,
) -> Result<(LibraryEvent, EditRecord), LibraryError> {
    let files = track_files(&mut *database.begin_read().await?, tracks).await?;
    let new = vec![fields; files.len()];
    let old = read_old(access, &files, &new).await?;
    let id = undo_log::new_id(&mut *database.begin_read().await?).await?;
    // Durable before the first file changes: whatever happens afterwards, undo restores the old tags. Undoing an edit that
    // did not reach a file writes what the file has already.
    save_undo(database, id, &old).await?;
    match write_and_update(database, access, &files, &new, &old).await {
        Ok(event) => Ok((event, EditRecord { id, count: tracks.len(), name: String::new() })),
        Err(error) => {
            if let Err(error) = save_undo(database, id, &[]).await {
                tracing::warn!(%error, "the undo record of a refused tag edit stays; undoing it changes nothing");
            }
            Err(error)
        }
    }
}

/// Undoes an edit, or redoes it if it is undone. The record is replaced once all files are written, so an interrupted undo can
/// be repeated.
pub(crate) async fn revert(
    database: &Database,
    access: &FileAccess,
    edit: LibraryEditId,
    fields: OldFields,
) -> Result<Vec<LibraryEvent>, LibraryError> {
    let ids: Vec<TrackId> = fields.iter().map(|(id, _)| *id).collect();
    let files = track_files(&mut *database.begin_read().await?, &ids).await?;
    let new: Vec<EditableTags> = fields.into_iter().map(|(_, fields)| fields).collect();
    let old = read_old(access, &files, &new).await?;
    let event = write_and_update(database, access, &files, &new, &old).await?;
    save_undo(database, edit, &old).await?;
    Ok(vec![event])
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

/// Replaces the undo record of an edit. After this returns, it survives a power loss: other commits are synced to the disk only
/// from time to time.
async fn save_undo(
    database: &Database,
    edit: LibraryEditId,
    fields: &[(TrackId, EditableTags)],
) -> Result<(), LibraryError> {
    let rows: Vec<_> = fields.iter().map(|(TrackId(id), fields)| serde_json::json!([id, fields])).collect();
    let rows = serde_json::to_string(&rows).map_err(|_| LibraryError::Internal("an undo record cannot be encoded"))?;
    let mut connection = database.writer().await?;
    connection.execute("PRAGMA synchronous = FULL").await?;
    let save = async {
        connection.execute("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM edit_rows WHERE edit = ?").bind(edit.0).execute(&mut *connection).await?;
        let insert = "INSERT INTO edit_rows SELECT ?, 'tags', value ->> 0, value -> 1 FROM json_each(?)";
        sqlx::query(insert).bind(edit.0).bind(rows).execute(&mut *connection).await?;
        connection.execute("COMMIT").await
    };
    let saved = save.await;
    if saved.is_err() {
        // SQLite may have ended the transaction already.
        let _ = connection.execute("ROLLBACK").await;
    }
    connection.execute("PRAGMA synchronous = NORMAL").await?;
    saved?;
    Ok(())
}

/// Reads the current values of the fields that are about to be written. Fails if one of the files cannot be changed.
async fn read_old(access: &FileAccess, files: &[TrackFile], new: &[EditableTags]) -> Result<OldFields, LibraryError> {
    let mut old = Vec::with_capacity(files.len());
    for (file, fields) in files.iter().zip(new) {
        let (path, fields) = (file.path.clone(), fields.clone());
        let current = access.run(&file.path, move || writer::check_and_read_old(&path, &fields)).await?;
        old.push((file.id, current.map_err(|reason| file.error(reason))?));
    }
    Ok(old)
}

/// Writes all files and updates their tracks. On an error the files get their old fields back.
async fn write_and_update(
    database: &Database,
    access: &FileAccess,
    files: &[TrackFile],
    new: &[EditableTags],
    old: &[(TrackId, EditableTags)],
) -> Result<LibraryEvent, LibraryError> {
    let written = async {
        write_all(access, files, new, old).await?;
        update_tracks(database, access, files).await
    };
    let result = written.await;
    if result.is_err() {
        restore(access, files, old).await;
    }
    result
}

/// Writes all files in turn. Ends at the first that cannot be written.
async fn write_all(
    access: &FileAccess,
    files: &[TrackFile],
    new: &[EditableTags],
    old: &[(TrackId, EditableTags)],
) -> Result<(), LibraryError> {
    for ((file, fields), (_, old)) in files.iter().zip(new).zip(old) {
        if fields_differ(fields, old) {
            write(access, file, fields.clone()).await?;
        }
    }
    Ok(())
}

async fn write(access: &FileAccess, file: &TrackFile, fields: EditableTags) -> Result<(), LibraryError> {
    let path = file.path.clone();
    access.run(&file.path, move || writer::write(&path, &fields)).await?.map_err(|reason| file.error(reason))
}

/// Gives files the old fields back, in which they differ.
async fn restore(access: &FileAccess, files: &[TrackFile], old: &[(TrackId, EditableTags)]) {
    for (file, (_, old)) in files.iter().zip(old) {
        let (path, fields) = (file.path.clone(), old.clone());
        let current = access.run(&file.path, move || writer::check_and_read_old(&path, &fields)).await;
        let is_old = current.is_ok_and(|current| current.is_ok_and(|current| !fields_differ(&current, old)));
        if is_old {
            continue;
        }
        if let Err(error) = write(access, file, old.clone()).await {
            tracing::error!(%error, "tags cannot be restored after a failed edit");
        }
    }
}

fn fields_differ(new: &EditableTags, old: &EditableTags) -> bool {
    writer::trimmed(new) != *old
}

/// Reads the files as a scan would, and updates their tracks. Their analyses stay: the sound is the same.
async fn update_tracks(
    database: &Database,
    access: &FileAccess,
    files: &[TrackFile],
) -> Result<LibraryEvent, LibraryError> {
    let mut read_files = Vec::with_capacity(files.len());
    for file in files {
        let path = file.path.clone();
        let written = file.clone();
        read_files.extend(access.run(&path, move || read(written)).await?);
    }
    let mut tx = ScanTransaction::begin(database, CarryOver::default()).await?;
    let edited = json_ids(files.iter().map(|TrackFile { id: TrackId(id), .. }| id));
    analyses::delete_stale(tx.connection(), &edited).await?;
    tx.write(read_files.into_iter().map(|file| ReadResult::File(Box::new(file)))).await?;
    analyses::restamp(tx.connection(), &edited).await?;
    Ok(tx.commit(database).await?.0)
}

fn read(TrackFile { id, root, root_path, path }: TrackFile) -> Option<ReadFile> {
    tags::configure_lofty_read();
    let stamp = FileStamp::new(&path.metadata().ok()?);
    let (folder, name) = split_path(&path);
    let folder = Arc::new(ScannedFolder::new(root, &root_path, folder));
    let tracks = vec![(0, id)];
    let file = FoundFile { folder, name, stamp, sheet: None, tracks, replaced: Vec::new() };
    let (tags, sheet) = tags::read(&path).ok()?;
    Some(ReadFile::new(file, tags, sheet))
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
pub(crate) async fn common_fields(
    database: &Database,
    access: &FileAccess,
    tracks: &[TrackId],
) -> Result<EditableTags, LibraryError> {
    let files = track_files(&mut *database.begin_read().await?, tracks).await?;
    let mut common: Option<EditableTags> = None;
    for file in &files {
        let path = file.path.clone();
        let read = move || {
            tags::configure_lofty_read();
            tags::read_editable(&path)
        };
        let fields = access.run(&file.path, read).await?.map_err(|reason| file.error(reason))?;
        common = Some(match common {
            None => fields,
            Some(common) => intersect_fields(common, fields),
        });
    }
    Ok(common.unwrap_or_default())
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
