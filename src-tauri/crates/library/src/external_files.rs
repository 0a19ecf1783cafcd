//! Files that are opened by path. An unknown file becomes a track of the root it lies in, or an external track of no root.
//! An external track plays like any other but appears in no list.

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
    database::{
        Database,
        path_bytes::{self, split_path},
    },
    error::{LibraryError, describe_io_error},
    files::playlist_format::PlaylistFormat,
    roots::EXTERNAL_ROOT,
    scan::{
        found_file::{FileStamp, FoundFile, ScannedFolder, is_audio},
        tag_reader::{ReadFile, ReadResult},
        writer::{CarryOver, ScanTransaction},
    },
    tags,
    text::sort_key,
    threads::run_blocking,
};

/// How many files one command may open; the rest are ignored.
const MAX_FILES: usize = 100_000;

/// Returns the tracks of files, and of all files in folders, in order. The event is there if a file was unknown.
pub(crate) async fn resolve(
    database: &Database,
    paths: &[String],
) -> Result<(Vec<TrackId>, Option<LibraryEvent>), LibraryError> {
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let files = run_blocking(move || files(&paths)).await??;
    let (ids, changed) = find_canonical(database, files).await?;
    Ok((ids.into_iter().flatten().collect(), changed))
}

/// Returns the tracks of each of the files; none where there is no such file.
pub(crate) async fn find(
    database: &Database,
    named: &[PathBuf],
) -> Result<(Vec<Vec<TrackId>>, Option<LibraryEvent>), LibraryError> {
    let named = named.to_vec();
    let canonical = move || {
        named.iter().map(|path| path.canonicalize().ok().filter(|path| is_audio_file(path))).collect::<Vec<_>>()
    };
    let canonical = run_blocking(canonical).await?;
    let (ids, changed) = find_canonical(database, canonical.iter().flatten().cloned().collect()).await?;
    let mut ids = ids.into_iter();
    let found = canonical.iter().map(|path| path.as_ref().and_then(|_| ids.next()).unwrap_or_default());
    Ok((found.collect(), changed))
}

/// Returns whether it is a file with the extension of an audio format.
fn is_audio_file(path: &Path) -> bool {
    path.is_file() && path.file_name().is_some_and(is_audio)
}

async fn find_canonical(
    database: &Database,
    files: Vec<PathBuf>,
) -> Result<(Vec<Vec<TrackId>>, Option<LibraryEvent>), LibraryError> {
    let (ids, roots) = {
        let mut connection = database.begin_read().await?;
        (ids(&mut connection, &files).await?, roots(&mut connection).await?)
    };
    if !ids.iter().any(Vec::is_empty) {
        return Ok((ids, None));
    }
    let unknown: Vec<PathBuf> =
        files.iter().zip(&ids).filter(|(_, ids)| ids.is_empty()).map(|(file, _)| file.clone()).collect();
    let read = run_blocking(move || read(unknown, &roots)).await?;
    let mut tx = ScanTransaction::begin(database, CarryOver::default()).await?;
    tx.write(read.into_iter().map(|file| ReadResult::File(Box::new(file)))).await?;
    let (changed, _) = tx.commit(database).await?;
    Ok((self::ids(&mut *database.begin_read().await?, &files).await?, Some(changed)))
}

/// Returns the canonical paths of files, of those that playlists name, and of the audio files in folders, sorted by name.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, LibraryError> {
    let mut files = Vec::new();
    let mut visited = HashSet::new();
    let mut skipped = None;
    for path in paths {
        let cannot =
            |error: &std::io::Error| LibraryError::File { path: path.clone(), reason: describe_io_error(error) };
        let canonical = path.canonicalize().map_err(|error| cannot(&error))?;
        let kind = canonical.metadata().map_err(|error| cannot(&error))?;
        if kind.is_dir() {
            let before = files.len();
            walk(&canonical, &mut files, &mut visited).map_err(|error| cannot(&error))?;
            if files.len() == before {
                return Err(LibraryError::File { path: path.clone(), reason: "it contains no music".into() });
            }
        } else if kind.is_file() && PlaylistFormat::is_playlist(&canonical) {
            let content = fs::read(&canonical).map_err(|error| cannot(&error))?;
            let named =
                PlaylistFormat::from_path(&canonical).read(&content, canonical.parent().unwrap_or(Path::new("/")));
            let existing: Vec<_> =
                named.iter().filter_map(|file| file.canonicalize().ok()).filter(|path| is_audio_file(path)).collect();
            if existing.is_empty() {
                return Err(LibraryError::File { path: path.clone(), reason: "none of its files exists".into() });
            }
            files.extend(existing);
        } else if kind.is_file() && is_audio_file(&canonical) {
            files.push(canonical);
        } else if kind.is_file() {
            // One of several, such as the cover among the files of an album.
            skipped = Some(path);
        } else {
            return Err(LibraryError::File { path: path.clone(), reason: "it is neither a file nor a folder".into() });
        }
    }
    if let Some(path) = skipped.filter(|_| files.is_empty()) {
        return Err(LibraryError::File { path: path.clone(), reason: "it is not an audio file".into() });
    }
    files.truncate(MAX_FILES);
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>, visited: &mut HashSet<PathBuf>) -> std::io::Result<()> {
    let mut stack = vec![folder.to_path_buf()];
    while let Some(path) = stack.pop() {
        if files.len() >= MAX_FILES || !visited.insert(path.clone()) {
            continue;
        }
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if path == folder => return Err(error),
            // Unreadable subfolders are skipped, as in a scan.
            Err(_) => continue,
        };
        let mut names: Vec<OsString> = entries.filter_map(|entry| Some(entry.ok()?.file_name())).collect();
        names.retain(|name| !name.as_encoded_bytes().starts_with(b"."));
        names.sort_by_cached_key(|name| (sort_key(&name.to_string_lossy()), name.clone()));
        let mut folders = Vec::new();
        for name in names {
            let Ok(canonical) = path.join(&name).canonicalize() else { continue };
            if canonical.is_dir() {
                folders.push(canonical);
            } else if is_audio(&name) && canonical.is_file() {
                files.push(canonical);
            }
        }
        stack.extend(folders.into_iter().rev());
    }
    Ok(())
}

/// Returns the known tracks of each file.
async fn ids(connection: &mut SqliteConnection, files: &[PathBuf]) -> Result<Vec<Vec<TrackId>>, LibraryError> {
    let mut ids = Vec::with_capacity(files.len());
    for file in files {
        let (folder, name) = split_path(file);
        let tracks: Vec<i64> = sqlx::query_scalar(
            "SELECT tracks.id FROM folders JOIN tracks ON folder_id = folders.id WHERE path = ? AND name = ? ORDER BY cue",
        )
        .bind(path_bytes::to_bytes(folder))
        .bind(path_bytes::to_bytes(&name))
        .fetch_all(&mut *connection)
        .await?;
        ids.push(tracks.into_iter().map(TrackId).collect());
    }
    Ok(ids)
}

async fn roots(connection: &mut SqliteConnection) -> Result<Vec<(RootId, PathBuf)>, LibraryError> {
    let root = |row: SqliteRow| (RootId(row.get(0)), path_bytes::path_from(row.get(1)));
    Ok(sqlx::query("SELECT id, path FROM roots WHERE id <> 0").map(root).fetch_all(connection).await?)
}

/// Reads files as a scan would. A file without readable tags is included: only the engine can tell whether it plays.
fn read(files: Vec<PathBuf>, roots: &[(RootId, PathBuf)]) -> Vec<ReadFile> {
    tags::configure_lofty_read();
    let mut seen = HashSet::new();
    let mut read = Vec::new();
    for path in files.into_iter().filter(|path| seen.insert(path.clone())) {
        let Ok(metadata) = path.metadata() else { continue };
        let root = roots.iter().find(|(_, root)| path.starts_with(root));
        let (folder, name) = split_path(&path);
        let folder = match root {
            Some((id, root_path)) => ScannedFolder::new(*id, root_path, folder),
            None => ScannedFolder::new(EXTERNAL_ROOT, folder, folder),
        };
        let stamp = FileStamp::new(&metadata);
        let (tracks, replaced) = (Vec::new(), Vec::new());
        let file = FoundFile { folder: Arc::new(folder), name, stamp, sheet: None, tracks, replaced };
        let (tags, sheet) = tags::read(&path).unwrap_or_default();
        read.push(ReadFile::new(file, tags, sheet));
    }
    read
}
