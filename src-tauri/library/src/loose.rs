//! Files that are opened by their paths. What the library does not know becomes a track of the root that the file lies
//! in, or of none: then it is on no list, but plays like any other.

use std::{
    collections::HashSet,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use auralis_core::{LibraryEvent, RootId, TrackId};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    database::Database,
    error::{LibraryError, in_words},
    fold::sort_key,
    paths,
    roots::LOOSE,
    scan::{Change, Folder, FoundFile, Outcome, ReadTrack, Stamp, is_audio},
    tags::{self, Tags},
};

/// The most files that are taken from the folders of one command.
const FILES: usize = 100_000;

/// The tracks of files, and of all files in folders, in order; and what changed, if a file was not known.
pub(crate) async fn resolve(
    database: &Database,
    paths: &[String],
) -> Result<(Vec<TrackId>, Option<LibraryEvent>), LibraryError> {
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let files = blocking(move || files(&paths)).await??;
    let (ids, roots) = {
        let mut view = database.read().await?;
        (ids(&mut view, &files).await?, roots(&mut view).await?)
    };
    if let Some(known) = ids.iter().copied().collect() {
        return Ok((known, None));
    }
    let unknown: Vec<PathBuf> =
        files.iter().zip(&ids).filter(|(_, id)| id.is_none()).map(|(file, _)| file.clone()).collect();
    let read = blocking(move || read(unknown, &roots)).await?;
    let mut change = Change::begin(database, Vec::new()).await?;
    change.write(read.into_iter().map(|track| Outcome::Track(Box::new(track)))).await?;
    let (changed, _) = change.commit(database).await?;
    let ids = ids_of_all(&mut *database.read().await?, &files).await?;
    Ok((ids, Some(changed)))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, LibraryError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| LibraryError::Database(error.to_string()))
}

/// The real paths of files and of the audio files in folders, each folder in the order a listener expects.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, LibraryError> {
    let mut files = Vec::new();
    let mut visited = HashSet::new();
    for path in paths {
        let cannot = |error: &std::io::Error| LibraryError::File { path: path.clone(), reason: in_words(error) };
        let real = path.canonicalize().map_err(|error| cannot(&error))?;
        let kind = real.metadata().map_err(|error| cannot(&error))?;
        if kind.is_dir() {
            let before = files.len();
            walk(&real, &mut files, &mut visited).map_err(|error| cannot(&error))?;
            if files.len() == before {
                return Err(LibraryError::File { path: path.clone(), reason: "there is no music in it".into() });
            }
        } else if kind.is_file() {
            files.push(real);
        } else {
            return Err(LibraryError::File { path: path.clone(), reason: "it is neither a file nor a folder".into() });
        }
    }
    files.truncate(FILES);
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>, visited: &mut HashSet<PathBuf>) -> std::io::Result<()> {
    let mut stack = vec![folder.to_path_buf()];
    while let Some(path) = stack.pop() {
        if files.len() >= FILES || !visited.insert(path.clone()) {
            continue;
        }
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if path == folder => return Err(error),
            // What is below it is passed over, as in a scan.
            Err(_) => continue,
        };
        let mut names: Vec<OsString> = entries.filter_map(|entry| Some(entry.ok()?.file_name())).collect();
        names.retain(|name| !name.as_encoded_bytes().starts_with(b"."));
        names.sort_by_cached_key(|name| (sort_key(&name.to_string_lossy()), name.clone()));
        let mut folders = Vec::new();
        for name in names {
            let Ok(real) = path.join(&name).canonicalize() else { continue };
            if real.is_dir() {
                folders.push(real);
            } else if is_audio(&name) && real.is_file() {
                files.push(real);
            }
        }
        stack.extend(folders.into_iter().rev());
    }
    Ok(())
}

/// The tracks that the library has of these files.
async fn ids(view: &mut SqliteConnection, files: &[PathBuf]) -> Result<Vec<Option<TrackId>>, LibraryError> {
    let mut ids = Vec::with_capacity(files.len());
    for file in files {
        let (folder, name) = split(file);
        let id: Option<i64> = sqlx::query_scalar(
            "SELECT tracks.id FROM folders JOIN tracks ON folder_id = folders.id WHERE path = ? AND name = ? ORDER BY cue",
        )
        .bind(paths::bytes(folder))
        .bind(paths::bytes(&name))
        .fetch_optional(&mut *view)
        .await?;
        ids.push(id.map(TrackId));
    }
    Ok(ids)
}

async fn ids_of_all(view: &mut SqliteConnection, files: &[PathBuf]) -> Result<Vec<TrackId>, LibraryError> {
    Ok(ids(view, files).await?.into_iter().flatten().collect())
}

async fn roots(view: &mut SqliteConnection) -> Result<Vec<(RootId, PathBuf)>, LibraryError> {
    let root = |row: SqliteRow| (RootId(row.get(0)), paths::path(row.get(1)));
    Ok(sqlx::query("SELECT id, path FROM roots WHERE id <> 0").map(root).fetch_all(view).await?)
}

/// Reads files as a scan would. One without readable tags is taken, too: whether it can be played is the engine's to say.
fn read(files: Vec<PathBuf>, roots: &[(RootId, PathBuf)]) -> Vec<ReadTrack> {
    tags::prepare_thread();
    let mut met = HashSet::new();
    let mut tracks = Vec::new();
    for path in files.into_iter().filter(|path| met.insert(path.clone())) {
        let Ok(metadata) = path.metadata() else { continue };
        let root = roots.iter().find(|(_, root)| path.starts_with(root)).map_or(LOOSE, |(id, _)| *id);
        let (folder, name) = split(&path);
        let folder = Arc::new(Folder { root, path: folder.into() });
        let file = FoundFile { folder, name, stamp: Stamp::of(&metadata), track: None, displaced: None };
        tracks.push(ReadTrack { file, tags: tags::read(&path).unwrap_or_else(|_| Tags::default()) });
    }
    tracks
}

fn split(file: &Path) -> (&Path, OsString) {
    (file.parent().unwrap_or(Path::new("/")), file.file_name().unwrap_or_default().into())
}
