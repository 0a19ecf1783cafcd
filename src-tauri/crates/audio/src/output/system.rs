//! Plays to the sound server, or to the sound card if there is none.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use auralis_core::{OutputId, OutputRow};
use cpal::{
    BufferSize, Device, ErrorKind, FromSample, Host, SampleFormat, SizedSample, StreamConfig,
    traits::{DeviceTrait, HostTrait, StreamTrait},
};

#[cfg(target_os = "linux")]
use super::pulse::{Pulse, SinkWatcher};
use super::{DeviceConnector, DeviceRenderer, DeviceStatus, OpenedDevice, Output, OutputError};

/// Timeout for opening a device.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Tolerance of the reported playback times.
const TOLERANCE: Duration = Duration::from_millis(10);

/// How long to wait for a sound server that stopped, before its sound card is used directly.
const SERVER_RESTART_GRACE: Duration = Duration::from_secs(60);

/// PulseAudio or PipeWire if one runs, else ALSA; on other systems their own host.
#[derive(Default)]
pub struct SystemOutput {
    /// The connection to the server, kept because it is used often.
    server: Option<Host>,
    /// When the server last answered.
    answered: Option<Instant>,
    /// The subscription to the server's changes, and its outputs at the last change.
    #[cfg(target_os = "linux")]
    server_cache: Option<(SinkWatcher, Vec<OutputRow>)>,
    /// The list of sound cards and their outputs when ALSA was last asked: asking opens each of them.
    card_cache: Option<(String, Vec<OutputRow>)>,
}

impl Output for SystemOutput {
    fn list(&mut self) -> Vec<OutputRow> {
        #[cfg(target_os = "linux")]
        if let Some((changes, rows)) = &self.server_cache
            && !changes.is_disconnected()
            && !changes.take_changed()
        {
            return rows.clone();
        }
        // Subscribe before asking, so that no change in between is missed.
        #[cfg(target_os = "linux")]
        let watching =
            match self.server_cache.take().map(|(changes, _)| changes).filter(|changes| !changes.is_disconnected()) {
                Some(changes) => Some(changes),
                None => SinkWatcher::watch().ok(),
            };
        if let Some(devices) = self.ask_server() {
            let rows = rows(self.server.as_ref(), devices);
            #[cfg(target_os = "linux")]
            {
                self.server_cache = watching.map(|changes| (changes, rows.clone()));
            }
            return rows;
        }
        if self.is_restarting() {
            return Vec::new();
        }
        let card_cache = std::fs::read_to_string("/proc/asound/cards").unwrap_or_default();
        if let Some((same, rows)) = &self.card_cache
            && cfg!(target_os = "linux")
            && *same == card_cache
        {
            return rows.clone();
        }
        let host = fallback_host();
        let outputs = rows(host.as_ref(), host.as_ref().and_then(devices).unwrap_or_default());
        self.card_cache = Some((card_cache, outputs.clone()));
        outputs
    }

    fn open(&mut self, chosen: Option<&OutputId>, connector: DeviceConnector) -> Result<OpenedDevice, OutputError> {
        let mut error = OutputError("No sound device was found.".into());
        let asked = self.ask_server().is_some();
        let fallback = if asked || self.is_restarting() { None } else { fallback_host() };
        for host in self.server.iter().chain(&fallback) {
            let named = chosen
                .and_then(|chosen| host.output_devices().ok()?.find(|device| id(device).as_ref() == Some(chosen)));
            for device in named.into_iter().chain(host.default_output_device()).filter(is_real) {
                match open(&device, &connector) {
                    Ok(opened) => return Ok(opened),
                    Err(refusal) => {
                        tracing::warn!(host = host.id().name(), %refusal, "cannot open a device");
                        error = OutputError(format!("No sound device can be opened: {refusal}."));
                    }
                }
            }
        }
        Err(error)
    }
}

impl SystemOutput {
    /// Returns the server's outputs; `None` if there is no server or it does not answer.
    fn ask_server(&mut self) -> Option<Vec<Device>> {
        let mut host = self.server.take().or_else(server)?;
        let devices = match devices(&host) {
            Some(devices) => devices,
            None => {
                host = server()?;
                devices(&host)?
            }
        };
        self.server = Some(host);
        self.answered = Some(Instant::now());
        Some(devices)
    }

    fn is_restarting(&self) -> bool {
        self.answered.is_some_and(|answered| answered.elapsed() < SERVER_RESTART_GRACE)
    }
}

// cpal's ALSA device on top of PulseAudio reports times that are off by 14 ms, and spins when the server dies.
fn server() -> Option<Host> {
    #[cfg(target_os = "linux")]
    return host(cpal::HostId::PulseAudio);
    #[cfg(not(target_os = "linux"))]
    None
}

fn fallback_host() -> Option<Host> {
    #[cfg(target_os = "linux")]
    return host(cpal::HostId::Alsa);
    #[cfg(not(target_os = "linux"))]
    Some(cpal::default_host())
}

#[cfg(target_os = "linux")]
fn host(id: cpal::HostId) -> Option<Host> {
    let refused = |error: &cpal::Error| tracing::debug!(host = id.name(), %error, "audio host not available");
    cpal::host_from_id(id).inspect_err(refused).ok()
}

fn devices(host: &Host) -> Option<Vec<Device>> {
    host.output_devices().ok().map(|devices| devices.filter(is_real).collect())
}

fn rows(host: Option<&Host>, devices: Vec<Device>) -> Vec<OutputRow> {
    let default = host.and_then(|host| id(&host.default_output_device()?));
    let row = |device: Device| {
        let id = id(&device)?;
        Some(OutputRow { is_default: Some(&id) == default.as_ref(), id, name: name(&device) })
    };
    devices.into_iter().filter_map(row).collect()
}

fn id(device: &Device) -> Option<OutputId> {
    Some(OutputId(device.id().ok()?.to_string()))
}

fn name(device: &Device) -> String {
    device.description().map_or_else(|_| "Default".into(), |description| description.name().to_owned())
}

/// ALSA lists devices that cannot be opened, and a null device that is not paced: it plays 120 times too fast.
fn is_real(device: &Device) -> bool {
    device.default_output_config().is_ok()
        && device.description().is_ok_and(|description| description.driver() != Some("null"))
}

/// Half of the buffer in seconds. Half as much underran on a desktop that kept two cores busy; this did not.
const BUFFER_S: f64 = 2048.0 / 48_000.0;

fn open(device: &Device, connector: &DeviceConnector) -> Result<OpenedDevice, OutputError> {
    let refused = |error: cpal::Error| OutputError(error.to_string());
    let offered = device.default_output_config().map_err(refused)?;
    let rate_hz = offered.sample_rate();
    // Two channels wherever the server can place them itself.
    let stereo = device.supported_output_configs().is_ok_and(|mut all| all.any(|config| config.channels() == 2));
    let channels = if stereo { 2 } else { offered.channels() };
    let bits = match offered.sample_format() {
        SampleFormat::U8 | SampleFormat::I8 => 8,
        SampleFormat::I16 | SampleFormat::U16 => 16,
        _ => 24,
    };
    let renderer = connector.renderer(rate_hz, channels, bits, false)?;
    let status = connector.status.clone();
    let (id, name) = (id(device).unwrap_or(OutputId(String::new())), name(device));
    #[cfg(target_os = "linux")]
    if let Some(sink) = id.0.strip_prefix("pulseaudio:") {
        let stream = Box::new(Pulse::open(sink, rate_hz, bits, renderer, status)?);
        return Ok(OpenedDevice { id, name, rate_hz, bits, guard: stream });
    }
    let buffer_size = BufferSize::Fixed((BUFFER_S * f64::from(rate_hz)) as u32);
    let config = StreamConfig { channels, sample_rate: rate_hz, buffer_size };
    let stream = match offered.sample_format() {
        SampleFormat::I16 => build::<i16>(device, config, renderer, status),
        SampleFormat::I32 => build::<i32>(device, config, renderer, status),
        _ => build::<f32>(device, config, renderer, status),
    };
    let stream = stream.map_err(refused)?;
    stream.play().map_err(refused)?;
    Ok(OpenedDevice { id, name, rate_hz, bits, guard: Box::new(stream) })
}

fn build<T: SizedSample + FromSample<f32>>(
    device: &Device,
    config: StreamConfig,
    mut renderer: DeviceRenderer,
    status: Arc<DeviceStatus>,
) -> Result<cpal::Stream, cpal::Error> {
    let callback_status = status.clone();
    let mut played_by: Option<Instant> = None;
    let callback = move |out: &mut [T], info: &cpal::OutputCallbackInfo| {
        let times = info.timestamp();
        let delay = times.playback.duration_since(times.callback);
        // The server does not report underruns: there was one if this callback comes after all submitted frames were
        // played.
        let (now, frames) = (Instant::now(), out.len() as f64 / f64::from(config.channels));
        if played_by.is_some_and(|played_by| now > played_by + TOLERANCE) {
            callback_status.xruns.fetch_add(1, Relaxed);
        }
        played_by = Some(now + delay + Duration::from_secs_f64(frames / f64::from(config.sample_rate)));
        renderer.render_into(out, Some(delay));
    };
    let on_error = move |error: cpal::Error| match error.kind() {
        ErrorKind::Xrun => {
            status.xruns.fetch_add(1, Relaxed);
        }
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
        _ => status.lost.store(true, Relaxed),
    };
    device.build_output_stream(config, callback, on_error, Some(TIMEOUT))
}
