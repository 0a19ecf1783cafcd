//! Compares the recorded output of a real sound server with what the engine reports: every frame, its position and its
//! latency.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{
    path::Path,
    process::Command,
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use auralis_audio::{Engine, OutputKind};
use auralis_core::{EngineCommand, EngineEvent};
use common::{
    monitor::{FrameReport, Monitor, frame_number, frame_report, numbered_signal},
    pulse::{SERVER_FOLDER, rerun_with_server},
    *,
};

const RATE: u32 = 48_000;
const SECONDS: usize = 8;

#[test]
fn reported_position_matches_the_recording() {
    let Some(folder) = std::env::var_os(SERVER_FOLDER) else {
        return rerun_with_server("reported_position_matches_the_recording");
    };
    let folder = Path::new(&folder);
    let _server = pulse::server(folder);
    let file = encode(folder, "numbered_signal.flac", &numbered_signal(SECONDS * RATE as usize), RATE, &[]);
    let monitor = Monitor::of("ci");
    let (sender, events) = channel();
    let engine = Engine::start(OutputKind::System, move |event| drop(sender.send((Instant::now(), event))));
    engine.send(load_command(1, &file, 0.0, true));
    let mut reported = Vec::new();
    loop {
        match events.recv_timeout(LONG).expect("it plays on") {
            (at, EngineEvent::Position { position_s, running: true, .. }) => reported.push((at, position_s)),
            (_, EngineEvent::Ended { .. }) => break,
            _ => {}
        }
    }
    let last = numbered_signal(SECONDS * RATE as usize)[SECONDS * RATE as usize - 1];
    monitor.wait("the end", 0, |frame| *frame == last);

    // A busy machine makes the server insert silence. It is counted, if not each of many, and no frame is lost.
    let heard = frame_report(&monitor.from(0));
    let counted = engine.diagnostics().output.map_or(0, |output| output.underruns) as usize;
    assert_eq!(
        heard,
        FrameReport {
            heard: SECONDS * RATE as usize,
            gaps: heard.gaps,
            silence: heard.silence,
            ..FrameReport::default()
        }
    );
    let is_counted = counted <= heard.gaps + 1 && (counted > 0 || heard.gaps < 3);
    assert!(is_counted, "{counted} counted: {heard:?}");

    let mut off_s: Vec<f64> = reported
        .iter()
        .filter_map(|(at, position_s)| {
            let heard = frame_number(&monitor.from(monitor.frame_at(*at)?)[0])?;
            Some((position_s - heard as f64 / f64::from(RATE)).abs())
        })
        .collect();
    off_s.sort_by(f64::total_cmp);
    assert!(off_s.len() > 4, "{reported:?}");
    assert!(off_s[off_s.len() / 2] < 0.02, "{off_s:?}");
}

/// Stopping the player for longer than its buffer gives one silence, which is counted; playback continues at the next
/// frame.
#[test]
fn counts_the_gaps_that_are_heard() {
    let Some(folder) = std::env::var_os(SERVER_FOLDER) else {
        return rerun_with_server("counts_the_gaps_that_are_heard");
    };
    let folder = Path::new(&folder);
    let _server = pulse::server(folder);
    let file = encode(folder, "numbered_signal.flac", &numbered_signal(60 * RATE as usize), RATE, &[]);
    let monitor = Monitor::of("ci");
    let engine = Engine::start(OutputKind::System, |_| {});
    engine.send(load_command(1, &file, 0.0, true));
    let gaps = || frame_report(&monitor.from(0)).gaps;
    let counted = || engine.diagnostics().output.map_or(0, |output| output.underruns) as usize;
    monitor.wait("sound", 0, |frame| frame_number(frame).is_some());
    for _ in 0..3 {
        let (heard, before) = (monitor.len(), gaps());
        let hold = format!("kill -STOP {0}; sleep 0.3; kill -CONT {0}", std::process::id());
        assert!(Command::new("sh").args(["-c", &hold]).status().unwrap().success());
        let silent = monitor.wait("a silence", heard, |frame| *frame == [0.0; 2]);
        monitor.wait("sound", silent, |frame| frame_number(frame).is_some());
        assert!(gaps() > before);
        let deadline = Instant::now() + LONG;
        while counted() != gaps() {
            assert!(Instant::now() < deadline, "{} counted, {} heard", counted(), gaps());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let report = frame_report(&monitor.from(0));
    assert_eq!((report.dropped, report.repeated, report.changed), (0, 0, 0), "{report:?}");
}

/// A pause is heard after the buffer and the ramp, later on a busy machine, and nothing is heard after it.
#[test]
fn a_pause_is_heard_soon() {
    let Some(folder) = std::env::var_os(SERVER_FOLDER) else { return rerun_with_server("a_pause_is_heard_soon") };
    let folder = Path::new(&folder);
    let _server = pulse::server(folder);
    let file = encode(folder, "level.flac", &vec![[0.25; 2]; 60 * RATE as usize], RATE, &[]);
    let monitor = Monitor::of("ci");
    let (sender, events) = channel();
    let engine = Engine::start(OutputKind::System, move |event| drop(sender.send(event)));
    engine.send(load_command(1, &file, 0.0, true));
    let wait = |runs: bool| {
        while !matches!(events.recv_timeout(LONG), Ok(EngineEvent::Position { running, .. }) if running == runs) {}
    };
    let mut took = Vec::new();
    for _ in 0..9 {
        wait(true);
        monitor.wait("sound", monitor.len(), |frame| frame[0] == 0.25);
        let (from, at) = (monitor.len(), Instant::now());
        engine.send(EngineCommand::Pause);
        wait(false);
        // Silence for longer than the buffer: nothing follows it.
        let mut sounding = from;
        while monitor.len() < sounding + RATE as usize / 5 {
            std::thread::sleep(Duration::from_millis(10));
            sounding = from + monitor.from(from).iter().rposition(|frame| *frame != [0.0; 2]).unwrap_or(0);
        }
        took.push(monitor.time_of(sounding).saturating_duration_since(at));
        engine.send(EngineCommand::Play);
    }
    took.sort();
    assert!(took[took.len() / 2] < Duration::from_millis(150), "{took:?}");
}
