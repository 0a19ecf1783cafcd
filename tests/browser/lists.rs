//! Lists: the first run, filtering, and which rows are in the document.

use serde_json::{Value, json};

use super::{CONTROL, open};
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::music::make_tracks;
use crate::support::views::go;
use crate::support::wait_for;

#[test]
fn first_run_offers_to_add_music_and_fills_during_the_scan() {
    let home = TempHome::new();
    make_tracks(&home.music(), 12, 1.0);
    let app = home.start();
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    wait_for("the offer", || (page.count("[data-testid=add-music]") > 0).then_some(()));
    let _app = app.with_music(&home.music());
    wait_for("the tracks", || (page.count("[data-testid=track-row]") == 12).then_some(()));
}

#[test]
fn typing_filters_a_list() {
    let home = TempHome::new();
    make_tracks(&home.music(), 20, 1.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=nav-songs]");
    page.press_keys(&[CONTROL], 'f');
    page.type_keys("007");
    wait_for("the one that matches", || (page.count("[data-testid=track-row]") == 1).then_some(()));
    page.type_keys("\u{E00C}");
    wait_for("all of them", || (page.count("[data-testid=track-row]") == 20).then_some(()));
}

#[test]
fn only_visible_queue_rows_are_in_the_dom() {
    let home = TempHome::new();
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
    let rows = || -> Vec<u64> {
        let all = "return [...document.querySelectorAll('[data-testid=queue-row]')].map(row => +row.dataset.index)";
        page.script(all).as_array().expect("rows").iter().filter_map(Value::as_u64).collect()
    };
    let lines = || page.count("[data-testid=queue-list] [role=row]");
    let count = lines();
    assert!(count <= 80, "{count} rows");

    // The row count stays constant, and after scrolling the rows are in document order for screen readers.
    page.script("document.querySelector('[data-testid=queue-list]').parentElement.scrollTop = 20000");
    wait_for("rows further down, in order", || {
        let rows = rows();
        (rows[0] > 100 && rows.is_sorted()).then_some(())
    });
    assert_eq!(lines(), count);
}

#[test]
fn only_visible_folders_are_in_the_dom() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 1.0);
    for number in 1..=400 {
        let folder = home.music().join(format!("Folder {number:03}"));
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::copy(home.music().join("001.flac"), folder.join("a.flac")).expect("a track");
    }
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    go(page, "folders");
    page.click("[data-testid=folder-row]");
    wait_for("folders", || (page.count("[data-testid=folder-row]") > 20).then_some(()));
    let named = |name: &str| page.script(&format!("return document.body.innerText.includes('{name}')")) == true;
    assert!(!named("Folder 390"));
    page.script("document.querySelector('[role=grid]').parentElement.scrollTop = 400 / 4 * 60 - 500");
    wait_for("the last folders", || named("Folder 390").then_some(()));
    assert!(page.count("[data-testid=folder-row]") < 200 && !named("Folder 001"));
}
