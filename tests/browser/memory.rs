//! The memory of a page over many tracks.

use serde_json::json;

use super::open;
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::music::make_tracks;
use crate::support::wait_for;

#[test]
fn page_does_not_leak_per_track() {
    const CHANGES: usize = 500;
    let home = TempHome::new();
    make_tracks(&home.music(), 40, 1.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=queue-toggle]");
    let mut client = app.client();
    let all = json!({"from": "list", "list": {"filter": {}, "sort": "title", "descending": false}});
    client.run(json!({"do": "play_tracks", "tracks": all, "start": 0}));
    client.run(json!({"do": "pause"}));
    client.run(json!({"do": "set_repeat", "mode": "all"}));
    let mut held = || {
        for _ in 0..CHANGES {
            client.run(json!({"do": "next"}));
        }
        wait_for("the last of them", || (page.rev() >= client.rev).then_some(()));
        ["Nodes", "JSEventListeners", "JSHeapUsedSize"].map(|metric| page.metric_after_gc(metric))
    };
    let (before, after) = (held(), held());
    // Allowed growth per change: less than one node, one listener, and 500 bytes.
    for (before, after, least) in [(before[0], after[0], 1.0), (before[1], after[1], 1.0), (before[2], after[2], 500.0)]
    {
        assert!(after - before < least * CHANGES as f64, "{before} became {after} over {CHANGES} tracks");
    }
}
