//! What a listener would notice, measured on the recorded monitor of a sound server of its own, at real speed: how soon a
//! wish is heard, whether the position is true, whether a frame is missing while every core is busy; and what playing
//! costs, beside MPD that plays the same file into the same sink, and with mastering.
//!
//! `cargo bench -p auralis-audio --bench live [-- latency | position | drops [seconds] | cost | mastering]`
#![allow(clippy::unwrap_used, missing_docs)] // a bench may fail

#[path = "../tests/common/mod.rs"]
mod common;

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{Receiver, channel},
    },
    time::{Duration, Instant},
};

use auralis_audio::{Engine, OutputKind};
use auralis_core::{
    AnalysisProfiles, CurrentOutput, EngineCommand, EngineEvent, LoadId, MasteringSettings, Preset, SeekId,
};
use common::{
    Frame, LONG, encode, load_command,
    monitor::{Monitor, frame_number, frame_report, numbered_signal},
    profile,
    pulse::{self, KillOnDrop, SERVER_FOLDER, pactl, rerun_in_child},
    with_profiles,
};

const RATE: u32 = 48_000;
const ROUNDS: usize = 60;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let Some(folder) = std::env::var_os(SERVER_FOLDER) else {
        return rerun_in_child(&arguments);
    };
    let folder = Path::new(&folder);
    let _server = pulse::server_with(folder, "yes");
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    if wanted("latency") {
        latency(folder);
    }
    if wanted("position") {
        position(folder);
    }
    if wanted("drops") {
        let seconds = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(600);
        drops(folder, seconds);
    }
    if wanted("cost") {
        cost(folder);
    }
    if wanted("mastering") {
        mastering(folder);
    }
}

/// An engine at the default output.
struct Player {
    engine: Engine,
    events: Receiver<(Instant, EngineEvent)>,
}

impl Player {
    fn start() -> Self {
        let (sender, events) = channel();
        let engine = Engine::start(OutputKind::System, move |event| drop(sender.send((Instant::now(), event))));
        Self { engine, events }
    }

    fn wait(&self, wanted: impl Fn(&EngineEvent) -> bool) -> (Instant, EngineEvent) {
        let deadline = Instant::now() + LONG;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let (at, event) = self.events.recv_timeout(left).expect("the engine reports");
            if wanted(&event) {
                return (at, event);
            }
        }
    }

    fn runs(&self, load: u64) {
        self.wait(|event| matches!(event, EngineEvent::Position { load: of, running: true, .. } if of.0 == load));
    }

    /// Underruns of the ring and of the device.
    fn underruns(&self) -> (u64, u64) {
        let fared = self.engine.diagnostics();
        (fared.underruns, fared.output.map_or(0, |output| output.underruns))
    }
}

/// Times in milliseconds.
#[derive(Default)]
struct Times(Vec<f64>);

impl Times {
    fn add(&mut self, from: Instant, to: Instant) {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        self.0.push(ms(to.saturating_duration_since(from)) - ms(from.saturating_duration_since(to)));
    }

    fn at(&mut self, share: f64) -> f64 {
        self.0.sort_by(f64::total_cmp);
        self.0[((self.0.len() - 1) as f64 * share).round() as usize]
    }

    fn show(&mut self) -> String {
        format!(
            "median {:5.1} ms, p95 {:5.1}, from {:.1} to {:.1}",
            self.at(0.5),
            self.at(0.95),
            self.at(0.0),
            self.at(1.0)
        )
    }
}

fn level(seconds: f64, level: f32) -> Vec<Frame> {
    vec![[level, 0.25]; (seconds * f64::from(RATE)) as usize]
}

/// How soon a wish is heard. Levels instead of music tell one place from another.
fn latency(folder: &Path) {
    let signal = [level(60.0, 0.25), level(60.0, -0.25)].concat();
    let file = encode(folder, "levels.flac", &signal, RATE, &[]);
    let other = encode(folder, "other.flac", &level(120.0, 0.5), RATE, &[]);
    let player = Player::start();
    let monitor = Monitor::of("ci");
    player.engine.send(load_command(1, &file, 0.0, true));
    player.runs(1);
    let settle = || std::thread::sleep(Duration::from_micros(300_000 + fastrand::u64(..100_000)));
    let (mut pause, mut resume, mut seek, mut change) = <(Times, Times, Times, Times)>::default();
    settle();
    for round in 0..ROUNDS {
        let (from, at) = (monitor.len(), Instant::now());
        player.engine.send(EngineCommand::Pause);
        settle();
        // A gap before it is none: the last sound counts.
        let sounding = monitor.from(from).iter().rposition(|frame| *frame != [0.0; 2]).expect("it played");
        pause.add(at, monitor.time_of(from + sounding + 1));

        let (from, at) = (monitor.len(), Instant::now());
        player.engine.send(EngineCommand::Play);
        resume.add(at, monitor.time_of(monitor.wait("sound", from, |frame| *frame != [0.0; 2])));
        settle();

        let back = round % 2 == 1;
        let (from, at) = (monitor.len(), Instant::now());
        let position_s = if back { 5.0 } else { 65.0 };
        player.engine.send(EngineCommand::Seek { load: LoadId(1), seek: SeekId(round as u64 + 1), position_s });
        seek.add(
            at,
            monitor.time_of(monitor.wait("the new place", from, |frame| (frame[0] > 0.0) == back && frame[0] != 0.0)),
        );
        settle();
    }
    for round in 0..ROUNDS {
        let (load, file, sign) = if round % 2 == 0 { (2, &other, 0.5) } else { (3, &file, 0.25) };
        let (from, at) = (monitor.len(), Instant::now());
        player.engine.send(load_command(load + 2 * round as u64, file, 0.0, true));
        change.add(at, monitor.time_of(monitor.wait("the other track", from, |frame| frame[0] == sign)));
        settle();
    }
    println!("from a command to the recorded monitor, {ROUNDS} times each, the recorder included");
    for (what, times) in [
        ("pause → silence", &mut pause),
        ("play → sound", &mut resume),
        ("seek → new place", &mut seek),
        ("another track", &mut change),
    ] {
        println!("  {what:17} {}", times.show());
    }
    println!("  underruns of ring and device: {:?}", player.underruns());
}

/// The position that is told beside the one that is heard.
fn position(folder: &Path) {
    let file = encode(folder, "numbered_signal.flac", &numbered_signal(90 * RATE as usize), RATE, &[]);
    let player = Player::start();
    let monitor = Monitor::of("ci");
    player.engine.send(load_command(1, &file, 0.0, true));
    player.runs(1);
    let mut told = Vec::new();
    while told.len() < 60 {
        if let (at, EngineEvent::Position { position_s, running: true, .. }) = player.wait(|_| true) {
            told.push((at, position_s));
        }
    }
    let mut off = Times::default();
    for (at, position_s) in told {
        let heard = monitor.frame_at(at).and_then(|frame| frame_number(&monitor.from(frame)[0]));
        off.0.extend(heard.map(|heard| (position_s - heard as f64 / f64::from(RATE)) * 1e3));
    }
    println!("position told, ahead of the recorded monitor, {} times: {}", off.0.len(), off.show());
}

/// Whether a frame is lost while every core is busy.
fn drops(folder: &Path, seconds: usize) {
    let file = encode(folder, "numbered_signal.flac", &numbered_signal(seconds * RATE as usize), RATE, &[]);
    for busy in [false, true] {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let _hogs: Vec<KillOnDrop> = (0..if busy { cores } else { 0 })
            .map(|_| KillOnDrop(Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap()))
            .collect();
        let player = Player::start();
        let monitor = Monitor::of("ci");
        player.engine.send(load_command(1, &file, 0.0, true));
        player.runs(1);
        let ends = |event: &EngineEvent| matches!(event, EngineEvent::Ended { .. } | EngineEvent::Failed { .. });
        let deadline = Duration::from_secs(seconds as u64) + LONG;
        while !ends(&player.events.recv_timeout(deadline).unwrap().1) {}
        let underruns = player.underruns();
        std::thread::sleep(Duration::from_millis(500));
        let report = frame_report(&monitor.from(0));
        let load = if busy { format!("{cores} of {cores} cores kept busy") } else { "nothing else to do".into() };
        println!("{seconds} s, {load}: {report:?}; counted by the app, ring and device: {underruns:?}");
        let whole = report.heard == seconds * RATE as usize;
        assert!(whole && (report.dropped, report.repeated, report.changed) == (0, 0, 0), "frames are missing");
    }
}

/// The share of a core that playing costs, beside MPD; the server's share beside each, because who resamples differs.
fn cost(folder: &Path) {
    let seconds = 40.0;
    let file = music(folder);
    let server = pid_of_server(folder);
    for rate_hz in [44_100, 48_000] {
        let module = pulse::load_null_sink("measured", rate_hz);
        pactl(&["set-default-sink", "measured"]);
        println!("44.1 kHz/16 bit FLAC into a sink of {rate_hz} Hz, share of a core");
        for turn in 0..2 {
            let mpd = Mpd::start(folder, &file);
            show("MPD", turn, used(seconds, &[mpd.process.0.id(), server]));
            drop(mpd);
            let player = Player::start();
            player.engine.send(load_command(1, &file, 0.0, true));
            player.wait(|event| matches!(event, EngineEvent::Output(CurrentOutput::Open { rate_hz: open, .. }) if *open == rate_hz));
            player.runs(1);
            show("Auralis", turn, used(seconds, &[std::process::id(), server]));
        }
        pactl(&["unload-module", &module]);
    }
}

/// The share of a core that playing costs with mastering, and while somebody looks at its meters 12 times a second.
fn mastering(folder: &Path) {
    let (seconds, file) = (30.0, music(folder));
    let server = pid_of_server(folder);
    let player = Player::start();
    let profiles = AnalysisProfiles { track: Some(profile(-20.0)), album: None };
    player.engine.send(with_profiles(load_command(1, &file, 0.0, true), profiles));
    player.runs(1);
    println!("44.1 kHz/16 bit FLAC into a sink of 48,000 Hz, share of a core");
    for turn in 0..2 {
        for (who, enabled, looked_at) in [("off", false, false), ("on", true, false), ("on, meters", true, true)] {
            let settings = MasteringSettings { enabled, preset: Preset::Punchy, night: 0.5, ..Default::default() };
            player.engine.send(EngineCommand::SetMastering { settings, bypassed: false });
            player.engine.send(EngineCommand::Seek { load: LoadId(1), seek: SeekId(turn + 1), position_s: 0.0 });
            let gauges = player.engine.diagnostics_handle();
            let looking = Arc::new(AtomicBool::new(looked_at));
            let goes_on = looking.clone();
            let eyes = std::thread::spawn(move || {
                while goes_on.load(Relaxed) {
                    gauges.meters();
                    std::thread::sleep(Duration::from_millis(80));
                }
            });
            show(who, turn as usize, used(seconds, &[std::process::id(), server]));
            looking.store(false, Relaxed);
            eyes.join().unwrap();
        }
    }
}

fn show(who: &str, turn: usize, shares: Vec<f64>) {
    println!("  {who:8} turn {turn}: {:.2} %, the server meanwhile {:.2} %", shares[0] * 100.0, shares[1] * 100.0);
}

fn music(folder: &Path) -> PathBuf {
    let music = "aevalsrc=0.3*sin(220*2*PI*t)+0.2*sin(1375*2*PI*t)+0.1*random(0)|0.3*sin(330*2*PI*t)+0.1*random(1):s=44100:d=120";
    let file = folder.join("music.flac");
    common::ffmpeg(&["-f", "lavfi", "-i", music, "-sample_fmt", "s16", file.to_str().unwrap()]);
    file
}

fn pid_of_server(folder: &Path) -> u32 {
    let socket = folder.join("pulse.sock");
    let listed =
        String::from_utf8(Command::new("pgrep").args(["-f", socket.to_str().unwrap()]).output().unwrap().stdout);
    listed.unwrap().lines().next().unwrap().parse().unwrap()
}

/// What processes use of a core, while they go on as they are.
fn used(seconds: f64, processes: &[u32]) -> Vec<f64> {
    std::thread::sleep(Duration::from_secs(5));
    let before: Vec<f64> = processes.iter().map(|process| processor_s(*process)).collect();
    let at = Instant::now();
    std::thread::sleep(Duration::from_secs_f64(seconds));
    let elapsed_s = at.elapsed().as_secs_f64();
    processes.iter().zip(before).map(|(process, before)| (processor_s(*process) - before) / elapsed_s).collect()
}

/// Seconds of a processor that a process has had, by the scheduler's count.
fn processor_s(process: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    threads
        .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok())
        .filter_map(|line| line.split(' ').next()?.parse::<f64>().ok())
        .sum::<f64>()
        / 1e9
}

struct Mpd {
    process: KillOnDrop,
}

impl Mpd {
    /// MPD as it is installed, playing a file to the server's default.
    fn start(folder: &Path, file: &Path) -> Self {
        let (socket, config) = (folder.join("mpd.sock"), folder.join("mpd.conf"));
        let mut text = format!("bind_to_address \"{}\"\n", socket.display());
        let _ = writeln!(text, "log_file \"/dev/null\"\naudio_output {{\n type \"pulse\"\n name \"pulse\"\n}}");
        std::fs::write(&config, text).unwrap();
        let _ = std::fs::remove_file(&socket);
        let process = Command::new("mpd").arg("--no-daemon").arg(&config).stderr(Stdio::null()).spawn();
        let process = KillOnDrop(process.expect("mpd is installed"));
        let deadline = Instant::now() + LONG;
        while !socket.exists() {
            assert!(Instant::now() < deadline, "MPD does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        tell_mpd(&socket, &[&format!("add \"{}\"", file.display()), "play"]);
        Self { process }
    }
}

fn tell_mpd(socket: &Path, lines: &[&str]) {
    use std::io::{BufRead, BufReader, Write};
    let mut stream = std::os::unix::net::UnixStream::connect(socket).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap()).lines();
    answers.next();
    for line in lines {
        writeln!(stream, "{line}").unwrap();
        let answer = answers.next().unwrap().unwrap();
        assert_eq!(answer, "OK", "{line}");
    }
}
