//! The Now playing view: lyrics and what comes next beside the cover.

use std::fs;

use super::open;
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::music::make_tracks;
use crate::support::wait_for;

#[test]
fn now_playing_shows_lyrics_and_the_next_tracks() {
    let home = TempHome::new();
    make_tracks(&home.music(), 3, 60.0);
    for file in fs::read_dir(home.music()).expect("the music").flatten().map(|entry| entry.path()) {
        fs::write(file.with_extension("lrc"), "[00:02.00]Low tide\n[00:40.00]High tide\n").expect("lyrics");
    }
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("sound", |view| view["position"]["running"] == true);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=open-playing]");
    wait_for("both next tracks", || (page.count("[data-testid=up-next] li") == 2).then_some(()));

    page.script("document.querySelector('[data-testid=beside-cover-choice] input[value=lyrics]').click()");
    wait_for("both lines", || (page.count("[data-testid=lyrics] button") == 2).then_some(()));
    page.click("[data-testid=lyrics] button:last-child");
    client.wait_until("the place of the line", |view| view["position"]["position_s"].as_f64() > Some(39.0));

    page.script("document.querySelector('[data-testid=beside-cover-choice] input[value=next]').click()");
    wait_for("the list of next tracks", || (page.count("[data-testid=up-next] li") == 2).then_some(()));
    page.click("[data-testid=up-next] li:last-child button");
    client.wait_until("the last entry", |view| view["queue"]["current"] == 2);
    wait_for("an empty list", || (page.count("[data-testid=up-next] li") == 0).then_some(()));
}
