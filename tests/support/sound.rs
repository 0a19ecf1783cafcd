//! PulseAudio with a null sink whose monitor is recorded: a real sound server without a sound card.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::music::{RATE_HZ, frames};
use super::process::Process;
use super::wait_for;

pub struct SoundServer {
    folder: TempDir,
    _server: Process,
}

impl SoundServer {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let socket = folder.path().join("pulse.sock");
        let server = Process::start(
            Command::new("pulseaudio")
                .args(
                    "-n --daemonize=no --exit-idle-time=-1 --use-pid-file=no --realtime=no --high-priority=no"
                        .split(' '),
                )
                .args(["-L", &format!("module-native-protocol-unix socket={} auth-anonymous=1", socket.display())])
                .args([
                    "-L",
                    &format!("module-null-sink sink_name=ci format=float32le rate={RATE_HZ} channels=2 norewinds=1"),
                ])
                .env("XDG_RUNTIME_DIR", folder.path())
                .env("HOME", folder.path())
                .stderr(Stdio::null()),
        );
        let server = SoundServer { folder, _server: server };
        wait_for("the sound server", || {
            let info = Command::new("pactl").arg("info").env("PULSE_SERVER", server.address()).output().ok()?;
            info.status.success().then_some(())
        });
        server
    }

    /// The value for `PULSE_SERVER`.
    pub fn address(&self) -> String {
        format!("unix:{}", self.folder.path().join("pulse.sock").display())
    }

    /// Starts recording the sink.
    pub fn record(&self) -> Recording {
        let path = self.folder.path().join("monitor.raw");
        let file = File::create(&path).expect("a file");
        let recorder = Process::start(
            Command::new("parec")
                .args("-d ci.monitor --format=float32le --channels=2 --raw --latency-msec=20".split(' '))
                .arg(format!("--rate={RATE_HZ}"))
                .env("PULSE_SERVER", self.address())
                .stdout(file),
        );
        let recording = Recording { path, _recorder: recorder };
        wait_for("the first recorded frames", || (recording.len() > RATE_HZ as usize / 2).then_some(()));
        recording
    }
}

pub struct Recording {
    path: PathBuf,
    _recorder: Process,
}

impl Recording {
    /// All frames recorded so far.
    pub fn frames(&self) -> Vec<[f32; 2]> {
        frames(&std::fs::read(&self.path).expect("the recording"))
    }

    fn len(&self) -> usize {
        std::fs::metadata(&self.path).map_or(0, |file| file.len() as usize / size_of::<[f32; 2]>())
    }

    /// Waits for `count` more frames and returns them.
    pub fn next(&self, count: usize) -> Vec<[f32; 2]> {
        let start = self.len();
        wait_for("more recorded frames", || (self.len() >= start + count).then_some(()));
        self.frames()[start..start + count].to_vec()
    }
}

type Frame = [f32; 2];

fn frames_match(a: &Frame, b: &Frame, tolerance: f32) -> bool {
    (a[0] - b[0]).abs() <= tolerance && (a[1] - b[1]).abs() <= tolerance
}

/// Returns the offset in `recording` at which `signal` begins, within `tolerance`.
pub fn find_offset(recording: &[Frame], signal: &[Frame], tolerance: f32) -> Option<usize> {
    let beginning = &signal[..256];
    let here = |window: &[Frame]| window.iter().zip(beginning).all(|(a, b)| frames_match(a, b, tolerance));
    recording.windows(beginning.len()).position(here)
}

/// Returns the first frame of `signal` that differs from `recording`, which begins with `signal`. Inserted silence is
/// skipped: the sound server adds it on an underrun and continues afterwards.
pub fn first_difference(recording: &[Frame], signal: &[Frame], tolerance: f32) -> Option<usize> {
    let mut recorded = recording.iter().peekable();
    signal.iter().position(|frame| {
        while recorded.next_if(|heard| **heard == [0.0; 2] && *frame != [0.0; 2]).is_some() {}
        !recorded.next().is_some_and(|heard| frames_match(heard, frame, tolerance))
    })
}

/// Returns the largest absolute sample.
pub fn peak(frames: &[Frame]) -> f32 {
    frames.as_flattened().iter().fold(0.0, |peak, sample| sample.abs().max(peak))
}
