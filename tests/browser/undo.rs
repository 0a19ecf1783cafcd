//! Edits say what they did and can be taken back; playback can be told to stop by itself.

use serde_json::json;

use super::open;
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::music::make_tracks;
use crate::support::wait_for;

#[test]
fn toast_says_what_was_done_and_takes_it_back() {
    let home = TempHome::new();
    make_tracks(&home.music(), 4, 60.0);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("sound", |view| view["position"]["running"] == true);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    assert_eq!(page.count("[data-testid=edit-toast]"), 0, "what was done before is not announced");

    client.run(
        json!({"do": "edit", "edit": "create_playlist", "name": "Party", "tracks": {"from": "ids", "ids": tracks}}),
    );
    page.wait_text("edit-toast", "“Party” created");
    page.click("[data-testid=toast-undo]");
    page.wait_text("edit-toast", "Undone: create “Party”");
    assert_eq!(client.rows(json!({"list": "playlists"}), 0, 10)["total"], 0);
    assert_eq!(client.view["player"]["transport"], "playing", "the sound goes on");
    assert_eq!(page.count("[data-testid=toast-undo]"), 0);
}

#[test]
fn sleep_timer_stops_after_the_track() {
    let home = TempHome::new();
    make_tracks(&home.music(), 2, 30.0);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("sound", |view| view["position"]["running"] == true);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=sleep]");
    wait_for("the menu", || {
        (page.count("[role=menuitemradio], [role=menuitemcheckbox], [role=menuitem]") > 3).then_some(())
    });
    page.script(
        "[...document.querySelectorAll('[role^=menuitem]')].find(item => item.textContent.includes('after this track')).click()",
    );
    client.wait_until("the timer", |view| view["player"]["sleep"]["end"] == "end_of_track");
    wait_for("a lit button", || (page.attribute("sleep", "aria-pressed") == "true").then_some(()));
    client.run(json!({"do": "seek", "position_s": 28.5}));
    client.wait_until("silence", |view| view["player"]["transport"] != "playing");
    assert!(client.view["player"]["sleep"].is_null(), "once is enough");
}
