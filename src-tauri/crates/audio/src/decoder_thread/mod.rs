//! Decoder threads: each decodes one track, and its gapless successors, into rings.
//!
//! A dropped decoder is cancelled and not joined, so a slow file blocks nobody.

mod decoder_loop;
mod messages;
mod open_track;
mod resampler;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{Sender, channel},
    },
    thread::Thread,
};

use auralis_core::LoadId;

use crate::decode::OpenFile;
use decoder_loop::DecoderLoop;
use messages::DecoderCommand;
pub use messages::{DecodeRequest, DecoderEvent, RingSegment};
pub use open_track::{MediaRange, OpenTrack};

/// Handle to a decoder thread. Dropping it cancels decoding; its rings get no more frames.
pub struct DecoderThread {
    commands: Sender<DecoderCommand>,
    thread: Thread,
    cancelled: Arc<AtomicBool>,
}

impl DecoderThread {
    /// Opens a track on a new thread. Results are sent to `report`.
    pub fn start(
        opener: Arc<dyn OpenFile>,
        load: LoadId,
        media: MediaRange,
        position_s: f64,
        report: impl Fn(DecoderEvent) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (commands, inbox) = channel();
        let cancelled = Arc::new(AtomicBool::new(false));
        let stop = cancelled.clone();
        let thread = std::thread::Builder::new().name("decoder".into()).spawn(move || {
            match OpenTrack::open(&*opener, load, &media, position_s) {
                Err(error) => report(DecoderEvent::Failed { load, reason: error.0 }),
                Ok(track) => {
                    report(DecoderEvent::Ready { load, duration_s: track.duration_s(), source: track.format() });
                    DecoderLoop::new(track, inbox, stop, report).run();
                }
            }
        })?;
        Ok(Self { commands, thread: thread.thread().clone(), cancelled })
    }

    /// Requests a new ring. Only the last of several requests counts.
    pub fn request(&self, request: DecodeRequest) {
        self.send(DecoderCommand::Decode(request));
    }

    /// Sets the track that follows the current one without a gap, in place of the one set before.
    pub fn next(&self, track: Option<Box<OpenTrack>>) {
        self.send(DecoderCommand::Next(track));
    }

    /// The next track has become the current one.
    pub fn advance(&self) {
        self.send(DecoderCommand::Advance);
    }

    fn send(&self, command: DecoderCommand) {
        drop(self.commands.send(command)); // fails only for a thread that has ended
        self.thread.unpark();
    }
}

impl Drop for DecoderThread {
    fn drop(&mut self) {
        self.cancelled.store(true, Relaxed);
        self.thread.unpark();
    }
}
