//! Decoding equals the content of each format: the signal itself for lossless formats, ffmpeg's decode for others.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{fs, path::Path};

use auralis_audio::TrackDecoder;
use common::*;

/// Every width of PCM in every container it is used in.
#[test]
fn pcm_of_every_width_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(20_000, 44_100);
    for (end, codec, bits) in [
        ("wav", "pcm_u8", 8),
        ("wav", "pcm_s16le", 16),
        ("wav", "pcm_s24le", 24),
        ("wav", "pcm_s32le", 32),
        ("wav", "pcm_f32le", 32),
        ("wav", "pcm_f64le", 64),
        ("aiff", "pcm_s8", 8),
        ("aiff", "pcm_s16be", 16),
        ("aiff", "pcm_s24be", 24),
        ("aiff", "pcm_s32be", 32),
        ("aiff", "pcm_f32be", 32),
        ("caf", "pcm_s16be", 16),
        ("caf", "pcm_s24le", 24),
        ("caf", "pcm_f32le", 32),
    ] {
        let path = encode(folder.path(), &format!("{codec}.{end}"), &signal, 44_100, &["-c:a", codec]);
        let decoder = match TrackDecoder::open(&path, None) {
            Ok(decoder) => decoder,
            Err(error) => panic!("{codec} in {end}: {error}"),
        };
        assert!(decoder.format().bits.is_none_or(|told| told == bits), "{codec} in {end}: {:?}", decoder.format());
        assert_eq!(difference(&decode(&path), &decode_with_ffmpeg(&path)), 0.0, "{codec} in {end}");
    }
}

/// From telephone to ultra-high rates.
#[test]
fn every_rate_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for rate_hz in [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000] {
        let signal = sweep(rate_hz as usize / 4 + 17, rate_hz);
        for (end, options) in
            [("wav", &[][..]), ("flac", &[]), ("m4a", &["-c:a", "alac"]), ("wv", &["-c:a", "wavpack"])]
        {
            let path = encode(folder.path(), &format!("{rate_hz}.{end}"), &signal, rate_hz, options);
            assert_eq!(TrackDecoder::open(&path, None).unwrap().rate_hz(), rate_hz, "{end}");
            assert_eq!(difference(&decode(&path), &signal), 0.0, "{end} of {rate_hz} Hz");
        }
    }
}

/// From mono to 7.1: a tone in one channel appears on the right side, at the standard's level.
#[test]
fn every_layout_is_downmixed() {
    let folder = tempfile::tempdir().unwrap();
    for (layout, channels) in [
        ("mono", vec!["FC"]),
        ("stereo", vec!["FL", "FR"]),
        ("quad", vec!["FL", "FR", "BL", "BR"]),
        ("5.0(side)", vec!["FL", "FR", "FC", "SL", "SR"]),
        ("5.1(side)", vec!["FL", "FR", "FC", "LFE", "SL", "SR"]),
        ("5.1", vec!["FL", "FR", "FC", "LFE", "BL", "BR"]),
        ("7.1", vec!["FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"]),
    ] {
        for (at, channel) in channels.iter().enumerate() {
            let expressions: Vec<&str> = (0..channels.len()).map(|n| if n == at { "0.5" } else { "0" }).collect();
            let source = format!("aevalsrc={}:s=48000:d=0.05:c={layout}", expressions.join("|"));
            for end in ["wav", "flac"] {
                let path = folder.path().join(format!("one.{end}"));
                ffmpeg(&["-f", "lavfi", "-i", &source, path.to_str().unwrap()]);
                let heard = decode(&path)[1000];
                let expected = match *channel {
                    "FC" if channels.len() == 1 => [true, true],
                    "FC" => [true, true],
                    "LFE" => [false, false],
                    left if left.ends_with('L') => [true, false],
                    _ => [false, true],
                };
                assert_eq!(heard.map(|sample| sample > 0.0), expected, "{channel} of {layout} in {end}: {heard:?}");
            }
        }
    }
}

/// iTunes' tag takes precedence over an edit list.
#[test]
fn itunsmpb_overrides_the_edit_list() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(60_000, 44_100);
    let options = ["-c:a", "aac", "-b:a", "192k", "-fflags", "+bitexact"];
    let path = encode(folder.path(), "a.m4a", &signal, 44_100, &options);
    let plain = decode(&path);
    assert_eq!(plain.len(), signal.len());
    let (delay, length) = (1_024 + 500, 50_000);
    let value = format!(" 00000000 {delay:08X} 00000123 {length:016X} 00000000 00000000");
    let full = |kind: &[u8; 4], content: &[u8]| boxed(kind, &[&[0; 4], content].concat());
    let data = boxed(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0], value.as_bytes()].concat());
    let tag = [full(b"mean", b"com.apple.iTunes"), full(b"name", b"iTunSMPB"), data].concat();
    let handler = full(b"hdlr", b"\0\0\0\0mdirappl\0\0\0\0\0\0\0\0\0");
    let meta = full(b"meta", &[handler, boxed(b"ilst", &boxed(b"----", &tag))].concat());
    append_to_movie(&path, &boxed(b"udta", &meta));
    let tagged = decode(&path);
    assert_eq!(tagged.len(), length);
    assert_eq!(difference(&tagged[..40_000], &plain[500..40_500]), 0.0);
}

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
}

/// Appends a box to the movie box, which ends the file.
fn append_to_movie(path: &Path, addition: &[u8]) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.windows(4).rposition(|window| window == b"moov").unwrap() - 4;
    assert_eq!(at + u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize, bytes.len());
    let size = (bytes.len() - at + addition.len()) as u32;
    bytes[at..at + 4].copy_from_slice(&size.to_be_bytes());
    bytes.extend(addition);
    fs::write(path, bytes).unwrap();
}

/// Only the decoder configuration tells HE-AAC from plain AAC.
#[test]
fn high_efficiency_aac_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = encode(folder.path(), "a.m4a", &sweep(60_000, 44_100), 44_100, &["-c:a", "aac"]);
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(3).position(|window| window == [0x56, 0xE5, 0x00]).expect("the encoder says it is not");
    bytes[at + 2] = 0xA0;
    fs::write(&path, bytes).unwrap();
    let Err(error) = TrackDecoder::open(&path, None) else { panic!("it is opened") };
    assert!(error.to_string().contains("HE-AAC"), "{error}");
}

#[test]
fn one_frame_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    for (end, options) in
        [("wav", &[][..]), ("flac", &[]), ("aiff", &[]), ("m4a", &["-c:a", "alac"]), ("wv", &["-c:a", "wavpack"])]
    {
        let path = encode(folder.path(), &format!("one.{end}"), &[[0.5, -0.25]], 48_000, options);
        let mut rig = TestEngine::new(48_000);
        rig.load(1, &path);
        rig.prepare(2, &path);
        rig.wait_ready(2);
        rig.wait_open();
        rig.play_to_end(2);
        assert_eq!(rig.sound(), [[0.5, -0.25]; 2], "{end}");
    }
    for (end, options) in [
        ("mp3", &["-c:a", "libmp3lame"][..]),
        ("aac.m4a", &["-c:a", "aac"]),
        ("ogg", &["-c:a", "libvorbis"]),
        ("opus", &["-c:a", "libopus"]),
    ] {
        let path = encode(folder.path(), &format!("one.{end}"), &[[0.5, -0.25]], 48_000, options);
        let mut rig = TestEngine::new(48_000);
        rig.load(1, &path);
        rig.wait_open();
        rig.play_to_end(1);
        // LAME cannot state more than 4,095 frames of padding.
        let most = if end == "mp3" { 100 } else { 1 };
        assert!((1..=most).contains(&decode(&path).len()), "{end}");
    }
}

/// Six hours open, seek to the frame and reach the end at once.
#[test]
fn six_hours_are_sought_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let seconds = 6 * 3600;
    for (end, options) in [
        ("flac", &["-compression_level", "0"][..]),
        ("wv", &["-c:a", "wavpack", "-sample_fmt", "s16p"]),
        ("mp3", &["-c:a", "libmp3lame", "-b:a", "32k"]),
    ] {
        let path = folder.path().join(format!("long.{end}"));
        let silence = format!("anullsrc=r=8000:cl=mono:d={seconds}");
        let mut arguments = vec!["-f", "lavfi", "-i", &silence];
        arguments.extend(options);
        arguments.push(path.to_str().unwrap());
        ffmpeg(&arguments);
        let mut decoder = TrackDecoder::open(&path, None).unwrap();
        assert_eq!(decoder.frames(), Some(seconds * 8_000), "{end}");
        let before = std::time::Instant::now();
        let left = 12_345;
        decoder.seek(seconds * 8_000 - left).unwrap();
        assert_eq!(read(&mut decoder, usize::MAX).len() as u64, left, "{end}");
        let took = before.elapsed();
        assert!(took.as_secs_f64() < 2.0, "{end}: {took:?}");
    }
}
