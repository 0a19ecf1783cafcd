//! A seek plays what uninterrupted playback plays at that position.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use auralis_audio::TrackDecoder;
use auralis_core::{EngineCommand, EngineEvent, LoadId, SeekId};
use common::*;

const RATE: u32 = 44_100;

#[test]
fn a_seek_lands_on_the_frame() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(6 * RATE as usize + 321, RATE);
    for (name, options, rate_hz, tolerance) in [
        ("s.wav", &[][..], RATE, 0.0),
        ("s.flac", &[], RATE, 0.0),
        ("s.m4a", &["-c:a", "alac"], RATE, 0.0),
        ("s.aiff", &[], RATE, 0.0),
        ("s.wv", &["-c:a", "wavpack"], RATE, 0.0),
        ("s.ogg", &["-c:a", "libvorbis", "-q:a", "6"], RATE, 1e-5),
        ("cbr.mp3", &["-c:a", "libmp3lame", "-b:a", "192k"], RATE, 1e-5),
        ("vbr.mp3", &["-c:a", "libmp3lame", "-q:a", "2"], RATE, 1e-5),
        ("untagged.mp3", &["-c:a", "libmp3lame", "-q:a", "2", "-write_xing", "0", "-id3v2_version", "0"], RATE, 1e-5),
        // AAC substitutes noise, whose generator does not seek.
        ("lc.m4a", &["-c:a", "aac", "-b:a", "192k"], RATE, 1e-3),
        ("s.opus", &["-c:a", "libopus", "-b:a", "160k"], 48_000, 1e-4),
    ] {
        let file = encode(folder.path(), name, &signal, RATE, options);
        let straight = decode(&file);
        let mut decoder = TrackDecoder::open(&file, None).unwrap();
        for seconds in [2.5, 0.01, 5.9, 3.333, 0.0, 4.0] {
            let at = (seconds * f64::from(rate_hz)).round() as usize;
            decoder.seek(at as u64).unwrap();
            let expected = &straight[at..(at + 5000).min(straight.len())];
            let off = difference(&read(&mut decoder, expected.len()), expected);
            assert!(off <= tolerance, "{name} at {seconds}: {off}");
        }
        // To the end and no further.
        decoder.seek(straight.len() as u64 - 777).unwrap();
        assert_eq!(read(&mut decoder, usize::MAX).len(), 777, "{name}");
    }
}

/// The engine seeks to the same frame as the decoder, also across rates.
#[test]
fn a_start_within_a_track_is_on_the_frame() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(3 * RATE as usize, RATE);
    let file = encode(folder.path(), "s.flac", &signal, RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    rig.load_at(1, &file, 1.5, true);
    rig.wait_open();
    rig.play_to_end(1);
    let heard = rig.sound();
    // After the fade-in.
    let tail = trimmed(&signal);
    let length = RATE as usize;
    assert_eq!(difference(&heard[heard.len() - length..], &tail[tail.len() - length..]), 0.0);
    let whole = RATE as usize * 3 / 2;
    assert!((whole - 4..=whole).contains(&heard.len()), "{}", heard.len());
}

#[test]
fn only_the_last_of_many_seeks_counts() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(8 * RATE as usize, RATE);
    let file = encode(folder.path(), "s.flac", &signal, RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    rig.load(1, &file);
    rig.wait_open();
    rig.advance_until("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
    for tenth in 0..60 {
        rig.send(seek_command(1, f64::from(tenth) / 10.0));
    }
    rig.send(seek_command(1, 7.0));
    let event = rig.advance_until(
        "the new place",
        |event| matches!(event, EngineEvent::Position { position_s, .. } if *position_s >= 6.99),
    );
    assert!(matches!(event, EngineEvent::Position { running: true, position_s, .. } if position_s < 8.0), "{event:?}");
    rig.play_to_end(1);
}

#[test]
fn a_seek_beyond_the_end_is_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = encode(folder.path(), "s.flac", &sweep(3 * RATE as usize, RATE), RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    rig.load(1, &file);
    rig.wait_open();
    rig.pull(5000);
    rig.send(seek_command(1, 99.0));
    rig.play_to_end(1);

    let mut rig = TestEngine::new(RATE);
    rig.load(1, &file);
    rig.prepare(2, &file);
    rig.wait_ready(2);
    rig.wait_open();
    rig.send(seek_command(1, 99.0));
    rig.advance_until("the next", |event| *event == EngineEvent::Advanced { load: LoadId(2) });
}

#[test]
fn a_seek_while_paused_stays_paused() {
    let folder = tempfile::tempdir().unwrap();
    let file = encode(folder.path(), "s.flac", &sweep(3 * RATE as usize, RATE), RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    rig.load(1, &file);
    rig.wait_open();
    rig.advance_until("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
    rig.send(EngineCommand::Pause);
    rig.advance_until("the pause", |event| matches!(event, EngineEvent::Position { running: false, .. }));
    rig.send(seek_command(1, 2.0));
    let wanted = EngineEvent::Position { load: LoadId(1), seek: SeekId(1), position_s: 2.0, running: false };
    rig.advance_until("the new place", |event| *event == wanted);
    assert!(rig.pull(4096).iter().all(|frame| *frame == [0.0; 2]));
    rig.send(EngineCommand::Play);
    rig.advance_until("sound", |event| matches!(event, EngineEvent::Position { running: true, .. }));
}
