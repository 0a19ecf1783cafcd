//! What the sound goes to.

mod null;
#[cfg(target_os = "linux")]
mod pulse;
mod system;
mod virtual_output;

use std::{
    num::NonZero,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use auralis_core::{OutputId, OutputRow};
use auralis_dsp::Dither;
use cpal::{FromSample, Sample};
use rodio::mixer::MixerSource;

use crate::{
    meters::{self, Metering},
    source::{Levels, Remote, RingSource, Underruns},
};

pub use null::NullOutput;
pub use system::SystemOutput;
pub use virtual_output::{VirtualDevice, VirtualOutput};

/// A place that sound can go to. Used by one thread of the engine, so it may block.
pub trait Output: Send {
    /// What there is to choose from.
    fn list(&mut self) -> Vec<OutputRow>;

    /// Opens the chosen device, or the system's default where none is chosen or it is not there, and lets it pull a
    /// [`Playout`] from `connect`.
    fn open(&mut self, chosen: Option<&OutputId>, connect: Connect) -> Result<Opened, OutputError>;
}

/// Why there is no device, in words for the listener.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct OutputError(pub String);

/// An open device.
pub struct Opened {
    /// Names it.
    pub id: OutputId,
    /// As the sound server calls it.
    pub name: String,
    /// Frames per second that the device accepted.
    pub rate_hz: u32,
    /// Bits of a sample that it keeps; of a float, its mantissa.
    pub bits: u32,
    /// Closes the device when it is dropped.
    pub stream: Box<dyn std::any::Any + Send>,
}

/// What a device says of itself, by atomics, since its callbacks must not wait.
#[derive(Default)]
pub struct Health {
    /// It is gone: open it anew.
    pub lost: AtomicBool,
    /// The system lets the thread that serves it go before all others.
    pub realtime: AtomicBool,
    /// Times that the device itself had too little to play.
    pub xruns: AtomicU64,
}

/// When the frames that a device was given are heard.
pub struct Clock {
    epoch: Instant,
    /// Frames given to the device.
    given: AtomicU64,
    /// Nanoseconds since `epoch` at which the first frame of all was heard, or would have been had it never stopped.
    first_heard_ns: AtomicI64,
    /// Nanoseconds from the last callback to the moment its first frame is heard.
    latency_ns: AtomicU64,
    rate_hz: u32,
}

/// Stands for "at once": a device without real time.
const AT_ONCE: i64 = i64::MIN;

impl Clock {
    fn new(rate_hz: u32) -> Self {
        Self {
            epoch: Instant::now(),
            given: AtomicU64::new(0),
            first_heard_ns: AtomicI64::new(AT_ONCE),
            latency_ns: AtomicU64::new(0),
            rate_hz,
        }
    }

    /// Frames that were given to the device.
    pub fn given(&self) -> u64 {
        self.given.load(Relaxed)
    }

    /// Frames that were given to the device less what it still buffers.
    pub fn heard(&self) -> u64 {
        let given = self.given();
        match self.first_heard_ns.load(Relaxed) {
            AT_ONCE => given,
            first => {
                let now = self.epoch.elapsed().as_nanos() as i64;
                let elapsed_s = now.saturating_sub(first).max(0) as f64 / 1e9;
                given.min((elapsed_s * f64::from(self.rate_hz)) as u64)
            }
        }
    }

    /// Whether time passes by itself.
    pub fn is_paced(&self) -> bool {
        self.first_heard_ns.load(Relaxed) != AT_ONCE
    }

    /// Seconds from giving a frame to hearing it.
    pub fn latency_s(&self) -> f64 {
        self.latency_ns.load(Relaxed) as f64 / 1e9
    }

    /// Nothing is heard before somebody says so.
    #[cfg(target_os = "linux")]
    fn wait(&self) {
        self.first_heard_ns.store(i64::MAX, Relaxed);
    }

    /// At this time it was so many seconds into what it was given, and so many ahead of that with the rest of it.
    #[cfg(target_os = "linux")]
    fn set(&self, at: Instant, heard_s: f64, ahead_s: f64) {
        let at_ns = at.saturating_duration_since(self.epoch).as_nanos() as i64;
        self.first_heard_ns.store(at_ns - (heard_s * 1e9) as i64, Relaxed);
        self.latency_ns.store((ahead_s * 1e9) as u64, Relaxed);
    }

    fn give(&self, frames: u64, delay: Option<Duration>) {
        if let Some(delay) = delay {
            let played_ns = (self.given() as f64 * 1e9 / f64::from(self.rate_hz)) as i64;
            let heard_at = (self.epoch.elapsed() + delay).as_nanos() as i64;
            self.first_heard_ns.store(heard_at - played_ns, Relaxed);
            self.latency_ns.store(delay.as_nanos() as u64, Relaxed);
        }
        self.given.fetch_add(frames, Relaxed);
    }
}

/// What a device pulls: rodio's mixer with the engine's source in it.
pub struct Playout {
    mix: MixerSource,
    channels: u64,
    clock: Arc<Clock>,
    /// For a device that keeps 16 bits of what has more.
    dither: Option<Dither>,
}

impl Playout {
    /// Fills a buffer of interleaved samples. `delay` is the time from now until the first of them is heard, or `None`
    /// where time does not pass by itself.
    pub fn fill<T: Sample + FromSample<f32>>(&mut self, out: &mut [T], delay: Option<Duration>) {
        let frames = out.len() as u64 / self.channels;
        for (out, sample) in out.iter_mut().zip(self.play(frames, delay)) {
            *out = T::from_sample(sample);
        }
    }

    /// Gives frames away, sample by sample, all of which have to be taken.
    fn play(&mut self, frames: u64, delay: Option<Duration>) -> impl Iterator<Item = f32> {
        self.clock.give(frames, delay);
        let Self { mix, dither, .. } = self;
        let samples = mix.by_ref().chain(std::iter::repeat(0.0)).take((frames * self.channels) as usize);
        samples.map(|sample| dither.as_mut().map_or(sample, |dither| dither.round(sample)))
    }
}

/// The engine's side of a device that has just been opened.
pub struct Deck {
    /// Steers the source.
    pub remote: Remote,
    /// When frames are heard.
    pub clock: Arc<Clock>,
    /// Measures what is heard.
    pub metering: Arc<Mutex<Metering>>,
}

/// Makes the playout for a device, once its rate is known.
pub struct Connect {
    pub(crate) levels: Arc<Levels>,
    pub(crate) underruns: Arc<Underruns>,
    /// Where the device reports.
    pub health: Arc<Health>,
    pub(crate) deck: std::sync::mpsc::Sender<Deck>,
}

impl Connect {
    /// The playout for a device of this rate and number of channels, which keeps so many bits of a sample. `patient` is
    /// for a device whose time does not pass by itself: it may wait for the decoder, and so never has an underrun.
    pub fn playout(&self, rate_hz: u32, channels: u16, bits: u32, patient: bool) -> Result<Playout, OutputError> {
        let unusable = || OutputError("The sound server offers no usable format.".into());
        let rate = NonZero::new(rate_hz).ok_or_else(unusable)?;
        let channels = NonZero::new(channels).ok_or_else(unusable)?;
        let (mastered, blocks) = meters::ring(rate_hz);
        let (source, remote) = RingSource::new(rate, self.levels.clone(), self.underruns.clone(), mastered, patient);
        let (mixer, mix) = rodio::mixer::mixer(channels, rate);
        mixer.add(source);
        let clock = Arc::new(Clock::new(rate_hz));
        let metering = Arc::new(Mutex::new(Metering::new(rate_hz, blocks, clock.clone())));
        drop(self.deck.send(Deck { remote, clock: clock.clone(), metering }));
        let dither = (bits == 16).then(|| Dither::new(bits));
        Ok(Playout { mix, channels: u64::from(channels.get()), clock, dither })
    }
}
