//! True peaks: EBU Tech 3341, cases 15 to 23, and signals with a known peak.

#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::f64::consts::PI;

use auralis_dsp::Frame;
use common::*;

/// Returns a sine (frequency in cycles per frame) with tapers of 0.1 s, so that only the sine itself peaks.
fn tapered(cycles: f64, phase_degrees: f64, amplitude: f64, rate_hz: u32) -> Vec<Frame> {
    let (frames, taper) = (rate_hz as usize, rate_hz as usize / 10);
    let at = |i: usize| {
        let edge = i.min(frames - 1 - i).min(taper) as f64 / taper as f64;
        let envelope = 0.5 - 0.5 * (PI * edge).cos();
        [(amplitude * envelope * (2.0 * PI * cycles * i as f64 + phase_degrees.to_radians()).sin()) as f32; 2]
    };
    (0..frames).map(at).collect()
}

fn true_peak(frames: &[Frame]) -> f32 {
    analyse(48_000, frames).profile.true_peak_dbtp
}

/// Tolerances of Tech 3341: +0.2 and −0.4 dB.
#[track_caller]
fn within(value: f32, expected: f32) {
    assert!((expected - 0.4..=expected + 0.2).contains(&value), "{value}, not {expected}");
}

#[test]
fn tech_3341_15_to_19_sines() {
    for (cycles, phase) in [(0.25, 0.0), (0.25, 45.0), (1.0 / 6.0, 60.0), (0.125, 67.5)] {
        within(true_peak(&tapered(cycles, phase, 0.5, 48_000)), -6.0);
    }
    within(true_peak(&tapered(0.25, 45.0, 1.41, 48_000)), 3.0);
}

/// Stands in for cases 20 to 23, whose signal is a recording: a pulse band-limited to 0.4 of the rate, whose full-scale
/// peak lies between samples.
#[test]
fn tech_3341_20_to_23_a_peak_between_the_samples() {
    for quarter in 0..4 {
        let pulse = |i: usize| {
            let at = i as f64 - 500.0 + f64::from(quarter) / 4.0;
            let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
            // The square of a sinc of half the bandwidth is band-limited as well and decays fast.
            [sinc(0.4 * at).powi(2) as f32; 2]
        };
        let frames: Vec<_> = (0..1000).map(pulse).collect();
        near(true_peak(&frames), 0.0, 0.1);
    }
}

/// Sines up to 0.45 of the rate, at any phase.
#[test]
fn a_sine_reads_its_amplitude_up_to_nine_tenths_of_half_the_rate() {
    for cycles in (1..=45).map(|i| f64::from(i) / 100.0 + 0.000_3) {
        near(true_peak(&tapered(cycles, 20.0, 0.5, 48_000)), -6.02, 0.06);
    }
}

#[test]
fn a_peak_is_found_wherever_it_stands() {
    let quiet = amplified(&noise(48_000, 0.3, 3), -60.0);
    for at in [0, 1, 22, 63, 64, 479, 480, 9_599, 9_600, 9_601, quiet.len() - 1] {
        let mut frames = quiet.clone();
        frames[at] = [-0.9, 0.1];
        near(true_peak(&frames), -0.91, 0.1);
    }
}
