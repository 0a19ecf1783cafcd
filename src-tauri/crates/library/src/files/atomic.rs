//! Atomic writes and size-limited reads of whole files.

use std::{
    fs::{File, Permissions},
    io::{self, BufWriter, Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use tempfile::NamedTempFile;

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
    // Opening a pipe would wait for a writer.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    let length = File::open(path)?.take(max_bytes + 1).read_to_end(&mut bytes)?;
    if length as u64 > max_bytes {
        return Err(io::Error::other(format!("it is larger than {} MB", max_bytes >> 20)));
    }
    Ok(bytes)
}

/// Creates a temporary file in the folder of `path`, with the permissions of any new file of this process.
pub(crate) fn temp_file_beside(path: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".auralis-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(path.parent().unwrap_or(Path::new("/")))
}

/// Renames a temporary file over `path` and syncs both, so that after a power loss either the old or the new file is there.
pub(crate) fn rename_over(temp_file: NamedTempFile, path: &Path) -> io::Result<()> {
    temp_file.as_file().sync_all()?;
    temp_file.persist(path)?;
    File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()
}
