//! What a Snapcast server says of its rooms.

use std::collections::BTreeMap;

use auralis_core::{Room, RoomsSettings};
use serde::Deserialize;
use serde_json::Value;

use super::rpc::{RpcError, take_field};

/// The version of the control protocol that is understood here.
const CONTROL_PROTOCOL: i64 = 1;

/// The answer to `Server.GetStatus`, as far as it matters here.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Status {
    pub groups: Vec<Group>,
    pub streams: Vec<Stream>,
    server: About,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct About {
    snapserver: Version,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    version: String,
    control_protocol_version: i64,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Group {
    pub id: String,
    pub muted: bool,
    pub stream_id: String,
    pub clients: Vec<Player>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Player {
    pub id: String,
    pub connected: bool,
    pub config: PlayerConfig,
    host: Host,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct PlayerConfig {
    instance: u32,
    latency: i32,
    name: String,
    pub volume: Volume,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct Volume {
    pub muted: bool,
    pub percent: u16,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Host {
    name: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Stream {
    pub id: String,
    uri: Uri,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Uri {
    scheme: String,
    host: String,
    query: BTreeMap<String, String>,
}

impl Status {
    /// Reads the result of `Server.GetStatus`.
    pub fn read(mut result: Value) -> Result<Self, RpcError> {
        let status: Status =
            serde_json::from_value(take_field(&mut result, "server")).map_err(|_| RpcError::Garbage)?;
        match status.server.snapserver.control_protocol_version {
            CONTROL_PROTOCOL => Ok(status),
            other => Err(RpcError::Version(other)),
        }
    }

    /// The server's version.
    pub fn version(&self) -> String {
        self.server.snapserver.version.chars().filter(|c| !c.is_control()).take(24).collect()
    }

    /// The stream whose source listens at a TCP port.
    pub fn stream_at(&self, port: u16) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.uri.listens_at(port))
    }

    /// Every player with its group.
    pub fn players(&self) -> impl Iterator<Item = (&Group, &Player)> {
        self.groups.iter().flat_map(|group| group.clients.iter().map(move |player| (group, player)))
    }

    /// A player by its id.
    pub fn player_mut(&mut self, id: &str) -> Option<&mut Player> {
        self.groups.iter_mut().flat_map(|group| &mut group.clients).find(|player| player.id == id)
    }

    /// The rooms. `is_held`: whether we muted a group ourselves, which is not the listener's mute.
    pub fn rooms(&self, is_held: impl Fn(&str) -> bool) -> Vec<Room> {
        let room = |(group, player): (&Group, &Player)| Room {
            id: player.id.clone(),
            name: player.name(),
            volume: player.config.volume.percent.min(100) as u8,
            muted: player.config.volume.muted || (group.muted && !is_held(&group.id)),
            latency_ms: player.config.latency,
            group: group.id.clone(),
            stream: group.stream_id.clone(),
            connected: player.connected,
        };
        self.players().map(room).collect()
    }
}

impl Player {
    fn name(&self) -> String {
        match (&self.config, &self.host) {
            (PlayerConfig { name, .. }, _) if !name.trim().is_empty() => name.clone(),
            (PlayerConfig { instance, .. }, Host { name }) if *instance > 1 => format!("{name} {instance}"),
            (_, Host { name }) if !name.trim().is_empty() => name.clone(),
            _ => self.id.clone(),
        }
    }
}

impl Stream {
    /// Bits of a sample that the source expects, if it takes what we have: 48 kHz, two channels, 16 or 24 bits.
    pub fn bits(&self) -> Option<u32> {
        match self.sample_format() {
            "48000:16:2" => Some(16),
            "48000:24:2" => Some(24),
            _ => None,
        }
    }

    /// What the source expects: `RATE:BITS:CHANNELS`.
    pub fn sample_format(&self) -> &str {
        self.uri.query.get("sampleformat").map_or("", String::as_str)
    }
}

impl Uri {
    fn listens_at(&self, port: u16) -> bool {
        let named = self.query.get("port").or_else(|| self.query.get("PORT"));
        let of_host = || Some(self.host.rsplit_once(':')?.1.to_owned());
        let own = named.cloned().or_else(of_host).and_then(|port| port.parse().ok());
        let is_server = self.query.get("mode").is_none_or(|mode| mode == "server");
        self.scheme == "tcp" && is_server && own.unwrap_or(RoomsSettings::AUDIO_PORT) == port
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Status;

    fn status() -> serde_json::Value {
        let player = |id: &str, name: &str, instance: u32| {
            json!({"id": id, "connected": true, "host": {"name": "pi", "ip": "", "mac": ""},
                "config": {"instance": instance, "latency": 5, "name": name, "volume": {"muted": false, "percent": 40}}})
        };
        json!({"server": {
            "groups": [{"id": "g", "name": "", "muted": true, "stream_id": "Auralis",
                "clients": [player("a", "Kitchen", 1), player("b", "", 2)]}],
            "server": {"snapserver": {"version": "0.26.0", "controlProtocolVersion": 1}},
            "streams": [
                {"id": "pipe", "uri": {"scheme": "pipe", "host": "", "query": {}}},
                {"id": "Auralis", "uri": {"scheme": "tcp", "host": "0.0.0.0:5000",
                    "query": {"mode": "server", "sampleformat": "48000:24:2"}}}
            ]
        }})
    }

    #[test]
    fn a_status_becomes_rooms() {
        let status = Status::read(status()).expect("a status");
        let rooms = status.rooms(|_| true);
        let names: Vec<_> = rooms.iter().map(|room| (room.name.as_str(), room.volume, room.muted)).collect();
        assert_eq!(names, [("Kitchen", 40, false), ("pi 2", 40, false)]);
        assert!(status.rooms(|_| false).iter().all(|room| room.muted), "muted by somebody else");
        let stream = status.stream_at(5000).expect("the source");
        assert_eq!((stream.id.as_str(), stream.bits()), ("Auralis", Some(24)));
        assert!(status.stream_at(4953).is_none());
    }

    #[test]
    fn another_version_and_another_program_are_told_apart() {
        let mut newer = status();
        newer["server"]["server"]["snapserver"]["controlProtocolVersion"] = json!(2);
        let error = |status| Status::read(status).expect_err("an error").to_string();
        assert!(error(newer).contains("version 2"));
        for other in [json!(null), json!({}), json!({"server": 1}), json!({"server": {"groups": [{}]}})] {
            assert!(error(other).contains("not a Snapcast server"));
        }
    }
}
