//! Keeps the computer awake while music plays, if that setting is on. Suspending by hand still works, and the screen may
//! turn off.
//!
//! Asks the desktop's portal first, which works on every desktop; without one, systemd's login manager.

use std::collections::HashMap;
use std::sync::Arc;

use auralis_core::{AppState, PlaybackState};
use tokio::sync::watch;
use zbus::Connection;
use zbus::zvariant::{OwnedFd, OwnedObjectPath, Value};

use super::translations::translations;
use crate::app::Snapshot;

/// Source: <https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Inhibit.html>.
#[zbus::proxy(
    interface = "org.freedesktop.portal.Inhibit",
    default_service = "org.freedesktop.portal.Desktop",
    default_path = "/org/freedesktop/portal/desktop",
    gen_blocking = false
)]
trait Portal {
    fn inhibit(&self, window: &str, flags: u32, options: HashMap<&str, Value<'_>>) -> zbus::Result<OwnedObjectPath>;
}

/// The portal's flag for suspend.
const INHIBIT_SUSPEND: u32 = 4;

/// Source: <https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.login1.html>.
#[zbus::proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1",
    gen_blocking = false
)]
trait LoginManager {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> zbus::Result<OwnedFd>;
}

/// An active inhibition; ends when it is released.
enum Inhibition {
    Portal(OwnedObjectPath),
    LoginManager { _open: OwnedFd },
}

/// Inhibits suspend while music plays, until the player stops.
pub(super) async fn serve(session: &Connection, mut snapshots: watch::Receiver<Arc<Snapshot>>) {
    let mut wanted = false;
    let mut inhibition = None;
    while snapshots.changed().await.is_ok() {
        let snapshot = snapshots.borrow_and_update().clone();
        let view = snapshot.view();
        // Asked once per change: without a service now there is none a second later.
        if std::mem::replace(&mut wanted, is_wanted(view)) == wanted {
            continue;
        }
        inhibition = match inhibition.take() {
            None if wanted => inhibit(session, &translations(&view.settings.language).awake).await,
            active => {
                release(session, active).await;
                None
            }
        };
    }
    release(session, inhibition).await;
}

fn is_wanted(view: &AppState) -> bool {
    view.settings.desktop.inhibit_suspend
        && matches!(view.player.transport, PlaybackState::Playing | PlaybackState::Loading)
}

async fn inhibit(session: &Connection, why: &str) -> Option<Inhibition> {
    let by_portal = async {
        let options = HashMap::from([("reason", Value::from(why))]);
        PortalProxy::new(session).await?.inhibit("", INHIBIT_SUSPEND, options).await
    };
    let by_login_manager = async {
        let system = Connection::system().await?;
        LoginManagerProxy::new(&system).await?.inhibit("idle", "Auralis", why, "block").await
    };
    match by_portal.await {
        Ok(request) => return Some(Inhibition::Portal(request)),
        Err(error) => tracing::debug!(%error, "no inhibit portal"),
    }
    match by_login_manager.await {
        Ok(open) => Some(Inhibition::LoginManager { _open: open }),
        Err(error) => {
            tracing::debug!(%error, "failed to inhibit suspend");
            None
        }
    }
}

async fn release(session: &Connection, inhibition: Option<Inhibition>) {
    let Some(Inhibition::Portal(request)) = inhibition else { return };
    let portal = Some("org.freedesktop.portal.Desktop");
    let interface = Some("org.freedesktop.portal.Request");
    if let Err(error) = session.call_method(portal, &request, interface, "Close", &()).await {
        tracing::warn!(%error, "failed to release the suspend inhibition");
    }
}
