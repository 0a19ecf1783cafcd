//! The rooms' panel, in a browser. `PICTURES=docs cargo test --no-default-features --test system rooms::panel` updates the
//! README's screenshot.

use std::path::Path;

use serde_json::json;

use super::{connected, room};
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::music::make_collection;
use crate::support::wait_for;

use super::rig::Rig;

#[test]
fn the_panel_shows_the_rooms_and_changes_them() {
    let (home, rig) = (TempHome::new(), Rig::start());
    make_collection(&home.music());
    let app = home.start_with(home.auralis().arg("--rooms")).with_music(&home.music());
    let mut client = app.client();
    client.wait_until("the rooms' server", |view| view["rooms"]["server"]["state"] == "connected");
    let port = client.view["rooms"]["server"]["stream_port"].as_u64().expect("a port") as u16;
    let _rooms = [rig.player("front", "front", port), rig.player("rear", "rear", port)];
    client.wait_until("two rooms", |view| connected(view).len() == 2);
    for (id, name, volume) in [("front", "Kitchen", 70), ("rear", "Living room", 40)] {
        client.run(json!({"do": "set_room", "room": id, "name": name, "volume": volume}));
    }
    let tracks = client.track_ids();
    client.play(&tracks, 3);

    let browser = Browser::start(1280, 800);
    let page = browser.page();
    page.go_to(&app.link);
    page.wait_ready();
    page.click("[data-testid=nav-albums]");
    page.click("[data-testid=rooms-toggle]");
    wait_for("two rooms in the panel", || (page.count("[data-testid=room]") == 2).then_some(()));
    let names = page.text("rooms");
    assert!(names.contains("Kitchen") && names.contains("Living room") && names.contains("70"), "{names}");
    let pictures = std::env::var_os("PICTURES").map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    for theme in ["dark", "light"] {
        client.run(json!({"do": "change_settings", "settings": {"theme": theme}}));
        wait_for("the theme", || (page.script("return document.documentElement.dataset.theme") == theme).then_some(()));
        let folder = pictures.as_deref().filter(|_| theme == "light").unwrap_or(home.path());
        page.screenshot(&folder.join(format!("rooms-{theme}.png")));
    }

    page.click("[data-testid=room-mute]");
    client.wait_until("a muted room", |view| room(view, "front")["muted"] == true);
    page.script("document.querySelectorAll('[data-testid=room-volume]')[1].focus()");
    page.press_keys(&[], '\u{e014}'); // arrow right: 5 more
    client.wait_until("a louder room", |view| room(view, "rear")["volume"] == 45);
    // What another client does is shown, too.
    client.run(json!({"do": "set_room", "room": "rear", "volume": 12}));
    wait_for("the other client's volume", || page.text("rooms").contains("12").then_some(()));
}
