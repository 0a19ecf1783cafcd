//! The whole way, through a real sound server: what it is given is what the file holds.
#![allow(clippy::unwrap_used)] // a test may fail

mod common;

use std::{
    fs::File,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use auralis_audio::{Engine, OutputKind};
use auralis_core::{EngineCommand, EngineEvent, LoadId, OutputRow, OutputState};
use common::*;

const RATE: u32 = 48_000;
/// Names the folder of the sound server to the run of this test that plays.
const FOLDER: &str = "AURALIS_TEST_FOLDER";

/// The sound server is found by the environment, which a process may set for its child and not safely for itself.
fn again_with_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .arg("--nocapture")
        .env(FOLDER, folder.path())
        .env("XDG_RUNTIME_DIR", folder.path())
        .env("PULSE_SERVER", format!("unix:{}", folder.path().join("pulse.sock").display()))
        .status()
        .unwrap();
    assert!(status.success());
}

/// Ends the process when the test does.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server of our own with a sink that nobody hears.
fn server(folder: &Path) -> Running {
    let socket = folder.join("pulse.sock");
    let protocol = format!("module-native-protocol-unix socket={} auth-anonymous=1", socket.display());
    let sink = "module-null-sink sink_name=ci format=float32le rate=48000 channels=2 norewinds=1";
    let server = Command::new("pulseaudio")
        .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--realtime=no"])
        .args(["--high-priority=no", "-L", &protocol, "-L", sink])
        .env("XDG_RUNTIME_DIR", folder)
        .stderr(Stdio::null())
        .spawn()
        .expect("pulseaudio is installed");
    let server = Running(server);
    let deadline = Instant::now() + LONG;
    let answers = || Command::new("pactl").arg("info").stdout(Stdio::null()).stderr(Stdio::null()).status();
    while !answers().is_ok_and(|status| status.success()) {
        assert!(Instant::now() < deadline, "the sound server does not answer");
        std::thread::sleep(Duration::from_millis(50));
    }
    server
}

fn recorded(path: &Path) -> Vec<Frame> {
    let bytes = std::fs::read(path).unwrap();
    bytes
        .chunks_exact(8)
        .map(|frame| [0, 4].map(|at| f32::from_le_bytes([frame[at], frame[at + 1], frame[at + 2], frame[at + 3]])))
        .collect()
}

#[test]
fn the_server_is_given_what_the_file_holds() {
    let Some(folder) = std::env::var_os(FOLDER) else { return again_with_a_folder() };
    let folder = Path::new(&folder);
    let mut server = server(folder);
    let record = folder.join("record.raw");
    let mut recorder = Running(
        Command::new("parec")
            .args(["-d", "ci.monitor", "--format=float32le", "--rate=48000", "--channels=2", "--raw"])
            .arg("--latency-msec=20")
            .stdout(File::create(&record).unwrap())
            .spawn()
            .expect("parec is installed"),
    );
    // The signal keeps away from zero, so a missing or added frame shows.
    let signal: Vec<Frame> = sweep(4 * RATE as usize, RATE).iter().map(|frame| [frame[0] * 0.5 + 0.5, 0.25]).collect();
    let cut = 2 * RATE as usize + 123;
    let a = encode(folder, "a.wav", &signal[..cut], RATE, &[]);
    let b = encode(folder, "b.flac", &signal[cut..], RATE, &[]);
    let deadline = Instant::now() + LONG;
    while std::fs::metadata(&record).map_or(0, |metadata| metadata.len()) < 8 * 24_000 {
        assert!(Instant::now() < deadline, "nothing is recorded");
        std::thread::sleep(Duration::from_millis(20));
    }

    let (sender, events) = channel();
    let engine = Engine::start(OutputKind::System, move |event| drop(sender.send(event)));
    let mut seen = Vec::new();
    let mut wait = |wanted: &dyn Fn(&EngineEvent) -> bool| {
        let deadline = Instant::now() + LONG;
        loop {
            match events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(event) => {
                    seen.push(event.clone());
                    if wanted(&event) {
                        return event;
                    }
                }
                Err(_) => panic!("it does not come: {seen:#?}"),
            }
        }
    };
    engine.send(load_command(1, &a, 0.0, true));
    engine.send(prepare_command(2, &b, 0.0));
    let EngineEvent::Outputs(outputs) = wait(&|event| matches!(event, EngineEvent::Outputs(_))) else { unreachable!() };
    assert!(matches!(&outputs[..], [OutputRow { id, is_default: true, .. }] if id.0 == "pulseaudio:ci"), "{outputs:?}");
    let open = wait(&|event| matches!(event, EngineEvent::Output(_)));
    let EngineEvent::Output(OutputState::Open { name, rate_hz, .. }) = open else { panic!("{open:?}") };
    assert_eq!(rate_hz, RATE);
    assert!(name.contains("Null"), "{name}");
    wait(&|event| *event == EngineEvent::Ended { load: LoadId(2) });
    let fared = engine.diagnostics();
    assert_eq!(fared.output.as_ref().map(|output| output.rate_hz), Some(RATE));
    assert!(fared.output.as_ref().is_some_and(|output| (0.0..0.5).contains(&output.latency_s)));

    // Pausing silences it.
    engine.send(load_command(3, &a, 0.0, true));
    wait(&|event| matches!(event, EngineEvent::Position { load: LoadId(3), running: true, .. }));
    engine.send(EngineCommand::Pause);
    wait(&|event| matches!(event, EngineEvent::Position { load: LoadId(3), running: false, .. }));
    let silent = |frame: &Frame| *frame == [0.0; 2];
    let deadline = Instant::now() + LONG;
    while !recorded(&record).iter().rev().take(RATE as usize / 4).all(silent) {
        assert!(Instant::now() < deadline, "the pause is heard");
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = recorder.0.kill();
    let _ = recorder.0.wait();
    let heard = recorded(&record);

    // Every frame of both files, in order. A starved server puts silence in between, which costs no frame.
    let start = heard.iter().position(|frame| !silent(frame)).expect("something was recorded");
    let sounding: Vec<Frame> = heard[start..].iter().filter(|frame| !silent(frame)).copied().collect();
    let expected: Vec<Frame> = decode_all(&[&folder.join("a.wav"), &folder.join("b.flac")]);
    assert_eq!(difference(&sounding[..expected.len()], &expected), 0.0);

    // The server dies: that is told, once, and playing pauses.
    engine.send(EngineCommand::Play);
    wait(&|event| matches!(event, EngineEvent::Position { running: true, .. }));
    let _ = server.0.kill();
    let _ = server.0.wait();
    wait(&|event| matches!(event, EngineEvent::Output(OutputState::Lost { .. })));
    wait(&|event| matches!(event, EngineEvent::Position { running: false, .. }));
    let _ = std::fs::remove_file(folder.join("pulse.sock"));
    server = crate::server(folder);
    wait(&|event| matches!(event, EngineEvent::Output(OutputState::Open { .. })));
    let before = Instant::now();
    drop(engine);
    assert!(before.elapsed() < Duration::from_millis(500));
    drop(server);
}

fn decode_all(files: &[&Path]) -> Vec<Frame> {
    files.iter().flat_map(|file| decode(file)).collect()
}
