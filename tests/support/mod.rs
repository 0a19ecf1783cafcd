//! What the tests stand on: generated music, the app in a throw-away home, clients, a bus, a display, a sound server.

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

/// How long anything may take on a busy machine before it counts as not happening.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `look` finds something.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {what}");
        std::thread::sleep(Duration::from_millis(25));
    }
}
