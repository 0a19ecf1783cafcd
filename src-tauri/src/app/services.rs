//! The handle of the app's own parts: servers, scrobbling, settings, windows.

use std::ops::Deref;

use auralis_core::{ApiError, DesktopState, Input, ListenId, NoticeKind, RemoteServerState, ScrobblingState};
use auralis_library::{Library, Scrobble};
use tokio::sync::oneshot;

use super::app_control::AppControl;
use super::directories::AppDirs;
use super::errors::library_error;
use super::handle::PlayerHandle;
use super::message::{ActorMessage, Inbox};
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
    ) -> Self {
        AppServices { player, inbox, library, dirs, app_control, secret }
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
