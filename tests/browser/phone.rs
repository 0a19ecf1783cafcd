//! The layout of a phone.

use serde_json::json;

use super::open;
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::views::{VIEWS, go, start_with_sample_data};
use crate::support::wait_for;

#[test]
fn phone_layout_controls_playback() {
    let home = TempHome::new();
    let app = start_with_sample_data(&home);
    let browser = Browser::start(375, 667);
    let page = open(&browser, &app);
    assert_eq!(page.script("return innerWidth"), 375);
    for (name, route) in VIEWS {
        go(page, route);
        let outside = page.script(
            "const width = document.documentElement.clientWidth; \
             return [...document.querySelectorAll('main button, main a, footer button, nav a')] \
               .filter(part => part.checkVisibility() && !part.closest('.unseen')) \
               .map(part => [part.getBoundingClientRect(), part.outerHTML.slice(0, 120)]) \
               .filter(([{ left, right }]) => right > left && (left < -1 || right > width + 1)).map(([, html]) => html)",
        );
        assert_eq!(outside, json!([]), "{name}: out of reach");
        assert_eq!(page.script("return document.documentElement.scrollWidth"), 375, "{name} is wider than the phone");
    }

    go(page, "songs");
    page.double_click("[data-testid=track-row][data-index=\"2\"]");
    let is = |name: &str| app.client().view["player"]["transport"] == name;
    wait_for("sound", || is("playing").then_some(()));
    page.click("[data-testid=play-pause]");
    wait_for("the pause", || is("paused").then_some(()));
    let title = page.text("now-title");
    page.click("footer [data-testid=next]");
    wait_for("the next track", || (page.text("now-title") != title).then_some(()));

    // Controls that do not fit into the bar are one tap away.
    page.click("[data-testid=open-playing]");
    for control in ["seek", "volume", "shuffle", "repeat", "previous"] {
        wait_for(control, || (page.count(&format!("main [data-testid={control}]")) == 1).then_some(()));
    }
    page.click("main [data-testid=shuffle]");
    wait_for("shuffle", || (app.client().view["player"]["shuffle"] == true).then_some(()));
    go(page, "songs");
    page.click("[data-testid=queue-toggle]");
    wait_for("the queue", || (page.count("[data-testid=queue-row]") > 3).then_some(()));
    page.click("[data-testid=undo]");
    wait_for("no shuffle", || (app.client().view["player"]["shuffle"] == false).then_some(()));
}
