//! A sound server for one test.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{Frame, LONG};

/// Environment variable that names the server's folder to the child process of a test.
pub const SERVER_FOLDER: &str = "AURALIS_TEST_FOLDER";

/// Runs one test again in a child process that finds the sound server by its environment, which a process cannot safely
/// change for itself.
pub fn rerun_with_server(test: &str) {
    rerun_in_child(&["--exact", test, "--nocapture"]);
}

/// Runs this program again with a temporary folder and these arguments.
pub fn rerun_in_child(arguments: &[impl AsRef<std::ffi::OsStr>]) {
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(arguments)
        .env(SERVER_FOLDER, folder.path())
        .env("XDG_RUNTIME_DIR", folder.path())
        .env("PULSE_SERVER", format!("unix:{}", folder.path().join("pulse.sock").display()))
        .status()
        .unwrap();
    assert!(status.success());
}

/// Kills the process when dropped.
pub struct KillOnDrop(pub Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a server with a null sink.
pub fn server(folder: &Path) -> KillOnDrop {
    server_with(folder, "no")
}

/// The same; `realtime` is `yes` or `no`: whether the server asks for real-time priority, as on a desktop.
pub fn server_with(folder: &Path, realtime: &str) -> KillOnDrop {
    let socket = folder.join("pulse.sock");
    let protocol = format!("module-native-protocol-unix socket={} auth-anonymous=1", socket.display());
    let sink = "module-null-sink sink_name=ci format=float32le rate=48000 channels=2 norewinds=1";
    let server = Command::new("pulseaudio")
        .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "-L", &protocol, "-L", sink])
        .args(["realtime", "high-priority"].map(|wish| format!("--{wish}={realtime}")))
        .env("XDG_RUNTIME_DIR", folder)
        .stderr(Stdio::null())
        .spawn()
        .expect("pulseaudio is installed");
    let server = KillOnDrop(server);
    let deadline = Instant::now() + LONG;
    let answers = || Command::new("pactl").arg("info").stdout(Stdio::null()).stderr(Stdio::null()).status();
    while !answers().is_ok_and(|status| status.success()) {
        assert!(Instant::now() < deadline, "the sound server does not answer");
        std::thread::sleep(Duration::from_millis(50));
    }
    server
}

pub fn recorded(path: &Path) -> Vec<Frame> {
    frames(&std::fs::read(path).unwrap()).collect()
}

/// The frames of a recording.
pub fn frames(bytes: &[u8]) -> impl Iterator<Item = Frame> {
    let sample = |frame: &[u8], at: usize| f32::from_le_bytes([frame[at], frame[at + 1], frame[at + 2], frame[at + 3]]);
    bytes.chunks_exact(8).map(move |frame| [sample(frame, 0), sample(frame, 4)])
}

/// Runs `pactl` and returns its output.
pub fn pactl(words: &[&str]) -> String {
    let output = Command::new("pactl").args(words).output().expect("pactl is installed");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Adds a null sink and returns the module number that removes it.
pub fn load_null_sink(name: &str, rate_hz: u32) -> String {
    let (sink, rate) = (format!("sink_name={name}"), format!("rate={rate_hz}"));
    pactl(&["load-module", "module-null-sink", &sink, &rate, "format=float32le", "channels=2", "norewinds=1"])
}

/// Records a sink.
pub fn record(sink: &str, into: &Path) -> KillOnDrop {
    let recorder = Command::new("parec")
        .args(["-d", &format!("{sink}.monitor"), "--format=float32le", "--rate=48000", "--channels=2", "--raw"])
        .arg("--latency-msec=20")
        .stdout(std::fs::File::create(into).unwrap())
        .spawn();
    KillOnDrop(recorder.expect("parec is installed"))
}
