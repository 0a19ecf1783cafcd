use std::{
    f64::consts::TAU,
    io::Write,
    process::{Command, Stdio},
};

use super::*;

/// Reproducible noise at ±`level`.
fn noise(frames: usize, level: f32) -> Vec<Frame> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 8) as f32 / (1 << 23) as f32 - 1.0) * level
    };
    (0..frames).map(|_| [next(), next()]).collect()
}

fn sine(rate_hz: u32, hz: f64, phase: f64, level: f32, frames: usize) -> Vec<Frame> {
    let turn = TAU * hz / f64::from(rate_hz);
    (0..frames).map(|at| [(turn * at as f64 + phase).sin() as f32 * level; 2]).collect()
}

/// Processes a sound in blocks of these lengths and returns the output without the delay.
fn in_blocks(chain: &mut Chain, mut sound: Vec<Frame>, lengths: &[usize]) -> Vec<Frame> {
    sound.extend(vec![[0.0; 2]; chain.latency_frames()]);
    let (mut remaining, mut lengths) = (&mut sound[..], lengths.iter().cycle());
    while let (false, Some(&length)) = (remaining.is_empty(), lengths.next()) {
        let (now, later) = remaining.split_at_mut(length.min(remaining.len()));
        chain.process(now);
        remaining = later;
    }
    sound.split_off(chain.latency_frames())
}

fn mastered(rate_hz: u32, parameters: &Parameters, sound: Vec<Frame>) -> Vec<Frame> {
    in_blocks(&mut Chain::new(rate_hz, parameters), sound, &[1_024])
}

/// All stages at once, with strong settings.
fn all_stages() -> Parameters {
    let band = BandCompression { threshold_db: -30.0, ratio: 2.5, makeup_db: 4.0, ..BandCompression::default() };
    Parameters {
        gain_db: 9.0,
        equaliser_db: [4.0, -3.0, 4.0, -3.0, 4.0, -3.0, 4.0, -3.0, 4.0, -3.0, 4.0, 4.0],
        bands: [band; 4],
        width: 1.3,
        ..Parameters::default()
    }
}

fn level_db(sound: &[Frame]) -> f64 {
    let power = sound.as_flattened().iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>();
    10.0 * (power / (sound.len() * 2) as f64).log10()
}

/// The true peak by ffmpeg's meter.
fn true_peak_by_ffmpeg(rate_hz: u32, sound: &[Frame]) -> f32 {
    let rate = rate_hz.to_string();
    let input = ["-hide_banner", "-nostats", "-f", "f32le", "-ac", "2", "-ar", &rate, "-i", "-"];
    let filter = ["-af", "ebur128=peak=true", "-f", "null", "-"];
    let mut ffmpeg = Command::new("ffmpeg")
        .args(input.into_iter().chain(filter))
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ffmpeg");
    let bytes: Vec<u8> = sound.as_flattened().iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let mut stdin = ffmpeg.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || stdin.write_all(&bytes));
    let output = ffmpeg.wait_with_output().expect("ffmpeg ends");
    writer.join().expect("the writer ends").expect("ffmpeg reads it");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let summary = stderr.rsplit_once("True peak:").unwrap_or_else(|| panic!("no true peak in: {stderr}")).1;
    let peak = summary.split_whitespace().nth(1).expect("a number");
    if peak == "-inf" { f32::NEG_INFINITY } else { peak.parse().expect("a number") }
}

#[test]
fn neutral_parameters_are_bit_identical() {
    for rate_hz in [8_000, 44_100, 192_000] {
        let sound = noise(10_000, 1.5);
        assert!(mastered(rate_hz, &Parameters::default(), sound.clone()) == sound, "{rate_hz} Hz");
    }
}

#[test]
fn output_does_not_depend_on_block_lengths() {
    let sound = noise(20_000, 0.8);
    let whole = mastered(44_100, &all_stages(), sound.clone());
    for lengths in [&[1][..], &[1, 7, 64, 63, 1_000, 3], &[20_000]] {
        let cut = in_blocks(&mut Chain::new(44_100, &all_stages()), sound.clone(), lengths);
        assert!(whole == cut, "blocks of {lengths:?}");
    }
}

#[test]
fn simd_matches_portable() {
    let (mut fast, mut plain) = (Chain::new(44_100, &all_stages()), Chain::new(44_100, &all_stages()));
    plain.arch = Arch::Scalar;
    let sound = noise(20_000, 0.5);
    let fast = in_blocks(&mut fast, sound.clone(), &[512]);
    let plain = in_blocks(&mut plain, sound, &[512]);
    let difference: Vec<Frame> = fast.iter().zip(&plain).map(|(a, b)| [a[0] - b[0], a[1] - b[1]]).collect();
    assert!(level_db(&difference) < -110.0, "{} dB", level_db(&difference));
}

#[test]
fn latency_depends_only_on_the_rate() {
    for rate_hz in [8_000, 44_100, 48_000, 96_000, 192_000] {
        let partly = [
            Parameters::default(),
            Parameters { gain_db: -3.0, ..Parameters::default() },
            Parameters { equaliser_db: [1.0; SECTIONS], ..Parameters::default() },
            Parameters { width: 0.9, ..Parameters::default() },
        ];
        let latency = Chain::new(rate_hz, &partly[0]).latency_frames();
        assert!(latency as f32 / (rate_hz as f32) < 0.015, "{latency} at {rate_hz} Hz");
        for parameters in &partly {
            let mut chain = Chain::new(rate_hz, parameters);
            assert_eq!(chain.latency_frames(), latency);
            let mut click = vec![[0.0; 2]; latency + 100];
            click[10] = [0.1; 2];
            chain.process(&mut click);
            assert_eq!(
                click.iter().position(|frame| frame[0] != 0.0),
                Some(latency + 10),
                "{parameters:?}, {rate_hz} Hz"
            );
        }
    }
}

#[test]
fn reset_clears_all_state() {
    let (first, second) = (noise(5_000, 0.9), sine(44_100, 90.0, 0.0, 0.4, 5_000));
    let mut chain = Chain::new(44_100, &all_stages());
    in_blocks(&mut chain, first, &[999]);
    chain.reset();
    assert!(in_blocks(&mut chain, second.clone(), &[512]) == mastered(44_100, &all_stages(), second));
}

#[test]
fn equal_channels_stay_equal() {
    let mono: Vec<Frame> = noise(20_000, 0.5).into_iter().map(|[left, _]| [left, left]).collect();
    assert!(mastered(44_100, &all_stages(), mono).iter().all(|[left, right]| left == right));
}

#[test]
fn equaliser_matches_its_analytic_response() {
    let gains_db = [3.0, -2.0, 4.0, 0.0, -4.0, 1.0, 2.0, -3.0, 4.0, -1.0, 2.0, -4.0];
    let parameters = Parameters { gain_db: -12.0, equaliser_db: gains_db, ..Parameters::default() };
    for rate_hz in [44_100, 192_000] {
        for hz in [20.0, 45.0, 100.0, 126.0, 355.0, 700.0, 1_003.0, 2_834.0, 5_000.0] {
            let sound = sine(rate_hz, hz, 0.0, 0.5, rate_hz as usize);
            let out = mastered(rate_hz, &parameters, sound.clone());
            let second_half = rate_hz as usize / 2..;
            let change_db = level_db(&out[second_half.clone()]) - level_db(&sound[second_half]) + 12.0;
            let expected_db = f64::from(response_db(&gains_db, hz as f32));
            // The trapezoidal rule squeezes what lies near half the rate.
            let tolerance_db = if hz < 3_000.0 { 0.05 } else { 0.15 };
            assert!(
                (change_db - expected_db).abs() < tolerance_db,
                "{rate_hz}: {hz} Hz by {change_db}, not {expected_db} dB"
            );
        }
    }
}

#[test]
fn crossovers_sum_flat() {
    // A threshold that is never reached splits the bands and sums them unchanged.
    let band = BandCompression { threshold_db: 60.0, ratio: 2.0, ..BandCompression::default() };
    let parameters = Parameters { gain_db: -6.0, bands: [band; 4], ..Parameters::default() };
    for rate_hz in [44_100, 192_000] {
        for hz in [30.0, 120.0, 300.0, 1_000.0, 2_500.0, 6_000.0, 15_000.0] {
            let sound = sine(rate_hz, hz, 0.0, 0.5, rate_hz as usize);
            let out = mastered(rate_hz, &parameters, sound.clone());
            let change_db = level_db(&out[rate_hz as usize / 2..]) - level_db(&sound[rate_hz as usize / 2..]) + 6.0;
            assert!(change_db.abs() < 0.01, "{rate_hz}: {hz} Hz by {change_db} dB");
        }
    }
}

#[test]
fn compressor_follows_its_ratio() {
    let band = BandCompression { threshold_db: -30.0, ratio: 2.0, ..BandCompression::default() };
    let parameters = Parameters { bands: [band; 4], ..Parameters::default() };
    // The tone lies almost entirely in one band.
    for (level_in_db, reduction_db) in [(-40.0, 0.0), (-20.0, 5.0), (-10.0, 10.0)] {
        let peak = db_to_gain(level_in_db + 3.01);
        let sound = sine(44_100, 400.0, 0.0, peak, 88_200);
        let out = mastered(44_100, &parameters, sound.clone());
        let change_db = level_db(&out[44_100..]) - level_db(&sound[44_100..]);
        assert!((change_db + reduction_db).abs() < 0.8, "{level_in_db} dB by {change_db} dB");
    }
}

#[test]
fn release_is_frozen_in_pauses() {
    let band = BandCompression { threshold_db: -40.0, ratio: 4.0, ..BandCompression::default() };
    let parameters = Parameters { bands: [band; 4], freeze_release_below_db: -60.0, ..Parameters::default() };
    let mut chain = Chain::new(44_100, &parameters);
    let hum = sine(44_100, 400.0, 0.0, 0.5, 44_100);
    in_blocks(&mut chain, hum, &[512]);
    let before = chain.activity().compressor_reduction_db;
    in_blocks(&mut chain, noise(3 * 44_100, 0.000_1), &[512]);
    let after = chain.activity().compressor_reduction_db;
    assert!(before[1] > 10.0 && after[1] > before[1] - 1.5, "{before:?}, then {after:?}");
}

#[test]
fn width_leaves_the_bass_unchanged() {
    let parameters = Parameters { gain_db: -6.0, width: 1.25, ..Parameters::default() };
    let side_change_db = |hz: f64| {
        let sound: Vec<Frame> = sine(44_100, hz, 0.0, 0.2, 44_100).into_iter().map(|[left, _]| [left, -left]).collect();
        let out = mastered(44_100, &parameters, sound.clone());
        level_db(&out[22_050..]) - level_db(&sound[22_050..]) + 6.0
    };
    assert!(side_change_db(50.0).abs() < 0.3, "{}", side_change_db(50.0));
    assert!((side_change_db(2_000.0) - 1.94).abs() < 0.1, "{}", side_change_db(2_000.0));
}

#[test]
fn output_never_exceeds_the_ceiling() {
    let boosts = [Parameters { gain_db: 9.0, ..Parameters::default() }, all_stages()];
    for rate_hz in [8_000, 22_050, 44_100, 48_000, 96_000, 192_000] {
        let frames = 2 * rate_hz as usize;
        let quarter = f64::from(rate_hz) / 4.0;
        let square = |hz: usize| {
            (0..frames).map(move |at| [if (at * hz * 2 / rate_hz as usize).is_multiple_of(2) { 1.0 } else { -1.0 }; 2])
        };
        let bursts = noise(frames, 1.0)
            .into_iter()
            .enumerate()
            .map(|(at, frame)| if at % 5_000 < 500 { frame } else { [0.0; 2] });
        let broken = noise(frames, 1.0).into_iter().enumerate().map(|(at, frame)| match at % 97 {
            0 => [f32::NAN, 1.0],
            1 => [f32::INFINITY, f32::NEG_INFINITY],
            2 => [f32::MAX, f32::MIN_POSITIVE / 2.0],
            _ => frame,
        });
        let mut one_sample = vec![[0.0; 2]; frames];
        one_sample[frames / 2] = [1.0, -1.0];
        let sounds = [
            ("silence", vec![[0.0; 2]; frames]),
            ("one sample", one_sample),
            ("a constant", vec![[1.0; 2]; frames]),
            ("a quarter of the rate", sine(rate_hz, quarter, TAU / 8.0, 1.0, frames)),
            ("+6 dB", sine(rate_hz, 997.0, 0.0, 2.0, frames)),
            ("bass", sine(rate_hz, 40.0, 0.0, 1.0, frames)),
            ("squares", square(220).collect()),
            ("noise", noise(frames, 1.0)),
            ("bursts of noise", bursts.collect()),
            ("NaN and infinity", broken.collect()),
        ];
        for (name, sound) in sounds {
            for (at, parameters) in boosts.iter().enumerate() {
                let out = mastered(rate_hz, parameters, sound.clone());
                assert!(out.as_flattened().iter().all(|sample| sample.is_finite()), "{name} at {rate_hz} Hz");
                let peak_dbtp = true_peak_by_ffmpeg(rate_hz, &out);
                assert!(peak_dbtp <= -1.0, "{name} at {rate_hz} Hz, {at}: {peak_dbtp} dBTP");
            }
        }
    }
}

#[test]
fn limiter_does_not_touch_sound_below_the_ceiling() {
    let sound = sine(44_100, 997.0, 0.0, 0.4, 44_100);
    let out = mastered(44_100, &Parameters { gain_db: 6.0, ..Parameters::default() }, sound.clone());
    let exact = sound.iter().zip(&out).all(|(a, b)| (a[0] * db_to_gain(6.0) - b[0]).abs() < 1e-6);
    assert!(exact);
}

#[test]
fn levels_do_not_drift_in_an_hour() {
    let parameters = all_stages();
    let mut chain = Chain::new(8_000, &parameters);
    let second = sine(8_000, 200.0, 0.0, 0.3, 8_000);
    let mut levels = Vec::new();
    for _ in 0..3_600 {
        let mut block = second.clone();
        chain.process(&mut block);
        levels.push(level_db(&block));
    }
    assert!(levels[10..].iter().all(|level| (level - levels[10]).abs() < 0.01), "{} to {}", levels[10], levels[3_599]);
}
