//! Unplayable and damaged files: each gives a reason and delays nobody.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{fs, path::Path, process::Command};

use auralis_core::{EngineEvent, LoadId};
use common::*;

const RATE: u32 = 44_100;

/// Why a file fails. The error must come soon, and without the device advancing.
fn reason(path: &Path) -> String {
    let mut rig = TestEngine::new(RATE);
    rig.load(1, path);
    let EngineEvent::Failed { load: LoadId(1), reason } =
        rig.wait("failure", |event| matches!(event, EngineEvent::Failed { .. } | EngineEvent::Ready { .. }))
    else {
        panic!("{path:?} is ready")
    };
    // A prepared track fails with the same message.
    let good = path.with_file_name("good.wav");
    write_wav(&good, &sweep(20_000, RATE), RATE);
    rig.load(2, &good);
    rig.prepare(3, path);
    let rerun_in_child = rig.wait("failure", |event| matches!(event, EngineEvent::Failed { load: LoadId(3), .. }));
    assert_eq!(rerun_in_child, EngineEvent::Failed { load: LoadId(3), reason: reason.clone() });
    rig.wait_open();
    rig.play_to_end(2);
    reason
}

#[test]
fn unplayable_files_give_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let noise: Vec<u8> = (0..200_000).map(|_| fastrand::u8(..)).collect();
    let magic = |head: &[u8]| [head, &noise[..5000]].concat();
    let fifo = folder.path().join("fifo.flac");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let directory = folder.path().join("folder.mp3");
    fs::create_dir(&directory).unwrap();
    let empty_wav = folder.path().join("silent.wav");
    write_wav(&empty_wav, &[], RATE);
    let flac = fs::read(encode(folder.path(), "whole.flac", &sweep(40_000, RATE), RATE, &[])).unwrap();
    let mut lossy_wavpack = fs::read(encode(folder.path(), "whole.wv", &sweep(40_000, RATE), RATE, &[])).unwrap();
    lossy_wavpack[24] |= 8; // the hybrid flag of the first block
    for (path, wanted) in [
        (file("empty.flac", b""), "empty"),
        (file("text.mp3", "Not music at all. ".repeat(500).as_bytes()), "damaged"),
        (file("header.flac", &flac[..60]), "damaged"),
        (file("noise.wv", &magic(b"wvpk")), "damaged"),
        (file("lossy.wv", &lossy_wavpack), "lossy WavPack"),
        (file("monkey.ape", &magic(b"MAC \x96\x0f")), "Monkey's Audio"),
        (file("broken.dsf", &magic(b"DSD ")), "damaged"),
        (file("wma.mp3", &magic(&[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11])), "Windows Media"),
        (file("picture.mp3", &magic(b"\x89PNG\r\n")), "picture"),
        (folder.path().join("gone.flac"), "not there"),
        (fifo, "not a file"),
        (directory, "folder"),
        ("/dev/zero".into(), "not a file"),
        (empty_wav, "no sound"),
    ] {
        if path.starts_with("/dev") {
            let mut rig = TestEngine::new(RATE);
            rig.load(1, &path);
            rig.wait("failure", |event| matches!(event, EngineEvent::Failed { .. }));
            continue;
        }
        let reason = reason(&path);
        assert!(reason.contains(wanted), "{path:?}: {reason:?}");
    }
}

/// Random bytes may look like MP3 for a moment: they fail, or play and end, but never hang or crash.
#[test]
fn random_bytes_end() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["garbage.mp3", "garbage.ogg", "garbage"] {
        let path = folder.path().join(name);
        let noise: Vec<u8> = (0..300_000).map(|_| fastrand::u8(..)).collect();
        fs::write(&path, noise).unwrap();
        let mut rig = TestEngine::new(RATE);
        rig.load(1, &path);
        rig.advance_until("an end", |event| matches!(event, EngineEvent::Failed { .. } | EngineEvent::Ended { .. }));
    }
}

#[test]
fn truncated_files_play_to_their_end() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(6 * RATE as usize, RATE);
    for (name, options) in [("cut.flac", &[][..]), ("cut.wav", &[])] {
        let path = encode(folder.path(), name, &signal, RATE, options);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let mut rig = TestEngine::new(RATE);
        rig.load(1, &path);
        rig.wait_ready(1);
        rig.wait_open();
        let EngineEvent::Failed { reason, .. } = rig
            .advance_until("failure", |event| matches!(event, EngineEvent::Failed { .. } | EngineEvent::Ended { .. }))
        else {
            panic!("{name} ends as if nothing were wrong")
        };
        assert!(reason.contains("cut off"), "{name}: {reason}");
        let heard = rig.sound();
        assert!(heard.len() > RATE as usize, "{name}: {} frames", heard.len());
        assert_eq!(difference(heard, &trimmed(&signal)[..heard.len()]), 0.0, "{name}");
    }
}

/// Overwritten bytes in the middle cost only that place and no time.
#[test]
fn damage_in_the_middle_is_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(6 * RATE as usize, RATE);
    for (name, options) in [
        ("hurt.mp3", &["-c:a", "libmp3lame", "-b:a", "192k"][..]),
        ("hurt.flac", &[]),
        ("hurt.ogg", &["-c:a", "libvorbis"]),
    ] {
        let path = encode(folder.path(), name, &signal, RATE, options);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 3000].fill_with(|| fastrand::u8(..));
        fs::write(&path, bytes).unwrap();
        let mut rig = TestEngine::new(RATE);
        rig.load(1, &path);
        rig.wait_open();
        rig.play_to_end(1);
        let heard = rig.sound().len();
        assert!(heard > signal.len() * 97 / 100, "{name}: {heard} of {} frames", signal.len());
    }
}

#[test]
fn format_is_detected_by_content() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(20_000, RATE);
    let flac = encode(folder.path(), "a.flac", &signal, RATE, &[]);
    let path = folder.path().join("a.mp3");
    fs::rename(flac, &path).unwrap();
    let mut rig = TestEngine::new(RATE);
    rig.load(1, &path);
    rig.wait_open();
    rig.play_to_end(1);
    assert_eq!(difference(rig.sound(), trimmed(&signal)), 0.0);
}

/// An MP3 that does not state its length plays to its end.
#[test]
fn an_untagged_mp3_is_heard_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    // Quiet first, so that the length guessed from the first frames' bit rate is far too short.
    let mut signal = vec![[0.0; 2]; 3 * RATE as usize];
    signal.extend(sweep(3 * RATE as usize, RATE));
    let options = ["-c:a", "libmp3lame", "-q:a", "0", "-write_xing", "0", "-id3v2_version", "0"];
    let path = encode(folder.path(), "untagged.mp3", &signal, RATE, &options);
    let ours = decode(&path).len();
    let theirs = decode_with_ffmpeg(&path).len();
    assert!(ours.abs_diff(theirs) <= 1152, "{ours} of {theirs} frames");
}

#[test]
fn surround_is_downmixed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("surround.flac");
    ffmpeg(&["-f", "lavfi", "-i", "aevalsrc=0|0|0.5*sin(2000*t)|0|0|0:c=5.1:s=44100:d=1", path.to_str().unwrap()]);
    let heard = decode(&path);
    let peak = heard.iter().fold(0.0, |max: f32, frame| max.max(frame[0].abs()));
    // The centre at −3 dB among front and back: 0.5 · 0.707 / (1 + 0.707 + 0.707).
    let half = std::f32::consts::FRAC_1_SQRT_2;
    assert!((peak - 0.5 * half / (1.0 + 2.0 * half)).abs() < 0.001, "{peak}");
    assert!(heard.iter().all(|frame| frame[0] == frame[1]));
}

#[test]
fn the_opus_header_gain_is_applied() {
    let folder = tempfile::tempdir().unwrap();
    let path = encode(folder.path(), "a.opus", &sweep(48_000, 48_000), 48_000, &["-c:a", "libopus"]);
    let plain = decode(&path);
    let mut bytes = fs::read(&path).unwrap();
    let head = bytes.windows(8).position(|window| window == b"OpusHead").unwrap();
    bytes[head + 16..head + 18].copy_from_slice(&(-6 * 256i16).to_le_bytes());
    // The page's checksum covers the header, so it is computed again.
    bytes[22..26].fill(0);
    let page = 27 + bytes[26] as usize + bytes[27..27 + bytes[26] as usize].iter().map(|n| *n as usize).sum::<usize>();
    let crc = bytes[..page].iter().fold(0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| crc << 1 ^ if crc >> 31 == 1 { 0x04C1_1DB7 } else { 0 })
    });
    bytes[22..26].copy_from_slice(&crc.to_le_bytes());
    fs::write(&path, bytes).unwrap();
    let quiet: Vec<Frame> = decode(&path).iter().map(|frame| frame.map(|sample| sample * 10f32.powf(0.3))).collect();
    assert!(difference(&plain, &quiet) < 1e-5);
}

#[test]
fn a_chained_ogg_is_one_track() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(50_000, RATE);
    let a = fs::read(encode(folder.path(), "a.ogg", &signal, RATE, &["-c:a", "libvorbis"])).unwrap();
    let b =
        fs::read(encode(folder.path(), "b.ogg", &signal, RATE, &["-c:a", "libvorbis", "-serial_offset", "7"])).unwrap();
    let path = folder.path().join("chain.ogg");
    fs::write(&path, [a, b].concat()).unwrap();
    let mut rig = TestEngine::new(RATE);
    rig.load(1, &path);
    rig.wait_open();
    rig.play_to_end(1);
    let heard = rig.sound().len();
    assert!(heard.abs_diff(100_000) < 100, "{heard}");
}
