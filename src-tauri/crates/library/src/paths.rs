//! Paths as the database keeps them: bytes, since a file's name need not be UTF-8.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

pub(crate) fn bytes(path: &(impl AsRef<OsStr> + ?Sized)) -> &[u8] {
    path.as_ref().as_bytes()
}

pub(crate) fn name(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

pub(crate) fn path(bytes: Vec<u8>) -> PathBuf {
    name(bytes).into()
}

/// For the listener's eyes only.
pub(crate) fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
