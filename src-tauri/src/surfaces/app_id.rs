//! The application ID.

/// The name of the desktop file, the icon, the windows and the objects on the session bus.
pub const APP_ID: &str = "io.github.auralis_player.Auralis";
