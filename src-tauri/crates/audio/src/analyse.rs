//! A whole file, measured.

use std::path::Path;

use auralis_core::TimeRange;
use auralis_dsp::{Analyser, Analysis};

use crate::decode::{DecodeError, Decoder};

/// Measures a track, as it is heard: folded to stereo, at its own rate. Nothing if `cancelled` says so, which is asked
/// all the while.
///
/// # Errors
///
/// A file of which nothing can be heard. One that breaks off is measured as far as it goes.
pub fn analyse(
    path: &Path,
    range: Option<TimeRange>,
    cancelled: impl Fn() -> bool,
) -> Result<Option<Analysis>, DecodeError> {
    let mut decoder = Decoder::open(path, range)?;
    let mut frames = Vec::new();
    let read = |decoder: &mut Decoder, frames: &mut Vec<_>| {
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
                tracing::info!(%error, path = %path.display(), "analysed in part");
                break;
            }
        }
    }
    Ok(Some(analyser.finish()))
}
