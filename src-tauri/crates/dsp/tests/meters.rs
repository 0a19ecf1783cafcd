//! Live meters.

#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use auralis_core::SignalLevels;
use auralis_dsp::LiveMeters;
use common::*;

#[test]
fn before_and_after_are_measured_separately() {
    let plain = music(48_000, 12.0, 5);
    let louder = amplified(&plain, 4.0);
    let mut meters = LiveMeters::new(48_000);
    for (before, after) in plain.chunks(777).zip(louder.chunks(777)) {
        meters.push(before, after);
    }
    let read = meters.read();
    let values: [fn(&SignalLevels) -> f32; 5] = [
        |levels| levels.momentary_lufs.unwrap(),
        |levels| levels.short_term_lufs.unwrap(),
        |levels| levels.integrated_lufs.unwrap(),
        |levels| levels.true_peak_dbtp.unwrap(),
        |levels| levels.spectrum_db[15],
    ];
    for of in values {
        near(of(&read.after) - of(&read.before), 4.0, 0.1);
    }
    near(read.before.integrated_lufs.unwrap(), analyse(48_000, &plain).profile.integrated_lufs, 0.1);
}

#[test]
fn a_tone_reads_its_level() {
    for rate_hz in [8_000, 44_100, 48_000, 192_000] {
        let mut meters = LiveMeters::new(rate_hz);
        let tone = sine(rate_hz, 1000.0, -23.0, 4.0);
        meters.push(&tone, &tone);
        let read = meters.read();
        near(read.before.momentary_lufs.unwrap(), -23.0, 0.1);
        near(read.before.short_term_lufs.unwrap(), -23.0, 0.1);
        near(read.before.integrated_lufs.unwrap(), -23.0, 0.1);
        near(read.before.true_peak_dbtp.unwrap(), -23.0, 0.1);
        near(read.before.spectrum_db[17], -26.0, 0.3);
        near(read.correlation, 1.0, 0.001);
    }
}

#[test]
fn peaks_and_spectra_are_recent() {
    let mut meters = LiveMeters::new(48_000);
    let (loud, quiet) = (sine(48_000, 1000.0, -3.0, 3.0), sine(48_000, 4000.0, -40.0, 1.5));
    meters.push(&loud, &loud);
    meters.push(&quiet, &quiet);
    let levels = meters.read().after;
    near(levels.true_peak_dbtp.unwrap(), -40.0, 0.1);
    near(levels.spectrum_db[23], -43.0, 0.3);
    assert!(levels.spectrum_db[17] < -80.0);
    near(levels.integrated_lufs.unwrap(), -3.0, 0.5);
}

#[test]
fn silence_and_restart_have_no_levels() {
    let mut meters = LiveMeters::new(44_100);
    let nothing = |meters: &mut LiveMeters| {
        let levels = meters.read().before;
        assert_eq!((levels.momentary_lufs, levels.integrated_lufs, levels.true_peak_dbtp), (None, None, None));
        assert_eq!(levels.spectrum_db, vec![-120.0; auralis_core::SPECTRUM_BANDS]);
    };
    nothing(&mut meters);
    let noise = noise(44_100, 2.0, 1);
    meters.push(&noise, &noise);
    assert!(meters.read().before.momentary_lufs.is_some());
    meters.restart();
    nothing(&mut meters);
    let broken = vec![[f32::NAN, f32::INFINITY]; 50_000];
    meters.push(&broken, &broken);
    nothing(&mut meters);
}

#[test]
fn correlation_is_of_the_output() {
    let noise = noise(48_000, 1.0, 4);
    let mut meters = LiveMeters::new(48_000);
    let inverted: Vec<_> = noise.iter().map(|[left, _]| [*left, -left]).collect();
    meters.push(&noise, &inverted);
    near(meters.read().correlation, -1.0, 0.001);
    meters.push(&noise, &noise);
    near(meters.read().correlation, 0.0, 0.05);
}
