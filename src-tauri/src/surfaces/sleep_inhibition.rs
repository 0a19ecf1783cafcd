//! Keeps the machine from suspending itself while music plays, if the listener wants. Whoever suspends it by hand still
//! can; the screen may go dark.
//!
//! The desktop's portal is asked first, which knows how its desktop does it; without one, systemd's login manager.

use std::collections::HashMap;

use auralis_core::{AppState, PlaybackState};
use zbus::Connection;
use zbus::zvariant::{OwnedFd, OwnedObjectPath, Value};

use super::translations::words;
use crate::app::Handle;

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

/// The portal's flag for suspending.
const SUSPEND: u32 = 4;

/// Source: <https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.login1.html>.
#[zbus::proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1",
    gen_blocking = false
)]
trait Logins {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> zbus::Result<OwnedFd>;
}

/// What ends when it is given back.
enum Inhibition {
    Portal(OwnedObjectPath),
    Logins { _open: OwnedFd },
}

/// Keeps the machine awake while music plays, until the player stops.
pub(super) async fn serve(session: &Connection, handle: Handle) {
    let mut snapshots = handle.watch();
    let mut wanted = false;
    let mut inhibition = None;
    while snapshots.changed().await.is_ok() {
        let snapshot = snapshots.borrow_and_update().clone();
        let view = snapshot.view();
        // Asked once each time: a machine that has nobody to ask has nobody a second later.
        if std::mem::replace(&mut wanted, is_wanted(view)) == wanted {
            continue;
        }
        inhibition = match inhibition.take() {
            None if wanted => inhibit(session, &words(&view.settings.language).awake).await,
            given => {
                release(session, given).await;
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
        PortalProxy::new(session).await?.inhibit("", SUSPEND, options).await
    };
    let by_logins = async {
        let system = Connection::system().await?;
        LoginsProxy::new(&system).await?.inhibit("idle", "Auralis", why, "block").await
    };
    match by_portal.await {
        Ok(request) => return Some(Inhibition::Portal(request)),
        Err(error) => tracing::debug!(%error, "no portal"),
    }
    match by_logins.await {
        Ok(open) => Some(Inhibition::Logins { _open: open }),
        Err(error) => {
            tracing::debug!(%error, "the machine may suspend itself while music plays");
            None
        }
    }
}

async fn release(session: &Connection, inhibition: Option<Inhibition>) {
    let Some(Inhibition::Portal(request)) = inhibition else { return };
    let portal = Some("org.freedesktop.portal.Desktop");
    let interface = Some("org.freedesktop.portal.Request");
    if let Err(error) = session.call_method(portal, &request, interface, "Close", &()).await {
        tracing::warn!(%error, "the machine is still kept awake");
    }
}
