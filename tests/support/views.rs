//! Every view, panel and dialog of the interface, and sample data to show in each.

use std::path::Path;

use serde_json::json;

use super::app::{Headless, TempHome};
use super::music::make_collection;
use super::process::run;
use super::wait_for;
use super::webdriver::Page;

/// Names for screenshots, and routes.
pub const VIEWS: [(&str, &str); 22] = [
    ("songs", "songs"),
    ("albums", "albums"),
    ("album", "albums/1"),
    ("artists", "artists"),
    ("artist", "artists/1"),
    ("home", "home"),
    ("genres", "genres"),
    ("genre", "genres/1?name=Folk"),
    ("years", "years"),
    ("folders", "folders"),
    ("duplicates", "duplicates"),
    ("favourites", "favourites"),
    ("history", "history"),
    ("statistics", "statistics"),
    ("playlists", "playlists"),
    ("playlist", "playlists/1"),
    ("smart-playlist", "playlists/2"),
    ("search", "search?words=lan"),
    ("nothing-found", "search?words=qqq"),
    ("settings", "settings"),
    ("diagnostics", "diagnostics"),
    ("playing", "playing"),
];

// Key codes of WebDriver.
const SHIFT: char = '\u{E008}';
const F10: char = '\u{E03A}';
const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";
const DOWN: &str = "\u{E015}";

/// The side panels.
pub const PANELS: [&str; 3] = ["queue", "mastering", "lyrics"];

/// Starts the app with a collection, playlists, ratings and a history.
pub fn start_with_sample_data(home: &TempHome) -> Headless {
    make_collection(&home.music());
    let app = home.start().with_music(&home.music());
    insert_sample_history(home);
    let mut client = app.client();
    for command in sample_commands(&client.track_ids()) {
        client.run(command);
    }
    client.wait_until("a track", |view| view["player"]["transport"] == "playing");
    client.run(json!({"do": "next"})).run(json!({"do": "pause"}));
    app
}

/// Inserts ten months of listens into the history table.
pub fn insert_sample_history(home: &TempHome) {
    const HEARD: &str = "
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1400),
        mixed AS (SELECT i, i * 48271 % 65521 AS x, i / 5 AS day, i / 5 * 48271 % 65521 AS of_day FROM n),
        heard AS (
            SELECT 1 + x % (12 + x % 60) AS track,
                   (unixepoch() / 86400 - day) * 86400
                   + CASE WHEN x % 9 < 2 THEN 6 + x % 4 WHEN x % 9 = 2 THEN 11 + x % 5 ELSE 16 + x % 7 END * 3600
                   + i % 5 * 700 AS began
            FROM mixed WHERE of_day % 7 > 1 AND i % 5 <= of_day % 6
        )
        INSERT INTO listens (track_id, began_s, local_s, heard_s, end, play, context, title, artist, album, genre, duration_s)
        SELECT id, began, began, 240, 'finished', 1, 'album', title, artist, album, genre, duration_s
        FROM heard JOIN tracks ON id = track WHERE began < unixepoch();";
    let database = home.path().join("data/auralis/library.db");
    run("sqlite3", &["-cmd", ".timeout 10000", database.to_str().expect("UTF-8"), HEARD]);
}

/// The commands that create the sample playlists, favourites, ratings and queue.
pub fn sample_commands(tracks: &[i64]) -> Vec<serde_json::Value> {
    let some = json!({"from": "ids", "ids": tracks.iter().step_by(7).collect::<Vec<_>>()});
    vec![
        json!({"do": "edit", "edit": "create_playlist", "name": "Evening walk", "tracks": some}),
        json!({"do": "edit", "edit": "create_playlist", "name": "Rainy days",
               "smart": {"search": "rain", "sort": "year", "descending": false, "limit": null}}),
        json!({"do": "edit", "edit": "set_favourite", "tracks": some, "favourite": true}),
        json!({"do": "edit", "edit": "set_rating", "tracks": some, "rating": 4}),
        json!({"do": "play_tracks", "tracks": {"from": "list", "list": {"filter": {}, "sort": "album",
               "descending": false}}, "start": 0}),
    ]
}

/// Goes to a view and waits until it is shown.
pub fn go(page: &Page, route: &str) {
    page.script(&format!("location.hash = '#/{route}'"));
    wait_for(&format!("the view {route}"), || {
        let ready = "const main = document.querySelector('main'); \
                     return main.querySelector('h1') !== null && [...document.images].every(image => image.complete)";
        page.async_script("requestAnimationFrame(() => requestAnimationFrame(() => done(null)))");
        (page.script(ready) == true).then_some(())
    });
}

/// Visits all views and calls `look` with the name of each while it is shown.
pub fn visit_views(page: &Page, mut look: impl FnMut(&str)) {
    for (name, route) in VIEWS {
        go(page, route);
        look(name);
    }
}

/// Visits all views, panels and dialogs. Needs a wide window.
pub fn visit_everything(page: &Page, mut look: impl FnMut(&str)) {
    visit_views(page, &mut look);
    go(page, "songs");
    let shown = |name: &str| {
        wait_for(name, || (page.count(&format!("[data-testid={name}]")) == 1).then_some(()));
    };
    for panel in PANELS {
        page.click(&format!("[data-testid={panel}-toggle]"));
        shown(&format!("{panel}-panel"));
        look(panel);
    }
    page.type_keys("?");
    shown("shortcuts");
    look("shortcuts");
    page.type_keys(ESCAPE);
    page.click("[data-testid=new-playlist]");
    wait_for("a menu", || (page.count("[role=menuitem]") > 2).then_some(()));
    look("menu");
    page.type_keys(&format!("{DOWN}{ENTER}"));
    shown("playlist-dialog");
    page.click("[data-testid=add-rule]");
    look("smart-playlist-dialog");
    page.type_keys(ESCAPE);
    for (name, keys, shows) in
        [("tag-editor", "e", "tag-title"), ("export", "ee", "export-dialog"), ("details", "d", "details")]
    {
        page.click("[data-testid=track-row]");
        page.press_keys(&[SHIFT], F10);
        wait_for("a menu", || (page.count("[role=menuitem]") > 5).then_some(()));
        page.type_keys(keys);
        page.type_keys(ENTER);
        shown(shows);
        look(name);
        page.type_keys(ESCAPE);
    }
    go(page, "mini");
    look("mini-player");
    go(page, "songs");
    page.click("[data-testid=close-panel]");
}

/// Reads a file of the repository.
pub fn project_file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
