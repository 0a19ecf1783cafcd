//! Opens regular files only, without waiting for anything but the disk.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use super::heartbeat::beat;

/// How much is copied or read between two beats, in bytes.
const CHUNK_BYTES: usize = 256 << 10;

/// Opens a regular file for reading. Fails for a pipe, socket or device, whose `open` or `read` may wait for ever.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    // Opening some devices has an effect, so they are refused before.
    require_regular(&path.metadata()?)?;
    let file = OpenOptions::new().read(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32).open(path)?;
    // It may have been replaced meanwhile.
    require_regular(&file.metadata()?)?;
    beat();
    Ok(file)
}

fn require_regular(metadata: &std::fs::Metadata) -> io::Result<()> {
    match metadata {
        metadata if metadata.is_file() => Ok(()),
        metadata if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        _ => Err(io::Error::other("it is not a regular file")),
    }
}

/// Copies all bytes from one file to another, or to a hasher. Each chunk counts as progress.
pub(crate) fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let length = match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        to.write_all(&chunk[..length])?;
        beat();
    }
}
