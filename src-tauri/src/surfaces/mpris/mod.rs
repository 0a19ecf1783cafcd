//! MPRIS 2.2, the freedesktop interface of media players: media keys, desktop panels and `playerctl` speak it.
//! Source: <https://specifications.freedesktop.org/mpris-spec/latest/>.
//!
//! The properties are functions of what the core published; nothing is kept here but what clients were told last.

mod metadata;
mod player;
mod root;
mod track_list;

use std::collections::HashMap;
use std::time::Instant;

use auralis_core::{ApiError, AppState, ClientKind, EntryId};
use zbus::fdo::{Properties, RequestNameFlags, RequestNameReply};
use zbus::names::InterfaceName;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::Value;
use zbus::{Connection, fdo};

use crate::app::{Handle, Snapshot};
use player::Player;
use root::Root;
use track_list::TrackList;

const PATH: &str = "/org/mpris/MediaPlayer2";
const NAME: &str = "org.mpris.MediaPlayer2.auralis";

/// How far clients may be off before they are told, in seconds: more than a tick's jitter, less than an ear minds.
const TOLERANCE_S: f64 = 0.25;

/// Offers the player and tells of changes until it stops.
pub(super) async fn serve(connection: &Connection, handle: Handle) -> zbus::Result<()> {
    let handle = handle.of(ClientKind::Mpris);
    let objects = connection.object_server();
    objects.at(PATH, Root::new(handle.program().clone())).await?;
    objects.at(PATH, Player::new(handle.clone())).await?;
    objects.at(PATH, TrackList::new(handle.clone())).await?;
    take_name(connection).await?;

    let emitter = SignalEmitter::new(connection, PATH)?;
    let mut told = Told::new();
    let mut snapshots = handle.watch();
    while snapshots.changed().await.is_ok() {
        let snapshot = snapshots.borrow_and_update().clone();
        told.tell(&emitter, &handle, &snapshot).await?;
    }
    Ok(())
}

/// A second player beside this one gets a name of its own, as the specification wants.
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

/// What clients were told last.
struct Told {
    properties: HashMap<&'static str, Value<'static>>,
    tracks: Vec<EntryId>,
    view: AppState,
    position: Believed,
}

/// Where a client takes the listener to be, from what it was told: the specification lets it assume that a playing
/// track goes on and a paused one does not.
#[derive(Clone, Copy)]
struct Believed {
    position_s: f64,
    running: bool,
    at: Instant,
}

impl Believed {
    fn now_s(&self) -> f64 {
        self.position_s + if self.running { self.at.elapsed().as_secs_f64() } else { 0.0 }
    }
}

impl Told {
    /// Nobody was told anything; who comes later asks.
    fn new() -> Self {
        let position = Believed { position_s: 0.0, running: false, at: Instant::now() };
        Told { properties: HashMap::new(), tracks: Vec::new(), view: AppState::default(), position }
    }

    async fn tell(&mut self, emitter: &SignalEmitter<'_>, handle: &Handle, snapshot: &Snapshot) -> zbus::Result<()> {
        let view = snapshot.view();
        let tags_changed = view.library.revision != self.view.library.revision;
        if view.player != self.view.player || tags_changed {
            let mut properties = player::properties(view);
            properties.insert("Metadata", metadata::of_current(handle, view).await.into());
            let is_new = |(name, value): &(&&str, &Value<'_>)| self.properties.get(**name) != Some(*value);
            let news =
                properties.iter().filter(is_new).filter_map(|(&name, value)| Some((name, value.try_clone().ok()?)));
            let news: HashMap<_, _> = news.collect();
            self.properties = properties;
            properties_changed(emitter, "org.mpris.MediaPlayer2.Player", news, &[]).await?;
        }
        self.tell_position(emitter, snapshot).await?;
        if view.queue != self.view.queue {
            self.tell_tracks(emitter, handle, view).await?;
        }
        self.view = view.clone();
        Ok(())
    }

    async fn tell_position(&mut self, emitter: &SignalEmitter<'_>, snapshot: &Snapshot) -> zbus::Result<()> {
        let player = &snapshot.view().player;
        // A new track begins at 0 for whoever hears of it.
        let believed_s = if player.entry == self.view.player.entry { self.position.now_s() } else { 0.0 };
        let position_s = snapshot.position_s();
        let jumped = (position_s - believed_s).abs() > TOLERANCE_S;
        self.position = Believed {
            position_s: if jumped { position_s } else { believed_s },
            running: player::is_running(player),
            at: Instant::now(),
        };
        if jumped {
            Player::seeked(emitter, player::microseconds(position_s)).await?;
        }
        Ok(())
    }

    async fn tell_tracks(&mut self, emitter: &SignalEmitter<'_>, handle: &Handle, view: &AppState) -> zbus::Result<()> {
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

/// A refusal in the bus's words.
fn failed(refusal: ApiError) -> fdo::Error {
    fdo::Error::Failed(refusal.message)
}
