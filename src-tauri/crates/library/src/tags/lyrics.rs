//! Lyrics: from the file `<track>.lrc` or `<track>.txt` beside the track, else from its tags.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use auralis_core::LyricLine;

use crate::{
    error::LibraryError,
    tags::{self, lrc::parse_lrc},
    threads::run_blocking,
};

/// Largest sidecar file, in bytes. The rest of a larger one is ignored.
const MAX_SIDECAR_BYTES: u64 = 1 << 20;

/// Reads the lyrics of a file; no lines if there are none.
pub(crate) async fn read_lyrics(path: PathBuf) -> Result<Vec<LyricLine>, LibraryError> {
    run_blocking(move || read_sidecar(&path).or_else(|| tags::read_lyrics(&path)).unwrap_or_default()).await
}

fn read_sidecar(path: &Path) -> Option<Vec<LyricLine>> {
    let text = |extension| {
        let mut bytes = Vec::new();
        let file = File::open(path.with_extension(extension)).ok()?;
        file.take(MAX_SIDECAR_BYTES).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    text("lrc").or_else(|| text("txt")).map(|text| parse_lrc(&text))
}
