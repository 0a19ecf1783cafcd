//! Measures whole files.

use std::{path::Path, sync::Arc};

use auralis_core::TimeRange;
use auralis_dsp::{Analyser, Analysis};

use super::reader::{ReadError, Reader};
use crate::decode::{DecodeError, SystemFiles};

/// Measures a track as it is heard: downmixed to stereo, at its own rate. Returns `None` if `is_cancelled` says so; it
/// is called often.
///
/// # Errors
///
/// A file without any readable audio, or that does not respond. A file that breaks off is measured up to there.
pub fn analyse(
    path: &Path,
    range: Option<TimeRange>,
    is_cancelled: impl Fn() -> bool,
) -> Result<Option<Analysis>, DecodeError> {
    let reader = Reader::start(Arc::new(SystemFiles), path.to_owned(), range)?;
    let Some(first) = reader.next(&is_cancelled)? else { return Ok(None) };
    if first.frames.is_empty() {
        return Err("The file holds no sound.".into());
    }
    let mut analyser = Analyser::new(first.rate_hz);
    analyser.push(&first.frames);
    loop {
        match reader.next(&is_cancelled) {
            Ok(None) => return Ok(None),
            Ok(Some(batch)) if batch.frames.is_empty() => break,
            Ok(Some(batch)) if batch.rate_hz != first.rate_hz => return Err("The file changes its rate.".into()),
            Ok(Some(batch)) => analyser.push(&batch.frames),
            Err(ReadError::NotResponding) => return Err(DecodeError::not_responding()),
            Err(ReadError::Decode(error)) => {
                tracing::info!(%error, path = %path.display(), "analysed only in part");
                break;
            }
        }
    }
    Ok(Some(analyser.finish()))
}
