//! Synthetic signals and helpers of the tests.

#![allow(dead_code)] // each test uses some of them

use std::f64::consts::PI;

use auralis_dsp::{Analyser, Analysis, Frame};

/// Returns a sine on both channels, starting at phase 0; `dbfs` is its peak level.
pub fn sine(rate_hz: u32, frequency_hz: f64, dbfs: f64, seconds: f64) -> Vec<Frame> {
    let amplitude = 10f64.powf(dbfs / 20.0);
    let phase_step = 2.0 * PI * frequency_hz / f64::from(rate_hz);
    let frames = (seconds * f64::from(rate_hz)).round() as usize;
    (0..frames).map(|i| [(amplitude * (phase_step * i as f64).sin()) as f32; 2]).collect()
}

/// Returns 1 kHz sines at 48 kHz in sequence, given as (seconds, dBFS); silence is −∞ dB.
pub fn tones(parts: &[(f64, f64)]) -> Vec<Frame> {
    parts.iter().flat_map(|&(seconds, dbfs)| sine(48_000, 1000.0, dbfs, seconds)).collect()
}

pub const SILENCE: f64 = f64::NEG_INFINITY;

/// Returns noise from −1 to 1 with independent channels, reproducible by seed.
pub fn noise(rate_hz: u32, seconds: f64, seed: u32) -> Vec<Frame> {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    (0..(seconds * f64::from(rate_hz)) as usize).map(|_| [next(), next()]).collect()
}

/// Averages neighbouring frames, which removes everything at half the sample rate, as in recordings.
fn low_passed(frames: &[Frame]) -> Vec<Frame> {
    let before = std::iter::once(&[0.0; 2]).chain(frames);
    frames.iter().zip(before).map(|(now, before)| [0, 1].map(|side| (now[side] + before[side]) / 2.0)).collect()
}

/// Returns music-like sound: beats, bass, swelling chords, hiss; louder and quieter parts.
pub fn music(rate_hz: u32, seconds: f64, seed: u32) -> Vec<Frame> {
    let rate = f64::from(rate_hz);
    let hiss = low_passed(&noise(rate_hz, seconds, seed));
    let (tempo_s, root_hz) = (0.4 + f64::from(seed % 7) * 0.05, 55.0 * 2f64.powf(f64::from(seed % 12) / 12.0));
    let tone = |hz: f64, at_s: f64| if hz < rate * 0.45 { (2.0 * PI * hz * at_s).sin() } else { 0.0 };
    let frame = |(i, hiss): (usize, Frame)| {
        let at_s = i as f64 / rate;
        let beat_s = at_s % tempo_s;
        let (beat, section) = (at_s / tempo_s, (at_s / 8.0) as u32 % 3);
        let level = [0.15, 0.4, 0.8][((section + seed) % 3) as usize];
        let kick = tone(50.0 + 60.0 * (-beat_s * 30.0).exp(), beat_s) * (-beat_s * 12.0).exp();
        let snare = if beat as u32 % 2 == 1 { (-beat_s * 25.0).exp() } else { 0.0 };
        let chord = [1.0, 1.26, 1.5, 2.0, 3.0, 5.04].map(|n| tone(root_hz * 4.0 * n, at_s) / n).iter().sum::<f64>();
        let swell = 0.6 + 0.4 * (2.0 * PI * at_s / 3.1).sin();
        let bass = tone(root_hz, at_s);
        let middle = 0.5 * kick + 0.25 * bass + 0.12 * chord * swell;
        let side = 0.05 * tone(root_hz * 6.0, at_s) * swell;
        let [left, right] = hiss.map(|value| f64::from(value) * (0.002 + 0.5 * snare));
        [((middle + side + left) * level) as f32, ((middle - side + right) * level) as f32]
    };
    hiss.into_iter().enumerate().map(frame).collect()
}

pub fn analyse(rate_hz: u32, frames: &[Frame]) -> Analysis {
    let mut analyser = Analyser::new(rate_hz);
    analyser.push(frames);
    analyser.finish()
}

/// Returns the frames at another level.
pub fn amplified(frames: &[Frame], db: f32) -> Vec<Frame> {
    let gain = 10f32.powf(db / 20.0);
    frames.iter().map(|frame| frame.map(|sample| sample * gain)).collect()
}

#[track_caller]
pub fn near(value: f32, expected: f32, tolerance: f32) {
    assert!((value - expected).abs() <= tolerance, "{value}, not {expected} ± {tolerance}");
}
