//! Lyrics: from the file `<track>.lrc` or `<track>.txt` beside the track, else from its tags.

use std::{io::Read, path::Path};

use auralis_core::LyricLine;

use crate::{
    files::regular,
    tags::{self, lrc::parse_lrc},
};

/// Largest sidecar file, in bytes. The rest of a larger one is ignored.
const MAX_SIDECAR_BYTES: u64 = 1 << 20;

/// Reads the lyrics of a file; no lines if there are none.
pub(crate) fn read_lyrics(path: &Path) -> Vec<LyricLine> {
    read_sidecar(path).or_else(|| tags::read_lyrics(path)).unwrap_or_default()
}

fn read_sidecar(path: &Path) -> Option<Vec<LyricLine>> {
    let text = |extension| {
        let mut bytes = Vec::new();
        let file = regular::open_regular(&path.with_extension(extension)).ok()?;
        regular::copy(&mut file.take(MAX_SIDECAR_BYTES), &mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    text("lrc").or_else(|| text("txt")).map(|text| parse_lrc(&text))
}
