//! Fixtures: generated music, the app in a temporary home, clients, a bus, a display and a sound server.

pub mod app;
pub mod bus;
pub mod client;
pub mod covers;
pub mod desktop;
pub mod http;
pub mod music;
pub mod process;
pub mod sound;
pub mod tray;
pub mod views;
pub mod webdriver;

use std::time::{Duration, Instant};

/// Timeout of every wait, generous because test machines are busy.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// Polls `look` until it returns a value. Panics after [`TIMEOUT`].
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {TIMEOUT:?} for {what}");
        std::thread::sleep(Duration::from_millis(25));
    }
}
