//! Analyses files and compares the result with ffmpeg's meter.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    process::Command,
};

use auralis_audio::analyse;
use auralis_core::{AudioProfile, TimeRange};
use common::*;

fn profile(path: &Path) -> AudioProfile {
    analyse(path, None, || false).expect("the file is analysed").expect("nobody cancels").profile
}

/// Integrated loudness, loudness range and true peak as ffmpeg's `ebur128` reports them.
fn measured_by_ffmpeg(path: &Path) -> [f32; 3] {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-nostats", "-i", path.to_str().unwrap()])
        // Mono plays on both sides; ffmpeg assumes that only with `dualmono`.
        .args(["-af", "ebur128=peak=true:dualmono=true:framelog=verbose", "-f", "null", "-"])
        .output()
        .expect("ffmpeg is installed");
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    let summary = report.rsplit("Summary:").next().unwrap_or_default();
    let value = |name: &str| {
        let line =
            summary.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap_or_else(|| panic!("{report}"));
        line.split_whitespace().next().and_then(|frame_number| frame_number.parse().ok()).unwrap_or(-120.0)
    };
    [value("I:"), value("LRA:"), value("Peak:")]
}

/// Writes a synthesised signal; `shape` is an ffmpeg source or graph whose output is `[out]`.
fn make(folder: &Path, name: &str, shape: &str, options: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let mut arguments = vec!["-filter_complex", shape, "-map", "[out]"];
    arguments.extend(options);
    arguments.push(path.to_str().unwrap());
    ffmpeg(&arguments);
    path
}

/// Bass, chords, noise beats and hiss at changing levels; `tempo` beats a second.
fn music(rate_hz: u32, seconds: u32, tempo: f64, root_hz: f64) -> String {
    let level = "(0.2+0.8*pow(sin(PI*t/19),2))";
    let tones = format!("0.2*sin(2*PI*{root_hz}*t)+0.06*sin(2*PI*{root_hz}*5.04*t)+0.03*sin(2*PI*{root_hz}*12*t)");
    let beat = format!("exp(-14*mod(t,1/{tempo}))*0.25*sin(2*PI*70*mod(t,1/{tempo}))");
    let side = format!("0.03*sin(2*PI*{root_hz}*6*t)");
    format!(
        "aevalsrc='{level}*({tones}+{beat}+{side})|{level}*({tones}+{beat}-{side})':s={rate_hz}:d={seconds}[tones];
         anoisesrc=r={rate_hz}:d={seconds}:c=pink:a=0.15:seed=7,aformat=channel_layouts=stereo,tremolo=f={tempo}:d=0.9[noise];
         [tones][noise]amix=inputs=2:normalize=0[out]"
    )
}

#[test]
fn ffmpeg_agrees_on_twenty_files() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pink =
        |level: &str| format!("anoisesrc=r=44100:d=15:c=pink:a={level}:seed=3,aformat=channel_layouts=stereo[out]");
    // Long enough that one gating block more or less does not move a percentile.
    let files: [(&str, String, &[&str]); 20] = [
        ("music 1.flac", music(44_100, 90, 2.0, 55.0), &[]),
        ("music 2.flac", music(48_000, 90, 1.4, 41.2), &["-sample_fmt", "s32"]),
        ("music 3.wav", music(96_000, 60, 2.5, 65.4), &["-c:a", "pcm_s24le"]),
        ("music 4.wav", music(192_000, 60, 3.0, 49.0), &["-c:a", "pcm_f32le"]),
        ("music 5.flac", music(88_200, 60, 1.0, 82.4), &[]),
        ("music 6.wav", music(32_000, 90, 2.2, 61.7), &[]),
        ("music 7.flac", music(22_050, 90, 1.8, 58.3), &[]),
        ("music 8.mp3", music(44_100, 90, 2.1, 51.9), &["-b:a", "192k"]),
        ("music 9.ogg", music(48_000, 90, 1.6, 69.3), &["-c:a", "libvorbis", "-q:a", "6"]),
        ("music 10.m4a", music(44_100, 90, 2.3, 43.7), &["-c:a", "alac"]),
        ("music 11.opus", music(48_000, 90, 1.9, 46.2), &["-c:a", "libopus", "-b:a", "160k"]),
        ("long.flac", music(44_100, 120, 2.0, 73.4), &[]),
        ("quiet.flac", pink("0.003"), &["-sample_fmt", "s32"]),
        ("loud.flac", pink("1.0").replace("[out]", ",volume=8dB,alimiter=limit=0.98:level=0[out]"), &[]),
        ("clipped.wav", music(44_100, 20, 2.0, 55.0).replace("[out]", ",volume=14dB[out]"), &["-c:a", "pcm_s16le"]),
        ("above full scale.wav", music(44_100, 20, 2.0, 55.0).replace("[out]", ",volume=14dB[out]"), &["-c:a", "pcm_f32le"]),
        ("mono.flac", "anoisesrc=r=44100:d=15:c=brown:a=0.6:seed=5[out]".into(), &[]),
        ("speech-like.flac", "anoisesrc=r=16000:d=30:c=pink:a=0.5,highpass=f=200,lowpass=f=3000,tremolo=f=3:d=1,aformat=channel_layouts=stereo[out]".into(), &[]),
        ("tone.wav", "sine=f=997:r=48000:d=12,aformat=channel_layouts=stereo[out]".into(), &[]),
        ("steps.flac", "sine=f=440:r=44100:d=60,volume='if(lt(mod(t,20),10),1,0.1)':eval=frame,aformat=channel_layouts=stereo[out]".into(), &[]),
    ];
    let mut off = Vec::new();
    for (name, shape, options) in files {
        let path = make(folder.path(), name, &shape, options);
        let ours = profile(&path);
        let [integrated_lufs, range_lu, true_peak_dbtp] = measured_by_ffmpeg(&path);
        let differences =
            [ours.integrated_lufs - integrated_lufs, ours.range_lu - range_lu, ours.true_peak_dbtp - true_peak_dbtp];
        println!(
            "{name}: I {integrated_lufs} {:+.2}, LRA {range_lu} {:+.2}, TP {true_peak_dbtp} {:+.2}",
            differences[0], differences[1], differences[2]
        );
        // ffmpeg rounds to a tenth.
        if differences.iter().zip([0.1, 0.2, 0.2]).any(|(difference, most)| difference.abs() > most + 0.05) {
            off.push((name, differences));
        }
    }
    assert!(off.is_empty(), "{off:?}");
}

#[test]
fn a_range_is_measured_like_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = make(folder.path(), "whole.flac", &music(44_100, 20, 2.0, 55.0), &["-sample_fmt", "s16"]);
    let cut = folder.path().join("cut.flac");
    ffmpeg(&[
        "-i",
        path.to_str().unwrap(),
        "-af",
        "atrim=start_sample=220500:end_sample=529200",
        cut.to_str().unwrap(),
    ]);
    let range = TimeRange { start_s: 5.0, end_s: Some(12.0) };
    let part = analyse(&path, Some(range), || false).unwrap().unwrap();
    assert_eq!(part, analyse(&cut, None, || false).unwrap().unwrap());
    assert!((part.profile.duration_s - 7.0).abs() < 1e-9);
}

#[test]
fn analysis_can_be_cancelled() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = make(folder.path(), "long.flac", &music(44_100, 60, 2.0, 55.0), &[]);
    let asked = Cell::new(0);
    let cancelled = || asked.replace(asked.get() + 1) >= 3;
    assert_eq!(analyse(&path, None, cancelled).unwrap(), None);
    assert_eq!(asked.get(), 4, "and goes no further");
}

#[test]
fn truncated_files_are_measured_and_empty_ones_fail() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = make(folder.path(), "whole.flac", &music(44_100, 20, 2.0, 55.0), &[]);
    let bytes = std::fs::read(&path).unwrap();
    let cut = folder.path().join("cut.flac");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let half = profile(&cut);
    assert!((5.0..15.0).contains(&half.duration_s), "{half:?}");
    std::fs::write(&cut, &bytes[..8_500]).unwrap();
    assert!(analyse(&cut, None, || false).is_err());
    assert!(analyse(&folder.path().join("none.flac"), None, || false).is_err());
}
