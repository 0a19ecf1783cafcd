//! The whole way through a real sound server: it receives exactly what the file holds.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{
    path::Path,
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use auralis_audio::{Engine, OutputKind};
use auralis_core::{
    AnalysisProfiles, CurrentOutput, EngineCommand, EngineEvent, LoadId, MasteringSettings, OutputId, OutputRow, Preset,
};
use common::{
    monitor::{self, Monitor, frame_report},
    pulse::{SERVER_FOLDER, recorded, rerun_with_server},
    *,
};

const RATE: u32 = 48_000;
#[test]
fn the_server_receives_the_exact_file() {
    let Some(folder) = std::env::var_os(SERVER_FOLDER) else {
        return rerun_with_server("the_server_receives_the_exact_file");
    };
    let folder = Path::new(&folder);
    let mut server = pulse::server(folder);
    let record = folder.join("record.raw");
    let mut recorder = pulse::record("ci", &record);
    // The signal stays away from zero, so a missing or added frame is visible.
    let signal: Vec<Frame> = sweep(4 * RATE as usize, RATE).iter().map(|frame| [frame[0] * 0.5 + 0.5, 0.25]).collect();
    let cut = 2 * RATE as usize + 123;
    let a = encode(folder, "a.wav", &signal[..cut], RATE, &[]);
    let b = encode(folder, "b.flac", &signal[cut..], RATE, &[]);
    let deadline = Instant::now() + LONG;
    while std::fs::metadata(&record).map_or(0, |metadata| metadata.len()) < 8 * 24_000 {
        assert!(Instant::now() < deadline, "nothing is recorded");
        std::thread::sleep(Duration::from_millis(20));
    }

    let (sender, events) = channel();
    let engine = Engine::start(OutputKind::System, move |event| drop(sender.send(event)));
    let mut seen = Vec::new();
    let mut wait = |wanted: &dyn Fn(&EngineEvent) -> bool| {
        let deadline = Instant::now() + LONG;
        loop {
            match events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(event) => {
                    seen.push(event.clone());
                    if wanted(&event) {
                        return event;
                    }
                }
                Err(_) => panic!("it does not come: {seen:#?}"),
            }
        }
    };
    engine.send(load_command(1, &a, 0.0, true));
    engine.send(prepare_command(2, &b, 0.0));
    let EngineEvent::Outputs(outputs) = wait(&|event| matches!(event, EngineEvent::Outputs(_))) else { unreachable!() };
    assert!(matches!(&outputs[..], [OutputRow { id, is_default: true, .. }] if id.0 == "pulseaudio:ci"), "{outputs:?}");
    let open = wait(&|event| matches!(event, EngineEvent::Output(_)));
    let EngineEvent::Output(CurrentOutput::Open { name, rate_hz, .. }) = open else { panic!("{open:?}") };
    assert_eq!(rate_hz, RATE);
    assert!(name.contains("Null"), "{name}");
    wait(&|event| *event == EngineEvent::Ended { load: LoadId(2) });
    let fared = engine.diagnostics();
    assert_eq!(fared.output.as_ref().map(|output| output.rate_hz), Some(RATE));
    assert!(fared.output.as_ref().is_some_and(|output| (0.0..0.5).contains(&output.latency_s)));

    // Pausing silences it.
    engine.send(load_command(3, &a, 0.0, true));
    wait(&|event| matches!(event, EngineEvent::Position { load: LoadId(3), running: true, .. }));
    engine.send(EngineCommand::Pause);
    wait(&|event| matches!(event, EngineEvent::Position { load: LoadId(3), running: false, .. }));
    let silent = |frame: &Frame| *frame == [0.0; 2];
    let deadline = Instant::now() + LONG;
    while !recorded(&record).iter().rev().take(RATE as usize / 4).all(silent) {
        assert!(Instant::now() < deadline, "the pause is heard");
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = recorder.0.kill();
    let _ = recorder.0.wait();
    let heard = recorded(&record);

    // Every frame of both files, in order. A starved server inserts silence, which loses no frame.
    let start = heard.iter().position(|frame| !silent(frame)).expect("something was recorded");
    let sounding: Vec<Frame> = heard[start..].iter().filter(|frame| !silent(frame)).copied().collect();
    let expected: Vec<Frame> = decode_all(&[&folder.join("a.wav"), &folder.join("b.flac")]);
    assert_eq!(difference(&sounding[..expected.len()], &expected), 0.0);

    // The server dies: this is reported once, and playback pauses.
    engine.send(EngineCommand::Play);
    wait(&|event| matches!(event, EngineEvent::Position { running: true, .. }));
    let _ = server.0.kill();
    let _ = server.0.wait();
    wait(&|event| matches!(event, EngineEvent::Output(CurrentOutput::Disconnected { .. })));
    wait(&|event| matches!(event, EngineEvent::Position { running: false, .. }));
    let _ = std::fs::remove_file(folder.join("pulse.sock"));
    server = pulse::server(folder);
    wait(&|event| matches!(event, EngineEvent::Output(CurrentOutput::Open { .. })));
    let before = Instant::now();
    drop(engine);
    assert!(before.elapsed() < Duration::from_millis(500));
    drop(server);
}

fn decode_all(files: &[&Path]) -> Vec<Frame> {
    files.iter().flat_map(|file| decode(file)).collect()
}

/// Mastering changes are heard within a tenth of a second, and none of them clicks.
#[test]
fn mastering_follows_at_once_without_a_click() {
    let Some(folder) = std::env::var_os(SERVER_FOLDER) else {
        return rerun_with_server("mastering_follows_at_once_without_a_click");
    };
    let folder = Path::new(&folder);
    let _server = pulse::server(folder);
    let own = std::f32::consts::TAU * 441.0 / RATE as f32;
    let tone: Vec<Frame> = (0..60 * RATE).map(|n| [(own * n as f32).sin() * 0.2; 2]).collect();
    let file = encode(folder, "tone.wav", &tone, RATE, &[]);
    let (sender, events) = channel();
    let engine = Engine::start(OutputKind::System, move |event| drop(sender.send(event)));
    let monitor = Monitor::of("ci");
    let profiles = AnalysisProfiles { track: Some(profile(-20.0)), album: None };
    engine.send(with_profiles(load_command(1, &file, 0.0, true), profiles));
    let deadline = Instant::now() + LONG;
    let sounds = |event| matches!(event, EngineEvent::Position { running: true, .. });
    while !sounds(events.recv_timeout(deadline.saturating_duration_since(Instant::now())).unwrap()) {}

    let level = |frames: &[Frame]| frames.iter().fold(0.0f32, |most, frame| most.max(frame[0].abs()));
    let set = |enabled, preset, bypassed| {
        let settings = MasteringSettings { enabled, preset, ..MasteringSettings::default() };
        engine.send(EngineCommand::SetMastering { settings, bypassed });
    };
    let settle = || std::thread::sleep(Duration::from_millis(300));
    // The tone is at 0.2, and louder with mastering.
    let is_mastered = |frame: &Frame| frame[0].abs() > 0.25;
    let mut heard_ms = Vec::new();
    let mut heard_at = |frame, from: Instant| {
        heard_ms.push(monitor.time_of(frame).saturating_duration_since(from).as_secs_f64() * 1e3);
    };
    settle();
    for preset in [Preset::Adaptive, Preset::Gentle, Preset::Warm, Preset::Bright, Preset::Punchy, Preset::Live] {
        let (from, at) = (monitor.len(), Instant::now());
        set(true, preset, false);
        heard_at(monitor.wait("mastering", from, is_mastered), at);
        // From one preset to another, to the A/B bypass and back, each during the change before.
        for (preset, bypassed) in [(preset, true), (preset, false), (Preset::Gentle, false), (preset, false)] {
            set(true, preset, bypassed);
            std::thread::sleep(Duration::from_millis(70));
        }
        settle();
        let at = Instant::now();
        set(false, preset, false);
        settle();
        let last = monitor.from(from).iter().rposition(is_mastered).expect("it was mastered");
        heard_at(from + last + 1, at);
    }
    heard_ms.sort_by(f64::total_cmp);
    let median = heard_ms[heard_ms.len() / 2];
    println!("a change of the mastering is heard after {median:.0} ms: {heard_ms:.0?}");
    assert!(median <= 100.0, "{heard_ms:?}");

    // A starved server inserts silence, which is not the engine's doing.
    let heard = monitor.from(0);
    let sounding: Vec<&[Frame]> = heard.split(|frame| *frame == [0.0; 2]).filter(|frames| frames.len() > 1).collect();
    let clicks = sounding.iter().map(|frames| max_step(frames)).fold(0.0, f32::max);
    let loudest = level(&heard);
    println!("the largest step is {clicks:.5}, the tone's own {:.5}", own * loudest);
    assert!(clicks <= own * loudest * 1.05, "{clicks} > {}", own * loudest);
}

/// Material with more than a sink's 16 bits is dithered, so that no distortion remains; 16-bit material is unchanged.
#[test]
fn a_16_bit_sink_gets_dither() {
    let Some(folder) = std::env::var_os(SERVER_FOLDER) else {
        return rerun_with_server("a_16_bit_sink_gets_dither");
    };
    let folder = Path::new(&folder);
    let _server = pulse::server(folder);
    let sink = ["load-module", "module-null-sink", "sink_name=small", "format=s16le", "rate=48000", "norewinds=1"];
    pulse::pactl(&sink);
    let exact = encode(folder, "exact.flac", &monitor::numbered_signal(2 * RATE as usize), RATE, &[]);
    // A range of less than one step: silence without dither.
    let turn = std::f32::consts::TAU * 1_000.0 / RATE as f32;
    let soft: Vec<f32> = (0..8 * RATE).flat_map(|n| [(turn * (n % 48) as f32).sin() * 0.45 / 32_768.0; 2]).collect();
    let (raw, fine) = (folder.join("soft.raw"), folder.join("soft.wav"));
    std::fs::write(&raw, soft.iter().flat_map(|sample| sample.to_le_bytes()).collect::<Vec<u8>>()).unwrap();
    ffmpeg(&[
        "-f",
        "f32le",
        "-ar",
        "48000",
        "-ac",
        "2",
        "-i",
        raw.to_str().unwrap(),
        "-c:a",
        "pcm_f32le",
        fine.to_str().unwrap(),
    ]);

    let (sender, events) = channel();
    let engine = Engine::start(OutputKind::System, move |event| drop(sender.send(event)));
    engine.send(EngineCommand::ChooseOutput { output: Some(OutputId("pulseaudio:small".into())) });
    let monitor = Monitor::of("small");
    let play = |load: u64, file: &Path| {
        let from = monitor.len();
        engine.send(load_command(load, file, 0.0, true));
        let deadline = Instant::now() + LONG;
        loop {
            match events.recv_timeout(deadline.saturating_duration_since(Instant::now())).unwrap() {
                EngineEvent::Output(CurrentOutput::Open { bits, .. }) => assert_eq!(bits, 16),
                EngineEvent::Ended { load: LoadId(ended) } if ended == load => break,
                _ => {}
            }
        }
        std::thread::sleep(Duration::from_millis(300));
        monitor.from(from)
    };
    let report = frame_report(&play(1, &exact));
    assert_eq!((report.heard, report.dropped, report.changed), (2 * RATE as usize, 0, 0), "{report:?}");

    // A starved server inserts silence, which is not the engine's doing.
    let gaps = || engine.diagnostics().output.map(|output| output.underruns);
    let whole = |load| {
        let before = gaps();
        Some(play(load, &fine)).filter(|_| gaps() == before)
    };
    let heard = (2..9).find_map(whole).expect("it is heard without a gap");
    let steps: Vec<f32> = heard.iter().map(|frame| frame[0] * 32_768.0).collect();
    assert!(steps.iter().all(|step| step.fract() == 0.0 && step.abs() <= 2.0));
    let start = steps.iter().position(|step| *step != 0.0).expect("it is heard") + RATE as usize;
    let steady = &steps[start..][..4 * RATE as usize];
    let amplitude = |hz: f64| {
        let turn = std::f64::consts::TAU * hz / f64::from(RATE);
        let (mut re, mut im) = (0.0, 0.0);
        for (n, step) in steady.iter().enumerate() {
            let (sin, cos) = (turn * n as f64).sin_cos();
            (re, im) = (re + f64::from(*step) * cos, im + f64::from(*step) * sin);
        }
        2.0 * f64::hypot(re, im) / steady.len() as f64
    };
    let level = amplitude(1_000.0);
    assert!((level - 0.45).abs() < 0.02, "{level} steps of the tone");
    for harmonic in 2..=10 {
        let level = amplitude(1_000.0 * f64::from(harmonic));
        println!("harmonic {harmonic}: {level:.4} steps");
        assert!(level < 0.01, "harmonic {harmonic}: {level} steps");
    }
}
