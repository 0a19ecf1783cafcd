//! Mastering settings are audible at once, without a click, and nothing else changes.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{path::Path, time::Duration};

use auralis_audio::{ExportJob, export};
use auralis_core::*;
use auralis_dsp::{Chain, Parameters, decide};
use common::*;

const RATE: u32 = 48_000;

fn settings(preset: Preset) -> MasteringSettings {
    MasteringSettings { enabled: true, preset, ..MasteringSettings::default() }
}

fn off() -> MasteringSettings {
    MasteringSettings::default()
}

fn track_profiles(integrated_lufs: f32) -> AnalysisProfiles {
    AnalysisProfiles { track: Some(profile(integrated_lufs)), album: None }
}

fn album_profiles(integrated_lufs: f32) -> AnalysisProfiles {
    AnalysisProfiles { album: Some(profile(-22.0)), ..track_profiles(integrated_lufs) }
}

fn master(rig: &TestEngine, settings: MasteringSettings) {
    rig.send(EngineCommand::SetMastering { settings, bypassed: false });
}

fn wait_heard(rig: &mut TestEngine, load: u64, wanted: ProcessingMode) {
    rig.wait("what is heard", |event| {
        matches!(event, EngineEvent::ProcessingChanged { load: LoadId(of), mode: heard, .. } if (*of, *heard) == (load, wanted))
    });
}

fn start(rig: &mut TestEngine, load: u64, path: &Path, profiles: AnalysisProfiles) {
    rig.send(with_profiles(load_command(load, path, 0.0, true), profiles));
    rig.wait_ready(load);
}

/// Output of the chain on its own.
fn mastered(signal: &[Frame], settings: &MasteringSettings, profiles: &AnalysisProfiles) -> Vec<Frame> {
    through(signal, &decide(settings, profiles.track.as_deref(), profiles.album.as_deref()).parameters)
}

fn through(signal: &[Frame], parameters: &Parameters) -> Vec<Frame> {
    let mut chain = Chain::new(RATE, parameters);
    let latency = chain.latency_frames();
    let mut frames = signal.to_vec();
    frames.resize(signal.len() + latency, [0.0; 2]);
    chain.process(&mut frames);
    frames.split_off(latency)
}

/// The chain's latency.
fn latency() -> usize {
    Chain::new(RATE, &Parameters::default()).latency_frames()
}

/// Decaying beats over a tone, different in each channel, beginning and ending away from zero.
fn music(frames: usize, seed: u64) -> Vec<Frame> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut beat = 1.0f32;
    (0..frames)
        .map(|n| {
            beat = if n % 12_000 == 0 { 1.0 } else { beat * 0.9997 };
            let tone = (n as f32 * 0.031).cos() * 0.12;
            let noise = (random.f32() - 0.5) * 0.3 * beat;
            [tone + noise, tone - 0.5 * noise].map(|sample| (sample * 32768.0).round() / 32768.0)
        })
        .collect()
}

/// Where a signal begins in what was played, which must contain all of it.
fn find(played: &[Frame], signal: &[Frame]) -> Option<usize> {
    let head = &signal[..64.min(signal.len())];
    let at = played.windows(head.len()).position(|frames| frames == head)?;
    (played[at..].len() >= signal.len() && played[at..at + signal.len()] == *signal).then_some(at)
}

fn is_in(rig: &TestEngine, signal: &[Frame]) -> bool {
    find(&rig.played, signal).is_some()
}

#[test]
fn playback_equals_the_chain_output() {
    let folder = tempfile::tempdir().unwrap();
    let signal = music(2 * RATE as usize, 1);
    let file = encode(folder.path(), "a.wav", &signal, RATE, &[]);
    for preset in [Preset::Adaptive, Preset::Warm, Preset::Punchy, Preset::Live] {
        let mut rig = TestEngine::new(RATE);
        master(&rig, settings(preset));
        start(&mut rig, 1, &file, track_profiles(-20.0));
        wait_heard(&mut rig, 1, ProcessingMode::Mastered);
        rig.wait_open();
        rig.play_to_end(1);
        let expected = mastered(&signal, &settings(preset), &track_profiles(-20.0));
        assert_ne!(expected, signal, "{preset:?}");
        assert!(is_in(&rig, &expected), "{preset:?}");
    }
}

#[test]
fn off_and_zero_intensity_are_bit_identical() {
    let folder = tempfile::tempdir().unwrap();
    let signal = music(RATE as usize, 1);
    let file = encode(folder.path(), "a.wav", &signal, RATE, &[]);
    for settings in [off(), MasteringSettings { intensity: 0.0, ..settings(Preset::Warm) }] {
        let mut rig = TestEngine::new(RATE);
        master(&rig, settings);
        start(&mut rig, 1, &file, track_profiles(-20.0));
        rig.wait_open();
        rig.play_to_end(1);
        assert_eq!(difference(rig.sound(), trimmed(&signal)), 0.0);
        let told = |event: &EngineEvent| {
            matches!(event, EngineEvent::ProcessingChanged { mode: ProcessingMode::Unprocessed, .. })
        };
        assert!(rig.seen.iter().any(told));
    }
}

/// Each plays as if it were alone, although one begins at the frame where the other ends.
#[test]
fn tracks_of_different_albums_share_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (music(50_001, 1), music(30_003, 2));
    let a = encode(folder.path(), "a.wav", &one, RATE, &[]);
    let b = encode(folder.path(), "b.wav", &other, RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    master(&rig, settings(Preset::Adaptive));
    start(&mut rig, 1, &a, track_profiles(-26.0));
    rig.send(with_profiles(prepare_command(2, &b, 0.0), track_profiles(-18.0)));
    rig.wait_ready(2);
    rig.wait_open();
    rig.play_to_end(2);
    let (one, other) = (
        mastered(&one, &settings(Preset::Adaptive), &track_profiles(-26.0)),
        mastered(&other, &settings(Preset::Adaptive), &track_profiles(-18.0)),
    );
    let at = find(&rig.played, &other).expect("the second sounds as if it were alone");
    // The chain looks ahead, so the next track affects the last frames of this one.
    let ahead = latency();
    let before = &rig.played[at - one.len()..at - ahead];
    assert_eq!(difference(before, &one[..one.len() - ahead]), 0.0);
    let heard = |load| {
        rig.seen.iter().any(
            |event| matches!(event, EngineEvent::ProcessingChanged { load: of, mode: ProcessingMode::Mastered, .. } if of.0 == load),
        )
    };
    assert!(heard(1) && heard(2));
}

#[test]
fn an_album_is_mastered_as_if_it_were_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let signal = music(90_000, 3);
    let (a, b) = signal.split_at(41_234);
    let a = encode(folder.path(), "a.wav", a, RATE, &[]);
    let b = encode(folder.path(), "b.flac", b, RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    master(&rig, settings(Preset::Punchy));
    start(&mut rig, 1, &a, album_profiles(-26.0));
    rig.send(with_profiles(prepare_command(2, &b, 0.0), album_profiles(-18.0)));
    rig.wait_ready(2);
    rig.wait_open();
    rig.play_to_end(2);
    assert!(is_in(&rig, &mastered(&signal, &settings(Preset::Punchy), &album_profiles(-26.0))));
}

/// A track started by hand during a loud one plays as if nothing had been before.
#[test]
fn a_started_track_has_nothing_of_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let (loud, quiet) = (music(10 * RATE as usize, 4), music(RATE as usize, 5));
    let loud: Vec<Frame> = loud.iter().map(|frame| frame.map(|sample| (sample * 3.0).clamp(-0.99, 0.99))).collect();
    let a = encode(folder.path(), "a.wav", &loud, RATE, &[]);
    let b = encode(folder.path(), "b.wav", &quiet, RATE, &[]);
    let expected = mastered(&quiet, &settings(Preset::Punchy), &track_profiles(-24.0));
    for paused in [false, true] {
        let mut rig = TestEngine::new(RATE);
        master(&rig, settings(Preset::Punchy));
        start(&mut rig, 1, &a, track_profiles(-16.0));
        rig.wait_open();
        rig.advance_until("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
        rig.pull(20_000);
        if paused {
            rig.send(EngineCommand::Pause);
            rig.advance_until("the pause", |event| matches!(event, EngineEvent::Position { running: false, .. }));
        }
        start(&mut rig, 2, &b, track_profiles(-24.0));
        rig.play_to_end(2);
        assert!(is_in(&rig, &expected), "paused: {paused}");
    }
}

/// Playback resumes at the reported frame, and no frame is lost or repeated.
#[test]
fn a_pause_keeps_the_frames_inside_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let signal: Vec<Frame> = (0..20 * RATE).map(|n| [(n % 30_000 + 1) as f32 / 32_768.0, -0.5]).collect();
    let file = encode(folder.path(), "a.wav", &signal, RATE, &[]);
    let frame_of = |frame: &Frame| (frame[0] * 32_768.0).round() as usize - 1;
    let mut rig = TestEngine::new(RATE);
    rig.load(1, &file);
    rig.wait_open();
    let running = |wanted: bool| move |event: &EngineEvent| matches!(event, EngineEvent::Position { running, .. } if *running == wanted);
    rig.advance_until("sound", running(true));
    for _ in 0..4 {
        rig.pull(fastrand::usize(700..1500));
        rig.send(EngineCommand::Pause);
        let EngineEvent::Position { position_s: paused_s, .. } = rig.advance_until("the pause", running(false)) else {
            unreachable!()
        };
        rig.pull(1000);
        let from = rig.played.len();
        rig.send(EngineCommand::Play);
        let EngineEvent::Position { position_s, .. } = rig.advance_until("sound", running(true)) else {
            unreachable!()
        };
        rig.pull(2000);
        assert!(position_s >= paused_s, "{paused_s} {position_s}");
        let resumed = from + rig.played[from..].iter().position(|frame| *frame != [0.0; 2]).unwrap();
        let full = resumed + RATE as usize / 100;
        let heard = frame_of(&rig.played[full]);
        let expected = ((paused_s * f64::from(RATE)).round() as usize + RATE as usize / 100) % 30_000;
        assert!(heard.abs_diff(expected) <= 1, "frame {heard} is heard, {expected} should be");
    }
}

/// An analysis that ends during playback is applied by the slow ramp.
#[test]
fn late_analysis_is_applied() {
    let folder = tempfile::tempdir().unwrap();
    let signal = tone(36);
    let file = encode(folder.path(), "tone.wav", &signal, RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    rig.send(EngineCommand::SetMastering { settings: settings(Preset::Gentle), bypassed: false });
    start(&mut rig, 1, &file, AnalysisProfiles::default());
    wait_heard(&mut rig, 1, ProcessingMode::Generic);
    rig.wait_open();
    rig.pull(RATE as usize / 2);
    let loudest = |frames: &[Frame]| frames.iter().fold(0.0f32, |most, frame| most.max(frame[0].abs()));
    let before = loudest(&rig.played);
    rig.send(EngineCommand::SetStreamProfiles { load: LoadId(1), profiles: track_profiles(-23.0) });
    wait_heard(&mut rig, 1, ProcessingMode::Mastered);
    rig.pull(RATE as usize * 33);
    let levels: Vec<f32> = rig.played[RATE as usize / 4..].chunks_exact(RATE as usize / 4).map(loudest).collect();
    let after = levels[levels.len() - 1];
    assert!(after > before * 1.5, "{before} {after}");
    // Less than 0.7 dB in any second: nobody notices.
    assert!(levels.windows(5).all(|second| (20.0 * (second[4] / second[0]).log10()).abs() < 0.7), "{levels:?}");
}

/// The plain signal, aligned with the mastered one and at its loudness.
#[test]
fn ab_bypass_is_equally_loud_and_aligned() {
    let folder = tempfile::tempdir().unwrap();
    let signal = music(20 * RATE as usize, 6);
    let file = encode(folder.path(), "a.wav", &signal, RATE, &[]);
    let (settings, profiles) = (settings(Preset::Warm), track_profiles(-22.0));
    let mut rig = TestEngine::new(RATE);
    master(&rig, settings);
    start(&mut rig, 1, &file, profiles.clone());
    rig.wait_open();
    rig.advance_until("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
    rig.pull(1000);
    let change_db = decide(&settings, profiles.track.as_deref(), None).loudness_change_db;
    assert!(change_db > 1.0, "{change_db}");
    let plain = through(&signal, &Parameters { gain_db: change_db, ..Parameters::default() });
    let mastered = mastered(&signal, &settings, &profiles);
    let start = find(&rig.played, &mastered[..100]).unwrap();
    for bypassed in [true, false, true, false] {
        rig.send(EngineCommand::SetMastering { settings, bypassed });
        let (heard, expected) =
            if bypassed { (ProcessingMode::MatchedBypass, &plain) } else { (ProcessingMode::Mastered, &mastered) };
        wait_heard(&mut rig, 1, heard);
        rig.pull(RATE as usize);
        // By the last half second the change is complete.
        let at = rig.played.len() - RATE as usize / 2;
        let heard = &rig.played[at..];
        let off = difference(heard, &expected[at - start..][..heard.len()]);
        // The limiter's slow envelope still remembers the time before the change.
        assert!(off < 0.01, "bypassed: {bypassed}, {off}");
    }
}

#[test]
fn meters_show_input_and_output() {
    let folder = tempfile::tempdir().unwrap();
    let file = encode(folder.path(), "tone.wav", &tone(20), RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    let meters = |rig: &TestEngine| rig.engine.diagnostics_handle().meters();
    assert_eq!(meters(&rig), None);
    let settings = settings(Preset::Gentle);
    master(&rig, settings);
    start(&mut rig, 1, &file, track_profiles(-17.0));
    rig.wait_open();
    rig.advance_until("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
    // Nobody has read the meters for long: outdated blocks are skipped.
    rig.pull(3 * RATE as usize);
    assert_eq!(meters(&rig), None);
    rig.pull(RATE as usize);
    let now = meters(&rig).expect("something is heard");
    let [before, after] = [&now.before, &now.after].map(|levels| levels.momentary_lufs.expect("it sounds"));
    // A tone in both channels at 0.2: −14 dBFS, and K-weighting barely changes 441 Hz.
    assert!((before + 14.0).abs() < 0.8, "{before}");
    let change_db = decide(&settings, Some(&profile(-17.0)), None).loudness_change_db;
    assert!((after - before - change_db).abs() < 1.5, "{before} {after}, {change_db} dB");
    assert!(now.correlation > 0.99);
    rig.send(EngineCommand::Pause);
    rig.advance_until("the pause", |event| matches!(event, EngineEvent::Position { running: false, .. }));
    let deadline = std::time::Instant::now() + LONG;
    while meters(&rig).is_some() {
        assert!(std::time::Instant::now() < deadline, "what is silent is shown");
        std::thread::yield_now();
    }
}

fn tone(seconds: u32) -> Vec<Frame> {
    let omega = std::f32::consts::TAU * 441.0 / RATE as f32;
    (0..seconds * RATE).map(|n| [(omega * n as f32).sin() * 0.2; 2]).collect()
}

#[test]
fn no_change_clicks() {
    let folder = tempfile::tempdir().unwrap();
    let file = encode(folder.path(), "tone.wav", &tone(20), RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    start(&mut rig, 1, &file, track_profiles(-17.0));
    rig.wait_open();
    rig.advance_until("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
    let presets = [Preset::Adaptive, Preset::Gentle, Preset::Warm, Preset::Bright, Preset::Punchy, Preset::Live];
    let all = presets.into_iter().flat_map(|preset| [settings(preset), off(), settings(preset)]);
    for settings in all {
        for bypassed in [false, true, false] {
            rig.send(EngineCommand::SetMastering { settings, bypassed });
            // Most changes come during others.
            std::thread::sleep(Duration::from_millis(fastrand::u64(0..10)));
            rig.pull(fastrand::usize(1..2000));
        }
    }
    let own = std::f32::consts::TAU * 441.0 / RATE as f32;
    let loudest = rig.played.iter().fold(0.0, |most: f32, frame| most.max(frame[0].abs()));
    let allowed = own * loudest + loudest / 480.0 + 2.0 / 32_768.0;
    assert!(max_step(rig.sound()) <= allowed, "{} > {allowed}", max_step(rig.sound()));
}

#[test]
fn export_equals_playback() {
    let folder = tempfile::tempdir().unwrap();
    let signal = music(2 * RATE as usize + 77, 1);
    let file = encode(folder.path(), "a.wav", &signal, RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    master(&rig, settings(Preset::Punchy));
    start(&mut rig, 1, &file, track_profiles(-20.0));
    wait_heard(&mut rig, 1, ProcessingMode::Mastered);
    rig.wait_open();
    rig.play_to_end(1);
    let profiles = track_profiles(-20.0);
    let parameters = decide(&settings(Preset::Punchy), profiles.track.as_deref(), None).parameters;
    for (format, name) in [(RenderFormat::Flac, "a.flac"), (RenderFormat::Wav, "b.wav")] {
        let path = folder.path().join(name);
        let rendering = ExportJob { path: &file, range: None, parameters: &parameters, format, bits: 24 };
        let mut out = std::fs::File::create(&path).unwrap();
        assert!(export(&rendering, &mut out, |_| true).unwrap());
        // ffmpeg also checks the MD5 of the FLAC samples.
        let exported = decode_with_ffmpeg(&path);
        assert_eq!(exported.len(), signal.len());
        let at = rig.played.windows(64).position(|frames| difference(frames, &exported[..64]) < 3e-7).unwrap();
        let apart = difference(&rig.played[at..at + exported.len()], &exported);
        assert!(apart <= 1.6 / (1 << 23) as f32, "{name}: {apart}");
    }
}

#[test]
fn export_can_be_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let file = encode(folder.path(), "a.wav", &music(10 * RATE as usize, 1), RATE, &[]);
    let parameters = Parameters::default();
    let rendering =
        ExportJob { path: &file, range: None, parameters: &parameters, format: RenderFormat::Flac, bits: 16 };
    let mut asked = 0;
    let mut out = std::io::Cursor::new(Vec::new());
    let whole = export(&rendering, &mut out, |_| {
        asked += 1;
        asked < 3
    });
    assert!(!whole.unwrap() && asked == 3);
}

/// A crossfade between tracks also crossfades their mastering.
#[test]
fn a_crossfade_also_crossfades_the_mastering() {
    let folder = tempfile::tempdir().unwrap();
    let file = encode(folder.path(), "tone.wav", &tone(2), RATE, &[]);
    let mut rig = TestEngine { pace: Duration::from_millis(1), ..TestEngine::new(RATE) };
    master(&rig, settings(Preset::Gentle));
    start(&mut rig, 1, &file, track_profiles(-14.0));
    rig.send(with_profiles(prepare_command(2, &file, 0.5), track_profiles(-24.0)));
    rig.wait_ready(2);
    rig.wait_open();
    rig.play_to_end(2);
    let sound = rig.sound();
    assert!(sound.len() < 4 * RATE as usize - 12_000, "they overlap: {} frames", sound.len());
    let level = |frames: &[Frame]| frames.iter().fold(0.0f32, |most, frame| most.max(frame[0].abs()));
    let (first, second) = (level(&sound[..RATE as usize]), level(&sound[sound.len() - RATE as usize..]));
    assert!(second > first * 1.5, "each by its own: {first} {second}");
    let own = std::f32::consts::TAU * 441.0 / RATE as f32;
    assert!(max_step(sound) <= own * level(sound) * 1.05, "{} > {}", max_step(sound), own * level(sound));
}
