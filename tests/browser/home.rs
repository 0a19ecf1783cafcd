//! The Home page: what was played and added lately.

use serde_json::json;

use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::views::start_with_sample_data;
use crate::support::wait_for;

#[test]
fn home_leads_back_to_what_was_played() {
    let home = TempHome::new();
    let app = start_with_sample_data(&home);
    let mut client = app.client();
    client.run(json!({"do": "clear_queue"}));
    client.run(json!({"do": "play_tracks", "tracks": {"from": "list", "list": {"filter": {"album": 2}}}}));
    client.wait_until("the album", |view| view["position"]["position_s"].as_f64() > Some(1.5));
    client.run(json!({"do": "next"}));

    let browser = Browser::start(1280, 800);
    let page = browser.page();
    page.go_to(&app.link);
    page.wait_ready();
    wait_for("the album to jump back into", || (page.count("[data-testid=recent-context]") > 0).then_some(()));
    assert!(page.count("[data-testid=album-card]") > 0, "albums were added");
    page.click("[data-testid=recent-context]");
    wait_for("its page", || (page.script("return location.hash") == "#/albums/2").then_some(()));

    page.click("[data-testid=nav-home]");
    wait_for("tracks", || (page.count("[data-testid=track-tile]") > 0).then_some(()));
    let title = page.script("return document.querySelector('[data-testid=track-tile] .name').textContent");
    page.click("[data-testid=track-tile] .thumb");
    page.wait_text("now-title", title.as_str().expect("a title"));
}
