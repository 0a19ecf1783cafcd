//! Edits of tags: of all tracks that are named or of none, and back again.

use std::{path::PathBuf, sync::Arc};

use auralis_core::{EditableTags, LibraryEvent, RootId, TrackId, TrackSelection};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    analyses,
    database::Database,
    derived::json,
    error::LibraryError,
    loose::{blocking, split},
    paths,
    scan::{Change, Folder, FoundFile, Left, Outcome, ReadFile, Stamp},
    session,
    tag_files::{self, with_fields},
    tags,
};

/// Under which the last edit is kept, so that it can be taken back after a restart.
const KEPT: &str = "tag_undo";

/// What is to be written to the file of a track.
type Task = (Place, EditableTags);

/// A track, and where its file is.
#[derive(Debug, Clone)]
struct Place {
    id: TrackId,
    root: RootId,
    /// The root's own path.
    above: PathBuf,
    path: PathBuf,
}

/// Writes the fields to the files of all these tracks.
pub(crate) async fn edit(
    database: &Database,
    tracks: &[TrackId],
    fields: EditableTags,
) -> Result<Vec<LibraryEvent>, LibraryError> {
    let places = places(&mut *database.read().await?, tracks).await?;
    let tasks = places.into_iter().map(|place| (place, fields.clone())).collect();
    carry_out(database, tasks, true).await
}

/// Takes the last edit back.
pub(crate) async fn undo(database: &Database) -> Result<Vec<LibraryEvent>, LibraryError> {
    let kept = kept(database).await?;
    if kept.is_empty() {
        return Err(LibraryError::WrongKind("there is no edit of tags to take back"));
    }
    let ids: Vec<TrackId> = kept.iter().map(|(id, _)| *id).collect();
    let places = places(&mut *database.read().await?, &ids).await?;
    let tasks = places.into_iter().zip(kept).map(|(place, (_, old))| (place, old)).collect();
    carry_out(database, tasks, false).await
}

/// How many tracks the last edit changed that can be taken back.
pub(crate) async fn undoable(database: &Database) -> Result<u32, LibraryError> {
    Ok(kept(database).await?.len() as u32)
}

async fn kept(database: &Database) -> Result<Vec<(TrackId, EditableTags)>, LibraryError> {
    let kept = session::load(database, KEPT).await?.unwrap_or_default();
    Ok(serde_json::from_slice(&kept).unwrap_or_default())
}

async fn carry_out(database: &Database, tasks: Vec<Task>, keep: bool) -> Result<Vec<LibraryEvent>, LibraryError> {
    let (written, read) = blocking(move || write_all(&tasks).map(|old| (old, read_all(tasks)))).await??;
    let kept = if keep { written } else { Vec::new() };
    let tracks = kept.len() as u32;
    let value = serde_json::to_vec(&kept).unwrap_or_default();
    session::save(database, &[(KEPT, &value)]).await?;
    let mut change = Change::begin(database, Left::default()).await?;
    let edited = json(read.iter().flat_map(|read| &read.file.tracks).map(|(_, TrackId(id))| id));
    analyses::forget_others(change.connection(), &edited).await?;
    change.write(read.into_iter().map(|file| Outcome::File(Box::new(file)))).await?;
    analyses::carry_over(change.connection(), &edited).await?;
    let (changed, _) = change.commit(database).await?;
    Ok(vec![changed, LibraryEvent::TagUndoChanged { tracks }])
}

/// Gives what the fields were. If one file cannot be written, those before it get back what they had.
fn write_all(tasks: &[Task]) -> Result<Vec<(TrackId, EditableTags)>, LibraryError> {
    let cannot = |path: &PathBuf, reason| LibraryError::File { path: path.clone(), reason };
    for (Place { path, .. }, _) in tasks {
        tag_files::expect_writable(path).map_err(|reason| cannot(path, reason))?;
    }
    let mut written = Vec::with_capacity(tasks.len());
    for (Place { id, path, .. }, fields) in tasks {
        match tag_files::write(path, fields) {
            Ok(old) => written.push((*id, old)),
            Err(reason) => {
                for ((Place { path, .. }, _), (_, old)) in tasks.iter().zip(&written) {
                    if let Err(error) = tag_files::write(path, old) {
                        tracing::error!(%error, path = %path.display(), "tags cannot be given back");
                    }
                }
                return Err(cannot(path, reason));
            }
        }
    }
    Ok(written)
}

/// Reads the files as a scan would.
fn read_all(tasks: Vec<Task>) -> Vec<ReadFile> {
    tags::prepare_thread();
    let read = |(Place { id, root, above, path }, _): Task| {
        let stamp = Stamp::of(&path.metadata().ok()?);
        let (folder, name) = split(&path);
        let folder = Arc::new(Folder::new(root, &above, folder));
        let tracks = vec![(0, id)];
        let file = FoundFile { folder, name, stamp, sheet: None, tracks, displaced: Vec::new() };
        let (tags, sheet) = tags::read(&path).ok()?;
        Some(ReadFile::new(file, tags, sheet))
    };
    tasks.into_iter().filter_map(read).collect()
}

async fn places(view: &mut SqliteConnection, tracks: &[TrackId]) -> Result<Vec<Place>, LibraryError> {
    if tracks.len() > TrackSelection::MAX_EDITED_TRACKS {
        return Err(LibraryError::TooManyFiles(tracks.len()));
    }
    let rows = sqlx::query(
        "SELECT tracks.id, root_id, folders.path, name, start_s IS NOT NULL, roots.path
         FROM json_each(?) AS wanted JOIN tracks ON tracks.id = wanted.value JOIN folders ON folders.id = folder_id
         JOIN roots ON roots.id = root_id
         ORDER BY wanted.key",
    );
    let place = |row: SqliteRow| {
        let path = paths::path(row.get(2)).join(paths::name(row.get(3)));
        let part: bool = row.get(4);
        (Place { id: TrackId(row.get(0)), root: RootId(row.get(1)), above: paths::path(row.get(5)), path }, part)
    };
    let found = rows.bind(json(tracks.iter().map(|TrackId(id)| id))).map(place).fetch_all(view).await?;
    if let Some((place, _)) = found.iter().find(|(_, part)| *part) {
        let reason = "it is one file with several tracks".into();
        return Err(LibraryError::File { path: place.path.clone(), reason });
    }
    match tracks.iter().find(|id| !found.iter().any(|(place, _)| place.id == **id)) {
        Some(unknown) => Err(LibraryError::UnknownTrack(*unknown)),
        None => Ok(found.into_iter().map(|(place, _)| place).collect()),
    }
}

/// What the tags of tracks have in common.
pub(crate) async fn common(view: &mut SqliteConnection, tracks: &[TrackId]) -> Result<EditableTags, LibraryError> {
    let places = places(view, tracks).await?;
    let read = move || {
        tags::prepare_thread();
        let mut common: Option<EditableTags> = None;
        for Place { path, .. } in places {
            let fields = tags::read_editable(&path).map_err(|reason| LibraryError::File { path, reason })?;
            common = Some(match common {
                None => fields,
                Some(common) => shared(common, fields),
            });
        }
        Ok(common.unwrap_or_default())
    };
    blocking(read).await?
}

fn shared(one: EditableTags, other: EditableTags) -> EditableTags {
    macro_rules! shared {
        ($($field:ident),*) => {
            EditableTags { $($field: one.$field.filter(|value| other.$field.as_ref() == Some(value))),* }
        };
    }
    with_fields!(shared)
}
