//! The control of one server, from the call to the end of the connection.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use auralis_audio::{RoomsLink, RoomsTarget};
use auralis_core::{
    ApiError, AppState, CurrentOutput, ErrorCode, NoticeKind, OutputId, PlaybackState, Room, RoomChange,
    RoomsServerChoice, RoomsServerState, RoomsSettings, RoomsState,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::balance::Balance;
use super::own_server::{self, Ports};
use super::rpc::{Rpc, RpcError, take_field};
use super::status::{Status, Volume};
use super::tails::Tails;
use crate::app::{AppServices, RoomRequest, lan_address};

/// How often a server is asked for everything, also where it has told of no change: so one that is stuck is noticed.
const CHECK: Duration = Duration::from_secs(10);

/// Where a server is.
#[derive(Debug, Clone)]
pub struct Place {
    /// As we call it.
    host: String,
    /// As others call it.
    public_host: String,
    pub stream_port: Option<u16>,
    control_port: u16,
    audio_port: u16,
    own: bool,
    by_command_line: bool,
}

impl Place {
    /// `ports`: those of our own server.
    pub fn new(settings: &RoomsSettings, ports: Option<Ports>, by_command_line: bool) -> Self {
        match ports.filter(|_| settings.server == RoomsServerChoice::Own) {
            Some(Ports { stream, control, audio }) => Place {
                host: "127.0.0.1".into(),
                public_host: lan_address(own_server::address(settings)).to_string(),
                stream_port: Some(stream),
                control_port: control,
                audio_port: audio,
                own: true,
                by_command_line,
            },
            None => Place {
                host: settings.host.clone(),
                public_host: settings.host.clone(),
                stream_port: None,
                control_port: settings.control_port,
                audio_port: settings.audio_port,
                own: false,
                by_command_line,
            },
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.public_host, self.control_port)
    }
}

/// A server that has answered.
pub struct Session<'a> {
    services: &'a AppServices,
    place: &'a Place,
    rpc: Rpc,
    notifications: mpsc::UnboundedReceiver<Value>,
    status: Status,
    /// The stream that we play; empty where the server has no source for it.
    stream: String,
    /// What is wrong with that stream.
    stream_problem: Option<String>,
    /// What is wrong with this computer's player.
    player_problem: watch::Receiver<Option<String>>,
    balance: Balance,
    /// The listener's volume that the rooms were last scaled to.
    master: u8,
    silent: watch::Sender<bool>,
    tails: Arc<Tails>,
    /// Rooms that were ever seen.
    known: HashSet<String>,
    /// Rooms that were connected when it was last published.
    connected: Vec<(String, String)>,
}

impl<'a> Session<'a> {
    /// Calls the server and lets the output play to it.
    pub async fn open(
        services: &'a AppServices,
        link: &RoomsLink,
        place: &'a Place,
        settings: &RoomsSettings,
        player_problem: watch::Receiver<Option<String>>,
    ) -> Result<Self, RpcError> {
        let (rpc, notifications) = Rpc::connect(&place.host, place.control_port).await?;
        let mut status = Status::read(rpc.call("Server.GetStatus", Value::Null).await?)?;
        if place.own {
            // Nobody but us mutes groups of our server: a player that was killed did not unmute them.
            for group in status.groups.iter_mut().filter(|group| group.muted) {
                rpc.call("Group.SetMute", json!({"id": group.id, "mute": false})).await?;
                group.muted = false;
            }
        }
        let (mut stream, mut stream_problem) = (String::new(), None);
        match status.stream_at(place.audio_port).map(|stream| (stream, stream.bits())) {
            Some((source, Some(bits))) => {
                stream = source.id.clone();
                let found = tokio::net::lookup_host((place.host.trim_matches(['[', ']']), place.audio_port)).await;
                match found.ok().and_then(|mut addresses| addresses.next()) {
                    Some(address) => {
                        let buffer = Duration::from_millis(settings.buffer_ms.into());
                        link.set(true, Some(RoomsTarget { address, bits, buffer }));
                    }
                    None => stream_problem = Some(format!("{} cannot be found.", place.host)),
                }
            }
            Some((source, None)) => {
                stream_problem = Some(format!(
                    "The server's source {} expects {}. Set its sampleformat to 48000:24:2 or 48000:16:2.",
                    source.id,
                    source.sample_format()
                ));
            }
            None => {
                stream_problem = Some(format!(
                    "The server has no source at port {}. Add one: source = tcp://0.0.0.0:{}?name=Auralis&sampleformat=48000:24:2",
                    place.audio_port, place.audio_port
                ));
            }
        }
        let known = status.players().map(|(_, player)| player.id.clone()).collect();
        let master = services.snapshot().view().player.volume;
        let mut session = Session {
            services,
            place,
            rpc,
            notifications,
            status,
            stream,
            stream_problem,
            player_problem,
            balance: Balance::default(),
            master,
            silent: watch::Sender::new(false),
            tails: Arc::default(),
            known,
            connected: Vec::new(),
        };
        session.publish();
        Ok(session)
    }

    /// Returns what can unmute the groups that this session muted, for whoever outlives it.
    pub fn held(&self) -> (Rpc, Arc<Tails>) {
        (self.rpc.clone(), self.tails.clone())
    }

    /// Controls the server until the connection ends.
    pub async fn run(
        mut self,
        requests: &mut mpsc::UnboundedReceiver<RoomRequest>,
        cuts: &mut mpsc::UnboundedReceiver<std::time::Instant>,
    ) -> Result<(), RpcError> {
        let (tails, rpc, silent) = (self.tails.clone(), self.rpc.clone(), self.silent.subscribe());
        tokio::select! {
            result = self.control(requests) => result,
            () = tails.mute(&rpc, cuts, silent) => Ok(()),
        }
    }

    async fn control(&mut self, requests: &mut mpsc::UnboundedReceiver<RoomRequest>) -> Result<(), RpcError> {
        let mut snapshots = self.services.watch();
        let tails = self.tails.clone();
        let mut check = interval(CHECK);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                notification = self.notifications.recv() => {
                    let notification = notification.ok_or(RpcError::Gone)?;
                    if !self.take_volume(&notification) {
                        // Whatever else it told by now is in the status, too.
                        while self.notifications.try_recv().is_ok() {}
                        self.refresh().await?;
                    }
                }
                Some(RoomRequest { id, change }) = requests.recv() => {
                    let result = self.change(change).await;
                    self.publish();
                    self.services.complete_room_change(id, result);
                    continue;
                }
                _ = snapshots.changed() => {
                    let snapshot = snapshots.borrow_and_update().clone();
                    if !self.follow_player(snapshot.view()).await? {
                        continue;
                    }
                }
                _ = self.player_problem.changed() => {}
                () = tails.released.notified() => self.refresh().await?,
                _ = check.tick() => self.refresh().await?,
            }
            self.publish();
        }
    }

    async fn refresh(&mut self) -> Result<(), RpcError> {
        self.status = Status::read(self.rpc.call("Server.GetStatus", Value::Null).await?)?;
        let new: Vec<_> = self.status.players().map(|(_, player)| player.id.clone()).collect();
        for id in new {
            // A player that our server meets for the first time would be at full volume.
            if self.known.insert(id.clone()) && self.place.own {
                self.set_volume(&id, Volume { muted: false, percent: self.master.into() }).await?;
            }
        }
        Ok(())
    }

    /// Takes a volume that somebody else has set; says whether that is what it was told.
    fn take_volume(&mut self, notification: &Value) -> bool {
        #[derive(Deserialize)]
        struct VolumeChange {
            id: String,
            volume: Volume,
        }
        if notification["method"] != "Client.OnVolumeChanged" {
            return false;
        }
        let Ok(VolumeChange { id, volume }) = VolumeChange::deserialize(&notification["params"]) else { return false };
        let Some(player) = self.status.player_mut(&id) else { return false };
        player.config.volume = volume;
        true
    }

    async fn set_volume(&mut self, id: &str, volume: Volume) -> Result<(), RpcError> {
        let Volume { muted, percent } = volume;
        let params = json!({"id": id, "volume": {"muted": muted, "percent": percent}});
        let mut result = self.rpc.call("Client.SetVolume", params).await?;
        let set = serde_json::from_value(take_field(&mut result, "volume")).unwrap_or(volume);
        if let Some(player) = self.status.player_mut(id) {
            player.config.volume = set;
        }
        Ok(())
    }

    /// Follows the listener's volume; says whether anything changed.
    async fn follow_player(&mut self, view: &AppState) -> Result<bool, RpcError> {
        let plays_here = plays_in_rooms(view);
        let silent = plays_here && view.player.muted;
        self.silent.send_if_modified(|known| std::mem::replace(known, silent) != silent);
        let master = view.player.volume;
        if master == self.master {
            return Ok(false);
        }
        if plays_here {
            for Room { id, volume, .. } in self.our_rooms() {
                if let Some(wanted) = self.balance.volume(&id, master).filter(|wanted| *wanted != volume) {
                    let muted = self.status.player_mut(&id).is_some_and(|player| player.config.volume.muted);
                    self.set_volume(&id, Volume { muted, percent: wanted.into() }).await?;
                }
            }
        } else {
            self.balance = Balance::default();
        }
        self.master = master;
        Ok(true)
    }

    fn rooms(&self) -> Vec<Room> {
        self.status.rooms(|group| self.tails.holds(group))
    }

    fn our_rooms(&self) -> Vec<Room> {
        let mut rooms = self.rooms();
        rooms.retain(|room| room.stream == self.stream);
        rooms
    }

    /// Has the server change a room.
    async fn change(&mut self, change: RoomChange) -> Result<(), ApiError> {
        let RoomChange { room: id, name, volume, muted, latency_ms, group, stream } = change;
        let unknown = |field, message: &str| ApiError::for_field(ErrorCode::NotFound, field, message);
        let found = self.status.players().find(|(_, player)| player.id == id);
        let (of_group, player) = found.ok_or_else(|| unknown("room", "There is no such room (any more)."))?;
        let (now, of_group) = (player.config.volume, of_group.clone());
        if stream.as_ref().is_some_and(|stream| self.status.streams.iter().all(|known| known.id != *stream)) {
            return Err(unknown("stream", "The server has no such stream (any more)."));
        }
        let members = |group: &str| -> Option<Vec<String>> {
            let group = self.status.groups.iter().find(|known| known.id == group)?;
            Some(group.clients.iter().map(|player| player.id.clone()).collect())
        };
        let (new_group, new_members) = match group {
            Some(group) if group.is_empty() => {
                let others = members(&of_group.id).unwrap_or_default().into_iter().filter(|member| *member != id);
                (Some(of_group.id.clone()), others.collect())
            }
            Some(group) => {
                let found = members(&group).ok_or_else(|| unknown("group", "There is no such group (any more)."))?;
                (Some(group), found.into_iter().chain([id.clone()]).collect::<Vec<_>>())
            }
            None => (None, Vec::new()),
        };
        let failed = |error: RpcError| ApiError::new(ErrorCode::Failed, format!("The room was not changed: {error}."));
        if volume.is_some() || muted.is_some() {
            let percent = volume.map_or(now.percent, u16::from);
            self.set_volume(&id, Volume { muted: muted.unwrap_or(now.muted), percent }).await.map_err(failed)?;
        }
        let mut calls = Vec::new();
        if muted == Some(false) && of_group.muted && !self.tails.holds(&of_group.id) {
            calls.push(("Group.SetMute", json!({"id": of_group.id, "mute": false})));
        }
        if let Some(latency_ms) = latency_ms {
            calls.push(("Client.SetLatency", json!({"id": id, "latency": latency_ms})));
        }
        if let Some(name) = name {
            calls.push(("Client.SetName", json!({"id": id, "name": name})));
        }
        if let Some(group) = new_group.filter(|_| !new_members.is_empty()) {
            calls.push(("Group.SetClients", json!({"id": group, "clients": new_members})));
        }
        let refresh = !calls.is_empty() || stream.is_some();
        for (method, params) in calls {
            self.rpc.call(method, params).await.map_err(failed)?;
        }
        if refresh {
            self.refresh().await.map_err(failed)?;
        }
        let group = self.status.players().find(|(_, player)| player.id == id).map(|(group, _)| group.id.clone());
        if let (Some(stream), Some(group)) = (stream, group) {
            let params = json!({"id": group, "stream_id": stream});
            self.rpc.call("Group.SetStream", params).await.map_err(failed)?;
            self.refresh().await.map_err(failed)?;
        }
        Ok(())
    }

    /// Publishes what is known, and tells of rooms that are gone.
    fn publish(&mut self) {
        self.tails.learn(&self.status.groups, &self.stream);
        let ours = self.our_rooms();
        self.balance.learn(&ours, self.master);
        let Place { public_host, stream_port, control_port, own, by_command_line, .. } = self.place.clone();
        let server = RoomsServerState::Connected {
            host: public_host,
            stream_port,
            control_port,
            version: self.status.version(),
            stream: self.stream.clone(),
            own,
            by_command_line,
            problem: self.stream_problem.clone().or_else(|| self.player_problem.borrow_and_update().clone()),
        };
        let streams = self.status.streams.iter().map(|stream| stream.id.clone()).collect();
        self.services.report_rooms_state(RoomsState { server, rooms: self.rooms(), streams });
        let connected = ours.iter().filter(|room| room.connected).map(|room| (room.id.clone(), room.name.clone()));
        let before = std::mem::replace(&mut self.connected, connected.collect());
        let snapshot = self.services.snapshot();
        if snapshot.view().player.transport == PlaybackState::Playing && plays_in_rooms(snapshot.view()) {
            for (_, name) in before.into_iter().filter(|(id, _)| self.connected.iter().all(|(now, _)| now != id)) {
                self.services.notify(NoticeKind::RoomLost, name, String::new());
            }
        }
    }
}

/// Whether the sound goes to the rooms.
fn plays_in_rooms(view: &AppState) -> bool {
    matches!(&view.output, CurrentOutput::Open { id, .. } if id.0 == OutputId::ROOMS)
}
