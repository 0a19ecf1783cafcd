//! Speed of analysing a FLAC, compared in the same run with decoding alone, the `ebur128` crate behind the same
//! decoder, and ffmpeg's `ebur128` with true peaks. CPU time of one thread, median of the rounds.
//!
//! `cargo bench -p auralis-audio --bench analysis`

#![allow(missing_docs)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::{path::Path, process::Command};

use auralis_audio::{TrackDecoder, analyse};
use common::{Frame, encode};
use ebur128::{EbuR128, Mode};
use rustix::time::{ClockId, clock_gettime};

const RATE_HZ: u32 = 44_100;
const SECONDS: u32 = 240;
const ROUNDS: usize = 7;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let flac = encode(folder.path(), "song.flac", &song(), RATE_HZ, &[]);
    let work: [(&str, &dyn Fn()); 3] = [
        ("decoding alone", &|| decode(&flac, |_| {})),
        ("decoding and the ebur128 crate", &|| by_ebur128(&flac)),
        ("the whole analysis", &|| drop(analyse(&flac, None, || false).expect("the file is analysed"))),
    ];
    let (mut ours, mut ffmpegs) = ([(); 3].map(|()| Vec::new()), Vec::new());
    for _ in 0..ROUNDS {
        for ((_, work), seconds) in work.iter().zip(&mut ours) {
            let before_s = processor_s();
            work();
            seconds.push(processor_s() - before_s);
        }
        ffmpegs.push(by_ffmpeg(&flac));
    }
    let speeds = ours.map(|seconds| f64::from(SECONDS) / median(seconds));
    let ffmpeg = f64::from(SECONDS) / median(ffmpegs);
    for ((name, _), speed) in work.iter().zip(speeds) {
        println!("{name:<32} {speed:>6.0} times real time");
    }
    println!("{:<32} {ffmpeg:>6.0} times real time", "ffmpeg -af ebur128=peak=true");
    println!("the analysis: {:.1} of ffmpeg, {:.1} of the ebur128 crate", speeds[2] / ffmpeg, speeds[2] / speeds[1]);
}

/// Beats, bass, chords and hiss at changing levels, quantized to 16 bits.
fn song() -> Vec<Frame> {
    let mut random = fastrand::Rng::with_seed(1);
    let frame = |i: u32| {
        let at_s = f64::from(i) / f64::from(RATE_HZ);
        let tone = |hz: f64, at_s: f64| (std::f64::consts::TAU * hz * at_s).sin();
        let beat_s = at_s % 0.46;
        let level = 0.35 + 0.6 * (at_s / 9.0).sin().powi(2);
        let middle =
            0.4 * tone(60.0, beat_s) * (-beat_s * 12.0).exp() + 0.2 * tone(55.0, at_s) + 0.1 * tone(440.0, at_s);
        let side = 0.05 * tone(659.3, at_s);
        let hiss = 0.01 + 0.25 * (-(at_s % 0.92) * 25.0).exp();
        [middle + side, middle - side].map(|value| ((value + hiss * (random.f64() - 0.5)) * level) as f32)
    };
    (0..SECONDS * RATE_HZ).map(frame).collect()
}

fn decode(path: &Path, mut each: impl FnMut(&[Frame])) {
    let mut decoder = TrackDecoder::open(path, None).expect("the file can be opened");
    let mut frames = Vec::new();
    loop {
        frames.clear();
        decoder.read(&mut frames).expect("the file can be decoded");
        if frames.is_empty() {
            return;
        }
        each(&frames);
    }
}

fn by_ebur128(path: &Path) {
    let mut meter = EbuR128::new(2, RATE_HZ, Mode::I | Mode::LRA | Mode::TRUE_PEAK).expect("a meter");
    decode(path, |frames| meter.add_frames_f32(frames.as_flattened()).expect("frames"));
    std::hint::black_box((meter.loudness_global().ok(), meter.loudness_range().ok(), meter.true_peak(0).ok()));
}

/// The CPU time ffmpeg reports.
fn by_ffmpeg(path: &Path) -> f64 {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-nostats", "-benchmark", "-threads", "1", "-i"])
        .arg(path)
        .args(["-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"])
        .output()
        .expect("ffmpeg runs");
    let report = String::from_utf8_lossy(&output.stderr);
    let of = |name: &str| -> f64 {
        let value = report.split(name).nth(1).and_then(|rest| rest.split('s').next());
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{report}"))
    };
    of("utime=") + of("stime=")
}

/// CPU time of this thread.
fn processor_s() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
