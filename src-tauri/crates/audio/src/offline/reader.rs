//! Reads a track on a thread of its own, so that a file that hangs does not block the caller.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    time::{Duration, Instant},
};

use auralis_core::TimeRange;
use auralis_dsp::Frame;

use crate::decode::{DecodeError, OpenFile, TrackDecoder};

/// Frames sent at once. A message costs little beside decoding so many.
const BATCH_FRAMES: usize = 8_192;
/// Batches decoded ahead.
const MAX_BATCHES: usize = 4;
/// How often a caller that waits is asked whether to go on.
const CANCEL_POLL: Duration = Duration::from_millis(50);

/// Reads a track from its first frame to its last.
pub struct Reader {
    batches: Receiver<Result<Batch, DecodeError>>,
    timeout: Duration,
}

/// Why there are no further frames.
#[derive(Debug)]
pub enum ReadError {
    /// The file cannot be decoded (any further).
    Decode(DecodeError),
    /// The file did not deliver frames in time.
    NotResponding,
}

impl From<ReadError> for DecodeError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Decode(error) => error,
            ReadError::NotResponding => Self::not_responding(),
        }
    }
}

/// Frames of one rate.
pub struct Batch {
    /// The frames; none at the end of the track.
    pub frames: Vec<Frame>,
    /// Their rate.
    pub rate_hz: u32,
}

impl Reader {
    /// Starts to open and decode a file, or a range of it.
    pub fn start(opener: Arc<dyn OpenFile>, path: PathBuf, range: Option<TimeRange>) -> Result<Self, DecodeError> {
        let timeout = opener.timeout();
        let (sender, batches) = sync_channel(MAX_BATCHES);
        let read = move || {
            // Nobody listens any more if this fails.
            if let Err(error) = send_all(&*opener, &path, range, &sender) {
                let _ = sender.send(Err(error));
            }
        };
        std::thread::Builder::new()
            .name("reader".into())
            .spawn(read)
            .map_err(|error| DecodeError(format!("Cannot start a thread to read the file: {error}.")))?;
        Ok(Self { batches, timeout })
    }

    /// Waits for the next frames; a batch without frames is the end. Returns `None` once `is_cancelled` does.
    pub fn next(&self, mut is_cancelled: impl FnMut() -> bool) -> Result<Option<Batch>, ReadError> {
        let since = Instant::now();
        loop {
            if is_cancelled() {
                return Ok(None);
            }
            match self.batches.recv_timeout(CANCEL_POLL) {
                Ok(batch) => return batch.map(Some).map_err(ReadError::Decode),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(ReadError::Decode("The file cannot be read.".into()));
                }
                Err(RecvTimeoutError::Timeout) if since.elapsed() > self.timeout => {
                    return Err(ReadError::NotResponding);
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// Sends all frames, and an empty batch at the end. Stops early when nobody listens.
fn send_all(
    opener: &dyn OpenFile,
    path: &std::path::Path,
    range: Option<TimeRange>,
    batches: &SyncSender<Result<Batch, DecodeError>>,
) -> Result<(), DecodeError> {
    let mut decoder = TrackDecoder::with(opener, path, range)?;
    let mut frames = Vec::new();
    let mut rate_hz = decoder.rate_hz();
    loop {
        let before = frames.len();
        let read = decoder.read(&mut frames);
        let is_end = frames.len() == before;
        let later = if decoder.rate_hz() == rate_hz { Vec::new() } else { frames.split_off(before) };
        if (frames.len() >= BATCH_FRAMES || is_end || !later.is_empty())
            && !frames.is_empty()
            && batches.send(Ok(Batch { frames: std::mem::take(&mut frames), rate_hz })).is_err()
        {
            return Ok(());
        }
        read?;
        if is_end {
            let _ = batches.send(Ok(Batch { frames: Vec::new(), rate_hz }));
            return Ok(());
        }
        rate_hz = decoder.rate_hz();
        frames.extend(later);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test may fail
mod tests {
    use std::path::Path;

    use super::*;
    use crate::decode::FileDecoder;

    struct HangingFiles;

    impl OpenFile for HangingFiles {
        fn open(&self, _: &Path) -> Result<Box<dyn FileDecoder>, DecodeError> {
            loop {
                std::thread::park();
            }
        }

        fn timeout(&self) -> Duration {
            Duration::from_millis(200)
        }
    }

    #[test]
    fn a_hanging_file_gives_an_error() {
        let reader = Reader::start(Arc::new(HangingFiles), "a.flac".into(), None).unwrap();
        let error = reader.next(|| false).err().unwrap();
        assert!(matches!(error, ReadError::NotResponding), "{error:?}");
    }

    #[test]
    fn a_hanging_file_can_be_cancelled() {
        let reader = Reader::start(Arc::new(HangingFiles), "a.flac".into(), None).unwrap();
        let mut asked = 0;
        let cancelled = reader.next(|| {
            asked += 1;
            asked > 1
        });
        assert!(cancelled.unwrap().is_none());
    }
}
