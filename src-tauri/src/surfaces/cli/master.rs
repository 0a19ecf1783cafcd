//! `auralis master`: masters files to new files.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use auralis_core::{MasteringSettings, Preset, RenderFormat};
use clap::{Args, ValueEnum};
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::CliError;
use crate::app::comparison_export::export_pairs;
use crate::app::mastering_export::{MasteringInput, MasteringJob, Progress, export};

/// Arguments of `auralis master`.
#[derive(Debug, Args)]
pub struct Master {
    /// Audio files; with --album, in album order
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Folder of the new files; existing files are not replaced
    #[arg(short, long)]
    output: PathBuf,
    /// Preset
    #[arg(long, value_enum, default_value_t = PresetArg::Adaptive)]
    preset: PresetArg,
    /// Intensity, 0–100
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
    intensity: u8,
    /// Dynamic-range compression for night listening, 0–100
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    night: u8,
    /// Master as one album: keep the relative loudness of the tracks
    #[arg(long)]
    album: bool,
    /// Write level-matched pairs for a blind test, mastered and unprocessed, and a key file
    #[arg(long, conflicts_with = "album")]
    compare: bool,
    /// File format
    #[arg(long, value_enum, default_value_t = FormatArg::Flac)]
    format: FormatArg,
    /// Bits per sample
    #[arg(long, default_value = "24", value_parser = ["16", "24"])]
    bits: String,
}

/// The presets by their names on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum PresetArg {
    /// Correct faults, leave well-made tracks as they are
    Adaptive,
    /// The same, weaker
    Gentle,
    /// More bass, softer treble
    Warm,
    /// More treble
    Bright,
    /// Tighter bass and attacks
    Punchy,
    /// Wider, with full dynamics
    Live,
}

impl From<PresetArg> for Preset {
    fn from(preset: PresetArg) -> Self {
        match preset {
            PresetArg::Adaptive => Preset::Adaptive,
            PresetArg::Gentle => Preset::Gentle,
            PresetArg::Warm => Preset::Warm,
            PresetArg::Bright => Preset::Bright,
            PresetArg::Punchy => Preset::Punchy,
            PresetArg::Live => Preset::Live,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArg {
    /// Up to 96 kHz
    Flac,
    Wav,
}

impl Master {
    /// Exports the files and prints the path of each new file. A termination signal leaves no unfinished file.
    pub fn run(self) -> Result<(), CliError> {
        let terminated = termination_flag().map_err(CliError::System)?;
        let compare = self.compare;
        let (job, mut progress_line) = (self.job(), ProgressLine::default());
        let on_progress = |progress| {
            progress_line.update(&job, progress);
            !terminated.load(Relaxed)
        };
        let written = if compare { export_pairs(&job, on_progress) } else { export(&job, on_progress) };
        progress_line.finish();
        let mut out = io::stdout();
        for path in written? {
            // A closed pipe does not matter: the files are written.
            let _ = writeln!(out, "{}", path.display());
        }
        Ok(())
    }

    fn job(self) -> MasteringJob {
        let fraction = |percent: u8| f32::from(percent) / 100.0;
        let (intensity, night) = (fraction(self.intensity), fraction(self.night));
        let format = match self.format {
            FormatArg::Flac => RenderFormat::Flac,
            FormatArg::Wav => RenderFormat::Wav,
        };
        MasteringJob {
            tracks: self.files.into_iter().map(MasteringInput::of_file).collect(),
            folder: self.output,
            settings: MasteringSettings { enabled: true, preset: self.preset.into(), intensity, night },
            album: self.album,
            format,
            bits: if self.bits == "16" { 16 } else { 24 },
        }
    }
}

/// Returns a flag that is set when the process is asked to terminate.
fn termination_flag() -> io::Result<Arc<AtomicBool>> {
    let terminated = Arc::new(AtomicBool::new(false));
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    let entered = runtime.enter();
    let [mut interrupt, mut terminate, mut hangup] =
        [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?];
    drop(entered);
    let flag = terminated.clone();
    std::thread::Builder::new().name("termination_flag".into()).spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        });
        flag.store(true, Relaxed);
    })?;
    Ok(terminated)
}

/// The progress line on a terminal. Not printed into a pipe, where only the paths are wanted.
#[derive(Default)]
struct ProgressLine(Option<(usize, usize, u64)>);

impl ProgressLine {
    /// Updates the line every ten seconds of music.
    fn update(&mut self, job: &MasteringJob, Progress { track, position_s, done }: Progress) {
        let position_s = position_s.unwrap_or(0.0) as u64;
        let now = (done, track, position_s / 10);
        if io::stderr().is_terminal() && self.0.replace(now) != Some(now) {
            let (total, file) = (job.tracks.len(), job.tracks[track].path.display());
            eprint!("\r\x1b[K{done}/{total} {file} {}:{:02}", position_s / 60, position_s % 60);
        }
    }

    fn finish(&self) {
        if self.0.is_some() {
            eprintln!();
        }
    }
}
