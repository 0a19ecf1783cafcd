//! The squashfs image in an AppImage.

use std::fs::{self, File, Permissions};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use backhand::{FilesystemReader, InnerNode};

use super::{RunError, file_error};

/// A squashfs image in a file.
pub(super) struct Image {
    path: PathBuf,
    offset: u64,
    name: String,
}

impl Image {
    /// Opens the image of an AppImage: it follows the ELF file of the runtime.
    pub(super) fn open(path: &Path) -> Result<Self, RunError> {
        let damaged = |reason: &str| RunError::Damaged { path: path.to_owned(), reason: reason.to_owned() };
        let mut file = File::open(path).map_err(file_error(path))?;
        let mut header = [0; 64];
        file.read_exact(&mut header).map_err(file_error(path))?;
        let offset = elf_end(&header).ok_or_else(|| damaged("no ELF header"))?;
        // The superblock contains the image's time and size, so every build has its own name.
        let mut superblock = [0; 48];
        file.seek(SeekFrom::Start(offset)).map_err(file_error(path))?;
        file.read_exact(&mut superblock).map_err(|_| damaged("it ends too early"))?;
        if !superblock.starts_with(b"hsqs") {
            return Err(damaged("no image"));
        }
        let hex = |bytes: &[u8]| bytes.iter().rev().map(|byte| format!("{byte:02x}")).collect::<String>();
        let name = format!("{}-{}", hex(&superblock[8..12]), hex(&superblock[40..48]));
        Ok(Image { path: path.to_owned(), offset, name })
    }

    /// Returns the offset of the image in the file.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns a name that is different for every build.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Unpacks the image into a folder.
    pub(super) fn unpack(&self, folder: &Path) -> Result<(), RunError> {
        let damaged =
            |error: backhand::BackhandError| RunError::Damaged { path: self.path.clone(), reason: error.to_string() };
        let file = File::open(&self.path).map_err(file_error(&self.path))?;
        let image = FilesystemReader::from_reader_with_offset(BufReader::new(file), self.offset).map_err(damaged)?;
        for node in image.files() {
            let path = folder.join(node.fullpath.strip_prefix("/").unwrap_or(&node.fullpath));
            match &node.inner {
                InnerNode::Dir(_) => fs::create_dir_all(&path).map_err(file_error(&path))?,
                InnerNode::Symlink(link) => symlink(&link.link, &path).map_err(file_error(&path))?,
                InnerNode::File(content) => {
                    let mut file = File::create(&path).map_err(file_error(&path))?;
                    let mut reader = image.file(content).reader();
                    io::copy(&mut reader, &mut file).map_err(file_error(&path))?;
                    let permissions = Permissions::from_mode(u32::from(node.header.permissions));
                    file.set_permissions(permissions).map_err(file_error(&path))?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Returns the end of a 64-bit little-endian ELF file, which is the end of its section headers.
fn elf_end(header: &[u8; 64]) -> Option<u64> {
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let sections = u64::from_le_bytes(header[40..48].try_into().ok()?);
    let (size, count) = (u16::from_le_bytes([header[58], header[59]]), u16::from_le_bytes([header[60], header[61]]));
    sections.checked_add(u64::from(size) * u64::from(count))
}
