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
    file_access::FileAccess,
    files::{
        atomic,
        heartbeat::beat,
        playlist_format::{MAX_PLAYLIST_BYTES, PlaylistFormat},
    },
    roots::EXTERNAL_ROOT,
    scan::{
        found_file::{FileStamp, FoundFile, ScannedFolder, is_audio},
        tag_reader::{ReadFile, ReadResult},
        writer::{CarryOver, ScanTransaction},
    },
    tags,
    text::sort_key,
};

/// How many files one command may open; the rest are ignored.
const MAX_FILES: usize = 100_000;

/// Returns the tracks of files, and of all files in folders, in order. The event is there if a file was unknown.
pub(crate) async fn resolve(
    database: &Database,
    access: &FileAccess,
    paths: &[String],
) -> Result<(Vec<TrackId>, Option<LibraryEvent>), LibraryError> {
    let mut files = Vec::new();
    let mut skipped = None;
    for path in paths.iter().map(PathBuf::from) {
        let expanded = path.clone();
        match access.run(&path, move || expand(&expanded)).await?? {
            Expanded::Files(found) => files.extend(found),
            Expanded::NoAudio => skipped = Some(path),
            Expanded::Playlist(named) => {
                let existing: Vec<_> = canonical_audio_files(access, &named).await.into_iter().flatten().collect();
                if existing.is_empty() {
                    return Err(LibraryError::File { path, reason: "none of its files exists".into() });
                }
                files.extend(existing);
            }
        }
    }
    if let Some(path) = skipped.filter(|_| files.is_empty()) {
        return Err(LibraryError::File { path, reason: "it is not an audio file".into() });
    }
    files.truncate(MAX_FILES);
    let (ids, changed) = find_canonical(database, access, files).await?;
    Ok((ids.into_iter().flatten().collect(), changed))
}

/// Returns the tracks of each of the files; none where there is no such file.
pub(crate) async fn find(
    database: &Database,
    access: &FileAccess,
    named: &[PathBuf],
) -> Result<(Vec<Vec<TrackId>>, Option<LibraryEvent>), LibraryError> {
    let canonical = canonical_audio_files(access, named).await;
    let (ids, changed) = find_canonical(database, access, canonical.iter().flatten().cloned().collect()).await?;
    let mut ids = ids.into_iter();
    let found = canonical.iter().map(|path| path.as_ref().and_then(|_| ids.next()).unwrap_or_default());
    Ok((found.collect(), changed))
}

/// Returns the canonical path of each file; `None` if it is not an audio file, does not exist or does not respond.
async fn canonical_audio_files(access: &FileAccess, named: &[PathBuf]) -> Vec<Option<PathBuf>> {
    let mut canonical = Vec::with_capacity(named.len());
    for path in named {
        let file = path.clone();
        let find = move || file.canonicalize().ok().filter(|path| is_audio_file(path));
        canonical.push(access.run(path, find).await.ok().flatten());
    }
    canonical
}

/// Returns whether it is a file with the extension of an audio format.
fn is_audio_file(path: &Path) -> bool {
    path.is_file() && path.file_name().is_some_and(is_audio)
}

async fn find_canonical(
    database: &Database,
    access: &FileAccess,
    files: Vec<PathBuf>,
) -> Result<(Vec<Vec<TrackId>>, Option<LibraryEvent>), LibraryError> {
    let (ids, roots) = {
        let mut connection = database.begin_read().await?;
        (ids(&mut connection, &files).await?, roots(&mut connection).await?)
    };
    let mut read_files = Vec::new();
    let mut seen = HashSet::new();
    for (path, _) in files.iter().zip(&ids).filter(|(_, ids)| ids.is_empty()) {
        if !seen.insert(path) {
            continue;
        }
        let root = roots.iter().find(|(_, root)| path.starts_with(root)).cloned();
        let file = path.clone();
        read_files.extend(access.run(path, move || read(file, root)).await?);
    }
    if read_files.is_empty() {
        return Ok((ids, None));
    }
    let mut tx = ScanTransaction::begin(database, CarryOver::default()).await?;
    tx.write(read_files.into_iter().map(|file| ReadResult::File(Box::new(file)))).await?;
    let (changed, _) = tx.commit(database).await?;
    Ok((self::ids(&mut *database.begin_read().await?, &files).await?, Some(changed)))
}

/// What a path stands for.
enum Expanded {
    /// The canonical path of a file, or of the audio files in a folder.
    Files(Vec<PathBuf>),
    /// The files that a playlist names.
    Playlist(Vec<PathBuf>),
    /// A file that is no audio, such as the cover among the files of an album.
    NoAudio,
}

/// Expands a folder to its audio files, sorted by name, and a playlist to its entries.
fn expand(path: &Path) -> Result<Expanded, LibraryError> {
    let failed = |reason: String| LibraryError::File { path: path.into(), reason };
    let cannot = |error: std::io::Error| failed(describe_io_error(&error));
    let canonical = path.canonicalize().map_err(cannot)?;
    let kind = canonical.metadata().map_err(cannot)?;
    if kind.is_dir() {
        let mut files = Vec::new();
        walk(&canonical, &mut files).map_err(cannot)?;
        if files.is_empty() { Err(failed("it contains no music".into())) } else { Ok(Expanded::Files(files)) }
    } else if kind.is_file() && PlaylistFormat::is_playlist(&canonical) {
        let content = atomic::read_limited(&canonical, MAX_PLAYLIST_BYTES).map_err(cannot)?;
        let folder = canonical.parent().unwrap_or(Path::new("/"));
        Ok(Expanded::Playlist(PlaylistFormat::from_path(&canonical).read(&content, folder)))
    } else if kind.is_file() && is_audio_file(&canonical) {
        Ok(Expanded::Files(vec![canonical]))
    } else if kind.is_file() {
        Ok(Expanded::NoAudio)
    } else {
        Err(failed("it is neither a file nor a folder".into()))
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut visited = HashSet::new();
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
            beat();
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

/// Reads a file as a scan would. One without readable tags is included: only the engine can tell whether it plays.
fn read(path: PathBuf, root: Option<(RootId, PathBuf)>) -> Option<ReadFile> {
    tags::configure_lofty_read();
    let stamp = FileStamp::new(&path.metadata().ok()?);
    let (folder, name) = split_path(&path);
    let folder = match root {
        Some((id, root_path)) => ScannedFolder::new(id, &root_path, folder),
        None => ScannedFolder::new(EXTERNAL_ROOT, folder, folder),
    };
    let (tracks, replaced) = (Vec::new(), Vec::new());
    let file = FoundFile { folder: Arc::new(folder), name, stamp, sheet: None, tracks, replaced };
    let (tags, sheet) = tags::read(&path).unwrap_or_default();
    Some(ReadFile::new(file, tags, sheet))
}
