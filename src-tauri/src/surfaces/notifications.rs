//! Desktop notifications: one per track, each replaces the one before.
//! Source: <https://specifications.freedesktop.org/notification-spec/latest/>.

use std::collections::HashMap;

use auralis_core::{AppState, ClientKind, Command, DesktopSettings, PlaybackState, SettingsPatch};
use auralis_library::CoverSize;
use url::Url;
use zbus::Connection;
use zbus::zvariant::Value;

use super::app_id::APP_ID;
use super::translations::translations;
use crate::app::{AppServices, PlayerHandle};

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_blocking = false
)]
trait Server {
    #[expect(clippy::too_many_arguments, reason = "the specification has so many")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;
}

/// Notifies of each new track while no window has the focus, and once that a closed player runs on in the tray.
pub(super) async fn serve(connection: &Connection, services: &AppServices) {
    let handle = services.with_client_kind(ClientKind::FileOpen);
    let server = match ServerProxy::new(connection).await {
        Ok(server) => server,
        Err(error) => return tracing::warn!(%error, "no desktop notifications"),
    };
    let mut notifier = Notifier { server, replaces_id: 0 };
    let (mut snapshots, mut window_states) = (handle.watch(), services.app_control().watch());
    let (mut notified_entry, mut was_open) = (None, false);
    loop {
        tokio::select! {
            alive = snapshots.changed() => if alive.is_err() { break },
            Ok(()) = window_states.changed() => {}
        }
        let (snapshot, window_state) = (snapshots.borrow_and_update().clone(), *window_states.borrow_and_update());
        let view = snapshot.view();
        if view.player.transport == PlaybackState::Playing && view.player.entry != notified_entry {
            notified_entry = view.player.entry;
            if view.settings.desktop.notifications && !window_state.focused {
                notifier.notify_track(&handle, view).await;
            }
        }
        let closed = std::mem::replace(&mut was_open, window_state.any_open) && !window_state.any_open;
        if closed && view.desktop.tray && view.settings.desktop.close_to_tray {
            notifier.show_tray_hint(&handle, view).await;
        }
    }
}

struct Notifier<'a> {
    server: ServerProxy<'a>,
    /// ID of the notification to replace; 0 is none.
    replaces_id: u32,
}

impl Notifier<'_> {
    async fn notify_track(&mut self, handle: &PlayerHandle, view: &AppState) {
        let Some(track) = &view.player.track else { return };
        let about: Vec<_> = [&*track.artist, &*track.album].into_iter().filter(|text| !text.is_empty()).collect();
        let picture = match &track.cover {
            Some(hash) => handle.cover_file(hash, CoverSize::Large).await.ok().flatten(),
            None => None,
        };
        let picture = picture.and_then(|path| Url::from_file_path(path).ok());
        self.notify(&track.title, &about.join(" · "), picture).await;
    }

    async fn show_tray_hint(&mut self, handle: &PlayerHandle, view: &AppState) {
        let desktop = &view.settings.desktop;
        if desktop.tray_hint_shown {
            return;
        }
        let texts = translations(&view.settings.language);
        self.notify(&texts.in_tray, &texts.in_tray_hint, None).await;
        let desktop = Some(DesktopSettings { tray_hint_shown: true, ..desktop.clone() });
        let settings = SettingsPatch { desktop, ..SettingsPatch::default() };
        if let Err(error) = handle.dispatch(Command::ChangeSettings { settings }, None).await {
            tracing::warn!(%error, "failed to store that the tray hint was shown");
        }
    }

    async fn notify(&mut self, summary: &str, body: &str, picture: Option<Url>) {
        let mut hints = HashMap::from([
            ("desktop-entry", Value::from(APP_ID)),
            ("urgency", Value::from(0_u8)),
            ("transient", Value::from(true)),
        ]);
        if let Some(picture) = picture {
            hints.insert("image-path", String::from(picture).into());
        }
        // A title may contain characters that are markup to the server.
        let markup = self.server.get_capabilities().await.is_ok_and(|can| can.iter().any(|can| can == "body-markup"));
        let body = if markup { escaped(body) } else { body.to_owned() };
        match self.server.notify("Auralis", self.replaces_id, APP_ID, summary, &body, &[], hints, -1).await {
            Ok(id) => self.replaces_id = id,
            Err(error) => tracing::debug!(%error, "notification not shown"),
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
