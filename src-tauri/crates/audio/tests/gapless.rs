//! Two halves of a signal join to the signal.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::path::{Path, PathBuf};

use auralis_core::{EngineCommand, EngineEvent, LoadId};
use common::*;

const RATE: u32 = 44_100;
/// Not a multiple of any codec's frame size.
const CUT: usize = 60_637;
const LENGTH: usize = 121_777;

/// Plays two files in a row and returns what was heard.
fn join(a: &Path, b: &Path, rate_hz: u32) -> Vec<Frame> {
    let mut rig = TestEngine::new(rate_hz);
    rig.load(1, a);
    rig.wait_ready(1);
    rig.prepare(2, b);
    rig.wait_ready(2);
    rig.wait_open();
    rig.play_to_end(2);
    let advanced = rig.seen.iter().filter(|event| **event == EngineEvent::Advanced { load: LoadId(2) }).count();
    assert_eq!(advanced, 1, "{:#?}", rig.seen);
    assert!(!rig.seen.contains(&EngineEvent::Ended { load: LoadId(1) }));
    assert_eq!(rig.engine.diagnostics().underruns, 0);
    rig.played
}

fn halves(folder: &Path, extension: &str, options: &[&str], signal: &[Frame]) -> [PathBuf; 2] {
    let a = encode(folder, &format!("a.{extension}"), &signal[..CUT], RATE, options);
    let b = encode(folder, &format!("b.{extension}"), &signal[CUT..], RATE, options);
    [a, b]
}

#[test]
fn lossless_joins_are_the_uncut_signal() {
    let signal = sweep(LENGTH, RATE);
    for (extension, options) in [
        ("wav", &[][..]),
        ("flac", &["-c:a", "flac"]),
        ("m4a", &["-c:a", "alac"]),
        ("caf", &["-c:a", "alac"]),
        ("aiff", &[]),
        ("oga", &["-c:a", "flac"]),
        ("wv", &["-c:a", "wavpack"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = halves(folder.path(), extension, options, &signal);
        let heard = join(&a, &b, RATE);
        assert_eq!(difference(trimmed(&heard), trimmed(&signal)), 0.0, "{extension}");
    }
}

/// Every format joins every other: the content of one and then of the other.
#[test]
fn formats_join_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(LENGTH, 48_000);
    let formats = [
        ("wav", &[][..]),
        ("flac", &[]),
        ("aiff", &[]),
        ("alac.m4a", &["-c:a", "alac"]),
        ("alac.caf", &["-c:a", "alac"]),
        ("flac.oga", &["-c:a", "flac"]),
        ("wv", &["-c:a", "wavpack"]),
        ("mp3", &["-c:a", "libmp3lame", "-q:a", "2"]),
        ("aac.m4a", &["-c:a", "aac", "-b:a", "192k"]),
        ("ogg", &["-c:a", "libvorbis", "-q:a", "6"]),
        ("opus", &["-c:a", "libopus", "-b:a", "160k"]),
    ];
    let file = |name: String, options: &[&str], signal: &[Frame]| {
        let path = encode(folder.path(), &name, signal, 48_000, options);
        let frames = decode(&path);
        (path, frames)
    };
    let firsts = formats.map(|(end, options)| file(format!("a.{end}"), options, &signal[..CUT]));
    let seconds = formats.map(|(end, options)| file(format!("b.{end}"), options, &signal[CUT..]));
    for (first, head) in &firsts {
        for (second, tail) in &seconds {
            let both = [head.as_slice(), tail].concat();
            assert_eq!(both.len(), LENGTH, "{first:?} {second:?}");
            let heard = join(first, second, 48_000);
            assert_eq!(difference(trimmed(&heard), trimmed(&both)), 0.0, "{first:?} {second:?}");
        }
    }
}

/// The parts of a lossy decode that belong to the halves, by ffmpeg's decode of each file.
#[test]
fn lossy_joins_have_every_frame_and_no_other() {
    let signal = sweep(LENGTH, RATE);
    for (extension, options, rate_hz, tolerance) in [
        ("mp3", &["-c:a", "libmp3lame", "-b:a", "192k"][..], RATE, 1e-4),
        ("mp3", &["-c:a", "libmp3lame", "-q:a", "2"], RATE, 1e-4),
        ("m4a", &["-c:a", "aac", "-b:a", "192k"], RATE, 1e-4),
        ("ogg", &["-c:a", "libvorbis", "-q:a", "6"], RATE, 1e-4),
        ("opus", &["-c:a", "libopus", "-b:a", "160k"], 48_000, 1e-3),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = halves(folder.path(), extension, options, &signal);
        let mut both = Vec::new();
        for (file, frames) in [(&a, CUT), (&b, LENGTH - CUT)] {
            let reference = decode_with_ffmpeg(file);
            // ffmpeg's AAC decoder keeps the padding at the end; Opus resampling is up to the encoder.
            let frames = if rate_hz == RATE { frames } else { reference.len() };
            let ours = decode(file);
            assert_eq!(ours.len(), frames, "{extension} {options:?}");
            let off = difference(&ours, &reference[..frames]);
            assert!(off < tolerance, "{extension} {options:?}: {off}");
            both.extend(ours);
        }
        let heard = join(&a, &b, rate_hz);
        assert_eq!(difference(trimmed(&heard), trimmed(&both)), 0.0, "{extension} {options:?}");
    }
}

/// Equal rates share one resampler: the join is resampled like one file.
#[test]
fn resampled_joins_are_the_uncut_signal_resampled() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(LENGTH, RATE);
    let whole = encode(folder.path(), "whole.flac", &signal, RATE, &[]);
    let [a, b] = halves(folder.path(), "flac", &[], &signal);
    for rate_hz in [48_000, 96_000] {
        let mut rig = TestEngine::new(rate_hz);
        rig.load(1, &whole);
        rig.wait_open();
        rig.play_to_end(1);
        let heard = join(&a, &b, rate_hz);
        assert_eq!(difference(trimmed(&heard), rig.sound()), 0.0, "{rate_hz}");
    }
}

/// Tones at two rates join without a step and without losing a frame, at each device rate.
#[test]
fn different_rates_join_without_a_step() {
    let folder = tempfile::tempdir().unwrap();
    let tone = |name: &str, rate_hz: u32, from_s: f64, to_s: f64| {
        let frames = (from_s * f64::from(rate_hz)) as usize..(to_s * f64::from(rate_hz)) as usize;
        let omega = std::f64::consts::TAU * 441.0 / f64::from(rate_hz);
        let tone: Vec<Frame> = frames.map(|n| [((omega * n as f64).sin() * 0.5) as f32; 2]).collect();
        encode(folder.path(), &format!("{name}{rate_hz}.wav"), &tone, rate_hz, &[])
    };
    let rates = [44_100, 48_000, 96_000];
    let firsts = rates.map(|rate_hz| (rate_hz, tone("a", rate_hz, 0.0, 1.0)));
    let seconds = rates.map(|rate_hz| (rate_hz, tone("b", rate_hz, 1.0, 2.0)));
    for ((a_hz, first), (b_hz, second), device_hz) in
        firsts.iter().flat_map(|first| seconds.iter().flat_map(move |second| rates.map(|hz| (first, second, hz))))
    {
        let heard = join(first, second, device_hz);
        let heard = trimmed(&heard);
        let length = 2 * device_hz as usize;
        assert!((length - 2..=length).contains(&heard.len()), "{first:?} {second:?} {device_hz}: {}", heard.len());
        let own = std::f32::consts::TAU * 441.0 / device_hz as f32 * 0.5;
        // Between two rates each end rings in its own filter, at half of the lower rate.
        let middle = &heard[heard.len() / 4..heard.len() * 3 / 4];
        let step = middle.windows(2).map(|pair| (pair[1][0] - pair[0][0]).abs()).fold(0.0, f32::max);
        let most = if a_hz == b_hz { 1.1 } else { 1.6 };
        assert!(step < own * most, "{first:?} {second:?} {device_hz}: a step of {step} where the tone has {own}");
    }
}

#[test]
fn a_track_follows_itself() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(30_011, RATE);
    let file = encode(folder.path(), "loop.flac", &signal, RATE, &[]);
    let mut rig = TestEngine::new(RATE);
    // The end must not come before the start was reported and the next track is ready.
    rig.pace = std::time::Duration::from_millis(2);
    rig.load(1, &file);
    for load in 2..6 {
        rig.prepare(load, &file);
        rig.wait_ready(load);
        rig.wait_open();
        rig.advance_until("the next", |event| *event == EngineEvent::Advanced { load: LoadId(load) });
    }
    rig.play_to_end(5);
    assert_eq!(difference(rig.sound(), trimmed(&signal.repeat(5))), 0.0);
}

/// A revoked track is not heard, even if it was already decoded.
#[test]
fn a_revoked_track_is_not_heard() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(LENGTH, RATE);
    let [a, b] = halves(folder.path(), "flac", &[], &signal);
    let loud = encode(folder.path(), "loud.wav", &vec![[0.9; 2]; 50_000], RATE, &[]);
    for (rate_hz, replaced) in [(RATE, true), (RATE, false), (48_000, true), (48_000, false)] {
        let mut rig = TestEngine::new(rate_hz);
        rig.load(1, &a);
        rig.prepare(2, &loud);
        rig.wait_ready(2);
        rig.wait_open();
        rig.pull(40_000);
        // Long enough for the decoder to have continued into the revoked track.
        std::thread::sleep(std::time::Duration::from_millis(300));
        if replaced {
            rig.prepare(3, &b);
            rig.wait_ready(3);
            rig.play_to_end(3);
        } else {
            rig.send(EngineCommand::ClearPrepared);
            std::thread::sleep(std::time::Duration::from_millis(100));
            rig.play_to_end(1);
        }
        assert!(!rig.seen.contains(&EngineEvent::Advanced { load: LoadId(2) }));
        let end = if replaced { LENGTH } else { CUT };
        if rate_hz == RATE {
            assert_eq!(difference(rig.sound(), trimmed(&signal[..end])), 0.0);
        } else {
            let loudest = rig.sound().as_flattened().iter().fold(0.0, |max: f32, sample| max.max(sample.abs()));
            assert!(loudest < 0.6, "{loudest}");
        }
    }
}
