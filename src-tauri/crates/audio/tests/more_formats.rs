//! Formats beyond the common ones, each encoded by ffmpeg and compared with ffmpeg's decode.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{fs, path::Path, path::PathBuf};

use auralis_audio::TrackDecoder;
use common::*;

const RATE: u32 = 48_000;
const FRAMES: usize = 3 * RATE as usize + 123;

/// File name, options of ffmpeg, tolerated difference in frames and in samples.
const FILES: [(&str, &[&str], usize, f32); 30] = [
    (
        "fragments.m4a",
        &["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "500000"],
        1_024,
        1e-4,
    ),
    ("dash.m4a", &["-c:a", "aac", "-movflags", "dash"], 1_024, 1e-4),
    (
        "fragments.alac.m4a",
        &["-c:a", "alac", "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "500000"],
        0,
        0.0,
    ),
    ("mp3.mp4", &["-c:a", "libmp3lame"], 1_152, 1e-4),
    ("flac.ogg", &["-c:a", "flac", "-f", "ogg"], 0, 0.0),
    ("flac.oga", &["-c:a", "flac"], 0, 0.0),
    ("alac.caf", &["-c:a", "alac"], 0, 0.0),
    ("pcm.caf", &["-c:a", "pcm_s24le"], 0, 0.0),
    ("opus.caf", &["-c:a", "libopus"], 0, 0.02),
    ("flac.mka", &["-c:a", "flac"], 0, 0.0),
    ("pcm.mka", &["-c:a", "pcm_s16le"], 0, 0.0),
    ("vorbis.mka", &["-c:a", "libvorbis"], 0, 1e-4),
    ("aac.mka", &["-c:a", "aac"], 0, 1e-4),
    ("opus.mka", &["-c:a", "libopus"], 960, 0.02),
    ("opus.webm", &["-c:a", "libopus"], 960, 0.02),
    ("vorbis.webm", &["-c:a", "libvorbis"], 0, 1e-4),
    ("rf64.wav", &["-rf64", "always"], 0, 0.0),
    ("w64.w64", &[], 0, 0.0),
    ("pcm24.w64", &["-c:a", "pcm_s24le"], 0, 0.0),
    ("pcm16.au", &["-c:a", "pcm_s16be"], 0, 0.0),
    ("pcm8.au", &["-c:a", "pcm_s8"], 0, 0.0),
    ("float.au", &["-c:a", "pcm_f32be"], 0, 0.0),
    ("mulaw.au", &["-c:a", "pcm_mulaw"], 0, 0.0),
    ("alaw.au", &["-c:a", "pcm_alaw"], 0, 0.0),
    ("ms.adpcm.wav", &["-c:a", "adpcm_ms"], 0, 1e-4),
    ("ima.adpcm.wav", &["-c:a", "adpcm_ima_wav"], 0, 1e-4),
    ("layer2.mp2", &["-c:a", "mp2"], 0, 1e-4),
    ("layer2.wav", &["-c:a", "mp2", "-f", "wav"], 1_152, 1e-4),
    ("pcm16.tta", &["-c:a", "tta"], 0, 0.0),
    ("pcm24.tta", &["-c:a", "tta", "-sample_fmt", "s32"], 0, 0.0),
];

#[test]
fn each_format_is_decoded_like_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(FRAMES, RATE);
    for (name, options, frames, samples) in FILES {
        let path = encode(folder.path(), name, &signal, RATE, options);
        let (ours, theirs) = (decode(&path), decode_with_ffmpeg(&path));
        assert!(ours.len().abs_diff(theirs.len()) <= frames, "{name}: {} frames of {}", ours.len(), theirs.len());
        let common = ours.len().min(theirs.len());
        let off = difference(&ours[..common], &theirs[..common]);
        assert!(off <= samples, "{name}: off by {off}");
        // A seek lands on the same frame.
        let mut decoder = TrackDecoder::open(&path, None).unwrap();
        decoder.seek(60_000).unwrap();
        let sought = read(&mut decoder, 10_000);
        // Matroska states times to the millisecond, and those of Vorbis are 3 ms late.
        let lags = if matches!(name, "vorbis.mka" | "vorbis.webm") { 200 } else { 0 };
        let lagged = |lag: usize| difference(&sought, &ours[60_000 - lags + lag..70_000 - lags + lag]);
        let off = (0..=2 * lags).map(lagged).fold(f32::MAX, f32::min);
        assert!(off <= samples.max(1e-3), "{name}: off by {off} after a seek");
    }
}

/// A stated length is that of the sound, also where it takes more than a header to find it.
#[test]
fn stated_lengths_are_right() {
    let folder = tempfile::tempdir().unwrap();
    let signal = sweep(FRAMES, RATE);
    for (name, options, _, _) in FILES {
        let path = encode(folder.path(), name, &signal, RATE, options);
        if let Some(seconds) = TrackDecoder::open(&path, None).unwrap().duration_s() {
            let frames = seconds * f64::from(RATE);
            // A packet of ALAC in CAF may be longer than the sound in it.
            assert!((frames - FRAMES as f64).abs() < 4_096.0, "{name}: {seconds} s");
        }
    }
    for (name, options) in [("chained.ogg", ["-c:a", "libvorbis"]), ("chained.opus", ["-c:a", "libopus"])] {
        let path = doubled(folder.path(), name, &signal, &options);
        let seconds = TrackDecoder::open(&path, None).unwrap().duration_s().unwrap();
        let frames = decode(&path).len();
        assert!((seconds * f64::from(RATE) - 2.0 * FRAMES as f64).abs() < 2.0, "{name}: {seconds} s");
        assert!(frames.abs_diff(2 * FRAMES) < 2, "{name}: {frames}");
    }
}

/// MP3s joined end to end play to the end, although the tag of the first states only its own length.
#[test]
fn joined_mp3s_play_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = doubled(folder.path(), "joined.mp3", &sweep(FRAMES, RATE), &["-c:a", "libmp3lame"]);
    let frames = decode(&path).len();
    assert!(frames.abs_diff(2 * FRAMES) < 4 * 1_152, "{frames} of {}", 2 * FRAMES);
}

/// A damaged last page may state a length of millions of years.
#[test]
fn an_implausible_length_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let path = encode(folder.path(), "a.opus", &sweep(FRAMES, RATE), RATE, &["-c:a", "libopus"]);
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.windows(4).rposition(|magic| magic == b"OggS").unwrap();
    bytes[last + 6..last + 14].copy_from_slice(&(1u64 << 62).to_le_bytes());
    bytes[last + 22..last + 26].fill(0);
    let checksum = ogg_checksum(&bytes[last..]);
    bytes[last + 22..last + 26].copy_from_slice(&checksum.to_le_bytes());
    fs::write(&path, bytes).unwrap();
    let seconds = TrackDecoder::open(&path, None).unwrap().duration_s();
    assert!(seconds.is_none_or(|seconds| seconds < 10.0), "{seconds:?}");
}

/// Six channels arrive where they do in a WAV.
#[test]
fn surround_is_decoded() {
    let folder = tempfile::tempdir().unwrap();
    let wav = folder.path().join("six.wav");
    let source = "aevalsrc=exprs=0.3*sin(440*2*PI*t)|0.2*sin(550*2*PI*t)|0.1*sin(660*2*PI*t)|0.1*sin(50*2*PI*t)|\
                  0.15*sin(880*2*PI*t)|0.12*sin(990*2*PI*t):c=5.1:s=48000:d=3";
    ffmpeg(&["-f", "lavfi", "-i", source, "-c:a", "pcm_s16le", wav.to_str().unwrap()]);
    let expected = decode(&wav);
    for (name, options, samples) in [
        ("six.wv", &["-c:a", "wavpack"] as &[&str], 0.0),
        ("six.w64", &[], 0.0),
        ("six.opus", &["-c:a", "libopus", "-mapping_family", "1", "-b:a", "512k"], 0.02),
        ("six.mka", &["-c:a", "libopus", "-mapping_family", "1", "-b:a", "512k"], 0.02),
    ] {
        let path = folder.path().join(name);
        let files = ["-i", wav.to_str().unwrap()];
        ffmpeg(&[&files, options, &[path.to_str().unwrap()]].concat());
        let ours = decode(&path);
        // Codecs need a moment to settle.
        let part = 10_000..expected.len() - 10_000;
        let off = difference(&ours[part.clone()], &expected[part]);
        assert!(off <= samples, "{name}: off by {off}");
        assert_eq!(TrackDecoder::open(&path, None).unwrap().format().channels, 6, "{name}");
    }
}

/// DSD sounds as loud and as pure as what was modulated, and each channel in its place.
#[test]
fn dsd_is_converted() {
    let folder = tempfile::tempdir().unwrap();
    let bits = [1_000.0, 3_000.0].map(|hz| modulate(hz, 0.4, 2_822_400));
    for (name, bytes) in [("a.dsf", dsf(&bits)), ("a.dff", dsdiff(&bits))] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let decoder = TrackDecoder::open(&path, None).unwrap();
        assert_eq!((decoder.rate_hz(), decoder.format().channels), (88_200, 2), "{name}");
        let ours = decode(&path);
        assert!(ours.len().abs_diff(88_200) < 2_000, "{name}: {}", ours.len());
        for (channel, hz) in [1_000.0, 3_000.0].into_iter().enumerate() {
            let (amplitude, residual) = tone_and_residual(&ours[4_000..84_000], channel, hz, 88_200.0);
            assert!((20.0 * (amplitude / 0.4f64).log10()).abs() < 0.05, "{name}: {hz} Hz at {amplitude}");
            assert!(20.0 * (residual / amplitude).log10() < -60.0, "{name}: {hz} Hz, residual {residual}");
        }
        // ffmpeg does not filter what nobody hears; held against it at a rate without that.
        let theirs = ffmpeg(&["-i", path.to_str().unwrap(), "-ar", "48000", "-f", "f32le", "-ac", "2", "-"]);
        let theirs: Vec<Frame> = pulse::frames(&theirs).collect();
        let (amplitude, _) = tone_and_residual(&theirs[4_000..44_000], 0, 1_000.0, 48_000.0);
        assert!((amplitude - 0.4).abs() < 0.01, "{name}: ffmpeg has {amplitude}");
    }
}

/// Encodes a signal and writes the file twice in a row.
fn doubled(folder: &Path, name: &str, signal: &[Frame], options: &[&str]) -> PathBuf {
    let path = encode(folder, name, signal, RATE, options);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, [&bytes[..], &bytes].concat()).unwrap();
    path
}

fn ogg_checksum(page: &[u8]) -> u32 {
    page.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| crc << 1 ^ if crc >> 31 == 1 { 0x04C1_1DB7 } else { 0 })
    })
}

/// A second of a tone through a second-order sigma-delta modulator, the first bit in the highest place of each byte.
fn modulate(hz: f64, amplitude: f64, rate_hz: usize) -> Vec<u8> {
    let (mut first, mut second) = (0.0, 0.0);
    let mut bit = |n: usize| {
        let x = amplitude * (std::f64::consts::TAU * hz * n as f64 / rate_hz as f64).sin();
        let out = if second >= 0.0 { 1.0 } else { -1.0 };
        first += x - out;
        second += first - 2.0 * out;
        out > 0.0
    };
    (0..rate_hz / 8).map(|byte| (0..8).fold(0, |bits, n| bits << 1 | u8::from(bit(8 * byte + n)))).collect()
}

fn dsf(channels: &[Vec<u8>; 2]) -> Vec<u8> {
    const BLOCK: usize = 4_096;
    let blocks = channels[0].len().div_ceil(BLOCK);
    let mut data = Vec::new();
    for block in 0..blocks {
        for channel in channels {
            let part = &channel[block * BLOCK..channel.len().min((block + 1) * BLOCK)];
            data.extend(part.iter().map(|byte| byte.reverse_bits()));
            data.resize(data.len() + BLOCK - part.len(), 0);
        }
    }
    let mut file = b"DSD ".to_vec();
    for value in [28, 92 + data.len() as u64, 0] {
        file.extend(value.to_le_bytes());
    }
    file.extend(b"fmt ");
    file.extend(52u64.to_le_bytes());
    for value in [1u32, 0, 2, 2, 2_822_400, 1] {
        file.extend(value.to_le_bytes());
    }
    file.extend((8 * channels[0].len() as u64).to_le_bytes());
    file.extend([BLOCK as u32, 0].map(u32::to_le_bytes).concat());
    file.extend(b"data");
    file.extend((12 + data.len() as u64).to_le_bytes());
    file.extend(data);
    file
}

fn dsdiff(channels: &[Vec<u8>; 2]) -> Vec<u8> {
    let chunk = |id: &[u8; 4], content: &[u8]| [&id[..], &(content.len() as u64).to_be_bytes(), content].concat();
    let data: Vec<u8> = channels[0].iter().zip(&channels[1]).flat_map(|(left, right)| [*left, *right]).collect();
    let properties = [
        b"SND ".to_vec(),
        chunk(b"FS  ", &2_822_400u32.to_be_bytes()),
        chunk(b"CHNL", b"\0\x02SLFTSRGT"),
        chunk(b"CMPR", b"DSD \x0enot compressed\0"),
    ]
    .concat();
    let content =
        [b"DSD ".to_vec(), chunk(b"FVER", &[1, 5, 0, 0]), chunk(b"PROP", &properties), chunk(b"DSD ", &data)].concat();
    chunk(b"FRM8", &content)
}

/// Amplitude of a tone, and of everything else below 20 kHz or so, by least squares and an average of four frames.
fn tone_and_residual(frames: &[Frame], channel: usize, hz: f64, rate_hz: f64) -> (f64, f64) {
    let omega = std::f64::consts::TAU * hz / rate_hz;
    let (mut sine, mut cosine) = (0.0, 0.0);
    for (n, frame) in frames.iter().enumerate() {
        let (sin, cos) = (omega * n as f64).sin_cos();
        sine += 2.0 * f64::from(frame[channel]) * sin / frames.len() as f64;
        cosine += 2.0 * f64::from(frame[channel]) * cos / frames.len() as f64;
    }
    let rest: Vec<f64> = frames
        .iter()
        .enumerate()
        .map(|(n, frame)| {
            let (sin, cos) = (omega * n as f64).sin_cos();
            f64::from(frame[channel]) - sine * sin - cosine * cos
        })
        .collect();
    let smooth = rest.windows(4).map(|four| (four.iter().sum::<f64>() / 4.0).powi(2));
    (sine.hypot(cosine), (2.0 * smooth.sum::<f64>() / rest.len() as f64).sqrt())
}
