//! The session bus: how a desktop controls the player and hears of it, with or without a window.

use auralis_core::DesktopState;
use zbus::Connection;

use crate::app::Handle;
use crate::surfaces::{mpris, notifications, sleep_inhibition, tray};

/// The application's id: the name of its desktop file, its icon and its objects on the bus.
pub const APP_ID: &str = "io.github.auralis_player.Auralis";

/// Offers the player on the session bus until it stops. Without a bus there is nothing to offer it on.
pub async fn serve(handle: Handle) {
    let windows = handle.program().has_windows();
    handle.set_desktop(DesktopState { windows, tray: false });
    let connection = match Connection::session().await {
        Ok(connection) => connection,
        Err(error) => return tracing::info!(%error, "no session bus: no media keys, no desktop controls, no tray"),
    };
    let controls = async {
        if let Err(error) = mpris::serve(&connection, handle.clone()).await {
            tracing::warn!(%error, "the desktop's media controls do not work");
        }
    };
    let tray = async {
        if windows {
            tray::serve(handle.clone()).await;
        }
    };
    tokio::join!(
        controls,
        tray,
        notifications::serve(&connection, handle.clone()),
        sleep_inhibition::serve(&connection, handle.clone())
    );
}
