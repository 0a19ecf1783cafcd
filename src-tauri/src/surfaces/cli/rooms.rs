//! `auralis rooms`: the rooms of the home.

use std::io::{self, Write};
use std::str::FromStr;

use auralis_core::{Command, Room, RoomChange, RoomsServerChoice, RoomsServerState, RoomsSettings, RoomsState};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Adjustment, CliError};
use crate::surfaces::control_socket::Client;

/// Which Snapcast server the headless player plays to.
#[derive(Debug, Args)]
pub struct RoomsOptions {
    /// Play in all rooms of the home, by a Snapcast server of its own
    #[arg(long, requires = "headless")]
    rooms: bool,

    /// Play in the rooms of a Snapcast server that runs already
    #[arg(long, requires = "headless", conflicts_with = "rooms", value_name = "HOST[:CONTROL_PORT[:AUDIO_PORT]]")]
    rooms_server: Option<ServerAddress>,

    /// Milliseconds until the rooms play: of an existing server the `buffer` of its configuration
    #[arg(long, requires = "headless", default_value_t = RoomsSettings::BUFFER_MS, value_name = "MS",
        value_parser = clap::value_parser!(u16).range(100..=2000))]
    rooms_buffer: u16,
}

impl RoomsOptions {
    /// What was chosen; nothing if the settings decide.
    pub fn settings(self) -> Option<RoomsSettings> {
        let defaults = RoomsSettings { buffer_ms: self.rooms_buffer, ..RoomsSettings::default() };
        match self.rooms_server {
            Some(ServerAddress { host, control_port, audio_port }) => {
                Some(RoomsSettings { server: RoomsServerChoice::Existing, host, control_port, audio_port, ..defaults })
            }
            None => self.rooms.then_some(RoomsSettings { server: RoomsServerChoice::Own, ..defaults }),
        }
    }
}

/// A server as people type it.
#[derive(Debug, Clone, PartialEq)]
struct ServerAddress {
    host: String,
    control_port: u16,
    audio_port: u16,
}

impl FromStr for ServerAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // An IPv6 address stands in brackets.
        let (host, ports) = match text.split_once("]:") {
            Some((host, ports)) => (format!("{host}]"), Some(ports)),
            None if text.ends_with(']') => (text.to_owned(), None),
            None => match text.split_once(':') {
                Some((host, ports)) => (host.to_owned(), Some(ports)),
                None => (text.to_owned(), None),
            },
        };
        let mut ports = ports.into_iter().flat_map(|ports| ports.split(':'));
        let mut port = |usual| match ports.next() {
            Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or("the ports go from 1 to 65535".to_owned()),
            None => Ok(usual),
        };
        let (control_port, audio_port) = (port(RoomsSettings::CONTROL_PORT)?, port(RoomsSettings::AUDIO_PORT)?);
        if host.is_empty() || ports.next().is_some() {
            return Err("a host, with its ports behind colons: pi.local:1705:4953".to_owned());
        }
        Ok(ServerAddress { host, control_port, audio_port })
    }
}

/// What is asked of the rooms.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct RoomsCommand {
    /// Everything, as JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    change: Option<Change>,
}

/// A change of one room, which is named by its name or its id.
#[derive(Debug, Subcommand)]
enum Change {
    /// Set a room's volume
    Volume {
        /// The room
        room: String,
        /// 0 to 100; with a sign, from what it is: +5, -5
        #[arg(allow_hyphen_values = true, value_parser = Adjustment::parse_volume)]
        volume: Adjustment,
    },
    /// Silence a room; its volume stays
    Mute {
        /// The room
        room: String,
    },
    /// Let a silenced room sound again
    Unmute {
        /// The room
        room: String,
    },
    /// Let a room play earlier, because its loudspeaker is late
    Latency {
        /// The room
        room: String,
        /// Milliseconds, -2000 to 2000
        #[arg(allow_hyphen_values = true, value_parser = clap::value_parser!(i32).range(-2000..=2000))]
        ms: i32,
    },
    /// Give a room another name
    Rename {
        /// The room
        room: String,
        /// Its new name; an empty one is that of its machine
        name: String,
    },
    /// Put a room into the group of another, or take it out of its group
    Group {
        /// The room
        room: String,
        /// The other room; with none, it leaves its group
        with: Option<String>,
    },
    /// Let a room and its group play another stream of the server
    Stream {
        /// The room
        room: String,
        /// The stream's name
        stream: String,
    },
}

impl RoomsCommand {
    /// Prints the rooms, or changes one.
    pub fn run(self, player: &mut Client) -> Result<(), CliError> {
        let state = player.hello().view.rooms.clone();
        match self.change {
            Some(change) => {
                let change = change.resolve(&state.rooms)?;
                player.dispatch(Command::SetRoom(change))?;
            }
            None if self.json => {
                let all = serde_json::to_string_pretty(&Everything::of(&state)).map_err(io::Error::from)?;
                writeln!(io::stdout(), "{all}")?;
            }
            None => write!(io::stdout(), "{}", describe(&state))?,
        }
        Ok(())
    }
}

impl Change {
    fn resolve(self, rooms: &[Room]) -> Result<RoomChange, CliError> {
        let of = |name: &str| find(rooms, name);
        let change = |room: &Room| RoomChange { room: room.id.clone(), ..RoomChange::default() };
        Ok(match self {
            Change::Volume { room, volume } => {
                let room = of(&room)?;
                let volume = volume.apply_to(room.volume.into()).round().clamp(0.0, 100.0) as u8;
                RoomChange { volume: Some(volume), ..change(room) }
            }
            Change::Mute { room } => RoomChange { muted: Some(true), ..change(of(&room)?) },
            Change::Unmute { room } => RoomChange { muted: Some(false), ..change(of(&room)?) },
            Change::Latency { room, ms } => RoomChange { latency_ms: Some(ms), ..change(of(&room)?) },
            Change::Rename { room, name } => RoomChange { name: Some(name), ..change(of(&room)?) },
            Change::Group { room, with: Some(with) } => {
                RoomChange { group: Some(of(&with)?.group.clone()), ..change(of(&room)?) }
            }
            Change::Group { room, with: None } => RoomChange { group: Some(String::new()), ..change(of(&room)?) },
            Change::Stream { room, stream } => RoomChange { stream: Some(stream), ..change(of(&room)?) },
        })
    }
}

fn find<'a>(rooms: &'a [Room], name: &str) -> Result<&'a Room, CliError> {
    if let Some(room) = rooms.iter().find(|room| room.id == name) {
        return Ok(room);
    }
    let named: Vec<_> = rooms.iter().filter(|room| room.name.to_lowercase() == name.to_lowercase()).collect();
    match named[..] {
        [room] => Ok(room),
        [] => Err(CliError::Room(format!("There is no room {name:?}. `auralis rooms` shows all."))),
        _ => {
            let ids: Vec<_> = named.iter().map(|room| room.id.as_str()).collect();
            Err(CliError::Room(format!("Several rooms are called {name:?}. Name one by its id: {}.", ids.join(", "))))
        }
    }
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Everything<'a> {
    #[serde(flatten)]
    server: &'a RoomsServerState,
    streams: &'a [String],
    rooms: &'a [Room],
}

impl<'a> Everything<'a> {
    fn of(state: &'a RoomsState) -> Self {
        Everything { server: &state.server, streams: &state.streams, rooms: &state.rooms }
    }
}

/// A line for the server and one for each room.
fn describe(state: &RoomsState) -> String {
    let mut text = match &state.server {
        RoomsServerState::Off => "The rooms are off.\n".to_owned(),
        RoomsServerState::Connecting => "The rooms' server is being called.\n".to_owned(),
        RoomsServerState::Failed { reason } => format!("{reason}\n"),
        RoomsServerState::Connected { host, stream_port, control_port, problem, .. } => {
            let players = stream_port.map_or(String::new(), |port| format!(", players connect at port {port}"));
            let problem = problem.as_ref().map_or(String::new(), |problem| format!("{problem}\n"));
            format!("server {host}{players}, control at port {control_port}\n{problem}")
        }
    };
    for room in &state.rooms {
        let muted = if room.muted { " (muted)" } else { "" };
        let latency = if room.latency_ms == 0 { String::new() } else { format!("   latency {} ms", room.latency_ms) };
        let gone = if room.connected { "" } else { "   not connected" };
        text += &format!("{}   volume {}{muted}   plays {}{latency}{gone}\n", room.name, room.volume, room.stream);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Room, ServerAddress, find};

    #[test]
    fn servers_are_read_as_people_type_them() {
        for (text, host, control_port, audio_port) in [
            ("pi", "pi", 1705, 4953),
            ("pi.local:2705", "pi.local", 2705, 4953),
            ("192.168.1.5:2705:5000", "192.168.1.5", 2705, 5000),
            ("[::1]", "[::1]", 1705, 4953),
            ("[::1]:2705:5000", "[::1]", 2705, 5000),
        ] {
            let address = ServerAddress { host: host.into(), control_port, audio_port };
            assert_eq!(text.parse(), Ok(address), "{text}");
        }
        for text in ["", ":1705", "pi:", "pi:0", "pi:1705:x", "pi:1:2:3", "pi:65536"] {
            assert!(text.parse::<ServerAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn rooms_are_found_by_name_and_by_id() {
        let room = |id: &str, name: &str| Room { id: id.into(), name: name.into(), ..Room::default() };
        let rooms = [room("a", "Küche"), room("b", "Bad"), room("c", "bad")];
        assert_eq!(find(&rooms, "küche").expect("found").id, "a");
        assert_eq!(find(&rooms, "c").expect("found").id, "c");
        assert!(find(&rooms, "Bad").expect_err("two").to_string().contains("b, c"));
        assert!(find(&rooms, "Flur").is_err());
    }
}
