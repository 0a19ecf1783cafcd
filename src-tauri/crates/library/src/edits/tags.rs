//! Edits the tags of many tracks: of all or of none. The last edit can be undone.

use std::{path::PathBuf, sync::Arc};

use auralis_core::{EditableTags, LibraryEvent, RootId, TrackId, TrackSelection};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    analyses,
    database::{
        Database,
        json_ids::json_ids,
        key_value,
        path_bytes::{self, split_path},
    },
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

/// Key of the undo record of the last edit.
const TAG_UNDO_KEY: &str = "tag_undo";

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

/// Writes the fields to the files of all tracks.
pub(crate) async fn edit(
    database: &Database,
    tracks: &[TrackId],
    fields: EditableTags,
) -> Result<Vec<LibraryEvent>, LibraryError> {
    let files = track_files(&mut *database.begin_read().await?, tracks).await?;
    let writes = files.into_iter().map(|file| (file, fields.clone())).collect();
    apply(database, writes, true).await
}

/// Undoes the last edit.
pub(crate) async fn undo(database: &Database) -> Result<Vec<LibraryEvent>, LibraryError> {
    let old = load_undo(database).await?;
    if old.is_empty() {
        return Err(LibraryError::InvalidEdit("there is no tag edit to undo"));
    }
    let ids: Vec<TrackId> = old.iter().map(|(id, _)| *id).collect();
    let files = track_files(&mut *database.begin_read().await?, &ids).await?;
    let writes = files.into_iter().zip(old).map(|(file, (_, old))| (file, old)).collect();
    apply(database, writes, false).await
}

/// Returns how many tracks the undo record contains.
pub(crate) async fn undoable_tracks(database: &Database) -> Result<u32, LibraryError> {
    Ok(load_undo(database).await?.len() as u32)
}

async fn load_undo(database: &Database) -> Result<Vec<(TrackId, EditableTags)>, LibraryError> {
    let record = key_value::load(database, TAG_UNDO_KEY).await?.unwrap_or_default();
    Ok(serde_json::from_slice(&record).unwrap_or_default())
}

async fn apply(
    database: &Database,
    writes: Vec<TagWrite>,
    is_undoable: bool,
) -> Result<Vec<LibraryEvent>, LibraryError> {
    let (written, read) = run_blocking(move || write_all(&writes).map(|old| (old, read_all(writes)))).await??;
    let undo = if is_undoable { written } else { Vec::new() };
    let tracks = undo.len() as u32;
    let value = serde_json::to_vec(&undo).unwrap_or_default();
    key_value::save(database, &[(TAG_UNDO_KEY, &value)]).await?;
    let mut tx = ScanTransaction::begin(database, CarryOver::default()).await?;
    let edited = json_ids(read.iter().flat_map(|read| &read.file.tracks).map(|(_, TrackId(id))| id));
    analyses::delete_stale(tx.connection(), &edited).await?;
    tx.write(read.into_iter().map(|file| ReadResult::File(Box::new(file)))).await?;
    analyses::restamp(tx.connection(), &edited).await?;
    let (changed, _) = tx.commit(database).await?;
    Ok(vec![changed, LibraryEvent::TagUndoChanged { tracks }])
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
