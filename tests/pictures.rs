//! The pictures of the README, taken from the real window: `PICTURES=docs cargo test --test system pictures`. Without
//! that variable, the same run only sees to it that each view can be shown.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::app::Home;
use crate::support::desktop::Desktop;
use crate::support::music::make_collection;
use crate::support::sound::SoundServer;
use crate::support::wait_for;

#[test]
fn each_view_is_shown_in_both_themes() {
    let home = Home::new();
    make_collection(&home.music());
    let sound = SoundServer::start();
    let desktop = Desktop::start(&home, &sound);
    let page = desktop.page();
    desktop.dispatch(json!({"do": "add_root", "path": home.music()}));
    wait_for("the first rows", || (page.count("[data-testid=track-row]") > 5).then_some(()));
    page.double_click("[data-testid=track-row][data-index=\"2\"]");
    wait_for("sound", || (page.attribute("play-pause", "aria-label") == "Pause").then_some(()));
    desktop.dispatch(json!({"do": "seek", "position_s": 21}));
    page.click("[data-testid=queue-toggle]");
    wait_for("the queue", || (page.count("[data-testid=queue-row]") > 5).then_some(()));

    let folder = std::env::var_os("PICTURES").map(PathBuf::from);
    let take = |name: &str| {
        wait_for("every cover", || {
            let covers = page.script("return [...document.images].every(image => image.complete)");
            (covers == true).then_some(())
        });
        let folder = folder.clone().unwrap_or_else(|| home.path().to_owned());
        page.screenshot(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(format!("{name}.png")));
    };
    for theme in ["light", "dark"] {
        desktop.dispatch(json!({"do": "change_settings", "settings": {"theme": theme}}));
        wait_for("the theme", || (page.script("return document.documentElement.dataset.theme") == theme).then_some(()));
        page.click("[data-testid=nav-songs]");
        wait_for("songs", || (page.count("[data-testid=track-row]") > 5).then_some(()));
        take(&format!("songs-{theme}"));
        page.click("[data-testid=nav-albums]");
        wait_for("albums", || (page.count("[data-testid=album-card]") > 5).then_some(()));
        take(&format!("albums-{theme}"));
        page.click("[data-testid=album-card]");
        wait_for("an album", || (page.count("[data-testid=track-row]") > 2).then_some(()));
        take(&format!("album-{theme}"));
        page.click("[data-testid=nav-artists]");
        wait_for("artists", || (page.count("[data-testid=artist-row]") > 3).then_some(()));
        take(&format!("artists-{theme}"));
        page.click("[data-testid=nav-settings]");
        take(&format!("settings-{theme}"));
    }
}
