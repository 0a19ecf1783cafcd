//! CPU time of the mastering chain and of comparable ffmpeg filter graphs, on one thread.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use auralis_core::{MasteringSettings, Preset};
use auralis_dsp::{BandCompression, Chain, Frame, Parameters, decide};
use rustix::time::{ClockId, clock_gettime};

#[path = "../tests/common/mod.rs"]
mod common;

const RATE_HZ: u32 = 44_100;
const SECONDS: f64 = 120.0;
const ROUNDS: usize = 5;

fn main() {
    let sound = common::music(RATE_HZ, SECONDS, 1);
    let profile = common::analyse(RATE_HZ, &sound).profile;
    let settings = MasteringSettings { enabled: true, preset: Preset::Punchy, ..MasteringSettings::default() };
    let mut punchy = decide(&settings, Some(&profile), None).parameters;
    // Give every stage something to do.
    punchy.equaliser_db = punchy.equaliser_db.map(|gain| if gain == 0.0 { 0.5 } else { gain });
    punchy.width = 1.1;
    let band = BandCompression { threshold_db: -30.0, ratio: 2.0, makeup_db: 4.0, ..BandCompression::default() };
    let driven = Parameters { gain_db: punchy.gain_db + 9.0, bands: [band; 4], ..punchy.clone() };

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("music.wav");
    write(&file, &sound);
    let equalisers: Vec<String> =
        (0..12).map(|at| format!("equalizer=f={}:t=q:w=1.2:g=2", 40.0 * 1.7_f64.powi(at))).collect();
    let compressor = "acompressor=threshold=0.03:ratio=2:attack=20:release=200";
    let bands: Vec<String> = (0..4).map(|at| format!("[b{at}]{compressor}[c{at}]")).collect();
    let graph = format!(
        "{},acrossover=split=120 1000 6000:order=4th[b0][b1][b2][b3];{};\
         [c0][c1][c2][c3]amix=inputs=4:normalize=0,extrastereo=m=1.1,alimiter=limit=0.89:level=0",
        equalisers.join(","),
        bands.join(";")
    );

    // Alternating, so that other load on the machine affects all alike.
    let mut times = [const { Vec::new() }; 5];
    for _ in 0..ROUNDS {
        times[0].push(chain(&punchy, &sound));
        times[1].push(chain(&driven, &sound));
        let reading = ffmpeg(&file, "anull");
        times[2].push(reading);
        times[3].push(ffmpeg(&file, &graph).saturating_sub(reading));
        times[4].push(ffmpeg(&file, "loudnorm").saturating_sub(reading));
    }
    let [punchy, driven, reading, graph, loudnorm] = times.map(|mut times| {
        times.sort();
        SECONDS / times[ROUNDS / 2].as_secs_f64()
    });
    println!("seconds of 44.1 kHz stereo per second of one processor, median of {ROUNDS}:");
    println!("the chain, as decided (punchy), with every stage    {punchy:6.0}");
    println!("the chain, driven 9 dB into its limiter             {driven:6.0}");
    println!("ffmpeg: 12 equalizer, acrossover, 4 acompressor,");
    println!(
        "        extrastereo, alimiter                       {graph:6.0}   the chain is {:.0} times as fast",
        driven / graph
    );
    println!(
        "ffmpeg: loudnorm                                    {loudnorm:6.0}   the chain is {:.0} times as fast",
        driven / loudnorm
    );
    println!("(ffmpeg reading the file, which is taken off above  {reading:6.0})");
}

fn chain(parameters: &Parameters, sound: &[Frame]) -> Duration {
    let mut sound = sound.to_vec();
    let mut chain = Chain::new(RATE_HZ, parameters);
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("after the start");
    let start = now();
    for block in sound.chunks_mut(1_024) {
        chain.process(block);
    }
    now() - start
}

/// Returns the CPU time that ffmpeg needs for a filter graph.
fn ffmpeg(file: &Path, graph: &str) -> Duration {
    let run = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostats", "-benchmark", "-threads", "1", "-filter_complex_threads", "1", "-i"])
        .arg(file)
        .args(["-filter_complex", graph, "-f", "null", "-"])
        .stdin(Stdio::null())
        .output()
        .expect("ffmpeg");
    let stderr = String::from_utf8_lossy(&run.stderr);
    let seconds = |name: &str| -> f64 {
        let value = stderr.split_once(name).unwrap_or_else(|| panic!("no {name} in: {stderr}")).1;
        value.split_once('s').and_then(|(value, _)| value.parse().ok()).expect("seconds")
    };
    Duration::from_secs_f64(seconds("bench: utime=") + seconds(" stime="))
}

/// A WAV file of 32-bit floats.
fn write(path: &Path, sound: &[Frame]) {
    let bytes: Vec<u8> = sound.as_flattened().iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let rate = RATE_HZ;
    let mut file = Vec::from(*b"RIFF");
    file.extend((36 + bytes.len() as u32).to_le_bytes());
    file.extend(*b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend([3_u16, 2].map(u16::to_le_bytes).as_flattened());
    file.extend([rate, rate * 8].map(u32::to_le_bytes).as_flattened());
    file.extend([8_u16, 32].map(u16::to_le_bytes).as_flattened());
    file.extend(*b"data");
    file.extend((bytes.len() as u32).to_le_bytes());
    file.extend(bytes);
    std::fs::write(path, file).expect("written");
}
