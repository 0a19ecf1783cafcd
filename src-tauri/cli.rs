//! The command line.

use std::net::{IpAddr, Ipv4Addr};

use auralis_audio::OutputKind;
use clap::{Parser, ValueEnum};

/// A music player for people who own their music.
#[derive(Debug, Parser)]
#[command(name = "auralis", version, about)]
pub struct Cli {
    /// Run without a window; the interface is served to browsers on this machine.
    #[arg(long)]
    pub headless: bool,

    /// Port of the headless interface; 0 takes any free one.
    #[arg(long, default_value_t = 8765, requires = "headless")]
    pub port: u16,

    /// Address of the headless interface. Devices other than this one need a pairing.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), requires = "headless")]
    pub host: IpAddr,

    /// Where the sound goes.
    #[arg(long, value_enum, default_value_t = OutputChoice::System)]
    pub output: OutputChoice,
}

/// What `--output` may name.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum OutputChoice {
    /// The desktop's sound system.
    System,
    /// Nowhere, at the speed of music: for machines without sound.
    Null,
}

impl From<OutputChoice> for OutputKind {
    fn from(choice: OutputChoice) -> Self {
        match choice {
            OutputChoice::System => OutputKind::System,
            OutputChoice::Null => OutputKind::Null,
        }
    }
}
