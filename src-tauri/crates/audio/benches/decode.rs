//! Speed of decoding, compared with `ffmpeg -f null` on the same files: seconds of audio per CPU second, alternating
//! between both, so that a busy machine slows both.
//!
//! `cargo bench -p auralis-audio --bench decode`
#![allow(clippy::unwrap_used, missing_docs)] // a bench may fail

#[path = "../tests/common/mod.rs"]
mod common;

use std::{path::Path, process::Command, time::Duration};

use auralis_audio::TrackDecoder;

const SECONDS: usize = 600;
const ROUNDS: usize = 5;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let music = folder.path().join("music.wav");
    // Tones that come and go, and noise: realistic input for a codec.
    let source = format!(
        "aevalsrc=0.3*sin(220*2*PI*t)*abs(sin(3*t))+0.2*sin(1375*2*PI*t)*abs(sin(7*t))+0.1*random(0)\
         |0.3*sin(330*2*PI*t)*abs(sin(2*t))+0.1*random(1):s=44100:d={SECONDS}"
    );
    common::ffmpeg(&["-f", "lavfi", "-i", &source, "-c:a", "pcm_s16le", music.to_str().unwrap()]);
    println!("{SECONDS} s of 44.1 kHz stereo, seconds of sound a second of one core, median of {ROUNDS} in turns");
    println!("{:14} {:>8} {:>8} {:>7}", "", "Auralis", "ffmpeg", "ratio");
    for (name, end, options) in [
        ("WAV", "wav", &["-c:a", "pcm_s16le"][..]),
        ("AIFF", "aiff", &[]),
        ("FLAC", "flac", &[]),
        ("ALAC", "m4a", &["-c:a", "alac"]),
        ("WavPack", "wv", &["-c:a", "wavpack"]),
        ("MP3 V2", "mp3", &["-c:a", "libmp3lame", "-q:a", "2"]),
        ("AAC 192k", "aac.m4a", &["-c:a", "aac", "-b:a", "192k"]),
        ("Vorbis q6", "ogg", &["-c:a", "libvorbis", "-q:a", "6"]),
        ("Opus 160k", "opus", &["-c:a", "libopus", "-b:a", "160k"]),
    ] {
        let path = folder.path().join(format!("file.{end}"));
        let mut arguments = vec!["-i", music.to_str().unwrap()];
        arguments.extend(options);
        arguments.push(path.to_str().unwrap());
        common::ffmpeg(&arguments);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(decode(&path));
            theirs.push(ffmpeg(&path));
        }
        let [ours, theirs] = [ours, theirs].map(|mut times| {
            times.sort_by(f64::total_cmp);
            SECONDS as f64 / times[ROUNDS / 2]
        });
        println!("{name:14} {ours:8.0} {theirs:8.0} {:7.2}", ours / theirs);
    }
}

/// CPU seconds of our decoder.
fn decode(path: &Path) -> f64 {
    let now = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
    };
    let before = now();
    let mut decoder = TrackDecoder::open(path, None).unwrap();
    let (mut out, mut frames) = (Vec::new(), 0);
    loop {
        out.clear();
        decoder.read(&mut out).unwrap();
        frames += out.len();
        if out.is_empty() {
            break;
        }
    }
    assert!(frames.abs_diff(SECONDS * decoder.rate_hz() as usize) < 5_000, "{frames}");
    (now() - before).as_secs_f64()
}

/// CPU seconds of ffmpeg, including its start.
fn ffmpeg(path: &Path) -> f64 {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-benchmark", "-threads", "1", "-i", path.to_str().unwrap()])
        .args(["-map", "0:a:0", "-f", "null", "-"])
        .output()
        .unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    let line = words.lines().find_map(|line| line.strip_prefix("bench: utime=")).expect("ffmpeg says what it took");
    let seconds = |text: &str| text.split('s').next().unwrap().parse::<f64>().unwrap();
    seconds(line) + seconds(line.split("stime=").nth(1).unwrap())
}
