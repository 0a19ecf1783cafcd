//! Files that are there whole or not at all.

use std::{
    fs::{File, Permissions},
    io::{self, BufWriter, Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use tempfile::NamedTempFile;

use crate::error::{LibraryError, in_words};

/// Writes a file in one step: a new one, synced, takes the name of the old one.
pub(crate) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), LibraryError> {
    let cannot = |error: io::Error| LibraryError::File { path: path.into(), reason: in_words(&error) };
    let mut new = unfinished(path).map_err(cannot)?;
    let mut buffered = BufWriter::new(new.as_file_mut());
    write(&mut buffered).and_then(|()| buffered.flush()).map_err(cannot)?;
    drop(buffered);
    replace(new, path).map_err(cannot)
}

/// Reads a file that is not larger than `most` bytes.
pub(crate) fn read_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // Opening a pipe would wait for whoever writes into it.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    let length = File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if length as u64 > most {
        return Err(io::Error::other(format!("it is larger than {} MB", most >> 20)));
    }
    Ok(bytes)
}

/// A file beside `path` that is to take its name. Whoever may read new files of this process may read it.
pub(crate) fn unfinished(path: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".auralis-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(path.parent().unwrap_or(Path::new("/")))
}

/// Gives a file the name of another, so that after a loss of power either is there.
pub(crate) fn replace(new: NamedTempFile, path: &Path) -> io::Result<()> {
    new.as_file().sync_all()?;
    new.persist(path)?;
    File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()
}
