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

/// A small collection with names and covers that look like one: a dozen albums of short tones.
pub fn make_collection(folder: &Path) {
    const ALBUMS: [(&str, &str, &str); 12] = [
        ("Northern Harbour", "Lantern Field", "Folk"),
        ("Glass Rivers", "Mira Solen", "Ambient"),
        ("Second Floor Window", "The Paper Kites Club", "Indie"),
        ("Low Tide Letters", "Lantern Field", "Folk"),
        ("Quartz", "Oda Brandt Trio", "Jazz"),
        ("Night Bus Choir", "Halden & Rye", "Soul"),
        ("A Map of Small Rooms", "Mira Solen", "Ambient"),
        ("Copper Season", "Juniper Vale", "Country"),
        ("Parallel Lines of Rain", "Tetsuo Arai", "Electronic"),
        ("The Long Weekend", "The Paper Kites Club", "Indie"),
        ("Etudes for Two Lamps", "Oda Brandt Trio", "Jazz"),
        ("Signal Garden", "Tetsuo Arai", "Electronic"),
    ];
    const TITLES: [&str; 9] = [
        "Morning on the Pier",
        "Half a Mile of Light",
        "Carry Me Slowly",
        "Interlude for Rain",
        "What the Ferry Knew",
        "Paper Lanterns",
        "Eleven Windows",
        "The Quiet Hour",
        "Home by Another Road",
    ];
    let tone = folder.join("tone.flac");
    std::fs::create_dir_all(folder).expect("folder");
    make_track(&tone, "tone", 1, 60.0, 1, &["-c:a", "flac"]);
    for (index, (album, artist, genre)) in ALBUMS.into_iter().enumerate() {
        let folder = folder.join(album);
        std::fs::create_dir_all(&folder).expect("folder");
        let cover = folder.join("cover.png");
        // Two colours of one family and a soft shape: another picture for each album.
        let hue = index as f64 * std::f64::consts::FRAC_PI_6;
        let (r, g, b) = (128.0 + 90.0 * hue.cos(), 110.0 + 70.0 * (hue + 2.1).cos(), 128.0 + 90.0 * (hue + 4.2).cos());
        let shape = format!(
            "nullsrc=s=600x600,geq=r='{r}+60*sin(X/{p}+Y/190)':g='{g}+50*sin(Y/{q})':b='{b}+60*cos((X-Y)/{p})'",
            p = 60 + 17 * index,
            q = 90 + 11 * index
        );
        let cover = cover.to_str().expect("UTF-8");
        run("ffmpeg", &["-v", "error", "-y", "-f", "lavfi", "-i", &shape, "-frames:v", "1", cover]);
        for number in 0..6 {
            let title = TITLES[(number + index) % TITLES.len()];
            let seconds = (31 + (index * 7 + number * 13) % 29).to_string();
            let path = folder.join(format!("{} {title}.flac", number + 1));
            let tags = [
                format!("title={title}"),
                format!("artist={artist}"),
                format!("album={album}"),
                format!("genre={genre}"),
                format!("track={}", number + 1),
                format!("date={}", 2012 + index),
            ];
            let mut arguments =
                vec!["-v", "error", "-y", "-i", tone.to_str().expect("UTF-8"), "-t", &seconds, "-c:a", "flac"];
            for tag in &tags {
                arguments.extend(["-metadata", tag]);
            }
            arguments.push(path.to_str().expect("UTF-8"));
            run("ffmpeg", &arguments);
        }
    }
    std::fs::remove_file(tone).expect("removes the tone");
}
