//! `auralis master`: tracks as new files.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use auralis_core::{MasteringSettings, Preset, RenderFormat};
use clap::{Args, ValueEnum};
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::OrderError;
use crate::app::mastering_export::{Export, ExportTrack, Progress, export};

/// What is mastered, and how.
#[derive(Debug, Args)]
pub struct Master {
    /// Audio files; of an album, in its order
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The folder of the new files. None that is there is replaced
    #[arg(short, long)]
    output: PathBuf,
    /// The taste
    #[arg(long, value_enum, default_value_t = Taste::Adaptive)]
    preset: Taste,
    /// How much of it, 0 to 100
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
    intensity: u8,
    /// How much nearer the quiet and the loud come to each other, 0 to 100
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    night: u8,
    /// The files are one album: its tracks keep their relations
    #[arg(long)]
    album: bool,
    /// What kind of files
    #[arg(long, value_enum, default_value_t = Kind::Flac)]
    format: Kind,
    /// Bits of a sample
    #[arg(long, default_value = "24", value_parser = ["16", "24"])]
    bits: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Taste {
    /// Toward what is usual, as far as a track needs it
    Adaptive,
    /// Less of everything
    Gentle,
    /// Fuller below, softer above
    Warm,
    /// Clearer above
    Bright,
    /// Firmer bass and attacks
    Punchy,
    /// Wider, with its dynamics kept
    Live,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// Up to 96 kHz
    Flac,
    Wav,
}

impl Master {
    /// Exports, and prints the name of each new file. A signal to end leaves nothing unfinished behind.
    pub fn carry_out(self) -> Result<(), OrderError> {
        let ended = signals().map_err(OrderError::System)?;
        let (wanted, mut told) = (self.export(), Told::default());
        let written = export(&wanted, |progress| {
            told.tell(&wanted, progress);
            !ended.load(Relaxed)
        });
        told.end();
        let mut out = io::stdout();
        for path in written? {
            // Whoever does not read the names has the files nevertheless.
            let _ = writeln!(out, "{}", path.display());
        }
        Ok(())
    }

    fn export(self) -> Export {
        let preset = match self.preset {
            Taste::Adaptive => Preset::Adaptive,
            Taste::Gentle => Preset::Gentle,
            Taste::Warm => Preset::Warm,
            Taste::Bright => Preset::Bright,
            Taste::Punchy => Preset::Punchy,
            Taste::Live => Preset::Live,
        };
        let share = |percent: u8| f32::from(percent) / 100.0;
        let (intensity, night) = (share(self.intensity), share(self.night));
        let format = match self.format {
            Kind::Flac => RenderFormat::Flac,
            Kind::Wav => RenderFormat::Wav,
        };
        Export {
            tracks: self.files.into_iter().map(ExportTrack::of_file).collect(),
            folder: self.output,
            settings: MasteringSettings { enabled: true, preset, intensity, night },
            album: self.album,
            format,
            bits: if self.bits == "16" { 16 } else { 24 },
        }
    }
}

/// What becomes true when the program is told to end.
fn signals() -> io::Result<Arc<AtomicBool>> {
    let ended = Arc::new(AtomicBool::new(false));
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    let entered = runtime.enter();
    let [mut interrupt, mut terminate, mut hangup] =
        [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?];
    drop(entered);
    let told = ended.clone();
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        });
        told.store(true, Relaxed);
    })?;
    Ok(ended)
}

/// What a terminal was told; whoever reads a pipe wants the names alone.
#[derive(Default)]
struct Told(Option<(usize, usize, u64)>);

impl Told {
    /// Tells of each ten seconds of music.
    fn tell(&mut self, export: &Export, Progress { track, position_s, done }: Progress) {
        let position_s = position_s.unwrap_or(0.0) as u64;
        let now = (done, track, position_s / 10);
        if io::stderr().is_terminal() && self.0.replace(now) != Some(now) {
            let (total, file) = (export.tracks.len(), export.tracks[track].path.display());
            eprint!("\r\x1b[K{done}/{total} {file} {}:{:02}", position_s / 60, position_s % 60);
        }
    }

    fn end(&self) {
        if self.0.is_some() {
            eprintln!();
        }
    }
}
