//! What comes out of a real sound server, held against what the app says of itself: every frame, where it is, and how soon.
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
    monitor::{Account, Monitor, account, number, numbered},
    pulse::{FOLDER, again_with_a_folder},
    *,
};

const RATE: u32 = 48_000;
const SECONDS: usize = 8;

#[test]
fn every_frame_is_heard_where_it_is_told_to_be() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return again_with_a_folder("every_frame_is_heard_where_it_is_told_to_be");
    };
    let folder = Path::new(&folder);
    let _server = pulse::server(folder);
    let file = encode(folder, "numbered.flac", &numbered(SECONDS * RATE as usize), RATE, &[]);
    let monitor = Monitor::of("ci");
    let (sender, events) = channel();
    let engine = Engine::start(OutputKind::System, move |event| drop(sender.send((Instant::now(), event))));
    engine.send(load_command(1, &file, 0.0, true));
    let mut told = Vec::new();
    loop {
        match events.recv_timeout(LONG).expect("it plays on") {
            (at, EngineEvent::Position { position_s, running: true, .. }) => told.push((at, position_s)),
            (_, EngineEvent::Ended { .. }) => break,
            _ => {}
        }
    }
    let last = numbered(SECONDS * RATE as usize)[SECONDS * RATE as usize - 1];
    monitor.wait("the end", 0, |frame| *frame == last);

    // A busy machine makes the server insert silence. That is counted, if not each of many, and costs no frame.
    let heard = account(&monitor.from(0));
    let counted = engine.diagnostics().output.map_or(0, |output| output.underruns) as usize;
    assert_eq!(
        heard,
        Account { heard: SECONDS * RATE as usize, gaps: heard.gaps, silence: heard.silence, ..Account::default() }
    );
    let told_of = counted <= heard.gaps + 1 && (counted > 0 || heard.gaps < 3);
    assert!(told_of, "{counted} counted: {heard:?}");

    let mut off_s: Vec<f64> = told
        .iter()
        .filter_map(|(at, position_s)| {
            let heard = number(&monitor.from(monitor.frame_at(*at)?)[0])?;
            Some((position_s - heard as f64 / f64::from(RATE)).abs())
        })
        .collect();
    off_s.sort_by(f64::total_cmp);
    assert!(off_s.len() > 4, "{told:?}");
    assert!(off_s[off_s.len() / 2] < 0.02, "{off_s:?}");
}

/// Each time that the player is held still for longer than its buffer lasts there is a silence, and it is counted; and
/// what was cut apart goes on at the next frame.
#[test]
fn as_many_gaps_are_counted_as_are_heard() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return again_with_a_folder("as_many_gaps_are_counted_as_are_heard");
    };
    let folder = Path::new(&folder);
    let _server = pulse::server(folder);
    let file = encode(folder, "numbered.flac", &numbered(60 * RATE as usize), RATE, &[]);
    let monitor = Monitor::of("ci");
    let engine = Engine::start(OutputKind::System, |_| {});
    engine.send(load_command(1, &file, 0.0, true));
    let gaps = || account(&monitor.from(0)).gaps;
    let counted = || engine.diagnostics().output.map_or(0, |output| output.underruns) as usize;
    monitor.wait("sound", 0, |frame| number(frame).is_some());
    for _ in 0..3 {
        let (heard, before) = (monitor.len(), gaps());
        let hold = format!("kill -STOP {0}; sleep 0.3; kill -CONT {0}", std::process::id());
        assert!(Command::new("sh").args(["-c", &hold]).status().unwrap().success());
        let silent = monitor.wait("a silence", heard, |frame| *frame == [0.0; 2]);
        monitor.wait("sound", silent, |frame| number(frame).is_some());
        assert!(gaps() > before);
        let deadline = Instant::now() + LONG;
        while counted() != gaps() {
            assert!(Instant::now() < deadline, "{} counted, {} heard", counted(), gaps());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let account = account(&monitor.from(0));
    assert_eq!((account.dropped, account.repeated, account.changed), (0, 0, 0), "{account:?}");
}

/// A pause is heard after what is buffered and the ramp, more on a busy machine, and never after what was buffered before.
#[test]
fn a_pause_is_heard_soon() {
    let Some(folder) = std::env::var_os(FOLDER) else { return again_with_a_folder("a_pause_is_heard_soon") };
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
        // Silence for longer than is buffered: nothing comes after it.
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
