//! Sound cards by ALSA, or the host of another system: a thin layer over cpal.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use auralis_core::{OutputId, OutputRow};
use cpal::{
    BufferSize, Device, ErrorKind, FromSample, Host, SampleFormat, SizedSample, StreamConfig,
    traits::{DeviceTrait, HostTrait, StreamTrait},
};

use super::{DeviceConnector, DeviceRenderer, DeviceStatus, OpenedDevice, OutputError};

/// Timeout for opening a device.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Tolerance of the reported playback times.
const TOLERANCE: Duration = Duration::from_millis(10);

/// Half of the buffer in seconds. Half as much underran on a desktop that kept two cores busy; this did not.
const BUFFER_S: f64 = 2048.0 / 48_000.0;

/// Returns the outputs.
pub fn list() -> Vec<OutputRow> {
    let Some(host) = host() else { return Vec::new() };
    let default = host.default_output_device().and_then(|device| id(&device));
    let row = |device: Device| {
        let id = id(&device)?;
        Some(OutputRow { is_default: Some(&id) == default.as_ref(), id, name: name(&device) })
    };
    let devices = host.output_devices().into_iter().flatten().filter(is_real);
    devices.filter_map(row).collect()
}

/// Opens the chosen device, or the default one.
pub fn open(chosen: Option<&OutputId>, connector: &DeviceConnector) -> Result<OpenedDevice, OutputError> {
    let mut error = OutputError("No sound device was found.".into());
    let Some(host) = host() else { return Err(error) };
    let named =
        chosen.and_then(|chosen| host.output_devices().ok()?.find(|device| id(device).as_ref() == Some(chosen)));
    for device in named.into_iter().chain(host.default_output_device()).filter(is_real) {
        match open_device(&device, connector) {
            Ok(opened) => return Ok(opened),
            Err(refusal) => {
                tracing::warn!(host = host.id().name(), %refusal, "cannot open a device");
                error = OutputError(format!("No sound device can be opened: {refusal}."));
            }
        }
    }
    Err(error)
}

fn host() -> Option<Host> {
    #[cfg(target_os = "linux")]
    let host = cpal::host_from_id(cpal::HostId::Alsa)
        .inspect_err(|error| tracing::debug!(%error, "audio host not available"))
        .ok();
    #[cfg(not(target_os = "linux"))]
    let host = Some(cpal::default_host());
    host
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

fn open_device(device: &Device, connector: &DeviceConnector) -> Result<OpenedDevice, OutputError> {
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
    let buffer_size = BufferSize::Fixed((BUFFER_S * f64::from(rate_hz)) as u32);
    let config = StreamConfig { channels, sample_rate: rate_hz, buffer_size };
    let stream = match offered.sample_format() {
        SampleFormat::I16 => build::<i16>(device, config, renderer, status),
        SampleFormat::I32 => build::<i32>(device, config, renderer, status),
        _ => build::<f32>(device, config, renderer, status),
    };
    let stream = stream.map_err(refused)?;
    stream.play().map_err(refused)?;
    Ok(OpenedDevice { id, name, rate_hz, bits, cut_tail: None, guard: Box::new(stream) })
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
