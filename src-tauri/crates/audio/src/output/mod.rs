//! Devices that play sound.

pub mod device_thread;
mod host;
mod null;
#[cfg(target_os = "linux")]
mod pulse;
mod rooms;
mod system;
mod test_device;

use std::{
    num::NonZero,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64},
    },
    time::Duration,
};

use auralis_core::{OutputId, OutputRow};
use auralis_dsp::Dither;
use cpal::{FromSample, Sample};
use rodio::mixer::MixerSource;

use crate::playback::{MeterReader, PlaybackClock, PlaybackControls, RingSource, SourceHandle, Underruns, meter_queue};

pub use null::NullOutput;
pub use rooms::{RoomsLink, RoomsOutput, RoomsTarget};
pub use system::SystemOutput;
pub use test_device::{TestDevice, TestOutput};

/// A system that opens devices. Used by one thread of the engine, so it may block.
pub trait Output: Send {
    /// Returns the available outputs.
    fn list(&mut self) -> Vec<OutputRow>;

    /// Opens the chosen device, or the default if none is chosen or it does not exist, and lets it pull a
    /// [`DeviceRenderer`] from `connector`.
    fn open(&mut self, chosen: Option<&OutputId>, connector: DeviceConnector) -> Result<OpenedDevice, OutputError>;
}

/// Silences an output at once: frames that were submitted and not heard yet never will be. Frames submitted from then on are
/// heard after that. Does not block.
pub type CutTail = Arc<dyn Fn() + Send + Sync>;

/// Why no device is open, in words for the listener, without the device's name.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct OutputError(pub String);

/// An open device.
pub struct OpenedDevice {
    /// Id of the output.
    pub id: OutputId,
    /// Name given by the sound server.
    pub name: String,
    /// Frames per second the device accepted.
    pub rate_hz: u32,
    /// Bits per sample it keeps; 24 for floating point.
    pub bits: u32,
    /// For an output that is heard noticeably later than frames are submitted.
    pub cut_tail: Option<CutTail>,
    /// Closes the device when dropped.
    pub guard: Box<dyn std::any::Any + Send>,
}

/// Status flags set by device callbacks, which must not wait.
#[derive(Default)]
pub struct DeviceStatus {
    /// The device is gone and must be opened again.
    pub lost: AtomicBool,
    /// The audio thread has real-time priority.
    pub realtime: AtomicBool,
    /// How often the device itself ran out of frames.
    pub xruns: AtomicU64,
}

/// Fills device buffers from rodio's mixer, which plays the engine's source.
pub struct DeviceRenderer {
    mix: MixerSource,
    channels: u64,
    clock: Arc<PlaybackClock>,
    /// For devices with 16 bits.
    dither: Option<Dither>,
}

impl DeviceRenderer {
    /// Fills a buffer with interleaved samples. `delay` is the time until the first of them is heard, or `None` for a
    /// device without a real-time clock.
    pub fn render_into<T: Sample + FromSample<f32>>(&mut self, out: &mut [T], delay: Option<Duration>) {
        let frames = out.len() as u64 / self.channels;
        for (out, sample) in out.iter_mut().zip(self.render(frames, delay)) {
            *out = T::from_sample(sample);
        }
    }

    /// Returns the next frames as samples. All of them must be consumed.
    fn render(&mut self, frames: u64, delay: Option<Duration>) -> impl Iterator<Item = f32> {
        self.clock.submit(frames, delay);
        let Self { mix, dither, .. } = self;
        let samples = mix.by_ref().chain(std::iter::repeat(0.0)).take((frames * self.channels) as usize);
        samples.map(|sample| dither.as_mut().map_or(sample, |dither| dither.round(sample)))
    }
}

/// The engine's ends of a device that was just opened.
pub struct DeviceHandles {
    /// Controls the source.
    pub source: SourceHandle,
    /// When frames are heard.
    pub clock: Arc<PlaybackClock>,
    /// Measures what is heard.
    pub meters: Arc<Mutex<MeterReader>>,
}

/// Creates the renderer of a device once its rate is known.
pub struct DeviceConnector {
    pub(crate) controls: Arc<PlaybackControls>,
    pub(crate) underruns: Arc<Underruns>,
    /// Where the device reports its status.
    pub status: Arc<DeviceStatus>,
    pub(crate) handles: std::sync::mpsc::Sender<DeviceHandles>,
    /// The output has volumes of its own, so the listener's volume is not applied to its frames.
    pub(crate) at_full_volume: bool,
}

impl DeviceConnector {
    /// Creates the renderer for a device's rate, channels and bits per sample. `waits_for_decoder` is for devices
    /// without a real-time clock: they wait for the decoder and never underrun.
    pub fn renderer(
        &self,
        rate_hz: u32,
        channels: u16,
        bits: u32,
        waits_for_decoder: bool,
    ) -> Result<DeviceRenderer, OutputError> {
        let unusable = || OutputError("The sound server offers no usable format.".into());
        let rate = NonZero::new(rate_hz).ok_or_else(unusable)?;
        let channels = NonZero::new(channels).ok_or_else(unusable)?;
        let (meter_tx, blocks) = meter_queue(rate_hz);
        let (mut source, handle) =
            RingSource::new(rate, self.controls.clone(), self.underruns.clone(), meter_tx, waits_for_decoder);
        source.at_full_volume = self.at_full_volume;
        let (mixer, mix) = rodio::mixer::mixer(channels, rate);
        mixer.add(source);
        let clock = Arc::new(PlaybackClock::new(rate_hz));
        let meters = Arc::new(Mutex::new(MeterReader::new(rate_hz, blocks, clock.clone())));
        drop(self.handles.send(DeviceHandles { source: handle, clock: clock.clone(), meters }));
        let dither = (bits == 16).then(|| Dither::new(bits));
        Ok(DeviceRenderer { mix, channels: u64::from(channels.get()), clock, dither })
    }
}
