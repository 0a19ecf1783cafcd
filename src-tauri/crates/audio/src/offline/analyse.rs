//! Measures whole files.

use std::path::Path;

use auralis_core::TimeRange;
use auralis_dsp::{Analyser, Analysis};

use crate::decode::{DecodeError, TrackDecoder};

/// Measures a track as it is heard: downmixed to stereo, at its own rate. Returns `None` if `cancelled` says so; it is
/// called often.
///
/// # Errors
///
/// A file without any readable audio. A file that breaks off is measured up to there.
pub fn analyse(
    path: &Path,
    range: Option<TimeRange>,
    cancelled: impl Fn() -> bool,
) -> Result<Option<Analysis>, DecodeError> {
    let mut decoder = TrackDecoder::open(path, range)?;
    let mut frames = Vec::new();
    let read = |decoder: &mut TrackDecoder, frames: &mut Vec<_>| {
        frames.clear();
        decoder.read(frames).map(|()| !frames.is_empty())
    };
    if !read(&mut decoder, &mut frames)? {
        return Err("The file holds no sound.".into());
    }
    let rate_hz = decoder.rate_hz();
    let mut analyser = Analyser::new(rate_hz);
    loop {
        if cancelled() {
            return Ok(None);
        }
        analyser.push(&frames);
        match read(&mut decoder, &mut frames) {
            Ok(true) if decoder.rate_hz() != rate_hz => return Err("The file changes its rate.".into()),
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                tracing::info!(%error, path = %path.display(), "analysed only in part");
                break;
            }
        }
    }
    Ok(Some(analyser.finish()))
}
