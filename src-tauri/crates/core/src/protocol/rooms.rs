//! The rooms of a home: players of a Snapcast server, which play the same sound at the same moment.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::protocol::text::{json_bytes, truncate_to_json_bytes};
use crate::{ApiError, ErrorCode};

/// Which Snapcast server plays in the rooms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RoomsServerChoice {
    /// None: there are no rooms, and no port is open.
    #[default]
    Off,
    /// One of our own, started with the player.
    Own,
    /// One that runs already, on this machine or another.
    Existing,
}

/// The listener's choices for the rooms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct RoomsSettings {
    /// Which server plays in the rooms.
    pub server: RoomsServerChoice,
    /// Name or address of an existing server.
    pub host: String,
    /// Its TCP port for control, from 1.
    pub control_port: u16,
    /// The TCP port of its source for our sound, from 1.
    pub audio_port: u16,
    /// Milliseconds from our sound to the rooms' sound, 100 to 2,000. An own server is started with it; of an existing one
    /// it is the `buffer` of its configuration.
    pub buffer_ms: u16,
    /// Whether other devices of the network can be rooms of an own server; else only this machine.
    pub network: bool,
    /// Whether this computer is a room of an own server.
    pub this_computer: bool,
}

impl Default for RoomsSettings {
    fn default() -> Self {
        RoomsSettings {
            server: RoomsServerChoice::Off,
            host: String::new(),
            control_port: Self::CONTROL_PORT,
            audio_port: Self::AUDIO_PORT,
            buffer_ms: Self::BUFFER_MS,
            network: true,
            this_computer: true,
        }
    }
}

impl RoomsSettings {
    /// Snapcast's usual port for control.
    pub const CONTROL_PORT: u16 = 1705;
    /// Snapcast's usual port for a source by TCP.
    pub const AUDIO_PORT: u16 = 4953;
    /// The usual buffer.
    pub const BUFFER_MS: u16 = 300;
    /// Bytes of the longest host name, as it travels.
    const MAX_HOST_BYTES: usize = 64;

    /// Refuses what no server could be reached with.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::for_field(ErrorCode::OutOfRange, field, message));
        if !(100..=2_000).contains(&self.buffer_ms) {
            return out_of_range("buffer_ms", "The buffer goes from 100 to 2,000 ms.");
        }
        if self.control_port == 0 || self.audio_port == 0 {
            return out_of_range("control_port", "The ports go from 1 to 65535.");
        }
        let is_host = self.host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]%".contains(&byte));
        if !is_host || self.host.len() > Self::MAX_HOST_BYTES {
            return out_of_range("host", "Enter the name or the address of the computer that runs the server.");
        }
        if self.server == RoomsServerChoice::Existing && self.host.is_empty() {
            return out_of_range("host", "Enter the name or the address of the computer that runs the server.");
        }
        Ok(())
    }

    /// The same if it makes sense, else the default.
    pub(crate) fn sanitized(self) -> Self {
        if self.validate().is_ok() { self } else { Self::default() }
    }
}

/// The rooms, and the server that plays in them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RoomsState {
    /// The server.
    pub server: RoomsServerState,
    /// Connected rooms first, then those that were connected once; each in the order of their names. At most
    /// [`RoomsState::MAX_ROOMS`].
    pub rooms: Vec<Room>,
    /// Names of the server's streams, of which each group of rooms plays one. At most [`RoomsState::MAX_STREAMS`].
    pub streams: Vec<String>,
}

/// How the rooms' server is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RoomsServerState {
    /// There are no rooms.
    #[default]
    Off,
    /// It is being started or called.
    Connecting,
    /// It is there.
    Connected {
        /// Where rooms find it.
        host: String,
        /// The TCP port at which players connect; an existing server does not tell.
        stream_port: Option<u16>,
        /// Its TCP port for control.
        control_port: u16,
        /// Its program's version.
        version: String,
        /// The stream that we play, by its name; empty where the server has no source at the chosen port.
        stream: String,
        /// Whether we started it.
        own: bool,
        /// Chosen by the command line, which the settings do not change.
        by_command_line: bool,
        /// What is not as it should be, in words for the listener; with none, nothing.
        problem: Option<String>,
    },
    /// It cannot be started or reached. It is tried again.
    Failed {
        /// In words for the listener.
        reason: String,
    },
}

/// A player of the server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Room {
    /// Names it.
    pub id: String,
    /// What the listener calls it, else the name of its machine.
    pub name: String,
    /// 0 to 100.
    pub volume: u8,
    /// Silent, whatever the volume.
    pub muted: bool,
    /// Milliseconds by which it plays earlier than others, because its loudspeaker is late (Bluetooth).
    pub latency_ms: i32,
    /// Names the group of rooms that play the same stream.
    pub group: String,
    /// Name of the stream that its group plays.
    pub stream: String,
    /// Whether it is connected now.
    pub connected: bool,
}

/// Changes of one room: those that are named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct RoomChange {
    /// Which room.
    pub room: String,
    /// See [`Room::name`]: at most 40 bytes; empty is the name of its machine.
    #[serde(default)]
    pub name: Option<String>,
    /// See [`Room::volume`].
    #[serde(default)]
    pub volume: Option<u8>,
    /// See [`Room::muted`].
    #[serde(default)]
    pub muted: Option<bool>,
    /// See [`Room::latency_ms`]; −2,000 to 2,000.
    #[serde(default)]
    pub latency_ms: Option<i32>,
    /// The group to join; empty to leave the group that it is in.
    #[serde(default)]
    pub group: Option<String>,
    /// The stream that its group is to play.
    #[serde(default)]
    pub stream: Option<String>,
}

impl RoomsState {
    /// Rooms that are shown.
    pub const MAX_ROOMS: usize = 12;
    /// Streams that are shown.
    pub const MAX_STREAMS: usize = 8;
    /// Bytes of the longest id of a room or a group. Rooms of longer ones are not shown.
    pub const MAX_ID_BYTES: usize = 40;
    /// Bytes of the longest name.
    pub const MAX_NAME_BYTES: usize = 40;

    /// The same, of bounded size and fit to be shown, whatever a server says.
    pub fn bounded(self) -> Self {
        let is_short = |text: &String| json_bytes(text) <= Self::MAX_ID_BYTES;
        let shown = |text: &str| truncate_to_json_bytes(&visible(text), Self::MAX_NAME_BYTES);
        let rooms = self.rooms.into_iter().filter(|room| is_short(&room.id) && is_short(&room.group));
        let rooms = rooms.map(|room| Room { name: shown(&room.name), stream: shown(&room.stream), ..room });
        let mut rooms: Vec<_> = rooms.collect();
        rooms.sort_by_key(|room| (!room.connected, room.name.to_lowercase(), room.id.clone()));
        rooms.truncate(Self::MAX_ROOMS);
        let streams = self.streams.iter().take(Self::MAX_STREAMS).map(|stream| shown(stream)).collect();
        RoomsState { server: self.server, rooms, streams }
    }
}

impl RoomChange {
    /// Refuses what no room could do.
    pub(crate) fn validate(&self) -> Result<(), ApiError> {
        let out_of_range = |field, message: &str| Err(ApiError::for_field(ErrorCode::OutOfRange, field, message));
        if self.volume.is_some_and(|volume| volume > 100) {
            return out_of_range("volume", "The volume goes from 0 to 100.");
        }
        if self.latency_ms.is_some_and(|latency| !(-2_000..=2_000).contains(&latency)) {
            return out_of_range("latency_ms", "The offset goes from −2,000 to 2,000 ms.");
        }
        if self.name.as_ref().is_some_and(|name| json_bytes(name) > RoomsState::MAX_NAME_BYTES) {
            return out_of_range("name", "A room's name has at most 40 bytes.");
        }
        Ok(())
    }
}

/// The text without characters that change how the text around them is shown.
fn visible(text: &str) -> String {
    let is_invisible = |c: &char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    text.chars().filter(|c| !is_invisible(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Room, RoomsState};

    #[test]
    fn whatever_a_server_says_is_of_bounded_size() {
        for hostile in ["\u{1}\"\\\n", "🏠", "\u{202e}drowssap", "<img src=x onerror=alert(1)>"] {
            let text = hostile.repeat(1_000);
            let room = |index: usize| Room {
                id: format!("{index}{}", "x".repeat(36)),
                group: "g".repeat(40),
                name: text.clone(),
                stream: text.clone(),
                latency_ms: i32::MIN,
                ..Room::default()
            };
            let rooms = (0..1_000).map(room).chain([Room { id: text.clone(), ..Room::default() }]).collect();
            let state = RoomsState { rooms, streams: vec![text.clone(); 1_000], ..RoomsState::default() }.bounded();
            let size = serde_json::to_string(&state).expect("serialises").len();
            assert!(size < 4_000, "{size} bytes of {hostile:?}");
            assert!(state.rooms.iter().all(|room| !room.name.contains(['\u{202e}', '\n']) && room.id.len() <= 40));
        }
    }

    #[test]
    fn connected_rooms_come_first() {
        let room = |name: &str, connected| Room { name: name.into(), connected, ..Room::default() };
        let rooms = vec![room("attic", false), room("Kitchen", true), room("hall", true)];
        let state = RoomsState { rooms, ..RoomsState::default() }.bounded();
        let names: Vec<_> = state.rooms.iter().map(|room| room.name.as_str()).collect();
        assert_eq!(names, ["hall", "Kitchen", "attic"]);
    }
}
