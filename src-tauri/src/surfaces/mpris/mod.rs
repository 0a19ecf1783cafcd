//! MPRIS 2.2, the freedesktop.org interface of media players, used by media keys, desktop panels and `playerctl`.
//! Source: <https://specifications.freedesktop.org/mpris-spec/latest/>.
//!
//! Properties are computed from the published state; the only state kept here is what was last sent.

mod convert;
mod metadata;
mod player;
mod root;
mod track_list;

use std::collections::HashMap;
use std::time::Instant;

use auralis_core::{AppState, ClientKind, EntryId};
use zbus::Connection;
use zbus::fdo::{Properties, RequestNameFlags, RequestNameReply};
use zbus::names::InterfaceName;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::Value;

use crate::app::{AppServices, PlayerHandle, Snapshot};
use player::Player;
use root::Root;
use track_list::TrackList;

const PATH: &str = "/org/mpris/MediaPlayer2";
const NAME: &str = "org.mpris.MediaPlayer2.auralis";

/// Largest position drift before `Seeked` is emitted, in seconds. More than the jitter of the one-second updates.
const MAX_POSITION_DRIFT_S: f64 = 0.25;

/// Serves MPRIS and emits changes until the player stops.
pub(super) async fn serve(connection: &Connection, services: &AppServices) -> zbus::Result<()> {
    let handle = services.with_client_kind(ClientKind::Mpris);
    let objects = connection.object_server();
    objects.at(PATH, Root::new(services.app_control().clone())).await?;
    objects.at(PATH, Player::new(handle.clone())).await?;
    objects.at(PATH, TrackList::new(handle.clone())).await?;
    take_name(connection).await?;

    let emitter = SignalEmitter::new(connection, PATH)?;
    let mut sent = SentState::new();
    let mut snapshots = handle.watch();
    while snapshots.changed().await.is_ok() {
        let snapshot = snapshots.borrow_and_update().clone();
        sent.emit_changes(&emitter, &handle, &snapshot).await?;
    }
    Ok(())
}

/// Requests the bus name. If another instance owns it, adds a suffix, as the specification requires.
async fn take_name(connection: &Connection) -> zbus::Result<()> {
    let flags = RequestNameFlags::DoNotQueue.into();
    match connection.request_name_with_flags(NAME, flags).await {
        Ok(RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner) => Ok(()),
        Ok(_) | Err(zbus::Error::NameTaken) => {
            let own = format!("{NAME}.instance{}", std::process::id());
            connection.request_name_with_flags(own, flags).await.map(drop)
        }
        Err(error) => Err(error),
    }
}

/// The state last sent to clients.
struct SentState {
    properties: HashMap<&'static str, Value<'static>>,
    tracks: Vec<EntryId>,
    view: AppState,
    position: ClientPosition,
}

/// The position that a client extrapolates: the specification lets it assume that a playing track advances and a paused
/// one does not.
#[derive(Clone, Copy)]
struct ClientPosition {
    position_s: f64,
    running: bool,
    at: Instant,
}

impl ClientPosition {
    fn now_s(&self) -> f64 {
        self.position_s + if self.running { self.at.elapsed().as_secs_f64() } else { 0.0 }
    }
}

impl SentState {
    /// Nothing is sent yet; clients read the properties when they connect.
    fn new() -> Self {
        let position = ClientPosition { position_s: 0.0, running: false, at: Instant::now() };
        SentState { properties: HashMap::new(), tracks: Vec::new(), view: AppState::default(), position }
    }

    async fn emit_changes(
        &mut self,
        emitter: &SignalEmitter<'_>,
        handle: &PlayerHandle,
        snapshot: &Snapshot,
    ) -> zbus::Result<()> {
        let view = snapshot.view();
        let tags_changed = view.library.revision != self.view.library.revision;
        if view.player != self.view.player || tags_changed {
            let mut properties = player::properties(view);
            properties.insert("Metadata", metadata::current_metadata(handle, view).await.into());
            let is_changed = |(name, value): &(&&str, &Value<'_>)| self.properties.get(**name) != Some(*value);
            let changed =
                properties.iter().filter(is_changed).filter_map(|(&name, value)| Some((name, value.try_clone().ok()?)));
            let changed: HashMap<_, _> = changed.collect();
            self.properties = properties;
            properties_changed(emitter, "org.mpris.MediaPlayer2.Player", changed, &[]).await?;
        }
        self.emit_seeked(emitter, snapshot).await?;
        if view.queue != self.view.queue {
            self.emit_track_list(emitter, handle, view).await?;
        }
        self.view = view.clone();
        Ok(())
    }

    async fn emit_seeked(&mut self, emitter: &SignalEmitter<'_>, snapshot: &Snapshot) -> zbus::Result<()> {
        let player = &snapshot.view().player;
        // Clients assume that a new track begins at 0.
        let client_position_s = if player.entry == self.view.player.entry { self.position.now_s() } else { 0.0 };
        let position_s = snapshot.position_s();
        let jumped = (position_s - client_position_s).abs() > MAX_POSITION_DRIFT_S;
        self.position = ClientPosition {
            position_s: if jumped { position_s } else { client_position_s },
            running: player::is_running(player),
            at: Instant::now(),
        };
        if jumped {
            Player::seeked(emitter, convert::microseconds(position_s)).await?;
        }
        Ok(())
    }

    async fn emit_track_list(
        &mut self,
        emitter: &SignalEmitter<'_>,
        handle: &PlayerHandle,
        view: &AppState,
    ) -> zbus::Result<()> {
        let tracks = track_list::entries_around(handle, view).await;
        if tracks != self.tracks {
            let ids = tracks.iter().map(|&entry| metadata::track_id(Some(entry))).collect();
            self.tracks = tracks;
            TrackList::track_list_replaced(emitter, ids, metadata::track_id(view.player.entry)).await?;
            properties_changed(emitter, "org.mpris.MediaPlayer2.TrackList", HashMap::new(), &["Tracks"]).await?;
        }
        Ok(())
    }
}

async fn properties_changed(
    emitter: &SignalEmitter<'_>,
    interface: &'static str,
    changed: HashMap<&str, Value<'_>>,
    invalidated: &[&str],
) -> zbus::Result<()> {
    let interface = InterfaceName::from_static_str(interface)?;
    Properties::properties_changed(emitter, interface, changed, invalidated.into()).await
}
