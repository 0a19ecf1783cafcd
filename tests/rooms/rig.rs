//! Two rooms that can be measured: a sound card of four channels, of which each room plays two, and one recording of all.

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::process::Process;
use crate::support::{TIMEOUT, wait_for};

pub const RATE_HZ: usize = 48_000;
/// What is called silence: the last bit of 16.
const SILENCE: f32 = 1.0 / 32_768.0;

/// Front left and right, rear left and right.
pub type Frame = [f32; 4];

pub struct Rig {
    folder: TempDir,
    _server: Process,
}

impl Rig {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let modules = [
            format!(
                "module-native-protocol-unix socket={} auth-anonymous=1",
                folder.path().join("pulse.sock").display()
            ),
            "module-null-sink sink_name=rooms format=float32le rate=48000 channels=4 norewinds=1 \
             channel_map=front-left,front-right,rear-left,rear-right"
                .to_owned(),
            "module-remap-sink sink_name=front master=rooms channels=2 channel_map=front-left,front-right \
             master_channel_map=front-left,front-right remix=no"
                .to_owned(),
            "module-remap-sink sink_name=rear master=rooms channels=2 channel_map=front-left,front-right \
             master_channel_map=rear-left,rear-right remix=no"
                .to_owned(),
        ];
        let mut pulse = Command::new("pulseaudio");
        pulse.args(
            "-n --daemonize=no --exit-idle-time=-1 --use-pid-file=no --realtime=no --high-priority=no".split(' '),
        );
        for module in &modules {
            pulse.args(["-L", module]);
        }
        pulse.env("XDG_RUNTIME_DIR", folder.path()).env("HOME", folder.path()).stderr(Stdio::null());
        let rig = Rig { _server: Process::start(&mut pulse), folder };
        wait_for("the sound server", || {
            let sinks =
                Command::new("pactl").args(["list", "short", "sinks"]).env("PULSE_SERVER", rig.address()).output();
            sinks.ok().filter(|sinks| String::from_utf8_lossy(&sinks.stdout).contains("rear"))
        });
        rig
    }

    fn address(&self) -> String {
        format!("unix:{}", self.folder.path().join("pulse.sock").display())
    }

    /// A stock player of a Snapcast server, called `id`, into one pair of channels or, with `rooms`, both.
    pub fn player(&self, id: &str, sink: &str, stream_port: u16) -> Process {
        let port = stream_port.to_string();
        let mut command = Command::new("snapclient");
        command.args([
            "--host",
            "127.0.0.1",
            "--port",
            &port,
            "--hostID",
            id,
            "--player",
            "pulse",
            "--logsink",
            "null",
        ]);
        command.env("PULSE_SERVER", self.address()).env("PULSE_SINK", sink).env("HOME", self.folder.path());
        Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()))
    }

    /// Begins to record.
    pub fn record(&self) -> Recording {
        let mut recorder = Command::new("parec")
            .args("-d rooms.monitor --format=float32le --rate=48000 --channels=4 --raw --latency-msec=10".split(' '))
            .arg("--channel-map=front-left,front-right,rear-left,rear-right")
            .env("PULSE_SERVER", self.address())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("parec runs");
        let mut stdout = recorder.stdout.take().expect("piped");
        let tape = Arc::new(Mutex::new(Tape { frames: Vec::new(), start: None }));
        let written = tape.clone();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let mut buffer = [0; 8192];
            while let Ok(read @ 1..) = stdout.read(&mut buffer) {
                let now = Instant::now();
                bytes.extend_from_slice(&buffer[..read]);
                let whole = bytes.len() / size_of::<Frame>() * size_of::<Frame>();
                let mut tape = written.lock().expect("the tape");
                let samples = bytes[..whole].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
                let samples: Vec<f32> = samples.collect();
                tape.frames.extend(samples.as_chunks::<4>().0);
                bytes.drain(..whole);
                // The quickest delivery tells best when the first frame was played.
                let start = now - Duration::from_secs_f64(tape.frames.len() as f64 / RATE_HZ as f64);
                tape.start = Some(tape.start.map_or(start, |known| known.min(start)));
            }
        });
        let recording = Recording { tape, recorder };
        recording.wait(RATE_HZ / 2);
        recording
    }
}

struct Tape {
    frames: Vec<Frame>,
    /// When the first frame was played.
    start: Option<Instant>,
}

/// What both rooms played.
pub struct Recording {
    tape: Arc<Mutex<Tape>>,
    recorder: Child,
}

impl Drop for Recording {
    fn drop(&mut self) {
        let _ = self.recorder.kill();
        let _ = self.recorder.wait();
    }
}

impl Recording {
    fn tape(&self) -> std::sync::MutexGuard<'_, Tape> {
        self.tape.lock().expect("the tape")
    }

    pub fn len(&self) -> usize {
        self.tape().frames.len()
    }

    /// The frame that was played at a time.
    pub fn frame_at(&self, time: Instant) -> usize {
        let start = self.tape().start.expect("something was recorded");
        (time.saturating_duration_since(start).as_secs_f64() * RATE_HZ as f64) as usize
    }

    /// Waits until so many frames are recorded.
    pub fn wait(&self, frames: usize) {
        wait_for("a longer recording", || (self.len() >= frames).then_some(()));
    }

    /// Waits until these frames are recorded, and returns them.
    pub fn frames(&self, from: usize, count: usize) -> Vec<Frame> {
        self.wait(from + count);
        self.tape().frames[from..from + count].to_vec()
    }

    /// The first frame from `from` on at which a room (0 or 1) is silent for 30 ms, or sounds (`sounding`).
    pub fn find(&self, room: usize, from: usize, sounding: bool) -> usize {
        let deadline = Instant::now() + TIMEOUT;
        let steady = if sounding { 1 } else { RATE_HZ * 30 / 1000 };
        let mut at = from;
        loop {
            {
                let tape = self.tape();
                let mut run = 0;
                while let Some(frame) = tape.frames.get(at + run) {
                    let sounds = frame[2 * room].abs().max(frame[2 * room + 1].abs()) > SILENCE;
                    if sounds == sounding {
                        run += 1;
                        if run == steady {
                            return at;
                        }
                    } else {
                        at += run + 1;
                        run = 0;
                    }
                }
            }
            assert!(Instant::now() < deadline, "room {room} is never {}", if sounding { "heard" } else { "silent" });
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Frames of silence inside of a stretch, where there should be none.
    pub fn gaps(&self, room: usize, from: usize, count: usize) -> usize {
        let frames = self.frames(from, count);
        let quiet = |frame: &Frame| frame[2 * room].abs().max(frame[2 * room + 1].abs()) <= SILENCE;
        // Noise is below that for a few frames now and then.
        frames
            .chunk_by(|a, b| quiet(a) == quiet(b))
            .filter(|run| quiet(&run[0]) && run.len() > 48)
            .map(<[_]>::len)
            .sum()
    }

    /// By how many milliseconds the second room plays after the first, within ±20 ms, over some frames of noise.
    pub fn offset_ms(&self, from: usize, count: usize) -> f64 {
        const REACH: usize = RATE_HZ / 50;
        let frames = self.frames(from, count);
        let first = &frames[REACH..count - REACH];
        let score = |lag: usize| -> f64 {
            let second = &frames[lag..lag + first.len()];
            first.iter().zip(second).step_by(2).map(|(a, b)| f64::from(a[0]) * f64::from(b[2])).sum()
        };
        let best = (0..=2 * REACH).map(|lag| (lag, score(lag))).max_by(|a, b| a.1.total_cmp(&b.1)).expect("lags").0;
        (best as f64 - REACH as f64) * 1000.0 / RATE_HZ as f64
    }

    /// How much of a tone is in a room, 0 to 1 of all sound in a stretch.
    pub fn share_of_tone(&self, room: usize, from: usize, count: usize, hz: f64) -> f64 {
        let frames = self.frames(from, count);
        let (mut sine, mut cosine, mut power) = (0.0, 0.0, 0.0);
        for (index, frame) in frames.iter().enumerate() {
            let (sample, phase) =
                (f64::from(frame[2 * room]), std::f64::consts::TAU * hz * index as f64 / RATE_HZ as f64);
            sine += sample * phase.sin();
            cosine += sample * phase.cos();
            power += sample * sample;
        }
        if power == 0.0 { 0.0 } else { 2.0 * (sine * sine + cosine * cosine) / (power * count as f64) }
    }
}

/// The process of a child of the app by its name.
pub fn child_of(parent: u32, name: &str) -> Option<u32> {
    fs::read_dir("/proc").expect("processes").flatten().find_map(|entry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let status = fs::read_to_string(entry.path().join("status")).ok()?;
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        (field("PPid:")? == parent.to_string() && field("Name:")? == name).then_some(id)
    })
}
