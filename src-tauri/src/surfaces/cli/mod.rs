//! The command line: one definition, from which help, man page and completions come.

mod adjustment;
mod master;
mod run;
mod status;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use auralis_audio::OutputKind;
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub use adjustment::Amount;
pub use master::Master;
pub use run::{OrderError, carry_out, hand_over, opening};

/// A music player for people who own their music.
#[derive(Debug, Parser)]
#[command(name = "auralis", version, about, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What the running player is to do.
    #[command(subcommand)]
    pub order: Option<Order>,

    /// Run without a window; the interface is served to browsers on this machine.
    #[arg(long)]
    pub headless: bool,

    /// Port of the headless interface; 0 takes any free one.
    #[arg(long, default_value_t = 8765, requires = "headless")]
    pub port: u16,

    /// Address of the headless interface. Devices other than this one need a pairing.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), requires = "headless")]
    pub host: IpAddr,

    /// Audio files, folders and playlists to play, in the running player if there is one
    #[arg(conflicts_with = "headless")]
    pub files: Vec<PathBuf>,

    /// Where the sound goes.
    #[arg(long, value_enum, default_value_t = OutputChoice::System)]
    pub output: OutputChoice,
}

/// What can be asked for without a window.
#[derive(Debug, Subcommand)]
pub enum Order {
    /// One that tells nothing back.
    #[command(flatten)]
    Wish(Wish),
    /// Tell the volume, or set it
    Volume {
        /// 0 to 100; with a sign, from what it is: +5, -5
        #[arg(allow_hyphen_values = true)]
        volume: Option<Amount>,
    },
    /// Tell what plays
    Status {
        /// Everything, as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write tracks, mastered, as new files. Needs no player that runs
    Master(Master),
    /// Print the completions of a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the man page
    Man,
}

/// Orders that tell nothing back.
#[derive(Debug, Subcommand)]
pub enum Wish {
    /// Play, or go on
    Play,
    /// Hold the position
    Pause,
    /// Play if not playing, else pause
    Toggle,
    /// To the next track
    Next,
    /// To the start of the track, or to the one before
    Previous,
    /// Back to the start, silent
    Stop,
    /// Take the last edit of the queue back
    Undo,
    /// Make the edit again that was taken back last
    Redo,
    /// Move within the track
    Seek {
        /// Where to: 95, 1:35 or 1:01:35; with a sign, from here: +10, -0:30
        #[arg(allow_hyphen_values = true)]
        position: Amount,
    },
    /// Put files behind what you queued
    Enqueue {
        /// Audio files, folders and playlists
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
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
