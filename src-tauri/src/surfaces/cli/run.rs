//! Runs the subcommands.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};

use auralis_core::{Command, QueuePosition, RemoteServerState, TrackSelection};
use clap::CommandFactory;
use url::Url;

use super::{Cli, CliCommand, PlayerCommand, status};
use crate::app::{AppDirs, PairingSecret, mastering_export::ExportError};
use crate::surfaces::control_socket::{Client, ClientError};

/// Why a subcommand failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The player is not running or refused it.
    #[error(transparent)]
    Player(#[from] ClientError),
    /// A word that is neither a subcommand nor a file.
    #[error("There is no command or file named \u{201c}{word}\u{201d}. {}", advice(.similar))]
    UnknownWord {
        /// As typed.
        word: String,
        /// The subcommand that was probably meant.
        similar: Option<String>,
    },
    /// A file does not exist or cannot be read.
    #[error("{path}: {reason}")]
    File {
        /// The path as typed.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// A URL of something other than a file.
    #[error("{0}: only files can be opened.")]
    UnsupportedUrl(String),
    /// A path that is not valid UTF-8.
    #[error("{0}: the name is not valid UTF-8, so the player cannot open it.")]
    NotUtf8(PathBuf),
    /// The HTTP server does not run, so that no browser can connect.
    #[error("Remote control is off. Allow it in the settings, or start Auralis with `auralis --headless`.")]
    ServerOff,
    /// The export failed or ended early.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The room is unknown or ambiguous.
    #[error("{0}")]
    Room(String),
    /// The system refused something basic.
    #[error("The system refused: {0}")]
    System(io::Error),
    /// The output cannot be written.
    #[error("The output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl CliError {
    /// Returns the exit code: 2 for wrong arguments, as for those that the parser rejects, else 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            CliError::UnknownWord { .. } | CliError::UnsupportedUrl(_) | CliError::NotUtf8(_) => 2,
            _ => 1,
        }
    }
}

fn advice(similar: &Option<String>) -> String {
    match similar {
        Some(name) => format!("Did you mean `auralis {name}`?"),
        None => "See `auralis --help`.".to_owned(),
    }
}

/// Runs a subcommand and prints its result.
pub fn run(command: CliCommand, dirs: &AppDirs) -> Result<(), CliError> {
    let connect = || Client::connect(&dirs.control_socket());
    let mut out = io::stdout();
    match command {
        CliCommand::Player(command) => {
            let mut player = connect()?;
            let command = core_command(command, player.hello().view.position.position_s)?;
            let is_history_step = matches!(command, Command::Undo {} | Command::Redo {});
            player.dispatch(command)?;
            if is_history_step && let Some(last) = &connect()?.hello().view.queue.last_edit {
                writeln!(out, "{}", status::format_edit(last))?;
            }
        }
        CliCommand::Volume { volume: None } => writeln!(out, "{}", connect()?.hello().view.player.volume)?,
        CliCommand::Volume { volume: Some(amount) } => {
            let mut player = connect()?;
            let volume = amount.apply_to(player.hello().view.player.volume.into()).round();
            player.dispatch(Command::SetVolume { volume: volume.clamp(0.0, 100.0) as u8 })?;
        }
        CliCommand::Status { json: false } => write!(out, "{}", status::format_status(&connect()?.hello().view))?,
        CliCommand::Status { json: true } => {
            let mut player = connect()?;
            let diagnostics = player.diagnostics()?;
            let status = status::StatusJson { hello: player.hello(), diagnostics };
            writeln!(out, "{}", serde_json::to_string_pretty(&status).map_err(io::Error::from)?)?;
        }
        CliCommand::Open => open_in_browser(&connect()?, dirs, &mut out)?,
        CliCommand::Master(master) => master.run()?,
        CliCommand::Analyse(analyse) => analyse.run()?,
        CliCommand::Rooms(command) => command.run(&mut connect()?)?,
        CliCommand::Completions { shell } => clap_complete::generate(shell, &mut Cli::command(), "auralis", &mut out),
        CliCommand::Man => clap_mangen::Man::new(Cli::command()).render(&mut out)?,
    }
    Ok(())
}

fn core_command(command: PlayerCommand, position_s: f64) -> Result<Command, CliError> {
    Ok(match command {
        PlayerCommand::Play => Command::Play {},
        PlayerCommand::Pause => Command::Pause {},
        PlayerCommand::Toggle => Command::Toggle {},
        PlayerCommand::Next => Command::Next {},
        PlayerCommand::Previous => Command::Previous {},
        PlayerCommand::Stop => Command::Stop {},
        PlayerCommand::Sleep { when } => Command::SetSleepTimer { timer: when.0 },
        PlayerCommand::Undo => Command::Undo {},
        PlayerCommand::Redo => Command::Redo {},
        PlayerCommand::Seek { position } => Command::Seek { position_s: position.apply_to(position_s) },
        PlayerCommand::Enqueue { files } => {
            Command::Enqueue { tracks: tracks(&files)?, position: QueuePosition::UpNext, before: None }
        }
    })
}

/// Returns the command that plays the given files; `None` if there are none.
pub fn play_command(files: &[PathBuf]) -> Result<Option<Command>, CliError> {
    if files.is_empty() {
        return Ok(None);
    }
    Ok(Some(Command::PlayTracks { tracks: tracks(files)?, start: None, start_track: None }))
}

/// Forwards this start to the running player, and shows its window.
pub fn forward_to_running_instance(play_command: Option<Command>, dirs: &AppDirs) -> Result<(), CliError> {
    let mut player = Client::connect(&dirs.control_socket())?;
    if let Some(command) = play_command {
        player.dispatch(command)?;
    }
    // The launcher's permission to bring a window to the front.
    let token = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"].iter().find_map(|name| std::env::var(name).ok());
    Ok(player.raise(token)?)
}

/// Prints the link that pairs a browser on this machine, and opens it if there is a desktop.
fn open_in_browser(player: &Client, dirs: &AppDirs, out: &mut impl Write) -> Result<(), CliError> {
    let RemoteServerState::Open { address, .. } = &player.hello().view.remote else { return Err(CliError::ServerOff) };
    let address: SocketAddr = address.parse().map_err(|_| CliError::ServerOff)?;
    let link = PairingSecret::open(dirs.pairing_file()).local_link(address).map_err(CliError::System)?;
    writeln!(out, "{link}")?;
    if std::env::var_os("DISPLAY").is_some() || std::env::var_os("WAYLAND_DISPLAY").is_some() {
        // Other users can read the arguments of a program, but not this file.
        let page = dirs.runtime.join("open.html");
        let content = format!("<!doctype html><meta http-equiv=\"refresh\" content=\"0;url={link}\">");
        let mut file = tempfile::NamedTempFile::new_in(&dirs.runtime).map_err(CliError::System)?;
        file.write_all(content.as_bytes())?;
        file.persist(&page).map_err(|error| CliError::System(error.error))?;
        let mut browser = process::Command::new("xdg-open");
        browser.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Err(error) = browser.spawn() {
            tracing::warn!(%error, "failed to start the browser; open the link yourself");
        }
    }
    Ok(())
}

/// Returns the error for a missing file whose name reads like a mistyped subcommand.
fn unknown_word(path: &Path) -> Option<CliError> {
    /// Edits between a word and the subcommand that it is taken for.
    const MAX_EDITS: usize = 2;
    let word = path.to_str().filter(|word| !word.contains('/'))?;
    let cli = Cli::command();
    let names = cli.get_subcommands().map(|command| command.get_name());
    let distances = names.map(|name| (strsim::osa_distance(word, name), name));
    let nearest = distances.min().filter(|(distance, name)| *distance <= MAX_EDITS && *distance < name.len());
    Some(CliError::UnknownWord { word: word.to_owned(), similar: nearest.map(|(_, name)| name.to_owned()) })
}

fn tracks(files: &[PathBuf]) -> Result<TrackSelection, CliError> {
    let paths = files.iter().map(|path| absolute(path)).collect::<Result<_, _>>()?;
    Ok(TrackSelection::Files { paths })
}

/// Returns the absolute path: the player has another working directory. Desktops may pass URLs.
fn absolute(path: &Path) -> Result<String, CliError> {
    let file = match path.to_str().filter(|text| text.contains("://")).map(|text| (text, Url::parse(text))) {
        Some((text, Ok(url))) => url.to_file_path().map_err(|()| CliError::UnsupportedUrl(text.to_owned()))?,
        _ => path.to_owned(),
    };
    let absolute = file.canonicalize().map_err(|reason| match unknown_word(&file) {
        Some(error) if reason.kind() == io::ErrorKind::NotFound => error,
        _ => CliError::File { path: path.to_owned(), reason },
    })?;
    absolute.into_os_string().into_string().map_err(|name| CliError::NotUtf8(name.into()))
}
