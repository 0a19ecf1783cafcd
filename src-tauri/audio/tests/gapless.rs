//! Joining two halves of a signal gives the signal.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::path::{Path, PathBuf};

use auralis_core::{EngineCommand, EngineEvent, LoadId};
use common::*;

const RATE: u32 = 44_100;
/// Neither is a multiple of any codec's frame.
const CUT: usize = 60_637;
const LENGTH: usize = 121_777;

/// Plays two files one after the other and gives what was heard.
fn join(a: &Path, b: &Path, rate_hz: u32) -> Vec<Frame> {
    let mut rig = Rig::new(rate_hz);
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
    ] {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = halves(folder.path(), extension, options, &signal);
        let heard = join(&a, &b, RATE);
        assert_eq!(difference(trimmed(&heard), trimmed(&signal)), 0.0, "{extension}");
    }
}

#[test]
fn formats_join_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(LENGTH, RATE);
    let [a, _] = halves(folder.path(), "flac", &[], &signal);
    let [_, b] = halves(folder.path(), "wav", &[], &signal);
    assert_eq!(difference(trimmed(&join(&a, &b, RATE)), trimmed(&signal)), 0.0);
}

/// The places of a lossy decode that belong to the two halves, by what ffmpeg makes of each file.
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
            let reference = reference(file);
            // ffmpeg's AAC decoder leaves the padding at the end; how Opus was resampled is the encoder's choice.
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

/// Equal rates share one resampler: the join of two is resampled as if it were one.
#[test]
fn resampled_joins_are_the_uncut_signal_resampled() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(LENGTH, RATE);
    let whole = encode(folder.path(), "whole.flac", &signal, RATE, &[]);
    let [a, b] = halves(folder.path(), "flac", &[], &signal);
    for rate_hz in [48_000, 96_000] {
        let mut rig = Rig::new(rate_hz);
        rig.load(1, &whole);
        rig.wait_open();
        rig.play_to_end(1);
        let heard = join(&a, &b, rate_hz);
        assert_eq!(difference(trimmed(&heard), rig.sound()), 0.0, "{rate_hz}");
    }
}

/// A tone in two rates has no step at the join, and every frame.
#[test]
fn different_rates_join_without_a_step() {
    let folder = tempfile::tempdir().unwrap();
    let tone = |rate_hz: u32, from_s: f64, to_s: f64| -> Vec<Frame> {
        let frames = (from_s * f64::from(rate_hz)) as usize..(to_s * f64::from(rate_hz)) as usize;
        let omega = std::f64::consts::TAU * 441.0 / f64::from(rate_hz);
        frames.map(|n| [((omega * n as f64).sin() * 0.5) as f32; 2]).collect()
    };
    let a = encode(folder.path(), "a.wav", &tone(44_100, 0.0, 1.0), 44_100, &[]);
    let b = encode(folder.path(), "b.wav", &tone(96_000, 1.0, 2.0), 96_000, &[]);
    let heard = join(&a, &b, 48_000);
    let heard = trimmed(&heard);
    assert!((95_998..=96_000).contains(&heard.len()), "{}", heard.len());
    let own = std::f32::consts::TAU * 441.0 / 48_000.0 * 0.5;
    let step = heard.windows(2).map(|pair| (pair[1][0] - pair[0][0]).abs()).fold(0.0, f32::max);
    assert!(step < own * 1.1, "a step of {step} where the tone has {own}");
}

#[test]
fn a_track_follows_itself() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(30_011, RATE);
    let file = encode(folder.path(), "loop.flac", &signal, RATE, &[]);
    let mut rig = Rig::new(RATE);
    rig.load(1, &file);
    for load in 2..6 {
        rig.prepare(load, &file);
        rig.wait_ready(load);
        rig.wait_open();
        rig.pull_until("the next", |event| *event == EngineEvent::Advanced { load: LoadId(load) });
    }
    rig.play_to_end(5);
    assert_eq!(difference(rig.sound(), trimmed(&signal.repeat(5))), 0.0);
}

/// What was decoded of a revoked track, and joined already, is not heard.
#[test]
fn a_revoked_track_is_not_heard() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(LENGTH, RATE);
    let [a, b] = halves(folder.path(), "flac", &[], &signal);
    let loud = encode(folder.path(), "loud.wav", &vec![[0.9; 2]; 50_000], RATE, &[]);
    for (rate_hz, replaced) in [(RATE, true), (RATE, false), (48_000, true), (48_000, false)] {
        let mut rig = Rig::new(rate_hz);
        rig.load(1, &a);
        rig.prepare(2, &loud);
        rig.wait_ready(2);
        rig.wait_open();
        rig.pull(40_000);
        // Long enough for the decoder to have gone into the revoked track.
        std::thread::sleep(std::time::Duration::from_millis(300));
        if replaced {
            rig.prepare(3, &b);
            rig.wait_ready(3);
            rig.play_to_end(3);
        } else {
            rig.send(EngineCommand::Unprepare);
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
