//! Profiles of signals with known properties.

#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use auralis_core::{AudioProfile, SPECTRUM_BANDS};
use auralis_dsp::{Analyser, Analysis, Frame, LoudnessHistograms, album_profile};
use common::*;

const RATE_HZ: u32 = 44_100;

fn profile(frames: &[Frame]) -> AudioProfile {
    analyse(RATE_HZ, frames).profile
}

fn assert_finite(Analysis { profile, waveform, .. }: &Analysis) {
    let AudioProfile { mid_db, side_db, correlation, .. } = profile;
    let scalars = [
        profile.duration_s as f32,
        profile.integrated_lufs,
        profile.range_lu,
        profile.momentary_max_lufs,
        profile.short_term_max_lufs,
        profile.true_peak_dbtp,
        profile.sample_peak_dbfs,
        profile.crest_db,
        profile.centroid_hz,
        profile.onsets_per_s,
        profile.noise_floor_dbfs,
    ];
    for bands in [mid_db, side_db, correlation] {
        assert_eq!(bands.len(), SPECTRUM_BANDS);
        assert!(bands.iter().all(|value| value.is_finite()), "{profile:?}");
    }
    assert!(scalars.iter().all(|value| value.is_finite()), "{profile:?}");
    assert!(correlation.iter().all(|value| (-1.0..=1.0).contains(value)), "{profile:?}");
    assert_eq!(waveform.peaks.len(), waveform.rms.len());
}

#[test]
fn result_does_not_depend_on_block_lengths() {
    let frames = music(RATE_HZ, 9.37, 3);
    let whole = analyse(RATE_HZ, &frames);
    for block in [1, 7, 441, 4096, 8820] {
        let mut analyser = Analyser::new(RATE_HZ);
        frames.chunks(block).for_each(|block| analyser.push(block));
        assert_eq!(analyser.finish(), whole, "in blocks of {block}");
    }
}

#[test]
fn invalid_signals_have_finite_profiles() {
    let mut broken = music(RATE_HZ, 4.0, 1);
    for (i, value) in
        [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -f32::MAX, f32::MIN_POSITIVE].iter().enumerate()
    {
        broken[10_000 + i * 20_000][i % 2] = *value;
    }
    let signals = [
        vec![],
        vec![[1.0, -1.0]],
        vec![[0.5; 2]; 441],
        vec![[f32::NAN; 2]; 50_000],
        vec![[0.0; 2]; 50_000],
        vec![[1.0; 2]; 50_000],
        amplified(&noise(RATE_HZ, 2.0, 1), 6.0),
        broken.clone(),
    ];
    for frames in &signals {
        for rate_hz in [8_000, 11_025, 44_100, 192_000] {
            assert_finite(&analyse(rate_hz, frames));
        }
    }
    // Invalid samples count as silence and change nothing else.
    for sample in broken.as_flattened_mut() {
        *sample = if sample.abs() <= 1.5 { *sample } else { 0.0 };
    }
    assert_eq!(profile(&broken), profile(&signals[7]));
}

#[test]
fn silence_has_no_levels() {
    let AudioProfile { integrated_lufs, range_lu, true_peak_dbtp, noise_floor_dbfs, mid_db, onsets_per_s, .. } =
        profile(&vec![[0.0; 2]; 100_000]);
    assert_eq!([integrated_lufs, range_lu, true_peak_dbtp, noise_floor_dbfs], [-70.0, 0.0, -120.0, -120.0]);
    assert_eq!((mid_db, onsets_per_s), (vec![-120.0; SPECTRUM_BANDS], 0.0));
}

#[test]
fn one_frame_has_a_peak_and_a_flat_spectrum() {
    let profile = profile(&[[0.5, 0.5]]);
    near(profile.sample_peak_dbfs, -6.02, 0.01);
    near(profile.true_peak_dbtp, -6.02, 0.01);
    // A pulse has equal power per hertz, so each third octave has 1 dB more than the one below.
    near(profile.mid_db[27] - profile.mid_db[17], 10.0, 0.1);
}

#[test]
fn a_sine_is_in_its_band_at_every_rate() {
    for rate_hz in [8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000] {
        for band in [7, 11, 17, 20, 27, 30] {
            let frequency_hz = 1000.0 * 10f64.powf((band as f64 - 17.0) / 10.0);
            if frequency_hz > f64::from(rate_hz) * 0.45 {
                continue;
            }
            let profile = analyse(rate_hz, &sine(rate_hz, frequency_hz, -20.0, 3.0)).profile;
            near(profile.mid_db[band], -23.01, 0.3);
            assert!(profile.mid_db[(band + 2).min(30).max(band + 1) - 3] < -60.0 || band < 9, "{:?}", profile.mid_db);
            near(profile.centroid_hz, frequency_hz as f32, frequency_hz as f32 * 0.01 + 2.0);
            near(profile.crest_db, 3.01, 0.1);
        }
    }
}

#[test]
fn white_noise_rises_one_db_per_band() {
    let mid_db = profile(&amplified(&noise(RATE_HZ, 20.0, 5), -20.0)).mid_db;
    for band in 5..29 {
        near(mid_db[band + 1] - mid_db[band], 1.0, 0.8);
    }
    // A uniform histograms has a mean square of 1/3; the mid of two independent channels has half of that.
    let all: f64 = mid_db.iter().map(|db| 10f64.powf(f64::from(*db) / 10.0)).sum();
    near(10.0 * all.log10() as f32, -20.0 - 4.77 - 3.01, 0.1);
}

#[test]
fn correlation_separates_mono_from_wide() {
    let noise = noise(RATE_HZ, 10.0, 9);
    let made = |of: fn(Frame) -> Frame| -> Vec<f32> {
        profile(&noise.iter().map(|frame| of(*frame)).collect::<Vec<_>>()).correlation
    };
    assert!(made(|[left, _]| [left, left]).iter().all(|value| *value > 0.999));
    assert!(made(|[left, _]| [left, -left]).iter().all(|value| *value < -0.999));
    // Below 40 Hz ten seconds have too few FFT bins for a precise value.
    assert!(made(|frame| frame)[4..].iter().all(|value| value.abs() < 0.25));
    assert!(made(|[left, _]| [left, 0.0]).iter().all(|value| *value == 0.0));
    let tilted = made(|[left, right]| [left, 0.6 * left + 0.8 * right]);
    assert!(tilted[10..].iter().all(|value| (value - 0.6).abs() < 0.12), "{tilted:?}");
}

#[test]
fn equal_channels_have_no_side() {
    let mono: Vec<_> = music(RATE_HZ, 6.0, 2).into_iter().map(|[left, _]| [left, left]).collect();
    let profile = profile(&mono);
    assert!(profile.side_db.iter().all(|db| *db == -120.0), "{:?}", profile.side_db);
    assert!(profile.correlation.iter().all(|value| *value == 1.0));
}

#[test]
fn gain_changes_levels_only() {
    let frames = music(RATE_HZ, 20.0, 4);
    let (plain, louder) = (profile(&frames), profile(&amplified(&frames, 5.0)));
    let levels: [fn(&AudioProfile) -> f32; 5] = [
        |profile| profile.integrated_lufs,
        |profile| profile.momentary_max_lufs,
        |profile| profile.true_peak_dbtp,
        |profile| profile.noise_floor_dbfs,
        |profile| profile.mid_db[17],
    ];
    for of in levels {
        near(of(&louder) - of(&plain), 5.0, 0.3);
    }
    near(louder.crest_db, plain.crest_db, 0.3);
    near(louder.range_lu, plain.range_lu, 0.01);
    near(louder.onsets_per_s, plain.onsets_per_s, 0.1);
}

#[test]
fn spectra_describe_the_loud_parts() {
    let quiet = sine(RATE_HZ, 4_000.0, -50.0, 10.0);
    let loud = sine(RATE_HZ, 250.0, -12.0, 10.0);
    let profile = profile(&[quiet, loud].concat());
    near(profile.mid_db[11], -15.0, 0.5);
    assert!(profile.mid_db[23] < -75.0, "{:?}", profile.mid_db);
}

#[test]
fn onsets_count_beats() {
    let noise = noise(RATE_HZ, 20.0, 8);
    for beats_per_s in [1.0, 2.0, 5.0] {
        let beat = |(i, frame): (usize, &Frame)| {
            let since_beat_s = (i as f32 / RATE_HZ as f32) % (1.0 / beats_per_s);
            frame.map(|sample| sample * (-since_beat_s * 30.0).exp())
        };
        let frames: Vec<_> = noise.iter().enumerate().map(beat).collect();
        near(profile(&frames).onsets_per_s, beats_per_s, 0.11);
    }
    // A steady sound has a single onset.
    for steady in [noise, sine(RATE_HZ, 40.0, -6.0, 20.0), sine(RATE_HZ, 440.0, -6.0, 20.0)] {
        assert!(profile(&steady).onsets_per_s <= 0.051);
    }
}

#[test]
fn noise_floor_is_the_level_of_pauses() {
    let hiss = amplified(&noise(RATE_HZ, 20.0, 6), -60.0);
    let with_music: Vec<_> = hiss
        .iter()
        .zip(sine(RATE_HZ, 440.0, -12.0, 20.0))
        .enumerate()
        .map(|(i, (hiss, tone))| if i % 44_100 < 30_000 { tone } else { *hiss })
        .collect();
    near(profile(&with_music).noise_floor_dbfs, -64.8, 0.5);
    // Digital silence does not count as noise.
    let gated: Vec<_> = with_music.iter().map(|frame| if frame[0].abs() < 0.002 { [0.0; 2] } else { *frame }).collect();
    assert!(profile(&gated).noise_floor_dbfs > -30.0);
}

#[test]
fn waveform_follows_the_level() {
    let parts = [sine(RATE_HZ, 440.0, 0.0, 30.0), vec![[0.0; 2]; 44_100 * 30], sine(RATE_HZ, 440.0, -20.0, 60.0)];
    let waveform = analyse(RATE_HZ, &parts.concat()).waveform;
    assert_eq!(waveform.peaks.len(), 1000);
    for (bin, peak, rms) in [(100, 255, 180), (240, 255, 180), (260, 0, 0), (490, 0, 0), (510, 26, 18), (999, 26, 18)] {
        assert!(waveform.peaks[bin].abs_diff(peak) <= 1, "{bin}: {}", waveform.peaks[bin]);
        assert!(waveform.rms[bin].abs_diff(rms) <= 1, "{bin}: {}", waveform.rms[bin]);
    }
    // A longer file gives as many bins.
    let hour = sine(8_000, 440.0, 0.0, 1_800.0);
    let mut analyser = Analyser::new(8_000);
    analyser.push(&hour);
    analyser.push(&vec![[0.0; 2]; hour.len()]);
    let waveform = analyser.finish().waveform;
    assert_eq!(waveform.peaks.len(), 1000);
    assert_eq!((waveform.peaks[497], waveform.peaks[503]), (255, 0));
    assert_eq!(analyse(RATE_HZ, &sine(RATE_HZ, 440.0, 0.0, 0.5)).waveform.peaks.len(), 50);
}

#[test]
fn album_profile_equals_its_tracks_in_a_row() {
    let tracks: Vec<_> =
        [(1, -3.0), (2, -14.0), (3, 0.0)].map(|(seed, db)| amplified(&music(RATE_HZ, 30.0, seed), db)).into();
    let analyses: Vec<_> = tracks.iter().map(|track| analyse(RATE_HZ, track)).collect();
    let album = album_profile(analyses.iter().map(|analysis| (&analysis.profile, &analysis.histograms))).unwrap();
    let whole = profile(&tracks.concat());
    near(album.duration_s as f32, whole.duration_s as f32, 0.001);
    near(album.integrated_lufs, whole.integrated_lufs, 0.1);
    near(album.range_lu, whole.range_lu, 0.5);
    near(album.true_peak_dbtp, whole.true_peak_dbtp, 0.01);
    near(album.momentary_max_lufs, whole.momentary_max_lufs, 0.2);
    near(album.onsets_per_s, whole.onsets_per_s, 0.1);
    assert_eq!(album_profile(std::iter::empty::<(&AudioProfile, &LoudnessHistograms)>()), None);
    // An album of one track is that track.
    let one = album_profile(analyses[..1].iter().map(|analysis| (&analysis.profile, &analysis.histograms))).unwrap();
    near(one.integrated_lufs, analyses[0].profile.integrated_lufs, 0.02);
    near(one.mid_db[17], analyses[0].profile.mid_db[17], 0.001);
    near(one.crest_db, analyses[0].profile.crest_db, 0.001);
}

#[test]
fn histograms_survive_storage() {
    for frames in [music(RATE_HZ, 20.0, 1), vec![], vec![[0.0; 2]; 200_000]] {
        let histograms = analyse(RATE_HZ, &frames).histograms;
        assert_eq!(LoudnessHistograms::from_bytes(&histograms.to_bytes()), Some(histograms));
    }
    let bytes = analyse(RATE_HZ, &music(RATE_HZ, 20.0, 1)).histograms.to_bytes();
    for length in 0..bytes.len() {
        assert_eq!(LoudnessHistograms::from_bytes(&bytes[..length]), None, "{length} of {}", bytes.len());
    }
    assert_eq!(LoudnessHistograms::from_bytes(&[0xff; 64]), None);
}
