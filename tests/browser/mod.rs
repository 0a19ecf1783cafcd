//! The interface in a browser, against the headless app.

mod agreement;
mod drag_and_drop;
mod export;
mod home;
mod keyboard;
mod lists;
mod memory;
mod network;
mod now_playing;
mod pairing;
mod phone;
mod playback;
mod touch;
mod traps;
mod undo;

use crate::support::app::Headless;
use crate::support::desktop::Browser;
use crate::support::webdriver::Page;

const CONTROL: char = '\u{E009}';
const SHIFT: char = '\u{E008}';
const ALT: char = '\u{E00A}';
const ENTER: char = '\u{E007}';
const ESCAPE: char = '\u{E00C}';
const LEFT: char = '\u{E012}';
const UP: char = '\u{E013}';
const RIGHT: char = '\u{E014}';
const DOWN: char = '\u{E015}';
const F10: char = '\u{E03A}';

/// Opens the songs in a browser and waits until the interface shows the state.
fn open<'a>(browser: &'a Browser, app: &Headless) -> &'a Page {
    browser.page().go_to(&app.link);
    browser.page().go_to(&format!("http://{}/#/songs", app.address));
    browser.page().wait_ready();
    browser.page()
}
