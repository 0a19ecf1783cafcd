//! A Snapcast server of our own, and a player of this computer: child processes with a private configuration.

use std::ffi::OsStr;
use std::io;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use auralis_core::RoomsSettings;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

/// Snapcast's usual port for players.
const STREAM_PORT: u16 = 1704;
/// How long a server may take to listen.
const START_TIMEOUT: Duration = Duration::from_secs(5);
/// The name of the one stream.
pub const STREAM: &str = "Auralis";

/// Why there is no server, or no player, in words for the listener.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// The program is not installed.
    #[error("{program} is not installed. Install the package {program} (sudo apt install {program}).")]
    Missing {
        /// Its name, which is that of its Debian package, too.
        program: &'static str,
    },
    /// Its configuration cannot be written.
    #[error("{path} cannot be written ({reason}).")]
    Folder {
        /// What cannot be written.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// It cannot be started, or has ended at once.
    #[error("{program} cannot be started: {reason}.")]
    Start {
        /// Its name.
        program: &'static str,
        /// Why.
        reason: String,
    },
}

/// The ports of our server. Kept over its restarts, so that rooms find it again.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// For players.
    pub stream: u16,
    /// For control.
    pub control: u16,
    /// For our sound.
    pub audio: u16,
}

impl Ports {
    /// The usual ports where they are free, else any that are.
    pub fn free(address: IpAddr) -> io::Result<Self> {
        let bind = |port| TcpListener::bind((address, port)).or_else(|_| TcpListener::bind((address, 0)));
        // Held together, so that they differ.
        let (stream, control) = (bind(STREAM_PORT)?, bind(RoomsSettings::CONTROL_PORT)?);
        let audio = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let [stream, control, audio] = [stream, control, audio].map(|listener| listener.local_addr());
        Ok(Ports { stream: stream?.port(), control: control?.port(), audio: audio?.port() })
    }
}

/// The address at which rooms and other applications may connect.
pub fn address(settings: &RoomsSettings) -> IpAddr {
    if settings.network { Ipv4Addr::UNSPECIFIED.into() } else { Ipv4Addr::LOCALHOST.into() }
}

/// A program of ours, told to end when it is dropped. A server writes then what it knows of its rooms.
pub struct Program(Child);

impl Program {
    /// Returns how it ended, once it has.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.0.wait().await
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Without an id it has ended.
        let id = self.0.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
        if let Some(Err(error)) = id.map(|id| rustix::process::kill_process(id, rustix::process::Signal::TERM)) {
            tracing::warn!(%error, "a program of the rooms cannot be ended");
        }
    }
}

/// Starts a server and returns when it listens. What it remembers of its rooms is kept in
/// `folder`.
pub async fn start(folder: &Path, settings: &RoomsSettings, ports: Ports) -> Result<Program, ChildError> {
    const PROGRAM: &str = "snapserver";
    let config = folder.join("snapserver.conf");
    let failed = |reason| ChildError::Folder { path: config.clone(), reason };
    std::fs::create_dir_all(folder).map_err(failed)?;
    std::fs::write(&config, configuration(folder, settings, ports)).map_err(failed)?;
    let mut child = spawn(PROGRAM, [OsStr::new("-c"), config.as_os_str()])?;
    let deadline = Instant::now() + START_TIMEOUT;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, ports.control)).await.is_err() {
        let ended = match child.0.try_wait() {
            Ok(Some(status)) => Some(format!("it ended at once ({status}); its ports may be in use")),
            Ok(None) if Instant::now() < deadline => None,
            Ok(None) => Some("it does not listen".to_owned()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(reason) = ended {
            return Err(ChildError::Start { program: PROGRAM, reason });
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(child)
}

/// Starts the player that makes this computer a room of the server.
pub fn start_player(stream_port: u16) -> Result<Program, ChildError> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    // Another player of this machine would go by its network card.
    let id: String = "auralis-".chars().chain(name.trim().chars()).take(40).collect();
    let port = stream_port.to_string();
    let mut arguments = vec!["--host", "127.0.0.1", "--port", &port, "--hostID", &id, "--logsink", "null"];
    if has_pulse_server() {
        arguments.extend(["--player", "pulse"]);
    }
    spawn("snapclient", arguments)
}

/// Whether there is a sound server that speaks PulseAudio's protocol, as PipeWire does, too.
fn has_pulse_server() -> bool {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    std::env::var_os("PULSE_SERVER").is_some() || runtime.is_some_and(|path| path.join("pulse/native").exists())
}

fn spawn<A: AsRef<OsStr>>(
    program: &'static str,
    arguments: impl IntoIterator<Item = A>,
) -> Result<Program, ChildError> {
    let Some(path) = find(program) else { return Err(ChildError::Missing { program }) };
    // The child ends with us also where we are killed.
    let mut command = match find("setpriv") {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "TERM"]).arg(path);
            command
        }
        None => Command::new(path),
    };
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(Program).map_err(|error| ChildError::Start { program, reason: error.to_string() })
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn configuration(folder: &Path, settings: &RoomsSettings, ports: Ports) -> String {
    let (address, buffer_ms) = (address(settings), settings.buffer_ms);
    let Ports { stream, control, audio } = ports;
    // Rooms that are muted get the sound nevertheless: so they sound at once when they are unmuted.
    format!(
        "# Written by Auralis at each start.
[server]
datadir = {folder}
[http]
enabled = false
[tcp]
enabled = true
bind_to_address = {address}
port = {control}
[stream]
bind_to_address = {address}
port = {stream}
source = tcp://127.0.0.1:{audio}?name={STREAM}&mode=server&sampleformat=48000:24:2&codec=flac&chunk_ms=20
buffer = {buffer_ms}
send_to_muted = true
[logging]
sink = null
",
        folder = folder.display(),
    )
}
