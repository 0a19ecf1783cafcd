//! The session bus: how a desktop controls the player, with or without a window.

mod mpris;

use zbus::Connection;

use crate::app::{Handle, Program};

/// The application's id: the name of its desktop file, its icon and its objects on the bus.
pub const APP_ID: &str = "io.github.auralis_player.Auralis";

/// Offers the player on the session bus until it stops. Without a bus there is nothing to offer it on.
pub async fn serve(handle: Handle, program: Program) {
    let connection = match Connection::session().await {
        Ok(connection) => connection,
        Err(error) => return tracing::info!(%error, "no session bus: no media keys, no desktop controls"),
    };
    if let Err(error) = mpris::serve(&connection, handle, program).await {
        tracing::warn!(%error, "the desktop's media controls do not work");
    }
}
