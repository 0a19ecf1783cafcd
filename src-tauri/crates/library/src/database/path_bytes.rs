//! Paths in the database are BLOBs, because a file name need not be UTF-8.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

pub(crate) fn to_bytes(path: &(impl AsRef<OsStr> + ?Sized)) -> &[u8] {
    path.as_ref().as_bytes()
}

pub(crate) fn name_from(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

pub(crate) fn path_from(bytes: Vec<u8>) -> PathBuf {
    name_from(bytes).into()
}

/// Returns the path as text for people. Bytes that are not UTF-8 are replaced, so it may not open the file.
pub(crate) fn to_display(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Splits a file's path into folder and file name, as the tables store them.
pub(crate) fn split_path(file: &Path) -> (&Path, OsString) {
    (file.parent().unwrap_or(Path::new("/")), file.file_name().unwrap_or_default().into())
}
