//! The interface in a browser, against the headless app.

use serde_json::json;

use crate::support::app::{Headless, Home};
use crate::support::desktop::Browser;
use crate::support::music::make_tracks;
use crate::support::wait_for;
use crate::support::webdriver::Page;

const CONTROL: char = '\u{E009}';
const ENTER: char = '\u{E007}';

fn open<'a>(browser: &'a Browser, app: &Headless) -> &'a Page {
    browser.page().go_to(&format!("http://{}/", app.address));
    browser.page().wait_ready();
    browser.page()
}

#[test]
fn a_first_run_offers_to_add_music_and_fills_as_it_is_found() {
    let home = Home::new();
    make_tracks(&home.music(), 12, 1.0);
    let app = home.start();
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    wait_for("the offer", || (page.count("[data-testid=add-music]") > 0).then_some(()));
    let _app = app.with_music(&home.music());
    wait_for("the tracks", || (page.count("[data-testid=track-row]") == 12).then_some(()));
}

#[test]
fn a_listener_searches_plays_and_is_shown_the_truth() {
    let home = Home::new();
    make_tracks(&home.music(), 40, 30.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.chord(&[CONTROL], 'k');
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
}

#[test]
fn a_row_is_played_by_the_keyboard_alone() {
    let home = Home::new();
    make_tracks(&home.music(), 5, 30.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=nav-songs]");
    page.click("[data-testid=track-row]");
    page.type_keys(&format!("\u{E015}{ENTER}"));
    page.wait_text("now-title", "Track 002");
    page.type_keys(" ");
    wait_for("the pause", || (app.client().view["player"]["transport"] == "paused").then_some(()));
}

#[test]
fn two_windows_agree_after_a_burst_of_commands() {
    let home = Home::new();
    make_tracks(&home.music(), 20, 30.0);
    let app = home.start().with_music(&home.music());
    let (left, right) = (Browser::start(1280, 800), Browser::start(400, 800));
    let pages = [open(&left, &app), open(&right, &app)];
    let mut clients = [app.client(), app.client()];
    let tracks = clients[0].track_ids();
    clients[0].play(&tracks, 0);
    let mut random = fastrand::Rng::with_seed(11);
    for turn in 0..1_000 {
        let command = match random.u8(..10) {
            0 => json!({"do": "toggle"}),
            1 => json!({"do": "next"}),
            2 => json!({"do": "previous"}),
            3 => json!({"do": "set_volume", "volume": random.u8(..=100)}),
            4 => json!({"do": "set_shuffle", "enabled": random.bool()}),
            5 => json!({"do": "set_repeat", "mode": *random.choice(["none", "one", "all"]).expect("one")}),
            6 => {
                json!({"do": "enqueue", "tracks": {"from": "ids", "ids": [*random.choice(&tracks).expect("one")]}, "place": "next"})
            }
            7 => json!({"do": "undo"}),
            8 => json!({"do": "seek", "position_s": random.f64() * 30.0}),
            _ => json!({"do": "play"}),
        };
        // Some are refused, as they should be: there is not always something to undo or to seek in.
        let _ = clients[turn % 2].command(command);
    }
    clients[0].run(json!({"do": "pause"}));
    wait_for("one revision everywhere", || {
        let rev = app.client().rev;
        let revs = pages.map(|page| page.rev());
        (revs == [rev, rev]).then_some(())
    });
    let truth = app.client().view.clone();
    let title = truth["player"]["track"]["title"].as_str().expect("a title");
    for page in pages {
        assert_eq!(page.text("now-title"), title);
    }
}

#[test]
fn a_window_holds_no_more_rows_than_it_shows() {
    let home = Home::new();
    make_tracks(&home.music(), 3, 1.0);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    let long: Vec<i64> = (0..3_000).map(|index| tracks[index % 3]).collect();
    client.play(&long, 0).run(json!({"do": "pause"}));
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=queue-toggle]");
    wait_for("queue rows", || (page.count("[data-testid=queue-row]") > 5).then_some(()));
    assert!(page.count("[data-testid=queue-row]") <= 80, "{} rows", page.count("[data-testid=queue-row]"));
}

#[test]
fn nothing_is_asked_of_the_network() {
    let home = Home::new();
    let app = home.start();
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    let asked = page.script("return performance.getEntriesByType('resource').map(entry => new URL(entry.name).host)");
    let hosts = asked.as_array().expect("a list").clone();
    assert!(!hosts.is_empty() && hosts.iter().all(|host| *host == app.address.as_str()), "{hosts:?}");
    let blocked = page.async_script(
        "const image = new Image(); image.onerror = () => done('blocked'); image.onload = () => done('loaded'); \
         document.addEventListener('securitypolicyviolation', () => done('blocked')); \
         image.src = 'http://127.0.0.1:9/picture.png';",
    );
    assert_eq!(blocked, "blocked");
}
