//! D-Bus session bus: media controls, tray, notifications and sleep inhibition, with or without a window.

use auralis_core::DesktopState;
use zbus::Connection;

use crate::app::AppServices;
use crate::surfaces::{mpris, notifications, sleep_inhibition, tray};

/// Serves the desktop on the session bus until the player stops. Returns early if there is no bus.
pub async fn serve(services: AppServices) {
    let windows = services.app_control().has_windows();
    services.report_desktop_state(DesktopState { windows, tray: false });
    let connection = match Connection::session().await {
        Ok(connection) => connection,
        Err(error) => return tracing::info!(%error, "no session bus: no media keys, desktop controls or tray"),
    };
    let controls = async {
        if let Err(error) = mpris::serve(&connection, &services).await {
            tracing::warn!(%error, "the desktop's media controls do not work");
        }
    };
    let tray = async {
        if windows {
            tray::serve(&services).await;
        }
    };
    tokio::join!(
        controls,
        tray,
        notifications::serve(&connection, &services),
        sleep_inhibition::serve(&connection, services.watch())
    );
}
