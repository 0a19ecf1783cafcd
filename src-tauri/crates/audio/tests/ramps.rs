//! No user action clicks.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::time::Instant;

use auralis_core::{EngineCommand, EngineEvent};
use common::*;

const RATE: u32 = 48_000;
const AMPLITUDE: f32 = 0.5;
const TONE_HZ: f32 = 441.0;

/// A long tone, playing.
fn tone() -> (tempfile::TempDir, TestEngine) {
    let folder = tempfile::tempdir().unwrap();
    let omega = std::f32::consts::TAU * TONE_HZ / RATE as f32;
    let frames: Vec<Frame> = (0..60 * RATE).map(|n| [(omega * n as f32).sin() * AMPLITUDE; 2]).collect();
    let file = encode(folder.path(), "tone.wav", &frames, RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    rig.load(1, &file);
    rig.wait_open();
    rig.advance_until("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
    (folder, rig)
}

/// The tone's own largest step plus that of a ramp over it: 5 ms for a crossfade, 10 ms for the others.
fn allowed() -> f32 {
    let own = std::f32::consts::TAU * TONE_HZ / RATE as f32 * AMPLITUDE;
    own + 2.0 * AMPLITUDE / 256.0 + 2.0 / 32768.0
}

fn is_position(running: bool) -> impl Fn(&EngineEvent) -> bool {
    move |event| matches!(event, EngineEvent::Position { running: is, .. } if *is == running)
}

#[test]
fn pause_fades_and_holds_the_frame() {
    let (_folder, mut rig) = tone();
    for _ in 0..10 {
        rig.pull(fastrand::usize(1..3000));
        rig.send(EngineCommand::Pause);
        let EngineEvent::Position { position_s: paused_s, .. } = rig.advance_until("pause", is_position(false)) else {
            unreachable!()
        };
        assert!(rig.pull(2048).iter().all(|frame| *frame == [0.0; 2]));
        rig.send(EngineCommand::Play);
        let EngineEvent::Position { position_s, .. } = rig.advance_until("sound", is_position(true)) else {
            unreachable!()
        };
        assert!(position_s >= paused_s, "{paused_s} {position_s}");
    }
    assert!(max_step(&rig.played) <= allowed(), "{} > {}", max_step(&rig.played), allowed());
    // A pause loses and repeats no frame: the sound is as long as the position says.
    rig.send(EngineCommand::Pause);
    let EngineEvent::Position { position_s, .. } = rig.advance_until("pause", is_position(false)) else {
        unreachable!()
    };
    let silence = rig.played.windows(3).filter(|frames| frames.iter().all(|frame| *frame == [0.0; 2])).count();
    let sounding = rig.played.len() - silence;
    let frames = (position_s * f64::from(RATE)) as usize;
    assert!(sounding.abs_diff(frames) < 11 * 16, "{sounding} sounded, at frame {frames}");
}

#[test]
fn pausing_takes_less_than_20_ms() {
    let (_folder, mut rig) = tone();
    rig.send(EngineCommand::Pause);
    let from = rig.played.len();
    rig.advance_until("pause", is_position(false));
    let last = rig.played[from..].iter().rposition(|frame| *frame != [0.0; 2]).unwrap_or(0);
    // The tone keeps full level until the command is handled: count from there.
    let full = rig.played[from..].iter().rposition(|frame| frame[0].abs() > AMPLITUDE * 0.98).unwrap_or(0);
    assert!(last - full < RATE as usize / 50, "{} frames", last - full);
}

#[test]
fn seeks_crossfade() {
    let (_folder, mut rig) = tone();
    for _ in 0..20 {
        rig.pull(fastrand::usize(1..3000));
        rig.send(seek_command(1, fastrand::f64() * 5.0));
        rig.advance_until("the place", |event| matches!(event, EngineEvent::Position { .. }));
    }
    assert!(max_step(&rig.played) <= allowed(), "{} > {}", max_step(&rig.played), allowed());
    let quiet = rig.sound().windows(64).filter(|frames| frames.iter().all(|frame| *frame == [0.0; 2]));
    assert!(quiet.count() <= 2048, "a seek leaves a hole");
}

#[test]
fn volume_ramps() {
    let (_folder, mut rig) = tone();
    for gain in [0.0, 1.0, 0.3, 0.9, 0.0, 0.01, 1.0] {
        rig.send(EngineCommand::SetGain { gain });
        let deadline = Instant::now() + LONG;
        let mut peak = 0.0;
        while (peak - gain * AMPLITUDE).abs() >= 0.01 {
            assert!(Instant::now() < deadline, "{peak} at gain {gain}");
            peak = rig.pull(1024).iter().fold(0.0, |max: f32, frame| max.max(frame[0].abs()));
        }
    }
    assert!(max_step(&rig.played) <= allowed(), "{} > {}", max_step(&rig.played), allowed());
}

#[test]
fn stop_and_another_load_fade() {
    let (folder, mut rig) = tone();
    let silent = encode(folder.path(), "silent.wav", &vec![[0.0; 2]; 48_000], RATE, &[]);
    rig.load(2, &silent);
    rig.advance_until("the other", is_position(true));
    assert!(max_step(&rig.played) <= allowed(), "{}", max_step(&rig.played));
    let (_folder, mut rig) = tone();
    rig.send(EngineCommand::Stop);
    std::thread::sleep(std::time::Duration::from_millis(50));
    rig.pull(5000);
    assert!(rig.pull(2048).iter().all(|frame| *frame == [0.0; 2]));
    assert!(max_step(&rig.played) <= allowed(), "{}", max_step(&rig.played));
}
