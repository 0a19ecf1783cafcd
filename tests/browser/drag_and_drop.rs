//! Dragging tracks to playlists and within the queue.

use serde_json::json;

use super::open;
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::views::{go, start_with_sample_data};
use crate::support::wait_for;

#[test]
fn tracks_are_dragged_to_a_playlist_and_into_the_queue() {
    let home = TempHome::new();
    let app = start_with_sample_data(&home);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    go(page, "songs");
    page.click("[data-testid=queue-toggle]");
    wait_for("the queue", || (page.count("[data-testid=queue-row]") > 5).then_some(()));
    let total = |list: serde_json::Value| app.client().rows(list, 0, 1)["total"].as_u64();
    let playlist = json!({"list": "playlist", "playlist": 1});

    let before = total(playlist.clone());
    page.drag("[data-testid=track-row][data-index=\"1\"]", "[data-testid=nav-playlist]");
    wait_for("one more in the playlist", || (total(playlist.clone()) == before.map(|rows| rows + 1)).then_some(()));

    let queue = json!({"list": "queue"});
    let before = total(queue.clone());
    page.drag("[data-testid=track-row][data-index=\"2\"]", "[data-testid=queue-row][data-place=next]");
    wait_for("one more in the queue", || (total(queue.clone()) == before.map(|rows| rows + 1)).then_some(()));

    let order = || app.client().rows(queue.clone(), 0, 20)["items"].clone();
    let before = order();
    page.drag(
        "[data-testid=queue-row][data-place=now]",
        "[data-testid=queue-row][data-place=next]:nth-last-of-type(4)",
    );
    wait_for("another order", || (order() != before).then_some(()));
}
