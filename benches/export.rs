//! Times the export of a mastered album, beside the Python package `matchering` on the same files:
//! `cargo bench --no-default-features --bench export`. The first run installs the package into a virtual environment.
//!
//! matchering matches a track to a reference, entirely in memory, so the work is similar but not the same.

#[path = "../src-tauri/crates/dsp/tests/common/mod.rs"]
mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const RATE_HZ: u32 = 44_100;
const TRACKS: u32 = 6;
const SECONDS: f64 = 180.0;
const ROUNDS: usize = 3;

/// Masters each file after the first, which is the reference, to a 24-bit WAV in the folder.
const MATCHERING: &str = "
import sys, os, matchering as mg
folder, reference, *targets = sys.argv[1:]
for target in targets:
    name = os.path.splitext(os.path.basename(target))[0] + '.wav'
    mg.process(target=target, reference=reference, results=[mg.pcm24(os.path.join(folder, name))])
";

fn main() {
    let python = install();
    let folder = tempfile::tempdir().expect("a folder");
    let tracks: Vec<PathBuf> = (0..=TRACKS).map(|seed| make(folder.path(), seed)).collect();
    let (reference, album) = tracks.split_first().expect("tracks");
    let mut times = [const { Vec::new() }; 3];
    for round in 0..ROUNDS {
        let [ours, theirs] = ["ours", "theirs"].map(|name| folder.path().join(format!("{name}{round}")));
        std::fs::create_dir(&theirs).expect("a folder");
        let mut master = Command::new(env!("CARGO_BIN_EXE_auralis"));
        times[0].push(timed(master.args(["master", "--album", "--format", "wav", "-o"]).arg(&ours).args(album)));
        let mut packed = Command::new(env!("CARGO_BIN_EXE_auralis"));
        times[2].push(timed(packed.args(["master", "--album", "-o"]).arg(&ours).args(album)));
        let mut matchering = Command::new(&python);
        times[1].push(timed(matchering.args(["-c", MATCHERING]).arg(&theirs).arg(reference).args(album)));
        for track in 1..=TRACKS {
            let there = |folder: &Path| folder.join(format!("{track}.wav")).exists();
            assert!(there(&ours) && there(&theirs), "track {track} was not written");
        }
    }
    let [ours, theirs, packed] = times.map(|mut times| {
        times.sort_by(|one, other| one.0.total_cmp(&other.0));
        times[ROUNDS / 2]
    });
    println!("an album of {TRACKS} tracks of {SECONDS} s, 44.1 kHz, FLAC to WAV of 24 bits, median of {ROUNDS}:");
    let lines = [("auralis master --album", ours), ("matchering", theirs), ("auralis, as FLAC", packed)];
    for (name, (wall_s, processor_s)) in lines {
        println!("{name:<24} {wall_s:>6.2} s, {processor_s:>6.2} s of processors");
    }
    println!("auralis is {:.1} times as fast, by processors {:.1} times", theirs.0 / ours.0, theirs.1 / ours.1);
}

/// Returns a Python interpreter with the package installed.
fn install() -> PathBuf {
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("matchering");
    let python = environment.join("bin/python");
    let has_it = || {
        let mut import = Command::new(&python);
        import.args(["-c", "import matchering"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    if !has_it() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "matchering==2.0.6"]));
    }
    python
}

fn run(command: &mut Command) {
    assert!(command.status().expect("runs").success(), "{command:?}");
}

/// Runs a command and returns its wall time and processor time in seconds.
fn timed(command: &mut Command) -> (f64, f64) {
    let mut shell = Command::new("bash");
    shell.args(["-c", "TIMEFORMAT='%R %U %S'; time \"$@\" >/dev/null 2>&1", "bash"]).arg(command.get_program());
    let output = shell.args(command.get_args()).output().expect("bash runs");
    assert!(output.status.success(), "{command:?}");
    let times = String::from_utf8_lossy(&output.stderr);
    let seconds: Vec<f64> = times.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let [wall_s, user_s, system_s] = seconds[..] else { panic!("{times}") };
    (wall_s, user_s + system_s)
}

/// Makes a FLAC of a synthetic music-like signal.
fn make(folder: &Path, seed: u32) -> PathBuf {
    let (raw, path) = (folder.join("raw"), folder.join(format!("{seed}.flac")));
    let sound = common::music(RATE_HZ, SECONDS, seed);
    let bytes: Vec<u8> = sound.as_flattened().iter().flat_map(|sample| sample.to_le_bytes()).collect();
    std::fs::write(&raw, bytes).expect("written");
    let from = ["-v", "error", "-f", "f32le", "-ar", "44100", "-ac", "2", "-i"];
    let to = ["-sample_fmt", "s16", "-c:a", "flac"];
    run(Command::new("ffmpeg").args(from).arg(&raw).args(to).arg(&path));
    path
}
