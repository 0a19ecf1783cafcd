//! What goes wrong easily: held keys, lists that move, filters, dialogs and settings that are half edited.

use serde_json::{Value, json};

use super::{CONTROL, open};
use crate::support::app::{Headless, TempHome};
use crate::support::desktop::Browser;
use crate::support::music::make_tracks;
use crate::support::wait_for;
use crate::support::webdriver::Page;

const DELETE: &str = "\u{E017}";

/// Sends a real key event; `repeat` as the keyboard does while a key is held.
fn key(page: &Page, kind: &str, key: &str, code: &str, repeat: bool) {
    let virtual_key = key.to_uppercase().bytes().next().unwrap_or(0);
    let event =
        json!({"type": kind, "key": key, "code": code, "autoRepeat": repeat, "windowsVirtualKeyCode": virtual_key});
    page.devtools("Input.dispatchKeyEvent", event);
}

fn start(home: &TempHome, tracks: u32) -> Headless {
    make_tracks(&home.music(), tracks, 30.0);
    home.start().with_music(&home.music())
}

fn state_is(app: &Headless, what: &str, path: &str, expected: Value) {
    wait_for(what, || (app.client().view.pointer(path) == Some(&expected)).then_some(()));
}

#[test]
fn held_keys_act_once() {
    let home = TempHome::new();
    let app = start(&home, 3);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    let tracks = app.client().track_ids();
    app.client().play(&tracks, 0).wait_until("sound", |view| view["player"]["transport"] == "playing");
    page.click("[data-testid=nav-songs]");

    for (name, code) in [(" ", "Space"), ("m", "KeyM")] {
        key(page, "rawKeyDown", name, code, false);
        (0..4).for_each(|_| key(page, "rawKeyDown", name, code, true));
        key(page, "keyUp", name, code, false);
    }
    state_is(&app, "one mute", "/player/muted", json!(true));
    state_is(&app, "one pause", "/player/transport", json!("paused"));

    app.client().run(json!({"do": "set_mastering", "enabled": true}));
    wait_for("mastering", || (page.count("[data-testid=bar-compare]") == 1).then_some(()));
    key(page, "rawKeyDown", "b", "KeyB", false);
    state_is(&app, "the bypass", "/mastering/comparing", json!(true));
    key(page, "rawKeyDown", "m", "KeyM", false);
    key(page, "keyUp", "m", "KeyM", false);
    state_is(&app, "sound again", "/player/muted", json!(false));
    key(page, "keyUp", "b", "KeyB", false);
    state_is(&app, "mastering again", "/mastering/comparing", json!(false));

    key(page, "rawKeyDown", "ь", "KeyM", false);
    key(page, "keyUp", "ь", "KeyM", false);
    state_is(&app, "mute on a Russian keyboard", "/player/muted", json!(true));

    page.click("[data-testid=nav-settings]");
    page.click("[data-testid=keys-mute]");
    page.type_keys("+");
    state_is(&app, "the plus key", "/settings/shortcuts/mute", json!("+"));
    wait_for("it to be shown", || (page.text("keys-mute") == "+").then_some(()));
}

#[test]
fn delete_in_the_queue_removes_the_chosen_row_after_rows_moved() {
    let home = TempHome::new();
    let app = start(&home, 6);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    let tracks = app.client().track_ids();
    app.client().play(&tracks, 0).wait_until("sound", |view| view["player"]["transport"] == "playing");
    page.click("[data-testid=queue-toggle]");
    let entries = || -> Vec<u64> {
        let rows = app.client().rows(json!({"list": "queue"}), 0, 20);
        rows["items"].as_array().expect("rows").iter().filter_map(|row| row["entry"].as_u64()).collect()
    };
    let before = entries();
    page.click(&format!("[data-testid=queue-row][data-entry=\"{}\"]", before[3]));
    app.client().run(json!({"do": "enqueue", "tracks": {"from": "ids", "ids": [tracks[5]]}, "place": "next"}));
    wait_for("the new row", || (page.count("[data-testid=queue-row]") == 7).then_some(()));
    page.type_keys(DELETE);
    wait_for("one less", || (entries().len() == 6).then_some(()));
    let after = entries();
    let gone: Vec<_> = before.iter().filter(|entry| !after.contains(entry)).collect();
    assert_eq!(gone, [&before[3]]);
}

#[test]
fn filter_counts_and_plays_what_it_leaves() {
    let home = TempHome::new();
    let app = start(&home, 20);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    // Albums have no filter, so the key must not open one later.
    page.click("[data-testid=nav-albums]");
    wait_for("albums", || (page.count("[data-testid=album-grid]") == 1).then_some(()));
    page.press_keys(&[CONTROL], 'f');
    page.click("[data-testid=nav-songs]");
    wait_for("songs", || (page.count("[data-testid=track-row]") == 20).then_some(()));
    assert_eq!(page.count("[data-testid=filter]"), 0);

    page.press_keys(&[CONTROL], 'f');
    page.type_keys("007");
    wait_for("the match", || (page.count("[data-testid=track-row]") == 1).then_some(()));
    let subtitle = || page.script("return document.querySelector('main header p')?.textContent");
    wait_for("the number", || (subtitle() == "1 track").then_some(()));
    page.click("[data-testid=play-list]");
    page.wait_text("now-title", "Track 007");
    assert_eq!(app.client().view["queue"]["length"], 1);
}

#[test]
fn current_track_is_found_again_and_again() {
    let home = TempHome::new();
    let app = start(&home, 6);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    let tracks = app.client().track_ids();
    app.client().play(&tracks, 2).wait_until("sound", |view| view["player"]["transport"] == "playing");
    let selected = || page.script("return document.querySelector('main [aria-selected=true]')?.dataset.track");
    let current = json!(tracks[2].to_string());
    for _ in 0..2 {
        page.press_keys(&[CONTROL], 'j');
        wait_for("the current track", || (selected() == current).then_some(()));
        page.click("[data-testid=track-row][data-index=\"0\"]");
        wait_for("another one", || (selected() != current).then_some(()));
    }
}

#[test]
fn click_beside_the_tag_editor_keeps_its_edits() {
    let home = TempHome::new();
    let app = start(&home, 2);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=nav-songs]");
    page.click("[data-testid=track-row]");
    page.press_keys(&['\u{E008}'], super::F10);
    let edit = "[...document.querySelectorAll('[data-testid=menu] button')].find(item => item.textContent.trim() === 'Edit tags')";
    wait_for("the menu", || (page.script(&format!("return {edit} !== undefined")) == true).then_some(()));
    page.script(&format!("{edit}.click()"));
    wait_for("the title", || (page.count("[data-testid=tag-title]") == 1).then_some(()));
    let click_beside = || {
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": 8, "y": 8, "button": "left", "clickCount": 1});
            page.devtools("Input.dispatchMouseEvent", event);
        }
    };
    page.click("[data-testid=tag-title]");
    page.type_keys("x");
    click_beside();
    assert_eq!(page.count("[data-testid=tag-editor]"), 1, "edits are not discarded by a click");
    page.click("[data-testid=tag-title]");
    page.press_keys(&[CONTROL], 'a');
    page.type_keys("Track 001");
    click_beside();
    wait_for("it to close without edits", || (page.count("[data-testid=tag-editor]") == 0).then_some(()));
}

#[test]
fn scrobbling_is_turned_on_with_what_is_in_the_fields() {
    let home = TempHome::new();
    let app = start(&home, 1);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=nav-settings]");
    let fill = |field: &str, text: &str| {
        page.click(&format!("[data-testid={field}]"));
        page.press_keys(&[CONTROL], 'a');
        page.type_keys(text);
    };
    fill("scrobbling-token", "secret");
    fill("scrobbling-server", "http://127.0.0.1:9");
    page.click("[data-testid=scrobbling-on]");
    state_is(&app, "scrobbling", "/settings/scrobbling/enabled", json!(true));
    let settings = app.client().view["settings"]["scrobbling"].clone();
    assert_eq!(settings, json!({"enabled": true, "server": "http://127.0.0.1:9", "token": "secret"}));
}

#[test]
fn mini_player_has_only_the_keys_of_playback() {
    let home = TempHome::new();
    let app = start(&home, 2);
    let browser = Browser::start(360, 120);
    let page = open(&browser, &app);
    page.go_to(&format!("http://{}/#/mini", app.address));
    page.wait_ready();
    wait_for("the mini player", || (page.count("[data-testid=mini-player]") == 1).then_some(()));
    for key in ['k', 'u', ',', 'j'] {
        page.press_keys(&[CONTROL], key);
    }
    page.type_keys("v?");
    page.type_keys("m");
    state_is(&app, "the mute", "/player/muted", json!(true));
    assert_eq!(page.script("return location.hash"), "#/mini");
    assert_eq!(page.count("[data-testid=mini-player]"), 1);
    assert_eq!(page.count("dialog"), 0);
}
