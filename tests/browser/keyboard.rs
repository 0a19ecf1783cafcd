//! Shortcuts: every default one, and changing one.

use serde_json::{Value, json};

use super::{ALT, CONTROL, DOWN, ENTER, ESCAPE, LEFT, RIGHT, SHIFT, UP, open};
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::music::make_tracks;
use crate::support::wait_for;

#[test]
fn keyboard_alone_plays_a_row() {
    let home = TempHome::new();
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
fn shortcut_and_language_can_be_changed() {
    let home = TempHome::new();
    make_tracks(&home.music(), 2, 1.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=nav-settings]");
    page.click("[data-testid=keys-mute]");
    page.type_keys("x");
    wait_for("the new key", || (app.client().view["settings"]["shortcuts"]["mute"] == "X").then_some(()));
    page.click("[data-testid=nav-songs]");
    page.type_keys("mx");
    wait_for("silence", || (app.client().view["player"]["muted"] == true).then_some(()));

    app.client().run(json!({"do": "change_settings", "settings": {"language": "de"}}));
    wait_for("German", || (page.attribute("mute", "aria-label") == "Stummschaltung aufheben").then_some(()));
    assert_eq!(page.script("return document.documentElement.lang"), "de");
    page.reload();
    wait_for("German again", || (page.attribute("mute", "aria-label") == "Stummschaltung aufheben").then_some(()));
}

#[test]
fn every_shortcut_does_what_it_says() {
    let home = TempHome::new();
    make_tracks(&home.music(), 6, 30.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("sound", |view| view["player"]["transport"] == "playing");
    let is = |what: &str, path: &str, expected: Value| {
        wait_for(what, || (app.client().view.pointer(path) == Some(&expected)).then_some(()));
    };
    let at = |hash: &str| {
        wait_for(hash, || page.script("return location.hash").as_str()?.starts_with(hash).then_some(()));
    };
    let panel = |name: &str| {
        wait_for(name, || (page.count(&format!("[data-testid={name}-panel]")) == 1).then_some(()));
    };
    page.click("[data-testid=nav-songs]");
    page.click("[data-testid=track-row][data-index=\"3\"]");

    page.type_keys(" ");
    is("the pause", "/player/transport", json!("paused"));
    page.press_keys(&[CONTROL], RIGHT);
    is("the next track", "/queue/current", json!(1));
    page.press_keys(&[CONTROL], LEFT);
    is("the one before", "/queue/current", json!(0));
    page.press_keys(&[SHIFT], RIGHT);
    wait_for("five seconds on", || (app.client().view["position"]["position_s"].as_f64()? >= 5.0).then_some(()));
    page.press_keys(&[SHIFT], LEFT);
    wait_for("five seconds back", || (app.client().view["position"]["position_s"].as_f64()? < 5.0).then_some(()));
    let volume = app.client().view["player"]["volume"].as_u64().expect("a volume");
    page.press_keys(&[CONTROL], DOWN);
    is("quieter", "/player/volume", json!(volume - 5));
    page.press_keys(&[CONTROL], UP);
    is("louder", "/player/volume", json!(volume));
    page.type_keys("m");
    is("silence", "/player/muted", json!(true));
    page.press_keys(&[CONTROL], 's');
    is("shuffle", "/player/shuffle", json!(true));
    page.press_keys(&[CONTROL], 'z');
    is("shuffle undone", "/player/shuffle", json!(false));
    page.press_keys(&[CONTROL, SHIFT], 'z');
    is("shuffle again", "/player/shuffle", json!(true));
    page.press_keys(&[CONTROL], 'r');
    is("repeat", "/player/repeat", json!("all"));
    page.type_keys("e");
    is("mastering", "/mastering/settings/enabled", json!(true));
    page.type_keys("q");
    is("one more in the queue", "/queue/length", json!(7));
    page.press_keys(&[SHIFT], 'q');
    is("one more after this", "/queue/length", json!(8));

    page.press_keys(&[CONTROL], 'u');
    panel("queue");
    page.press_keys(&[SHIFT], 'e');
    panel("mastering");
    page.type_keys("l");
    panel("lyrics");
    page.type_keys("v");
    at("#/playing");
    page.press_keys(&[CONTROL], ',');
    at("#/settings");
    page.press_keys(&[ALT], LEFT);
    at("#/playing");
    page.press_keys(&[ALT], RIGHT);
    at("#/settings");
    page.press_keys(&[CONTROL], 'j');
    at("#/albums/");
    page.type_keys("?");
    wait_for("all of them", || (page.count("[data-testid=shortcuts] kbd") > 40).then_some(()));
    page.type_keys(&ESCAPE.to_string());
    wait_for("none of them", || (page.count("[data-testid=shortcuts]") == 0).then_some(()));

    // In text fields, keys type text.
    page.press_keys(&[CONTROL], 'k');
    page.type_keys("me q");
    at("#/search?words=me%20q");
    is("still silence", "/player/muted", json!(true));
    is("no more in the queue", "/queue/length", json!(8));
}
