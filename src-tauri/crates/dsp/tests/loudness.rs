//! EBU Tech 3341 and 3342: every case that can be made up, by its number, with its tolerance. Case 6 of 3341, which has
//! five channels, is in `src/loudness.rs`; 7 and 8 of 3341, and 5 and 6 of 3342, are recordings.

#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use auralis_core::AudioProfile;
use auralis_dsp::LiveMeters;
use common::*;

fn of(parts: &[(f64, f64)]) -> AudioProfile {
    analyse(48_000, &tones(parts)).profile
}

#[test]
fn tech_3341_1_and_2_steady_tones() {
    for level in [-23.0, -33.0] {
        let profile = of(&[(20.0, level)]);
        for value in [profile.integrated_lufs, profile.momentary_max_lufs, profile.short_term_max_lufs] {
            near(value, level as f32, 0.1);
        }
    }
}

#[test]
fn tech_3341_3_to_5_gates() {
    near(of(&[(10.0, -36.0), (60.0, -23.0), (10.0, -36.0)]).integrated_lufs, -23.0, 0.1);
    let with_near_silence = [(10.0, -72.0), (10.0, -36.0), (60.0, -23.0), (10.0, -36.0), (10.0, -72.0)];
    near(of(&with_near_silence).integrated_lufs, -23.0, 0.1);
    near(of(&[(20.0, -26.0), (20.1, -20.0), (20.0, -26.0)]).integrated_lufs, -23.0, 0.1);
}

/// Reads a live meter a hundred times a second, from a time on.
fn live(frames: &[auralis_dsp::Frame], from_s: f64, read: impl Fn(auralis_core::SignalLevels)) {
    let mut meters = LiveMeters::new(48_000);
    for (i, slice) in frames.chunks(480).enumerate() {
        meters.push(slice, slice);
        if i as f64 / 100.0 >= from_s {
            read(meters.read().before);
        }
    }
}

#[test]
fn tech_3341_9_short_term_is_constant() {
    let frames = tones(&[(1.34, -20.0), (1.66, -30.0)].repeat(5));
    live(&frames, 3.1, |levels| near(levels.short_term_lufs.unwrap(), -23.0, 0.1));
}

#[test]
fn tech_3341_10_short_term_maximum_at_any_place() {
    for i in 0..20 {
        let profile = of(&[(f64::from(i) * 0.15, SILENCE), (3.0, -23.0), (1.0, SILENCE)]);
        near(profile.short_term_max_lufs, -23.0, 0.1);
    }
}

#[test]
fn tech_3341_11_short_term_maxima_one_after_the_other() {
    let mut parts = Vec::new();
    for i in 0..20 {
        let before_s = f64::from(i) * 0.15;
        parts.extend([(before_s, SILENCE), (3.0, -38.0 + f64::from(i)), (3.0 - before_s, SILENCE)]);
        near(of(&parts).short_term_max_lufs, -38.0 + i as f32, 0.1);
    }
}

#[test]
fn tech_3341_12_momentary_is_constant() {
    let frames = tones(&[(0.18, -20.0), (0.22, -30.0)].repeat(25));
    live(&frames, 1.0, |levels| near(levels.momentary_lufs.unwrap(), -23.0, 0.1));
}

#[test]
fn tech_3341_13_momentary_maximum_at_any_place() {
    for i in 0..20 {
        let profile = of(&[(f64::from(i) * 0.02, SILENCE), (0.4, -23.0), (1.0, SILENCE)]);
        near(profile.momentary_max_lufs, -23.0, 0.1);
    }
}

#[test]
fn tech_3341_14_momentary_maxima_one_after_the_other() {
    let mut parts = Vec::new();
    for i in 0..20 {
        let before_s = f64::from(i) * 0.02;
        parts.extend([(before_s, SILENCE), (0.4, -38.0 + f64::from(i)), (0.4 - before_s, SILENCE)]);
        near(of(&parts).momentary_max_lufs, -38.0 + i as f32, 0.1);
    }
}

#[test]
fn tech_3342_ranges() {
    for (levels, range) in [
        (&[-20.0, -30.0][..], 10.0),
        (&[-20.0, -15.0], 5.0),
        (&[-40.0, -20.0], 20.0),
        (&[-50.0, -35.0, -20.0, -35.0, -50.0], 15.0),
    ] {
        let parts: Vec<_> = levels.iter().map(|level| (20.0, *level)).collect();
        near(of(&parts).range_lu, range, 1.0);
    }
}

/// BS.1770-5, annex 1: a tone of 997 Hz at full scale on one channel is −3.01 LKFS, at every rate.
#[test]
fn bs_1770_anchor_at_every_rate() {
    for rate_hz in [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000] {
        let left: Vec<_> = sine(rate_hz, 997.0, 0.0, 5.0).into_iter().map(|[left, _]| [left, 0.0]).collect();
        near(analyse(rate_hz, &left).profile.integrated_lufs, -3.01, 0.02);
    }
}

/// A sine of −23 dBFS on both channels reads what the standard's filter coefficients predict (ITU-R BS.2217: ±0.1).
#[test]
fn k_weighting_matches_the_standard_at_every_rate() {
    for rate_hz in [8_000, 22_050, 44_100, 48_000, 96_000, 192_000] {
        for frequency_hz in [25.0, 40.0, 100.0, 500.0, 1000.0, 2000.0, 10_000.0] {
            if frequency_hz > f64::from(rate_hz) * 0.2 {
                continue;
            }
            let expected = -23.0 - 0.691 + response_db(frequency_hz);
            near(
                analyse(rate_hz, &sine(rate_hz, frequency_hz, -23.0, 5.0)).profile.integrated_lufs,
                expected as f32,
                0.1,
            );
        }
    }
}

/// Response of BS.1770-5's filter from the coefficients of annex 1, tables 1 and 2, for 48 kHz.
fn response_db(frequency_hz: f64) -> f64 {
    let omega = 2.0 * std::f64::consts::PI * frequency_hz / 48_000.0;
    let at = |b: [f64; 3], a: [f64; 2]| {
        let polynomial = |c: [f64; 3]| {
            let real = c[0] + c[1] * omega.cos() + c[2] * (2.0 * omega).cos();
            let imaginary = c[1] * omega.sin() + c[2] * (2.0 * omega).sin();
            real * real + imaginary * imaginary
        };
        10.0 * (polynomial(b) / polynomial([1.0, a[0], a[1]])).log10()
    };
    let shelf = at(
        [1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85],
        [-1.690_659_293_182_41, 0.732_480_774_215_85],
    );
    shelf + at([1.0, -2.0, 1.0], [-1.990_047_454_833_98, 0.990_072_250_366_21])
}

/// Agreement with the `ebur128` crate on music-like sound.
#[test]
fn ebur128_agrees() {
    use ebur128::{EbuR128, Mode};
    for (seed, rate_hz) in [(1, 44_100), (2, 48_000), (3, 96_000), (5, 32_000)] {
        let frames = music(rate_hz, 25.0, seed);
        let mut other = EbuR128::new(2, rate_hz, Mode::I | Mode::LRA | Mode::TRUE_PEAK | Mode::SAMPLE_PEAK).unwrap();
        other.add_frames_f32(frames.as_flattened()).unwrap();
        let profile = analyse(rate_hz, &frames).profile;
        near(profile.integrated_lufs, other.loudness_global().unwrap() as f32, 0.05);
        near(profile.range_lu, other.loudness_range().unwrap() as f32, 0.3);
        let highest = |of: &dyn Fn(u32) -> f64| 20.0 * of(0).max(of(1)).log10() as f32;
        // Above 48 kHz it oversamples less.
        if rate_hz <= 48_000 {
            near(profile.true_peak_dbtp, highest(&|channel| other.true_peak(channel).unwrap()), 0.1);
        }
        near(profile.sample_peak_dbfs, highest(&|channel| other.sample_peak(channel).unwrap()), 0.001);
    }
}
