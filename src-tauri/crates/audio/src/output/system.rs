//! The sound server, or the sound card where there is none.

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
use super::pulse::{Changes, Pulse};
use super::{Connect, Health, Opened, Output, OutputError, Playout};

/// How long a hung sound server may keep us.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How wrong the server's times may be.
const TOLERANCE: Duration = Duration::from_millis(10);

/// A sound server that was there is waited for this long, before the sound card is taken from it.
const RESTART: Duration = Duration::from_secs(60);

/// The sound server, PulseAudio or PipeWire, where there is one, else ALSA; on other systems what they have.
#[derive(Default)]
pub struct SystemOutput {
    /// The connection to the server, kept because it is asked often.
    server: Option<Host>,
    /// When the server last answered.
    answered: Option<Instant>,
    /// The server's watch over its outputs, and these as they were when it last saw a change.
    #[cfg(target_os = "linux")]
    watched: Option<(Changes, Vec<OutputRow>)>,
    /// The sound cards as they were when ALSA was last asked, and what it said: to ask it opens each of them.
    cards: Option<(String, Vec<OutputRow>)>,
}

impl Output for SystemOutput {
    fn list(&mut self) -> Vec<OutputRow> {
        #[cfg(target_os = "linux")]
        if let Some((changes, rows)) = &self.watched
            && !changes.is_over()
            && !changes.take()
        {
            return rows.clone();
        }
        // Before it is asked, so that what changes meanwhile is seen the next time.
        #[cfg(target_os = "linux")]
        let watching = match self.watched.take().map(|(changes, _)| changes).filter(|changes| !changes.is_over()) {
            Some(changes) => Some(changes),
            None => Changes::watch().ok(),
        };
        if let Some(devices) = self.ask_server() {
            let rows = rows(self.server.as_ref(), devices);
            #[cfg(target_os = "linux")]
            {
                self.watched = watching.map(|changes| (changes, rows.clone()));
            }
            return rows;
        }
        if self.is_restarting() {
            return Vec::new();
        }
        let cards = std::fs::read_to_string("/proc/asound/cards").unwrap_or_default();
        if let Some((same, rows)) = &self.cards
            && cfg!(target_os = "linux")
            && *same == cards
        {
            return rows.clone();
        }
        let host = own_host();
        let outputs = rows(host.as_ref(), host.as_ref().and_then(devices).unwrap_or_default());
        self.cards = Some((cards, outputs.clone()));
        outputs
    }

    fn open(&mut self, chosen: Option<&OutputId>, connect: Connect) -> Result<Opened, OutputError> {
        let mut error = OutputError("No sound device was found.".into());
        let asked = self.ask_server().is_some();
        let own = if asked || self.is_restarting() { None } else { own_host() };
        for host in self.server.iter().chain(&own) {
            let named = chosen
                .and_then(|chosen| host.output_devices().ok()?.find(|device| id(device).as_ref() == Some(chosen)));
            for device in named.into_iter().chain(host.default_output_device()).filter(is_real) {
                match open(&device, &connect) {
                    Ok(opened) => return Ok(opened),
                    Err(refusal) => {
                        tracing::warn!(host = host.id().name(), %refusal, "cannot be opened");
                        error = OutputError(format!("No sound device can be opened: {refusal}."));
                    }
                }
            }
        }
        Err(error)
    }
}

impl SystemOutput {
    /// What the server offers; `None` if there is none, or it does not answer.
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
        self.answered.is_some_and(|answered| answered.elapsed() < RESTART)
    }
}

// cpal's own ALSA device on top of PulseAudio tells times that are off by 14 ms and spins when the server dies.
fn server() -> Option<Host> {
    #[cfg(target_os = "linux")]
    return host(cpal::HostId::PulseAudio);
    #[cfg(not(target_os = "linux"))]
    None
}

fn own_host() -> Option<Host> {
    #[cfg(target_os = "linux")]
    return host(cpal::HostId::Alsa);
    #[cfg(not(target_os = "linux"))]
    Some(cpal::default_host())
}

#[cfg(target_os = "linux")]
fn host(id: cpal::HostId) -> Option<Host> {
    let refused = |error: &cpal::Error| tracing::debug!(host = id.name(), %error, "not to be had");
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

/// ALSA lists what cannot be opened, too, and its null device is not paced: it plays 120 times as fast as it should.
fn is_real(device: &Device) -> bool {
    device.default_output_config().is_ok()
        && device.description().is_ok_and(|description| description.driver() != Some("null"))
}

/// Half of the buffer, in seconds. At half of that a desktop that keeps two cores busy makes gaps; at this it made none.
const BUFFER_S: f64 = 2048.0 / 48_000.0;

fn open(device: &Device, connect: &Connect) -> Result<Opened, OutputError> {
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
    let playout = connect.playout(rate_hz, channels, bits, false)?;
    let health = connect.health.clone();
    let (id, name) = (id(device).unwrap_or(OutputId(String::new())), name(device));
    #[cfg(target_os = "linux")]
    if let Some(sink) = id.0.strip_prefix("pulseaudio:") {
        let stream = Box::new(Pulse::open(sink, rate_hz, bits, playout, health)?);
        return Ok(Opened { id, name, rate_hz, bits, stream });
    }
    let buffer_size = BufferSize::Fixed((BUFFER_S * f64::from(rate_hz)) as u32);
    let config = StreamConfig { channels, sample_rate: rate_hz, buffer_size };
    let stream = match offered.sample_format() {
        SampleFormat::I16 => build::<i16>(device, config, playout, health),
        SampleFormat::I32 => build::<i32>(device, config, playout, health),
        _ => build::<f32>(device, config, playout, health),
    };
    let stream = stream.map_err(refused)?;
    stream.play().map_err(refused)?;
    Ok(Opened { id, name, rate_hz, bits, stream: Box::new(stream) })
}

fn build<T: SizedSample + FromSample<f32>>(
    device: &Device,
    config: StreamConfig,
    mut playout: Playout,
    health: Arc<Health>,
) -> Result<cpal::Stream, cpal::Error> {
    let late = health.clone();
    let mut played_by: Option<Instant> = None;
    let callback = move |out: &mut [T], info: &cpal::OutputCallbackInfo| {
        let times = info.timestamp();
        let delay = times.playback.duration_since(times.callback);
        // The server does not tell when it ran dry: it did if it comes back after all it was given has been played.
        let (now, frames) = (Instant::now(), out.len() as f64 / f64::from(config.channels));
        if played_by.is_some_and(|played_by| now > played_by + TOLERANCE) {
            late.xruns.fetch_add(1, Relaxed);
        }
        played_by = Some(now + delay + Duration::from_secs_f64(frames / f64::from(config.sample_rate)));
        playout.fill(out, Some(delay));
    };
    let on_error = move |error: cpal::Error| match error.kind() {
        ErrorKind::Xrun => {
            health.xruns.fetch_add(1, Relaxed);
        }
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
        _ => health.lost.store(true, Relaxed),
    };
    device.build_output_stream(config, callback, on_error, Some(TIMEOUT))
}
