//! The handle of the app's own parts: servers, scrobbling, settings, windows.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use auralis_core::{
    ApiError, CommandId, DesktopState, Input, ListenId, NoticeKind, RemoteServerState, RoomsState, ScrobblingState,
};
use auralis_library::{Library, Scrobble};
use tokio::sync::{mpsc, oneshot};

use super::app_control::AppControl;
use super::directories::AppDirs;
use super::errors::library_error;
use super::handle::PlayerHandle;
use super::message::{ActorMessage, Inbox, RoomRequest};
use super::pairing::PairingSecret;

/// Everything that a part of the app needs beside what a client does: it reports the state of a service, reads the
/// directories, stops the player. Dereferences to the [`PlayerHandle`] of the app itself. Cheap to clone.
#[derive(Clone)]
pub struct AppServices {
    player: PlayerHandle,
    inbox: Inbox,
    library: Library,
    dirs: AppDirs,
    app_control: AppControl,
    secret: PairingSecret,
    /// Until the rooms' control takes them.
    room_requests: Arc<Mutex<Option<mpsc::UnboundedReceiver<RoomRequest>>>>,
}

impl Deref for AppServices {
    type Target = PlayerHandle;

    fn deref(&self) -> &PlayerHandle {
        &self.player
    }
}

impl AppServices {
    pub(super) fn new(
        player: PlayerHandle,
        inbox: Inbox,
        library: Library,
        dirs: AppDirs,
        app_control: AppControl,
        secret: PairingSecret,
        room_requests: mpsc::UnboundedReceiver<RoomRequest>,
    ) -> Self {
        let room_requests = Arc::new(Mutex::new(Some(room_requests)));
        AppServices { player, inbox, library, dirs, app_control, secret, room_requests }
    }

    /// Returns the directories of the app.
    pub fn dirs(&self) -> &AppDirs {
        &self.dirs
    }

    /// Returns the control of the program's windows and its end.
    pub fn app_control(&self) -> &AppControl {
        &self.app_control
    }

    /// Returns the secret that paired devices know.
    pub fn secret(&self) -> &PairingSecret {
        &self.secret
    }

    /// Publishes the state of the remote server.
    pub fn report_server_state(&self, state: RemoteServerState) {
        self.inbox.send_input(Input::RemoteServerChanged(state));
    }

    /// Publishes what the desktop offers.
    pub fn report_desktop_state(&self, state: DesktopState) {
        self.inbox.send_input(Input::DesktopChanged(state));
    }

    /// Publishes the state of scrobbling.
    pub fn report_scrobbling_state(&self, state: ScrobblingState) {
        self.inbox.send_input(Input::ScrobblingChanged(state));
    }

    /// Publishes the rooms.
    pub fn report_rooms_state(&self, state: RoomsState) {
        self.inbox.send_input(Input::RoomsChanged(state));
    }

    /// Returns the changes of rooms that clients want: for the part that controls the rooms, once.
    pub fn take_room_requests(&self) -> Option<mpsc::UnboundedReceiver<RoomRequest>> {
        self.room_requests.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Completes one of them.
    pub fn complete_room_change(&self, id: CommandId, result: Result<(), ApiError>) {
        self.inbox.send_input(Input::RoomChangeFinished { id, result });
    }

    /// Shows the user a notification.
    pub fn notify(&self, kind: NoticeKind, subject: String, reason: String) {
        self.inbox.notify(kind, subject, reason);
    }

    /// Starts or stops collecting plays to submit.
    pub async fn set_scrobbling(&self, enabled: bool) -> Result<(), ApiError> {
        self.library.set_scrobbling(enabled).await.map_err(library_error)
    }

    /// Returns the first `limit` plays that are not submitted yet, and how many there are in all.
    pub async fn pending_scrobbles(&self, limit: u32) -> Result<(Vec<Scrobble>, u32), ApiError> {
        self.library.pending_scrobbles(limit).await.map_err(library_error)
    }

    /// Marks plays up to this one as submitted.
    pub async fn mark_scrobbled(&self, last: ListenId) -> Result<(), ApiError> {
        self.library.mark_scrobbled(last).await.map_err(library_error)
    }

    /// Saves everything and stops playback. Later commands are refused.
    pub async fn stop(&self) {
        let (reply, stopped) = oneshot::channel();
        if self.inbox.send(ActorMessage::Stop { reply }).is_ok() {
            let _ = stopped.await;
        }
    }
}
