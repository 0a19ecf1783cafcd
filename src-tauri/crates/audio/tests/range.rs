//! Tracks of CUE sheets begin and end exactly at their frames.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::path::{Path, PathBuf};

use auralis_audio::TrackDecoder;
use auralis_core::{EngineCommand, EngineEvent, LoadId, TimeRange};
use common::*;

const RATE: u32 = 44_100;
const LENGTH: usize = 5 * RATE as usize + 321;
/// Start positions in CD frames, 1/75 s.
const STARTS: [u32; 4] = [0, 76, 151, 300];

fn ranges() -> impl Iterator<Item = TimeRange> {
    let at = |index: usize| STARTS.get(index).map(|units| f64::from(*units) / 75.0);
    (0..STARTS.len()).map(move |index| TimeRange { start_s: at(index).unwrap(), end_s: at(index + 1) })
}

fn frame(units: u32) -> usize {
    (units * RATE / 75) as usize
}

fn part(mut command: EngineCommand, part: TimeRange) -> EngineCommand {
    match &mut command {
        EngineCommand::Load { range, .. } | EngineCommand::Prepare { range, .. } => *range = Some(part),
        _ => {}
    }
    command
}

/// Plays all ranges in a row.
fn play_parts(file: &Path, rate_hz: u32) -> TestEngine {
    let mut rig = TestEngine::new(rate_hz);
    for (load, range) in (1..).zip(ranges()) {
        if load == 1 {
            rig.send(part(load_command(load, file, 0.0, true), range));
            rig.wait_ready(load);
            rig.wait_open();
        } else {
            rig.send(part(prepare_command(load, file, 0.0), range));
            rig.wait_ready(load);
            rig.advance_until("the next", |event| *event == EngineEvent::Advanced { load: LoadId(load) });
        }
    }
    rig.play_to_end(STARTS.len() as u64);
    rig
}

fn encoded(folder: &Path, name: &str, options: &[&str]) -> PathBuf {
    encode(folder, name, &sweep(LENGTH, RATE), RATE, options)
}

#[test]
fn each_part_is_its_frames() {
    let folder = tempfile::tempdir().unwrap();
    let file = encoded(folder.path(), "album.flac", &[]);
    let whole = decode(&file);
    for (index, range) in ranges().enumerate() {
        let to = STARTS.get(index + 1).map_or(LENGTH, |units| frame(*units));
        let expected = &whole[frame(STARTS[index])..to];
        let mut decoder = TrackDecoder::open(&file, Some(range)).unwrap();
        assert_eq!(decoder.frames(), Some(expected.len() as u64));
        assert_eq!(difference(&read(&mut decoder, usize::MAX), expected), 0.0, "{range:?}");
        decoder.seek(1000).unwrap();
        assert_eq!(difference(&read(&mut decoder, usize::MAX), &expected[1000..]), 0.0, "{range:?}");
        decoder.seek(expected.len() as u64).unwrap();
        assert!(read(&mut decoder, usize::MAX).is_empty(), "{range:?}");
    }
}

#[test]
fn parts_join_to_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    for (name, options, tolerance) in [
        ("album.flac", &[][..], 0.0),
        ("album.wav", &[], 0.0),
        ("album.m4a", &["-c:a", "alac"], 0.0),
        ("album.ogg", &["-c:a", "libvorbis"], 1e-5),
        ("album.mp3", &["-c:a", "libmp3lame", "-b:a", "192k"], 1e-5),
    ] {
        let file = encoded(folder.path(), name, options);
        let rig = play_parts(&file, RATE);
        let off = difference(rig.sound(), trimmed(&decode(&file)));
        assert!(off <= tolerance, "{name}: {off}");
    }
}

/// The resampler runs through the join.
#[test]
fn parts_join_to_the_whole_at_another_rate() {
    let folder = tempfile::tempdir().unwrap();
    let file = encoded(folder.path(), "album.flac", &[]);
    let mut whole = TestEngine::new(48_000);
    whole.load(1, &file);
    whole.wait_open();
    whole.play_to_end(1);
    assert_eq!(difference(play_parts(&file, 48_000).sound(), whole.sound()), 0.0);
}

#[test]
fn a_part_behind_the_end_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = encoded(folder.path(), "album.flac", &[]);
    let behind = TimeRange { start_s: 60.0, end_s: None };
    assert!(TrackDecoder::open(&file, Some(behind)).err().unwrap().0.contains("ends before"));
    // A range beyond the end of the file ends with the file.
    let short = TimeRange { start_s: 5.0, end_s: Some(60.0) };
    let mut decoder = TrackDecoder::open(&file, Some(short)).unwrap();
    assert_eq!(decoder.frames(), Some(321));
    assert_eq!(read(&mut decoder, usize::MAX).len(), 321);
}
