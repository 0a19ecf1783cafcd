//! Test music made by ffmpeg. It is noise, so that every missing or repeated frame can be detected.

use std::path::{Path, PathBuf};

use super::covers::{DOTS, HARBOUR, HILLS, LAMPS, QUARTZ, RAIN, RINGS, Shapes, TIDE, WINDOW, draw};
use super::process::run;

/// Sample rate of all generated files.
pub const RATE_HZ: u32 = 48_000;

/// Common formats: name, extension, encoder arguments.
pub const FORMATS: [(&str, &str, &[&str]); 7] = [
    ("FLAC", "flac", &["-c:a", "flac"]),
    ("MP3", "mp3", &["-c:a", "libmp3lame", "-b:a", "192k"]),
    ("AAC", "m4a", &["-c:a", "aac", "-b:a", "192k"]),
    ("ALAC", "m4a", &["-c:a", "alac"]),
    ("Vorbis", "ogg", &["-c:a", "libvorbis", "-q:a", "6"]),
    ("Opus", "opus", &["-c:a", "libopus", "-b:a", "192k"]),
    ("WAV", "wav", &["-c:a", "pcm_s16le"]),
];

/// Makes one tagged track. Each `seed` gives another signal.
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

/// A track of so many minutes, quick to make: the noise of one, again and again.
pub fn make_long_track(path: &Path, minutes: u32) {
    let minute = path.with_file_name("minute.wav");
    make_track(&minute, "Long", 1, 60.0, 3, &["-c:a", "pcm_s16le"]);
    let [again, from, to] = [(minutes - 1).to_string(), minute.display().to_string(), path.display().to_string()];
    run(
        "ffmpeg",
        &["-v", "error", "-y", "-stream_loop", &again, "-i", &from, "-c:a", "flac", "-compression_level", "0", &to],
    );
    std::fs::remove_file(minute).expect("there");
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

/// Makes a small collection with plausible names and covers: twelve albums of short tones.
pub fn make_collection(folder: &Path) {
    const ALBUMS: [(&str, &str, &str, [u32; 3], Shapes); 12] = [
        ("Northern Harbour", "Lantern Field", "Folk", [0x1f3a4d, 0xe8a87c, 0xf4e3cf], HARBOUR),
        ("Glass Rivers", "Mira Solen", "Ambient", [0xcfe3e0, 0x6fa8a0, 0x2f5d62], HILLS),
        ("Second Floor Window", "The Paper Kites Club", "Indie", [0xf2d7b6, 0xd96c4f, 0x5b2e35], WINDOW),
        ("Low Tide Letters", "Lantern Field", "Folk", [0xe9e4d8, 0x8fb0b8, 0x38576b], TIDE),
        ("Quartz", "Oda Brandt Trio", "Jazz", [0x2b2d42, 0xef8a7b, 0xf6d6c9], QUARTZ),
        ("Night Bus Choir", "Halden & Rye", "Soul", [0x161a2d, 0x4c5fd5, 0xf2c14e], RINGS),
        ("A Map of Small Rooms", "Mira Solen", "Ambient", [0xefe9e1, 0xc96f53, 0x2f4858], WINDOW),
        ("Copper Season", "Juniper Vale", "Country", [0xf0c9a0, 0xb5532a, 0x5c2a1d], HILLS),
        ("Parallel Lines of Rain", "Tetsuo Arai", "Electronic", [0x20333f, 0x7fc8c2, 0xe6f1ef], RAIN),
        ("The Long Weekend", "The Paper Kites Club", "Indie", [0xf7d56e, 0xef6f6c, 0x2f3e75], HARBOUR),
        ("Etudes for Two Lamps", "Oda Brandt Trio", "Jazz", [0xf3efe6, 0xf0b84a, 0x33312e], LAMPS),
        ("Signal Garden", "Tetsuo Arai", "Electronic", [0x10231c, 0x5fb37c, 0xe7e3b1], DOTS),
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
    const LYRICS: &str = "[00:00]Slow light over the water\n[00:05]and the ferry bell again\n\
                          [00:10]I fold the morning into paper\n[00:15]and send it down the pier\n[00:20]\n\
                          [00:21]Half a mile of quiet\n[00:25]half a mile of rain\n\
                          [00:29]you hum the road we came by\n[00:33]and I hum it back again\n";
    let tone = folder.join("tone.flac");
    std::fs::create_dir_all(folder).expect("folder");
    make_track(&tone, "tone", 1, 60.0, 1, &["-c:a", "flac"]);
    for (index, (album, artist, genre, palette, shapes)) in ALBUMS.into_iter().enumerate() {
        let folder = folder.join(album);
        std::fs::create_dir_all(&folder).expect("folder");
        draw(&folder.join("cover.png"), palette, shapes);
        std::fs::write(folder.join(format!("1 {}.lrc", TITLES[index % TITLES.len()])), LYRICS).expect("writes");
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
