//! Crossfades overlap two tracks with equal power.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{path::PathBuf, time::Duration};

use auralis_core::{EngineCommand, EngineEvent, LoadId};
use common::*;

const RATE: u32 = 48_000;
const LEVEL: f32 = 0.25;

/// Slow enough that the next track is decoded in time, as in real time.
fn rig() -> TestEngine {
    TestEngine { pace: Duration::from_millis(1), ..TestEngine::new(RATE) }
}

/// Tracks that sound on alternating sides, so that their levels can be told apart in the mix.
fn sides(folder: &tempfile::TempDir, rate_hz: u32, frames: &[usize]) -> Vec<PathBuf> {
    let side = |index: usize| if index.is_multiple_of(2) { [LEVEL, 0.0] } else { [0.0, LEVEL] };
    let write = |(index, frames): (usize, &usize)| {
        encode(folder.path(), &format!("{index}.wav"), &vec![side(index); *frames], rate_hz, &[])
    };
    frames.iter().enumerate().map(write).collect()
}

fn play(rig: &mut TestEngine, files: &[PathBuf], crossfade_s: f64) {
    for (load, file) in (1..).zip(files) {
        if load == 1 {
            rig.load(load, file);
        } else {
            rig.send(prepare_command(load, file, crossfade_s));
        }
        rig.wait_ready(load);
        rig.wait_open();
        if load > 1 {
            rig.advance_until("the next", |event| *event == EngineEvent::Advanced { load: LoadId(load) });
        }
    }
    rig.play_to_end(files.len() as u64);
}

fn assert_equal_power(overlap: &[Frame]) {
    for (n, [left, right]) in overlap.iter().enumerate() {
        let angle = n as f32 / overlap.len() as f32 * std::f32::consts::FRAC_PI_2;
        let off = (left - LEVEL * angle.cos()).abs().max((right - LEVEL * angle.sin()).abs());
        assert!(off < 1e-4, "{off} at {n} of {}: {left} {right}", overlap.len());
    }
}

#[test]
fn the_overlap_is_exact_and_of_equal_power() {
    let folder = tempfile::tempdir().unwrap();
    let files = sides(&folder, RATE, &[150_011, 100_003]);
    let mut rig = rig();
    play(&mut rig, &files, 0.75);
    let sound = rig.sound();
    assert!(sound.len().abs_diff(150_011 + 100_003 - 36_000) <= 1, "{}", sound.len());
    assert!(sound[..114_011].iter().all(|frame| *frame == [LEVEL, 0.0]));
    assert_equal_power(&sound[114_011..150_011]);
    assert!(sound[150_011..].iter().all(|frame| *frame == [0.0, LEVEL]));
    // The next track is the current one from the start of the overlap on.
    let at = rig.seen.iter().position(|event| *event == EngineEvent::Advanced { load: LoadId(2) }).unwrap();
    let EngineEvent::Position { load: LoadId(2), position_s, running: true, .. } = rig.seen[at + 1] else {
        panic!("{:#?}", rig.seen)
    };
    assert!(position_s < 0.3, "{position_s}");
    assert!(!rig.seen.contains(&EngineEvent::Ended { load: LoadId(1) }));
}

/// Each goes through its own resampler.
#[test]
fn crossfade_between_different_rates() {
    let folder = tempfile::tempdir().unwrap();
    let first = sides(&folder, 44_100, &[3 * 44_100]).remove(0);
    let other = tempfile::tempdir().unwrap();
    let second = sides(&other, 96_000, &[1, 2 * 96_000]).remove(1);
    let mut rig = rig();
    play(&mut rig, &[first, second], 1.0);
    let length = rig.sound().len();
    assert!(length.abs_diff(4 * RATE as usize) <= 2, "{length}");
    let middle = &rig.sound()[2 * RATE as usize + 1000..3 * RATE as usize - 1000];
    for [left, right] in middle {
        let power = (left * left + right * right).sqrt();
        assert!((power - LEVEL).abs() < 1e-3, "{power}");
    }
}

/// Never more than two tracks overlap: each plays at least half alone.
#[test]
fn short_tracks_limit_the_crossfade() {
    let folder = tempfile::tempdir().unwrap();
    let files = sides(&folder, RATE, &[48_000, 24_000, 12_000, 48_000]);
    let mut rig = rig();
    play(&mut rig, &files, 12.0);
    let length = 48_000 + 24_000 + 12_000 + 48_000 - (12_000 + 6_000 + 6_000);
    assert!(rig.sound().len().abs_diff(length) <= 200, "{} of {length}", rig.sound().len());
    assert_equal_power(&rig.sound()[36_000..48_000]);
}

/// After a seek close to the end, the overlap is what remains of the track.
#[test]
fn a_seek_near_the_end_overlaps_with_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    // Long enough not to end before the seek.
    let files = sides(&folder, RATE, &[60 * 48_000, 4 * 48_000]);
    for position_s in [59.5, 52.0, 60.0, 80.0] {
        let mut rig = rig();
        rig.load(1, &files[0]);
        rig.wait_ready(1);
        rig.send(prepare_command(2, &files[1], 2.0));
        rig.wait_ready(2);
        rig.wait_open();
        rig.advance_until("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
        rig.send(seek_command(1, position_s));
        rig.advance_until("the next", |event| *event == EngineEvent::Advanced { load: LoadId(2) });
        rig.play_to_end(2);
        let right = rig.sound().iter().filter(|frame| frame[1] > 0.0).count();
        assert!(right.abs_diff(4 * 48_000) < 3, "{right} after {position_s}");
        let both = rig.sound().iter().filter(|frame| frame[0] > 0.0 && frame[1] > 0.0).count();
        let wanted = (60.0 - position_s).clamp(0.0, 2.0) * f64::from(RATE);
        assert!(both.abs_diff(wanted as usize) < 10_000, "{both} of {wanted} after {position_s}");
        assert!(!rig.seen.contains(&EngineEvent::Ended { load: LoadId(1) }), "{:#?}", rig.seen);
    }
}

#[test]
fn a_pause_within_the_overlap_holds_both() {
    let folder = tempfile::tempdir().unwrap();
    let files = sides(&folder, RATE, &[96_000, 96_000]);
    let mut rig = rig();
    rig.load(1, &files[0]);
    rig.wait_ready(1);
    rig.send(prepare_command(2, &files[1], 1.0));
    rig.wait_ready(2);
    rig.wait_open();
    rig.advance_until("the next", |event| *event == EngineEvent::Advanced { load: LoadId(2) });
    rig.pull(10_000);
    rig.send(EngineCommand::Pause);
    rig.advance_until("pause", |event| matches!(event, EngineEvent::Position { running: false, .. }));
    assert!(rig.pull(4096).iter().all(|frame| *frame == [0.0; 2]));
    rig.send(EngineCommand::Play);
    rig.play_to_end(2);
    let sounding = rig.sound().iter().filter(|frame| **frame != [0.0; 2]).count();
    assert!(sounding.abs_diff(96_000 + 48_000) < 4, "{sounding}");
}

/// The prepared track is revoked or replaced before its crossfade; or a seek or another load comes during it.
#[test]
fn prepared_track_can_be_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let files = sides(&folder, RATE, &[96_000, 96_000, 96_000]);
    let begin = |next: u64| {
        let mut rig = rig();
        rig.load(1, &files[0]);
        rig.wait_ready(1);
        rig.send(prepare_command(next, &files[1], 1.0));
        rig.wait_ready(next);
        rig.wait_open();
        rig
    };
    let mut rig = begin(2);
    rig.pull(10_000);
    rig.send(EngineCommand::ClearPrepared);
    rig.play_to_end(1);
    assert_eq!(rig.sound().len(), 96_000);

    let mut rig = begin(2);
    rig.pull(10_000);
    rig.send(prepare_command(3, &files[1], 0.0));
    rig.wait_ready(3);
    rig.play_to_end(3);
    assert_eq!(rig.sound().len(), 2 * 96_000);
    assert!(!rig.seen.contains(&EngineEvent::Advanced { load: LoadId(2) }));

    // In the overlap: the old track's fade is shortened, and the new one seeks.
    let mut rig = begin(2);
    rig.advance_until("the next", |event| *event == EngineEvent::Advanced { load: LoadId(2) });
    rig.pull(5_000);
    rig.send(seek_command(2, 1.0));
    rig.play_to_end(2);
    let tail = rig.sound().iter().rev().take_while(|frame| frame[0] == 0.0).count();
    assert!((47_000..=48_000).contains(&tail), "{tail}");

    let mut rig = begin(2);
    rig.advance_until("the next", |event| *event == EngineEvent::Advanced { load: LoadId(2) });
    rig.pull(5_000);
    rig.load(9, &files[2]);
    rig.play_to_end(9);
    let tail = rig.sound().iter().rev().take_while(|frame| **frame == [LEVEL, 0.0]).count();
    assert!((95_000..=96_000).contains(&tail), "{tail}");
}

/// The length of an MP3 without a tag is unknown until its end is decoded.
#[test]
fn crossfade_with_unknown_duration() {
    let folder = tempfile::tempdir().unwrap();
    let signal = vec![[LEVEL, 0.0]; 4 * RATE as usize];
    let first = encode(folder.path(), "a.mp3", &signal, RATE, &["-c:a", "libmp3lame", "-write_xing", "0"]);
    let second = sides(&folder, RATE, &[1, 96_000]).remove(1);
    let mut rig = rig();
    play(&mut rig, &[first, second], 1.0);
    let both = rig.sound().iter().filter(|frame| frame[0] > 0.001 && frame[1] > 0.001).count();
    assert!(both.abs_diff(48_000) < 2_500, "{both}");
}
