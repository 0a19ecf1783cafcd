//! The command line. Help, man page and completions are generated from this definition.

mod adjustment;
mod analyse;
mod master;
mod rooms;
mod run;
mod status;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::str::FromStr;

use auralis_audio::OutputKind;
use auralis_core::SleepTimer;
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub use adjustment::Adjustment;
pub use analyse::Analyse;
pub use master::Master;
pub use run::{CliError, forward_to_running_instance, play_command, run};

/// Music player for people who own their music.
#[derive(Debug, Parser)]
#[command(name = "auralis", version, about, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// The subcommand.
    #[command(subcommand)]
    pub command: Option<CliCommand>,

    /// Run without a window; the interface is served to browsers on this machine.
    #[arg(long)]
    pub headless: bool,

    /// Port of the headless interface; 0 takes any free one.
    #[arg(long, default_value_t = 8765, requires = "headless")]
    pub port: u16,

    /// Address of the headless interface. Devices other than this one must be paired.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), requires = "headless")]
    pub host: IpAddr,

    /// The rooms of the headless player.
    #[command(flatten)]
    pub rooms: rooms::RoomsOptions,

    /// Audio files, folders and playlists to play, in the running player if there is one
    #[arg(conflicts_with = "headless")]
    pub files: Vec<PathBuf>,

    /// Where to play.
    #[arg(long, value_enum, default_value_t = OutputArg::System)]
    pub output: OutputArg,
}

/// Subcommands.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Controls playback; prints nothing.
    #[command(flatten)]
    Player(PlayerCommand),
    /// Show or set the volume
    Volume {
        /// 0 to 100; with a sign, relative to the current volume: +5, -5
        #[arg(allow_hyphen_values = true, value_parser = Adjustment::parse_volume)]
        volume: Option<Adjustment>,
    },
    /// Show what is playing
    Status {
        /// Print the complete state as JSON
        #[arg(long)]
        json: bool,
    },
    /// Open the player in a browser, with the link that pairs it
    Open,
    /// Master files to new files; needs no running player
    Master(Master),
    /// Measure files and show what mastering would do; needs no running player
    Analyse(Analyse),
    /// Show the rooms of the home, or change one
    Rooms(rooms::RoomsCommand),
    /// Print shell completions
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man page
    Man,
}

/// Subcommands that control playback and print nothing.
#[derive(Debug, Subcommand)]
pub enum PlayerCommand {
    /// Start or resume playback
    Play,
    /// Pause playback
    Pause,
    /// Pause if playing, otherwise play
    Toggle,
    /// Skip to the next track
    Next,
    /// Return to the start of the track, or to the previous one
    Previous,
    /// Stop playback
    Stop,
    /// End playback after the track, the album or some minutes
    Sleep {
        /// track, album, off, or a number of minutes
        when: SleepArg,
    },
    /// Undo the last edit, of the queue, playlists, favourites, ratings, history or tags
    Undo,
    /// Redo the edit that was undone last
    Redo,
    /// Seek within the track
    Seek {
        /// A time: 95, 1:35 or 1:01:35; with a sign, relative to the current position: +10, -0:30
        #[arg(allow_hyphen_values = true, value_parser = Adjustment::parse_position)]
        position: Adjustment,
    },
    /// Add files to the end of "Up next"
    Enqueue {
        /// Audio files, folders and playlists
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// The argument of `sleep`.
#[derive(Debug, Clone, Copy)]
pub struct SleepArg(pub SleepTimer);

impl FromStr for SleepArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(SleepArg(match text {
            "off" => SleepTimer::Off {},
            "track" => SleepTimer::EndOfTrack {},
            "album" => SleepTimer::EndOfAlbum {},
            minutes => match minutes.parse() {
                Ok(minutes @ 1..=SleepTimer::MAX_MINUTES) => SleepTimer::Minutes { minutes },
                _ => return Err("expected track, album, off, or 1 to 1440 minutes".to_owned()),
            },
        }))
    }
}

/// Values of `--output`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum OutputArg {
    /// The system's audio output.
    System,
    /// No sound; plays in real time. For machines without an audio device.
    Null,
}

impl From<OutputArg> for OutputKind {
    fn from(choice: OutputArg) -> Self {
        match choice {
            OutputArg::System => OutputKind::System,
            OutputArg::Null => OutputKind::Null,
        }
    }
}
