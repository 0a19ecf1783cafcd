//! Auralis, a music player for people who own their music.
//!
//! - `app`: the running player; the only place where core, engine and library meet
//! - `surfaces`: everything that controls and shows it: windows, session bus, HTTP, control socket, command line
//! - `scrobbling`: reports plays to a server, if the listener turns that on
//! - `rooms`: controls the rooms of the home, if the listener turns them on
//! - `environment`: variables that must be set before the first thread starts
//! - `headless`: runs the player without a window
//!
//! The crates behind it: `auralis-core` (player state and protocol), `auralis-audio` (engine), `auralis-dsp` (analysis and
//! mastering) and `auralis-library` (tracks, playlists, history).

pub mod app;
pub mod environment;
pub mod headless;
pub mod rooms;
pub mod scrobbling;
pub mod surfaces;
