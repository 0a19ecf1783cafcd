//! Atomic writes and size-limited reads of whole files.

use std::{
    ffi::OsStr,
    fs::{self, File, Metadata, Permissions},
    io::{self, BufWriter, Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    time::Duration,
};

use tempfile::NamedTempFile;

use super::regular;
use crate::error::{LibraryError, describe_io_error};

/// Writes a file in one step: a new one, synced, is renamed over the old one.
pub(crate) fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), LibraryError> {
    let cannot = |error: io::Error| LibraryError::File { path: path.into(), reason: describe_io_error(&error) };
    let mut temp_file = temp_file_beside(path).map_err(cannot)?;
    let mut buffered = BufWriter::new(temp_file.as_file_mut());
    write(&mut buffered).and_then(|()| buffered.flush()).map_err(cannot)?;
    drop(buffered);
    rename_over(temp_file, path).map_err(cannot)
}

/// Reads a whole file. Fails if it is larger than `max_bytes`.
pub(crate) fn read_limited(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    regular::copy(&mut regular::open_regular(path)?.take(max_bytes + 1), &mut bytes)?;
    if bytes.len() as u64 > max_bytes {
        return Err(io::Error::other(format!("it is larger than {} MB", max_bytes >> 20)));
    }
    Ok(bytes)
}

/// Prefix of temporary files.
const TEMP_PREFIX: &str = ".auralis-";

/// Length of the random part of their names.
const TEMP_RANDOM_CHARS: usize = 6;

/// Age from which a temporary file is a leftover of a killed process: no write takes so long.
const LEFTOVER_AGE: Duration = Duration::from_secs(600);

/// Returns whether a file has the name of a temporary file.
pub(crate) fn is_temp_name(name: &OsStr) -> bool {
    let random = name.as_encoded_bytes().strip_prefix(TEMP_PREFIX.as_bytes());
    random.is_some_and(|random| random.len() == TEMP_RANDOM_CHARS && random.iter().all(u8::is_ascii_alphanumeric))
}

/// Removes a temporary file that a killed process has left. One that may still be in use stays.
pub(crate) fn remove_leftover(path: &Path) {
    let modified = path.symlink_metadata().ok().filter(Metadata::is_file).and_then(|metadata| metadata.modified().ok());
    if !modified.is_some_and(|modified| modified.elapsed().is_ok_and(|age| age >= LEFTOVER_AGE)) {
        return;
    }
    match fs::remove_file(path) {
        Ok(()) => tracing::info!(path = %path.display(), "removed a leftover temporary file"),
        Err(error) => tracing::warn!(%error, path = %path.display(), "a leftover temporary file cannot be removed"),
    }
}

/// Creates a temporary file in the folder of `path`, with the permissions of any new file of this process.
pub(crate) fn temp_file_beside(path: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(TEMP_PREFIX)
        .rand_bytes(TEMP_RANDOM_CHARS)
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(path.parent().unwrap_or(Path::new("/")))
}

/// Renames a temporary file over `path` and syncs both, so that after a power loss either the old or the new file is there.
pub(crate) fn rename_over(temp_file: NamedTempFile, path: &Path) -> io::Result<()> {
    temp_file.as_file().sync_all()?;
    temp_file.persist(path)?;
    File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()
}
