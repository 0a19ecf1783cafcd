//! Each stream plays with its gain.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use auralis_core::{EngineCommand, EngineEvent, LoadId};
use common::*;

const RATE: u32 = 44_100;

fn with_gain(mut command: EngineCommand, db: f32) -> EngineCommand {
    match &mut command {
        EngineCommand::Load { gain_db, .. } | EngineCommand::Prepare { gain_db, .. } => *gain_db = db,
        _ => {}
    }
    command
}

fn amplified(frames: &[Frame], db: f32) -> Vec<Frame> {
    let gain = 10f32.powf(db / 20.0);
    frames.iter().map(|frame| frame.map(|sample| sample * gain)).collect()
}

/// Away from zero, so that the first and last frame are visible.
fn signal(frames: usize) -> Vec<Frame> {
    sweep(frames, RATE).iter().map(|frame| frame.map(|sample| (sample * 0.5 + 0.375) * 0.5)).collect()
}

fn loud_and_quiet(folder: &std::path::Path) -> (Vec<Frame>, [std::path::PathBuf; 2]) {
    let signal = signal(60_000);
    let a = encode(folder, "a.wav", &signal[..25_001], RATE, &[]);
    let b = encode(folder, "b.wav", &signal[25_001..], RATE, &[]);
    (decode(&a).into_iter().chain(decode(&b)).collect(), [a, b])
}

/// The gain of a track applies from its first to its last frame.
#[test]
fn gains_change_at_the_join() {
    let folder = tempfile::tempdir().unwrap();
    let (signal, [a, b]) = loud_and_quiet(folder.path());
    let mut rig = TestEngine::new(RATE);
    rig.send(with_gain(load_command(1, &a, 0.0, true), -6.0));
    rig.wait_ready(1);
    rig.send(with_gain(prepare_command(2, &b, 0.0), 3.5));
    rig.wait_ready(2);
    rig.wait_open();
    rig.play_to_end(2);
    let mut expected = amplified(&signal[..25_001], -6.0);
    expected.extend(amplified(&signal[25_001..], 3.5));
    assert_eq!(difference(rig.sound(), &expected), 0.0);
}

/// A gain change of an audible track is ramped; a prepared track starts with its own gain.
#[test]
fn gain_changes_are_ramped() {
    let folder = tempfile::tempdir().unwrap();
    let level = vec![[0.25; 2]; 3 * RATE as usize];
    let file = encode(folder.path(), "level.wav", &level, RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    rig.load(1, &file);
    rig.wait_ready(1);
    rig.prepare(2, &file);
    rig.wait_ready(2);
    rig.wait_open();
    rig.advance_until("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
    rig.send(EngineCommand::SetStreamGain { load: LoadId(1), gain_db: -12.0, slow_ramp: false });
    rig.send(EngineCommand::SetStreamGain { load: LoadId(2), gain_db: 6.0, slow_ramp: false });
    rig.play_to_end(2);
    let sound = rig.sound();
    assert_eq!(sound.len(), 2 * level.len());
    let (first, second) = sound.split_at(level.len());
    assert!(max_step(first) < 0.001, "{}", max_step(first));
    let near = |sample: f32, db: f32| (sample - 0.25 * 10f32.powf(db / 20.0)).abs() < 1e-6;
    assert!(near(first[0][0], 0.0) && near(first[level.len() - 1][0], -12.0));
    assert!(second.iter().all(|frame| near(frame[0], 6.0)));
}

/// A raised gain never clips: the limiter catches the peaks, also without mastering.
#[test]
fn raised_gain_is_limited() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(2 * RATE as usize, RATE);
    let file = encode(folder.path(), "loud.wav", &signal, RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    rig.send(with_gain(load_command(1, &file, 0.0, true), 12.0));
    rig.wait_open();
    rig.play_to_end(1);
    let peak = rig.sound().as_flattened().iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    assert!((0.8..0.9).contains(&peak), "{peak}");
}

/// A gain that changes on its own account changes too slowly to be noticed.
#[test]
fn automatic_gain_changes_are_slow() {
    let folder = tempfile::tempdir().unwrap();
    let file = encode(folder.path(), "level.wav", &vec![[0.25; 2]; 36 * RATE as usize], RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    rig.load(1, &file);
    rig.wait_open();
    rig.advance_until("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
    rig.send(EngineCommand::SetStreamGain { load: LoadId(1), gain_db: -7.0, slow_ramp: true });
    rig.play_to_end(1);
    let levels: Vec<f32> = rig.sound().iter().step_by(RATE as usize).map(|frame| 20.0 * frame[0].log10()).collect();
    assert!(levels.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.5), "{levels:?}");
    assert!((levels[levels.len() - 1] - levels[0] + 7.0).abs() < 0.01, "{levels:?}");
}

/// A seek keeps the track's gain.
#[test]
fn gain_survives_a_seek() {
    let folder = tempfile::tempdir().unwrap();
    let file = encode(folder.path(), "level.wav", &vec![[0.25; 2]; 3 * RATE as usize], RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    rig.send(with_gain(load_command(1, &file, 0.0, true), -6.0));
    rig.wait_open();
    rig.advance_until("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
    rig.send(EngineCommand::SetStreamGain { load: LoadId(1), gain_db: -20.0, slow_ramp: false });
    rig.send(seek_command(1, 2.0));
    rig.play_to_end(1);
    let last = rig.sound()[rig.sound().len() - 1][0];
    assert!((last - 0.025).abs() < 1e-5, "{last}");
}
