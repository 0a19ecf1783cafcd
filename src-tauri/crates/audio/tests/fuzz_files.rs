//! Mutated files: opening, reading and seeking always end soon, in frames or in an error. Each run mutates differently;
//! `AURALIS_FUZZ_S=600 cargo test --release -p auralis-audio --test fuzz_files` runs for ten minutes, and names the
//! file that failed.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use auralis_audio::TrackDecoder;
use common::*;

/// Files of this size take a fraction of that, also on a busy machine.
const FILE_TIMEOUT: Duration = Duration::from_secs(20);
/// More frames than any of the files has: a file may claim to be endless.
const MAX_FRAMES: usize = 2_000_000;

const FORMATS: [(&str, &[&str]); 22] = [
    ("wav", &[]),
    ("f32.wav", &["-c:a", "pcm_f32le"]),
    ("adpcm.wav", &["-c:a", "adpcm_ima_wav"]),
    ("aiff", &[]),
    ("pcm.caf", &["-c:a", "pcm_s24le"]),
    ("alac.caf", &["-c:a", "alac"]),
    ("flac", &[]),
    ("oga", &["-c:a", "flac"]),
    ("alac.m4a", &["-c:a", "alac"]),
    ("aac.m4a", &["-c:a", "aac"]),
    ("aac", &["-c:a", "aac"]),
    ("mp3", &["-c:a", "libmp3lame", "-q:a", "2"]),
    ("ogg", &["-c:a", "libvorbis"]),
    ("opus", &["-c:a", "libopus"]),
    ("mka", &["-c:a", "libvorbis"]),
    ("wv", &["-c:a", "wavpack"]),
    ("fragments.m4a", &["-c:a", "alac", "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "100000"]),
    ("tta", &["-c:a", "tta"]),
    ("au", &["-c:a", "pcm_s16be"]),
    ("w64", &[]),
    ("rf64.wav", &["-rf64", "always"]),
    ("six.opus", &["-c:a", "libopus", "-ac", "6", "-mapping_family", "1"]),
];

#[test]
fn mutated_files_end() {
    let budget_s = std::env::var("AURALIS_FUZZ_S").ok().and_then(|text| text.parse().ok()).unwrap_or(4.0);
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(24_000, 48_000);
    let originals = FORMATS.map(|(end, options)| {
        let path = encode(folder.path(), &format!("whole.{end}"), &signal, 48_000, options);
        assert!(!decode(&path).is_empty(), "{end}");
        (end, fs::read(path).unwrap())
    });
    std::panic::set_hook(Box::new(|_| {})); // decoder panics are caught; do not print them

    // One thread reads while this one checks that it ends.
    let (files, inbox) = channel::<(PathBuf, u64)>();
    let (done, ended) = channel();
    std::thread::spawn(move || {
        for (path, seed) in inbox {
            read_and_seek(&path, &mut fastrand::Rng::with_seed(seed));
            let _ = done.send(());
        }
    });
    let until = Instant::now() + Duration::from_secs_f64(budget_s);
    let seed = fastrand::u64(..);
    let mut cases = 0;
    while Instant::now() < until {
        let (end, original) = &originals[cases as usize % originals.len()];
        let mut rng = fastrand::Rng::with_seed(seed + cases);
        let changed = mutate(original, &originals[rng.usize(..originals.len())].1, &mut rng);
        let path = folder.path().join(format!("changed.{end}"));
        fs::write(&path, changed).unwrap();
        files.send((path.clone(), seed + cases)).expect("no case ends the thread");
        if ended.recv_timeout(FILE_TIMEOUT).is_err() {
            let kept = std::env::temp_dir().join(format!("fuzz-{}.{end}", seed + cases));
            fs::copy(path, &kept).unwrap();
            let _ = std::panic::take_hook();
            panic!("{} is not done with, seed {}", kept.display(), seed + cases);
        }
        cases += 1;
    }
    let _ = std::panic::take_hook();
    println!("{cases} changed files, from seed {seed}");
    assert!(cases >= 16, "only {cases}");
}

/// The file claims a packet of three billion frames; allocating that would exhaust memory.
#[test]
fn huge_packet_size_is_not_allocated() {
    let folder = tempfile::tempdir().unwrap();
    let path = encode(folder.path(), "a.caf", &sweep(5_000, 48_000), 48_000, &["-c:a", "pcm_s24le"]);
    let mut bytes = fs::read(&path).unwrap();
    bytes[40..44].copy_from_slice(&0xAB00_0001_u32.to_be_bytes());
    fs::write(&path, bytes).unwrap();
    assert!(TrackDecoder::open(&path, None).is_ok());
    let kib = fs::read_to_string("/proc/self/status").unwrap();
    let kib = kib.lines().find_map(|line| line.strip_prefix("VmPeak:")?.split_whitespace().next()?.parse::<u64>().ok());
    assert!(kib.is_some_and(|kib| kib < 4 << 20), "{kib:?} KiB");
}

/// Opens, reads and seeks like a listener.
fn read_and_seek(path: &Path, rng: &mut fastrand::Rng) {
    let Ok(mut decoder) = TrackDecoder::open(path, None) else { return };
    let (mut out, mut all) = (Vec::new(), 0);
    let mut go_on = |decoder: &mut TrackDecoder, most: usize| {
        while all < most {
            out.clear();
            if decoder.read(&mut out).is_err() || out.is_empty() {
                return;
            }
            all += out.len();
        }
    };
    go_on(&mut decoder, MAX_FRAMES);
    for _ in 0..3 {
        if decoder.seek(rng.u64(..30_000)).is_ok() {
            go_on(&mut decoder, MAX_FRAMES);
        }
    }
    let _ = decoder.seek(u64::MAX / 2);
}

/// Mutates a file as damage or malice might.
fn mutate(original: &[u8], other: &[u8], rng: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..rng.usize(1..=8) {
        // Most structure is at the start.
        let within = if rng.bool() { bytes.len().min(300) } else { bytes.len() };
        let at = rng.usize(..within.max(1)).min(bytes.len().saturating_sub(1));
        match rng.u8(..8) {
            0 | 1 => bytes[at] ^= 1 << rng.u8(..8),
            2 => bytes[at] = rng.u8(..),
            3 => {
                let value = *rng.choice([0, 1, 0x7F, 0x80, 0xFF].iter()).unwrap_or(&0);
                let end = (at + rng.usize(1..=8)).min(bytes.len());
                bytes[at..end].fill(value);
            }
            4 => bytes.truncate(at + 1),
            5 => drop(bytes.drain(at..(at + rng.usize(1..64)).min(bytes.len()))),
            6 => {
                let from = rng.usize(..other.len());
                let piece = &other[from..(from + rng.usize(1..64)).min(other.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            _ => {
                let from = rng.usize(..bytes.len());
                let piece = bytes[from..(from + rng.usize(1..256)).min(bytes.len())].to_vec();
                let end = (at + piece.len()).min(bytes.len());
                bytes[at..end].copy_from_slice(&piece[..end - at]);
            }
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}
