//! Auralis, a music player for people who own their music.
//!
//! - `app`: the running player; the one place where core, engine and library meet
//! - `bus`: the session bus, by which a desktop controls the player
//! - `remote`: the door for browsers
//! - `scrobbling`: what a server is told of what was heard, if the listener wants that
//! - `shell`: windows (feature `desktop`)
//! - `control`: the door for the command line
//! - `cli`: the command line
//! - `environment`: what must be set before the first thread
//! - `headless`: the player with the door and no window
//!
//! The crates behind it: `auralis-core` is what is true, `auralis-audio` what is heard, `auralis-library` what is owned.

pub mod app;
pub mod bus;
pub mod cli;
pub mod control;
pub mod environment;
pub mod headless;
pub mod remote;
pub mod scrobbling;
#[cfg(feature = "desktop")]
pub mod shell;
