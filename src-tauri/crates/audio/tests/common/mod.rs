//! Shared by the engine's tests: files encoded by ffmpeg, and an engine on a test device with its events.
#![allow(dead_code, clippy::unwrap_used)] // each test binary uses a part; a test may fail

pub mod monitor;
pub mod pulse;

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    time::{Duration, Instant},
};

use auralis_audio::{Engine, OpenFile, SystemFiles, TestDevice, TrackDecoder};
use auralis_core::{AnalysisProfiles, AudioProfile, EngineCommand, EngineEvent, LoadId, SPECTRUM_BANDS, SeekId};

/// Left and right.
pub type Frame = [f32; 2];

/// Timeout of every wait.
pub const LONG: Duration = Duration::from_secs(20);

/// Runs ffmpeg and panics if it fails.
pub fn ffmpeg(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("ffmpeg is installed");
    assert!(output.status.success(), "ffmpeg {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A stereo log sweep quantized to 16 bits; the right channel is half as loud and inverted.
pub fn sweep(frames: usize, rate_hz: u32) -> Vec<Frame> {
    let seconds = frames as f64 / f64::from(rate_hz);
    let (low, high) = (50.0f64, 8_000.0f64);
    let k = (high / low).ln() / seconds;
    (0..frames)
        .map(|n| {
            let t = n as f64 / f64::from(rate_hz);
            let phase = std::f64::consts::TAU * low * ((k * t).exp() - 1.0) / k;
            let quantized = (phase.sin() * 0.5 * 32768.0).round() / 32768.0;
            [quantized as f32, -((quantized * 0.5 * 32768.0).round() / 32768.0) as f32]
        })
        .collect()
}

/// Writes frames as a 16-bit WAV.
pub fn write_wav(path: &Path, frames: &[Frame], rate_hz: u32) {
    let data = frames.len() as u32 * 4;
    let mut bytes = Vec::with_capacity(44 + data as usize);
    bytes.extend(b"RIFF");
    bytes.extend((36 + data).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes());
    bytes.extend([1, 0, 2, 0]);
    bytes.extend(rate_hz.to_le_bytes());
    bytes.extend((rate_hz * 4).to_le_bytes());
    bytes.extend([4, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend(data.to_le_bytes());
    for sample in frames.as_flattened() {
        bytes.extend(((sample * 32768.0) as i16).to_le_bytes());
    }
    std::fs::write(path, bytes).expect("the temporary folder takes files");
}

/// Encodes frames with ffmpeg; the file extension selects the format.
pub fn encode(folder: &Path, name: &str, frames: &[Frame], rate_hz: u32, options: &[&str]) -> PathBuf {
    let wav = folder.join(format!("{name}.source.wav"));
    write_wav(&wav, frames, rate_hz);
    let path = folder.join(name);
    let mut arguments = vec!["-i", wav.to_str().unwrap(), "-map_metadata", "-1"];
    arguments.extend(options);
    arguments.push(path.to_str().unwrap());
    ffmpeg(&arguments);
    path
}

/// Decodes a file with ffmpeg.
pub fn decode_with_ffmpeg(path: &Path) -> Vec<Frame> {
    let raw = ffmpeg(&["-i", path.to_str().unwrap(), "-map", "0:a:0", "-f", "f32le", "-ac", "2", "-"]);
    let samples: Vec<f32> =
        raw.chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).collect();
    samples.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
}

/// Reads the next frames of a decoder: all, or as many as requested.
pub fn read(decoder: &mut TrackDecoder, frames: usize) -> Vec<Frame> {
    let mut out = Vec::new();
    loop {
        let before = out.len();
        decoder.read(&mut out).expect("the file can be decoded");
        if out.len() == before || out.len() >= frames {
            out.truncate(frames);
            return out;
        }
    }
}

/// Decodes a file with our own decoder.
pub fn decode(path: &Path) -> Vec<Frame> {
    read(&mut TrackDecoder::open(path, None).expect("the file can be opened"), usize::MAX)
}

/// Plays a whole file without gain or analysis.
pub fn load_command(load: u64, path: &Path, position_s: f64, playing: bool) -> EngineCommand {
    let (load, path) = (LoadId(load), path.to_owned());
    EngineCommand::Load {
        load,
        path,
        range: None,
        gain_db: 0.0,
        profiles: AnalysisProfiles::default(),
        position_s,
        playing,
    }
}

/// Prepares a whole file without gain or analysis.
pub fn prepare_command(load: u64, path: &Path, crossfade_s: f64) -> EngineCommand {
    let (load, path) = (LoadId(load), path.to_owned());
    EngineCommand::Prepare { load, path, range: None, gain_db: 0.0, profiles: AnalysisProfiles::default(), crossfade_s }
}

/// Seeks in a load for the first time.
pub fn seek_command(load: u64, position_s: f64) -> EngineCommand {
    EngineCommand::Seek { load: LoadId(load), seek: SeekId(1), position_s }
}

/// An engine on a test device, with its events.
pub struct TestEngine {
    pub engine: Engine,
    pub device: TestDevice,
    pub events: Receiver<EngineEvent>,
    /// All events so far.
    pub seen: Vec<EngineEvent>,
    /// All frames played so far.
    pub played: Vec<Frame>,
    /// Minimum time per block of 256 frames while waiting for an event.
    pub pace: Duration,
}

impl TestEngine {
    /// With a device that waits for the decoder.
    pub fn new(rate_hz: u32) -> Self {
        Self::with(rate_hz, true, Arc::new(SystemFiles))
    }

    pub fn with(rate_hz: u32, patient: bool, opener: Arc<dyn OpenFile>) -> Self {
        let (output, device) = TestDevice::new(rate_hz, patient);
        let (sender, events) = channel();
        let engine = Engine::with_output(Box::new(output), opener, move |event| drop(sender.send(event)));
        Self { engine, device, events, seen: Vec::new(), played: Vec::new(), pace: Duration::from_micros(200) }
    }

    pub fn send(&self, command: EngineCommand) {
        self.engine.send(command);
    }

    pub fn load(&self, load: u64, path: &Path) {
        self.load_at(load, path, 0.0, true);
    }

    pub fn load_at(&self, load: u64, path: &Path, position_s: f64, playing: bool) {
        self.send(load_command(load, path, position_s, playing));
    }

    pub fn prepare(&self, load: u64, path: &Path) {
        self.send(prepare_command(load, path, 0.0));
    }

    /// Advances the device.
    pub fn pull(&mut self, frames: usize) -> &[Frame] {
        let pulled = self.device.pull(frames);
        self.played.extend(&pulled);
        let from = self.played.len() - pulled.len();
        &self.played[from..]
    }

    /// Waits for an event without advancing the device.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&EngineEvent) -> bool) -> EngineEvent {
        let deadline = Instant::now() + LONG;
        loop {
            match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(event) => {
                    self.seen.push(event.clone());
                    if wanted(&event) {
                        return event;
                    }
                }
                Err(_) => panic!("no report of {what}; there were {:#?}", self.seen),
            }
        }
    }

    /// Advances the device until an event arrives.
    pub fn advance_until(&mut self, what: &str, wanted: impl Fn(&EngineEvent) -> bool) -> EngineEvent {
        let deadline = Instant::now() + LONG;
        loop {
            self.pull(256);
            match self.events.recv_timeout(self.pace) {
                Ok(event) => {
                    self.seen.push(event.clone());
                    if wanted(&event) {
                        return event;
                    }
                }
                Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => {}
                Err(_) => panic!("no report of {what}; there were {:#?}", self.seen),
            }
        }
    }

    pub fn wait_ready(&mut self, load: u64) {
        self.wait("ready", |event| matches!(event, EngineEvent::Ready { load: of, .. } if *of == LoadId(load)));
    }

    pub fn wait_open(&mut self) {
        let deadline = Instant::now() + LONG;
        while !self.device.is_open() {
            assert!(Instant::now() < deadline, "the device is not opened: {:#?}", self.seen);
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn play_to_end(&mut self, load: u64) {
        self.advance_until("the end", |event| *event == EngineEvent::Ended { load: LoadId(load) });
    }

    /// Played frames without the silence around them.
    pub fn sound(&self) -> &[Frame] {
        let silent = |frame: &Frame| *frame == [0.0; 2];
        let from = self.played.iter().position(|frame| !silent(frame)).unwrap_or(0);
        let to = self.played.iter().rposition(|frame| !silent(frame)).map_or(0, |last| last + 1);
        &self.played[from..to.max(from)]
    }
}

/// The frames from the first to the last that is not silent.
pub fn trimmed(frames: &[Frame]) -> &[Frame] {
    let silent = |frame: &Frame| *frame == [0.0; 2];
    let from = frames.iter().position(|frame| !silent(frame)).unwrap_or(0);
    let to = frames.iter().rposition(|frame| !silent(frame)).map_or(0, |last| last + 1);
    &frames[from..to.max(from)]
}

/// The largest difference between two signals of equal length.
pub fn difference(a: &[Frame], b: &[Frame]) -> f32 {
    assert_eq!(a.len(), b.len(), "the lengths differ");
    a.as_flattened().iter().zip(b.as_flattened()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// The largest step from one frame to the next.
pub fn max_step(frames: &[Frame]) -> f32 {
    frames.windows(2).map(|pair| (pair[1][0] - pair[0][0]).abs()).fold(0.0, f32::max)
}

/// The same command for a track that has been analysed.
pub fn with_profiles(mut command: EngineCommand, known: AnalysisProfiles) -> EngineCommand {
    match &mut command {
        EngineCommand::Load { profiles, .. } | EngineCommand::Prepare { profiles, .. } => *profiles = known,
        _ => {}
    }
    command
}

/// The profile of a typical track with this loudness.
pub fn profile(integrated_lufs: f32) -> Arc<AudioProfile> {
    Arc::new(AudioProfile {
        duration_s: 4.0,
        integrated_lufs,
        range_lu: 6.0,
        momentary_max_lufs: integrated_lufs + 5.0,
        short_term_max_lufs: integrated_lufs + 3.0,
        true_peak_dbtp: integrated_lufs + 12.0,
        sample_peak_dbfs: integrated_lufs + 12.0,
        crest_db: 12.0,
        mid_db: (0..SPECTRUM_BANDS).map(|band| integrated_lufs - 10.0 - 0.5 * band as f32).collect(),
        side_db: (0..SPECTRUM_BANDS).map(|band| integrated_lufs - 20.0 - 0.5 * band as f32).collect(),
        correlation: vec![0.7; SPECTRUM_BANDS],
        centroid_hz: 1_500.0,
        onsets_per_s: 2.0,
        noise_floor_dbfs: -80.0,
    })
}
