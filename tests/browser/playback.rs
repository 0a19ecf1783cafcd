//! Searching, playing and seeking with the mouse.

use serde_json::json;

use super::{CONTROL, open};
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::music::make_tracks;
use crate::support::wait_for;

#[test]
fn search_play_pause_and_reload() {
    let home = TempHome::new();
    make_tracks(&home.music(), 40, 30.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.press_keys(&[CONTROL], 'k');
    page.type_keys("track 007");
    wait_for("the one found", || {
        let first = page.text("track-row");
        (page.count("[data-testid=track-row]") == 1 && first.contains("Track 007")).then_some(())
    });
    page.double_click("[data-testid=track-row]");
    page.wait_text("now-title", "Track 007");
    wait_for("the pause button", || (page.attribute("play-pause", "aria-label") == "Pause").then_some(()));
    page.click("[data-testid=play-pause]");
    wait_for("the play button", || (page.attribute("play-pause", "aria-label") == "Play").then_some(()));
    assert_eq!(app.client().view["player"]["transport"], "paused");

    page.reload();
    page.wait_ready();
    page.wait_text("now-title", "Track 007");
    assert_eq!(page.attribute("play-pause", "aria-label"), "Play", "a page that reloads shows the truth");
    page.click("[data-testid=now-artist]");
    wait_for("the artist's page", || {
        (page.script("return document.querySelector('main h1')?.textContent") == "The Generators").then_some(())
    });
}

#[test]
fn dragging_the_seek_bar_sends_one_seek() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 100.0);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("sound", |view| view["position"]["running"] == true);
    client.run(json!({"do": "pause"}));
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.script(
        "const send = WebSocket.prototype.send; window.sent = []; \
         WebSocket.prototype.send = function (text) { window.sent.push(text); send.call(this, text); }",
    );
    page.drag("[data-testid=seek]", "[data-testid=repeat]");
    client.wait_until("the end of the drag", |view| view["position"]["position_s"].as_f64() > Some(51.0));
    let seeks = page.script("return window.sent.filter(text => text.includes('\"seek\"')).length");
    assert_eq!(seeks, 1);
}
