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
    playlist_files::Format,
    roots::LOOSE,
    scan::{Change, Folder, FoundFile, Left, Outcome, ReadFile, Stamp, is_audio},
    tags,
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
    let (ids, changed) = find_real(database, files).await?;
    Ok((ids.into_iter().flatten().collect(), changed))
}

/// The tracks of each of the files; none where there is no such file.
pub(crate) async fn find(
    database: &Database,
    named: &[PathBuf],
) -> Result<(Vec<Vec<TrackId>>, Option<LibraryEvent>), LibraryError> {
    let named = named.to_vec();
    let real =
        move || named.iter().map(|path| path.canonicalize().ok().filter(|path| is_track(path))).collect::<Vec<_>>();
    let real = blocking(real).await?;
    let (ids, changed) = find_real(database, real.iter().flatten().cloned().collect()).await?;
    let mut ids = ids.into_iter();
    let found = real.iter().map(|path| path.as_ref().and_then(|_| ids.next()).unwrap_or_default());
    Ok((found.collect(), changed))
}

fn is_track(path: &Path) -> bool {
    path.is_file() && path.file_name().is_some_and(is_audio)
}

async fn find_real(
    database: &Database,
    files: Vec<PathBuf>,
) -> Result<(Vec<Vec<TrackId>>, Option<LibraryEvent>), LibraryError> {
    let (ids, roots) = {
        let mut view = database.read().await?;
        (ids(&mut view, &files).await?, roots(&mut view).await?)
    };
    if !ids.iter().any(Vec::is_empty) {
        return Ok((ids, None));
    }
    let unknown: Vec<PathBuf> =
        files.iter().zip(&ids).filter(|(_, ids)| ids.is_empty()).map(|(file, _)| file.clone()).collect();
    let read = blocking(move || read(unknown, &roots)).await?;
    let mut change = Change::begin(database, Left::default()).await?;
    change.write(read.into_iter().map(|file| Outcome::File(Box::new(file)))).await?;
    let (changed, _) = change.commit(database).await?;
    Ok((self::ids(&mut *database.read().await?, &files).await?, Some(changed)))
}

pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, LibraryError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| LibraryError::Database(error.to_string()))
}

/// The real paths of files, of those that playlists name, and of the audio files in folders, each folder in the order a
/// listener expects.
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
        } else if kind.is_file() && Format::is_playlist(&real) {
            let content = fs::read(&real).map_err(|error| cannot(&error))?;
            let named = Format::of(&real).read(&content, real.parent().unwrap_or(Path::new("/")));
            let there: Vec<_> =
                named.iter().filter_map(|file| file.canonicalize().ok()).filter(|path| is_track(path)).collect();
            if there.is_empty() {
                return Err(LibraryError::File { path: path.clone(), reason: "none of its files is there".into() });
            }
            files.extend(there);
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

/// The tracks that the library has of each of these files.
async fn ids(view: &mut SqliteConnection, files: &[PathBuf]) -> Result<Vec<Vec<TrackId>>, LibraryError> {
    let mut ids = Vec::with_capacity(files.len());
    for file in files {
        let (folder, name) = split(file);
        let tracks: Vec<i64> = sqlx::query_scalar(
            "SELECT tracks.id FROM folders JOIN tracks ON folder_id = folders.id WHERE path = ? AND name = ? ORDER BY cue",
        )
        .bind(paths::bytes(folder))
        .bind(paths::bytes(&name))
        .fetch_all(&mut *view)
        .await?;
        ids.push(tracks.into_iter().map(TrackId).collect());
    }
    Ok(ids)
}

async fn roots(view: &mut SqliteConnection) -> Result<Vec<(RootId, PathBuf)>, LibraryError> {
    let root = |row: SqliteRow| (RootId(row.get(0)), paths::path(row.get(1)));
    Ok(sqlx::query("SELECT id, path FROM roots WHERE id <> 0").map(root).fetch_all(view).await?)
}

/// Reads files as a scan would. One without readable tags is taken, too: whether it can be played is the engine's to say.
fn read(files: Vec<PathBuf>, roots: &[(RootId, PathBuf)]) -> Vec<ReadFile> {
    tags::prepare_thread();
    let mut met = HashSet::new();
    let mut read = Vec::new();
    for path in files.into_iter().filter(|path| met.insert(path.clone())) {
        let Ok(metadata) = path.metadata() else { continue };
        let root = roots.iter().find(|(_, root)| path.starts_with(root));
        let (folder, name) = split(&path);
        let folder = match root {
            Some((id, above)) => Folder::new(*id, above, folder),
            None => Folder::new(LOOSE, folder, folder),
        };
        let stamp = Stamp::of(&metadata);
        let (tracks, displaced) = (Vec::new(), Vec::new());
        let file = FoundFile { folder: Arc::new(folder), name, stamp, sheet: None, tracks, displaced };
        let (tags, sheet) = tags::read(&path).unwrap_or_default();
        read.push(ReadFile::new(file, tags, sheet));
    }
    read
}

pub(crate) fn split(file: &Path) -> (&Path, OsString) {
    (file.parent().unwrap_or(Path::new("/")), file.file_name().unwrap_or_default().into())
}
