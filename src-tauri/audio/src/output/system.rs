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

use super::{Connect, Health, Opened, Output, OutputError, Playout};

/// How long a hung sound server may keep us.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How wrong the server's times may be.
const TOLERANCE: Duration = Duration::from_millis(10);

/// The system's default device: PulseAudio or PipeWire where there is one, else ALSA.
pub struct SystemOutput;

impl Output for SystemOutput {
    fn list(&mut self) -> Vec<OutputRow> {
        let Some(host) = hosts().next() else { return Vec::new() };
        let default = host.default_output_device().and_then(|device| id(&device));
        let devices = host.output_devices().into_iter().flatten().filter(is_real);
        devices
            .filter_map(|device| {
                let id = id(&device)?;
                Some(OutputRow { is_default: Some(&id) == default.as_ref(), id, name: name(&device) })
            })
            .collect()
    }

    fn open(&mut self, chosen: Option<&OutputId>, connect: Connect) -> Result<Opened, OutputError> {
        let mut error = OutputError("No sound device was found.".into());
        for host in hosts() {
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

#[cfg(target_os = "linux")]
fn hosts() -> impl Iterator<Item = Host> {
    // cpal's own ALSA device on top of PulseAudio tells times that are off by 14 ms and spins when the server dies.
    [cpal::HostId::PulseAudio, cpal::HostId::Alsa].into_iter().filter_map(|id| {
        let refused = |error: &cpal::Error| tracing::info!(host = id.name(), %error, "not to be had");
        cpal::host_from_id(id).inspect_err(refused).ok()
    })
}

#[cfg(not(target_os = "linux"))]
fn hosts() -> impl Iterator<Item = Host> {
    std::iter::once(cpal::default_host())
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

/// Half of the buffer. At 1024 a desktop that keeps two cores busy makes gaps; at 2048 it made none.
const BUFFER_FRAMES: u32 = 2048;

fn open(device: &Device, connect: &Connect) -> Result<Opened, OutputError> {
    let refused = |error: cpal::Error| OutputError(error.to_string());
    let offered = device.default_output_config().map_err(refused)?;
    let rate_hz = offered.sample_rate();
    // Two channels wherever the server can place them itself.
    let stereo = device.supported_output_configs().is_ok_and(|mut all| all.any(|config| config.channels() == 2));
    let channels = if stereo { 2 } else { offered.channels() };
    let buffer_size = BufferSize::Fixed(BUFFER_FRAMES);
    let config = StreamConfig { channels, sample_rate: rate_hz, buffer_size };
    let playout = connect.playout(rate_hz, channels, false)?;
    let health = connect.health.clone();
    let bits = match offered.sample_format() {
        SampleFormat::U8 | SampleFormat::I8 => 8,
        SampleFormat::I16 | SampleFormat::U16 => 16,
        _ => 24,
    };
    let stream = match offered.sample_format() {
        SampleFormat::I16 => build::<i16>(device, config, playout, health),
        SampleFormat::I32 => build::<i32>(device, config, playout, health),
        _ => build::<f32>(device, config, playout, health),
    };
    let stream = stream.map_err(refused)?;
    stream.play().map_err(refused)?;
    let id = id(device).unwrap_or(OutputId(String::new()));
    Ok(Opened { id, name: name(device), rate_hz, bits, stream: Box::new(stream) })
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
