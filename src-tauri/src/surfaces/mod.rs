//! Everything that controls and shows the player. Each surface knows only the handles of [`crate::app`].

pub mod app_id;
pub mod cli;
mod connection;
pub mod control_socket;
#[cfg(feature = "desktop")]
pub mod desktop;
pub mod http;
mod mpris;
mod notifications;
pub mod session_bus;
mod sleep_inhibition;
mod translations;
mod tray;
