//! Records the monitor of a sink, with arrival times.

use std::{
    io::Read,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::{Frame, LONG, pulse::KillOnDrop};

/// The rate at which monitors are recorded.
pub const RATE_HZ: u32 = 48_000;

/// A recording of a sink; stops when dropped.
pub struct Monitor {
    recorder: KillOnDrop,
    heard: Arc<Mutex<MonitorRecording>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct MonitorRecording {
    frames: Vec<Frame>,
    /// Arrival times and the number of frames by then.
    arrivals: Vec<(Instant, usize)>,
}

impl Monitor {
    /// Starts recording a sink; returns once frames arrive.
    pub fn of(sink: &str) -> Self {
        let recorder = Command::new("parec")
            .args(["-d", &format!("{sink}.monitor"), "--format=float32le", "--rate=48000", "--channels=2", "--raw"])
            .arg("--latency-msec=5")
            .stdout(Stdio::piped())
            .spawn();
        let mut recorder = KillOnDrop(recorder.expect("parec is installed"));
        let mut pipe = recorder.0.stdout.take().expect("it is piped");
        let heard = Arc::new(Mutex::new(MonitorRecording::default()));
        let into = heard.clone();
        let thread = std::thread::spawn(move || {
            let (mut bytes, mut filled) = (vec![0u8; 1 << 16], 0);
            while let Ok(read @ 1..) = pipe.read(&mut bytes[filled..]) {
                let now = Instant::now();
                filled += read;
                let whole = filled / 8 * 8;
                let mut heard = into.lock().unwrap();
                heard.frames.extend(super::pulse::frames(&bytes[..whole]));
                let count = heard.frames.len();
                heard.arrivals.push((now, count));
                bytes.copy_within(whole..filled, 0);
                filled -= whole;
            }
        });
        let this = Self { recorder, heard, thread: Some(thread) };
        this.wait("a recording", 0, |_| true);
        this
    }

    /// Number of recorded frames.
    pub fn len(&self) -> usize {
        self.heard.lock().unwrap().frames.len()
    }

    /// The frames from one on.
    pub fn from(&self, frame: usize) -> Vec<Frame> {
        self.heard.lock().unwrap().frames[frame..].to_vec()
    }

    /// Waits for the first frame from `from` on that matches.
    pub fn wait(&self, what: &str, from: usize, wanted: impl Fn(&Frame) -> bool) -> usize {
        let deadline = Instant::now() + LONG;
        let mut from = from;
        loop {
            let heard = self.heard.lock().unwrap();
            if let Some(at) = heard.frames[from..].iter().position(&wanted) {
                return from + at;
            }
            from = heard.frames.len();
            drop(heard);
            assert!(Instant::now() < deadline, "{what} is not heard");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// When a frame was heard, by the earliest arrival within half a second of it.
    pub fn time_of(&self, frame: usize) -> Instant {
        let heard = self.heard.lock().unwrap();
        let near = heard.arrivals.iter().filter(|(_, count)| count.abs_diff(frame) < RATE_HZ as usize / 2);
        let seconds = |frames: usize| Duration::from_secs_f64(frames as f64 / f64::from(RATE_HZ));
        near.map(|(at, count)| if *count > frame { *at - seconds(count - frame) } else { *at + seconds(frame - count) })
            .min()
            .expect("the frame is recorded")
    }

    /// The frame that was heard at a time.
    pub fn frame_at(&self, time: Instant) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = (low + high) / 2;
            if self.time_of(middle) < time { low = middle + 1 } else { high = middle }
        }
        (low < self.len()).then_some(low)
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        let _ = self.recorder.0.kill();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A signal in which each frame encodes its own number and none is silent. Quantized to 16 bits.
pub fn numbered_signal(frames: usize) -> Vec<Frame> {
    (0..frames).map(|n| [n % 30_000, n / 30_000].map(|step| (step + 1_000) as f32 / 32_768.0)).collect()
}

/// The number a frame encodes, if it is one of the signal.
pub fn frame_number(frame: &Frame) -> Option<usize> {
    let [low, high] = frame.map(|sample| sample * 32_768.0 - 1_000.0);
    let whole = low.fract() == 0.0 && high.fract() == 0.0 && (0.0..30_000.0).contains(&low) && high >= 0.0;
    whole.then_some(high as usize * 30_000 + low as usize)
}

/// What became of a numbered signal.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FrameReport {
    /// Frames heard in their place.
    pub heard: usize,
    /// Frames never heard.
    pub dropped: usize,
    /// Frames heard again.
    pub repeated: usize,
    /// Frames that are not of the signal.
    pub changed: usize,
    /// Silences within the signal.
    pub gaps: usize,
    /// Silent frames within the signal.
    pub silence: usize,
}

/// Compares a recording with the numbered signal, ignoring silence around it.
pub fn frame_report(heard: &[Frame]) -> FrameReport {
    let mut report = FrameReport::default();
    let (mut expected, mut silent) = (None, false);
    for frame in super::trimmed(heard) {
        if *frame == [0.0; 2] {
            report.gaps += usize::from(!silent);
            report.silence += 1;
        } else if let Some(frame_number) = frame_number(frame) {
            match expected {
                Some(expected) if frame_number < expected => report.repeated += 1,
                Some(expected) => {
                    report.dropped += frame_number - expected;
                    report.heard += 1;
                }
                None => report.heard += 1,
            }
            expected = Some(expected.unwrap_or(0).max(frame_number + 1));
        } else {
            report.changed += 1;
        }
        silent = *frame == [0.0; 2];
    }
    report
}
