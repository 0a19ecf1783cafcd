//! Notifications by the desktop: one for what plays, which the next one replaces.
//! Source: <https://specifications.freedesktop.org/notification-spec/latest/>.

use std::collections::HashMap;

use auralis_core::{AppState, ClientKind, Command, DesktopSettings, PlaybackState, SettingsPatch};
use auralis_library::CoverSize;
use url::Url;
use zbus::Connection;
use zbus::zvariant::Value;

use super::session_bus::APP_ID;
use super::translations::words;
use crate::app::Handle;

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

/// Tells of each new track while no window has the focus, and once that a closed player goes on; until it stops.
pub(super) async fn serve(connection: &Connection, handle: Handle) {
    let handle = handle.of(ClientKind::FileOpen);
    let server = match ServerProxy::new(connection).await {
        Ok(server) => server,
        Err(error) => return tracing::warn!(%error, "no notifications"),
    };
    let mut teller = Teller { server, last: 0 };
    let (mut snapshots, mut sights) = (handle.watch(), handle.program().watch());
    let (mut told, mut was_open) = (None, false);
    loop {
        tokio::select! {
            alive = snapshots.changed() => if alive.is_err() { break },
            Ok(()) = sights.changed() => {}
        }
        let (snapshot, sight) = (snapshots.borrow_and_update().clone(), *sights.borrow_and_update());
        let view = snapshot.view();
        if view.player.transport == PlaybackState::Playing && view.player.entry != told {
            told = view.player.entry;
            if view.settings.desktop.notifications && !sight.focused {
                teller.tell_track(&handle, view).await;
            }
        }
        let closed = std::mem::replace(&mut was_open, sight.open) && !sight.open;
        if closed && view.desktop.tray && view.settings.desktop.close_to_tray {
            teller.explain_tray(&handle, view).await;
        }
    }
}

struct Teller<'a> {
    server: ServerProxy<'a>,
    /// What is replaced by the next one; 0 is none.
    last: u32,
}

impl Teller<'_> {
    async fn tell_track(&mut self, handle: &Handle, view: &AppState) {
        let Some(track) = &view.player.track else { return };
        let about: Vec<_> = [&*track.artist, &*track.album].into_iter().filter(|text| !text.is_empty()).collect();
        let picture = match &track.cover {
            Some(hash) => handle.cover_file(hash, CoverSize::Large).await.ok().flatten(),
            None => None,
        };
        let picture = picture.and_then(|path| Url::from_file_path(path).ok());
        self.tell(&track.title, &about.join(" · "), picture).await;
    }

    async fn explain_tray(&mut self, handle: &Handle, view: &AppState) {
        let desktop = &view.settings.desktop;
        if desktop.tray_hint_shown {
            return;
        }
        let words = words(&view.settings.language);
        self.tell(&words.in_tray, &words.in_tray_hint, None).await;
        let desktop = Some(DesktopSettings { tray_hint_shown: true, ..desktop.clone() });
        let settings = SettingsPatch { desktop, ..SettingsPatch::default() };
        if let Err(refusal) = handle.dispatch(Command::ChangeSettings { settings }, None).await {
            tracing::warn!(%refusal, "the tray will be explained again");
        }
    }

    async fn tell(&mut self, summary: &str, body: &str, picture: Option<Url>) {
        let mut hints = HashMap::from([
            ("desktop-entry", Value::from(APP_ID)),
            ("urgency", Value::from(0_u8)),
            ("transient", Value::from(true)),
        ]);
        if let Some(picture) = picture {
            hints.insert("image-path", String::from(picture).into());
        }
        // Where a server takes markup, a title is no markup.
        let markup = self.server.get_capabilities().await.is_ok_and(|can| can.iter().any(|can| can == "body-markup"));
        let body = if markup { escaped(body) } else { body.to_owned() };
        match self.server.notify("Auralis", self.last, APP_ID, summary, &body, &[], hints, -1).await {
            Ok(id) => self.last = id,
            Err(error) => tracing::debug!(%error, "a notification is not shown"),
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
