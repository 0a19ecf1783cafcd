//! Music made by ffmpeg: noise, because any missing or repeated frame of it shows.

use std::path::{Path, PathBuf};

use super::process::run;

/// Frames per second of everything made here.
pub const RATE_HZ: u32 = 48_000;

/// The formats of a usual collection: name, extension, encoder.
pub const FORMATS: [(&str, &str, &[&str]); 7] = [
    ("FLAC", "flac", &["-c:a", "flac"]),
    ("MP3", "mp3", &["-c:a", "libmp3lame", "-b:a", "192k"]),
    ("AAC", "m4a", &["-c:a", "aac", "-b:a", "192k"]),
    ("ALAC", "m4a", &["-c:a", "alac"]),
    ("Vorbis", "ogg", &["-c:a", "libvorbis", "-q:a", "6"]),
    ("Opus", "opus", &["-c:a", "libopus", "-b:a", "192k"]),
    ("WAV", "wav", &["-c:a", "pcm_s16le"]),
];

/// Makes one track with tags. Each `seed` is another signal.
pub fn make_track(path: &Path, title: &str, number: u32, seconds: f64, seed: u32, encoder: &[&str]) {
    let noise = format!("anoisesrc=r={RATE_HZ}:d={seconds}:c=pink:a=0.4:seed={seed}");
    let other = format!("anoisesrc=r={RATE_HZ}:d={seconds}:c=pink:a=0.4:seed={}", seed + 1_000);
    let mut arguments = vec!["-v", "error", "-y", "-f", "lavfi", "-i", &noise, "-f", "lavfi", "-i", &other];
    let tags = [
        format!("title={title}"),
        "artist=The Generators".to_owned(),
        "album=Formats".to_owned(),
        format!("track={number}"),
        "date=2026".to_owned(),
        "genre=Noise".to_owned(),
    ];
    arguments.extend(["-filter_complex", "[0][1]join=inputs=2:channel_layout=stereo[a]", "-map", "[a]"]);
    arguments.extend(encoder);
    for tag in &tags {
        arguments.extend(["-metadata", tag]);
    }
    let path = path.to_str().expect("UTF-8");
    arguments.push(path);
    run("ffmpeg", &arguments);
}

/// A folder with one track of each format: `1 FLAC.flac` to `7 WAV.wav`.
pub fn make_album(folder: &Path, seconds: f64) -> Vec<PathBuf> {
    std::fs::create_dir_all(folder).expect("folder");
    (1..)
        .zip(FORMATS)
        .map(|(number, (name, extension, encoder))| {
            let path = folder.join(format!("{number} {name}.{extension}"));
            make_track(&path, &format!("{name} track"), number, seconds, number, encoder);
            path
        })
        .collect()
}

/// `count` tracks of a format that is quick to make, called `Track 001` and so on.
pub fn make_tracks(folder: &Path, count: u32, seconds: f64) {
    std::fs::create_dir_all(folder).expect("folder");
    for number in 1..=count {
        let path = folder.join(format!("{number:03}.flac"));
        make_track(&path, &format!("Track {number:03}"), number, seconds, number, &["-c:a", "flac"]);
    }
}

/// A file as ffmpeg decodes it: stereo frames at [`RATE_HZ`].
pub fn decode(path: &Path) -> Vec<[f32; 2]> {
    let path = path.to_str().expect("UTF-8");
    let rate = RATE_HZ.to_string();
    frames(&run("ffmpeg", &["-v", "error", "-i", path, "-f", "f32le", "-ac", "2", "-ar", &rate, "-"]))
}

/// Stereo frames out of little-endian floats.
pub fn frames(bytes: &[u8]) -> Vec<[f32; 2]> {
    let sample = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    bytes.chunks_exact(8).map(|frame| [sample(&frame[..4]), sample(&frame[4..])]).collect()
}
