//! Signals through the whole engine, from a file of one rate to a device of another.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{f64::consts::TAU, path::Path};

use common::*;

const SECONDS: f64 = 3.0;
const AMPLITUDE: f64 = 0.5;
/// Limit for distortion and noise, and for aliases, relative to the tone.
const CLEAN_DB: f64 = -120.0;

/// Writes a function of time in seconds as a float WAV, whose rounding is 150 dB down.
fn write(folder: &Path, signal: impl Fn(f64) -> f64, rate_hz: u32) -> std::path::PathBuf {
    let frames = (SECONDS * f64::from(rate_hz)) as usize;
    let sample = |n: usize| (signal(n as f64 / f64::from(rate_hz)) as f32).to_le_bytes();
    let (raw, path) = (folder.join("raw"), folder.join("signal.wav"));
    std::fs::write(&raw, (0..frames).flat_map(sample).collect::<Vec<_>>()).unwrap();
    let (rate, from, to) = (rate_hz.to_string(), raw.to_str().unwrap(), path.to_str().unwrap());
    ffmpeg(&["-f", "f32le", "-ar", &rate, "-ac", "1", "-i", from, "-c:a", "pcm_f32le", to]);
    path
}

/// What the device gets of a signal, without the first and last eighth.
fn heard(signal: impl Fn(f64) -> f64, file_hz: u32, device_hz: u32) -> (Vec<f64>, f64) {
    let folder = tempfile::tempdir().unwrap();
    let mut rig = TestEngine::new(device_hz);
    rig.load(1, &write(folder.path(), signal, file_hz));
    rig.wait_ready(1);
    rig.wait_open();
    rig.play_to_end(1);
    let all: Vec<f64> = rig.sound().iter().map(|frame| f64::from(frame[0])).collect();
    let cut = all.len() / 8;
    (all[cut..all.len() - cut].to_vec(), cut as f64 / f64::from(device_hz))
}

fn db(ratio: f64) -> f64 {
    20.0 * ratio.log10()
}

fn rms(samples: impl Iterator<Item = f64> + Clone) -> f64 {
    (samples.clone().map(|sample| sample * sample).sum::<f64>() / samples.count() as f64).sqrt()
}

/// The amplitude of a tone and of the residual, by least squares.
fn split(signal: &[f64], hz: f64, rate_hz: u32) -> (f64, f64) {
    let phase = |n: usize| TAU * hz / f64::from(rate_hz) * n as f64;
    let (mut cc, mut ss, mut cs, mut xc, mut xs) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (n, x) in signal.iter().enumerate() {
        let (sin, cos) = phase(n).sin_cos();
        (cc, ss, cs, xc, xs) = (cc + cos * cos, ss + sin * sin, cs + sin * cos, xc + x * cos, xs + x * sin);
    }
    let det = cc * ss - cs * cs;
    let (a, b) = ((xc * ss - xs * cs) / det, (xs * cc - xc * cs) / det);
    let rest = signal.iter().enumerate().map(|(n, x)| x - a * phase(n).cos() - b * phase(n).sin());
    (a.hypot(b), rms(rest) * std::f64::consts::SQRT_2)
}

/// A wrong pitch would look like noise: a millionth of it is 38 dB below the tone after two seconds.
#[test]
fn tones_keep_pitch_level_and_purity_at_every_device_rate() {
    for device_hz in [32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000] {
        for file_hz in [44_100, 48_000] {
            for hz in [1_000.0, 10_000.0] {
                let (tone, _) = heard(|s| AMPLITUDE * (TAU * hz * s).cos(), file_hz, device_hz);
                let (amplitude, rest) = split(&tone, hz, device_hz);
                let what = format!("{hz} Hz, {file_hz} → {device_hz}");
                assert!(db(rest / amplitude) < CLEAN_DB, "{what}: THD+N {} dB", db(rest / amplitude));
                assert!(db(amplitude / AMPLITUDE).abs() < 0.05, "{what}: {} dB", db(amplitude / AMPLITUDE));
            }
        }
    }
}

/// 20 Hz to 20 kHz in three seconds, compared with the same sweep generated at the device's rate.
#[test]
fn a_sweep_is_the_sweep_at_the_other_rate() {
    let k = (20_000.0f64 / 20.0).ln() / SECONDS;
    let sweep = |s: f64| AMPLITUDE * (TAU * 20.0 * ((k * s).exp() - 1.0) / k).cos();
    for (file_hz, device_hz) in [(44_100, 48_000), (48_000, 44_100)] {
        let (heard, from_s) = heard(sweep, file_hz, device_hz);
        let wanted = |n: usize| sweep(from_s + n as f64 / f64::from(device_hz));
        let off = heard.iter().enumerate().map(|(n, sample)| sample - wanted(n));
        let off_db = db(rms(off) / (AMPLITUDE / std::f64::consts::SQRT_2));
        assert!(off_db < CLEAN_DB, "{file_hz} → {device_hz}: {off_db} dB");
    }
}

#[test]
fn what_the_device_cannot_play_is_silent() {
    for (file_hz, device_hz, hz) in [(48_000, 44_100, 23_000.0), (96_000, 44_100, 30_000.0), (96_000, 48_000, 40_000.0)]
    {
        let (rest, _) = heard(|s| AMPLITUDE * (TAU * hz * s).cos(), file_hz, device_hz);
        let rest_db = db(rms(rest.iter().copied()) / (AMPLITUDE / std::f64::consts::SQRT_2));
        assert!(rest_db < CLEAN_DB, "{hz} Hz, {file_hz} → {device_hz}: {rest_db} dB");
    }
}
