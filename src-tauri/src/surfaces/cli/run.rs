//! Orders to the running player.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use auralis_core::{Command, QueuePosition, TrackSelection};
use clap::CommandFactory;
use url::Url;

use super::{Cli, Order, Wish, status};
use crate::app::{Places, mastering_export::ExportError};
use crate::surfaces::control_socket::{Client, ClientError};

/// Why an order was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The player did not do it.
    #[error(transparent)]
    Player(#[from] ClientError),
    /// There is no such file.
    #[error("{path}: {reason}")]
    File {
        /// As it was typed.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// An address of something else than a file.
    #[error("{0}: only files can be opened.")]
    Address(String),
    /// A name that is no text.
    #[error("{0}: the name is not valid UTF-8, so it cannot be handed over.")]
    Name(PathBuf),
    /// Nothing, or not all, was exported.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// What every program may do is not possible.
    #[error("The system refused: {0}")]
    System(io::Error),
    /// The terminal is gone.
    #[error("The output cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// Carries out an order and prints what it tells.
pub fn carry_out(order: Order, places: &Places) -> Result<(), OrderError> {
    let connect = || Client::connect(&places.control_socket());
    let mut out = io::stdout();
    match order {
        Order::Wish(wish) => {
            let mut player = connect()?;
            let command = command(wish, player.hello().view.position.position_s)?;
            player.dispatch(command)?;
        }
        Order::Volume { volume: None } => writeln!(out, "{}", connect()?.hello().view.player.volume)?,
        Order::Volume { volume: Some(amount) } => {
            let mut player = connect()?;
            let volume = amount.from(player.hello().view.player.volume.into()).round();
            player.dispatch(Command::SetVolume { volume: volume.clamp(0.0, 100.0) as u8 })?;
        }
        Order::Status { json: false } => write!(out, "{}", status::describe(&connect()?.hello().view))?,
        Order::Status { json: true } => {
            let mut player = connect()?;
            let diagnostics = player.diagnostics()?;
            let status = status::Everything { hello: player.hello(), diagnostics };
            writeln!(out, "{}", serde_json::to_string_pretty(&status).map_err(io::Error::from)?)?;
        }
        Order::Master(master) => master.carry_out()?,
        Order::Completions { shell } => clap_complete::generate(shell, &mut Cli::command(), "auralis", &mut out),
        Order::Man => clap_mangen::Man::new(Cli::command()).render(&mut out)?,
    }
    Ok(())
}

fn command(wish: Wish, position_s: f64) -> Result<Command, OrderError> {
    Ok(match wish {
        Wish::Play => Command::Play {},
        Wish::Pause => Command::Pause {},
        Wish::Toggle => Command::Toggle {},
        Wish::Next => Command::Next {},
        Wish::Previous => Command::Previous {},
        Wish::Stop => Command::Stop {},
        Wish::Undo => Command::Undo {},
        Wish::Redo => Command::Redo {},
        Wish::Seek { position } => Command::Seek { position_s: position.from(position_s) },
        Wish::Enqueue { files } => Command::Enqueue { tracks: tracks(&files)?, position: QueuePosition::UpNext },
    })
}

/// What plays the files that were named; nothing if none were.
pub fn opening(files: &[PathBuf]) -> Result<Option<Command>, OrderError> {
    if files.is_empty() {
        return Ok(None);
    }
    Ok(Some(Command::PlayTracks { tracks: tracks(files)?, start: None, start_track: None }))
}

/// Has the running player do what this start was to do, and shows its window.
pub fn hand_over(opening: Option<Command>, places: &Places) -> Result<(), OrderError> {
    let mut player = Client::connect(&places.control_socket())?;
    if let Some(command) = opening {
        player.dispatch(command)?;
    }
    // Whoever starts programs says here that this one may come to the front.
    let token = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"].iter().find_map(|name| std::env::var(name).ok());
    Ok(player.raise(token)?)
}

fn tracks(files: &[PathBuf]) -> Result<TrackSelection, OrderError> {
    let paths = files.iter().map(|path| absolute(path)).collect::<Result<_, _>>()?;
    Ok(TrackSelection::Files { paths })
}

/// The player has another working folder. Desktops may hand over addresses.
fn absolute(path: &Path) -> Result<String, OrderError> {
    let file = match path.to_str().filter(|text| text.contains("://")).map(|text| (text, Url::parse(text))) {
        Some((text, Ok(url))) => url.to_file_path().map_err(|()| OrderError::Address(text.to_owned()))?,
        _ => path.to_owned(),
    };
    let absolute = file.canonicalize().map_err(|reason| OrderError::File { path: path.to_owned(), reason })?;
    absolute.into_os_string().into_string().map_err(|name| OrderError::Name(name.into()))
}
