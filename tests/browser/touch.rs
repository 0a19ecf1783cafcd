//! A touch screen: no hover, no keyboard, long presses.

use serde_json::json;

use super::open;
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::views::{go, start_with_sample_data};
use crate::support::wait_for;

/// Chromium without a mouse, with a finger.
const WITH_FINGER: &str = "--blink-settings=primaryHoverType=1,availableHoverTypes=1,primaryPointerType=2,\
                           availablePointerTypes=2";

#[test]
fn touch_screen_has_no_invisible_buttons_and_opens_menus_by_a_long_press() {
    let home = TempHome::new();
    let app = start_with_sample_data(&home);
    let browser = Browser::start_with(375, 667, &[WITH_FINGER]);
    let page = open(&browser, &app);
    page.devtools("Emulation.setTouchEmulationEnabled", json!({"enabled": true}));
    assert_eq!(page.script("return matchMedia('(hover: none)').matches"), true);
    for route in ["songs", "albums", "artists/1", "search"] {
        go(page, route);
        let invisible = page.script(
            "return [...document.querySelectorAll('main button')] \
               .filter(button => button.checkVisibility({ visibilityProperty: true }) && !button.checkVisibility({ opacityProperty: true })) \
               .filter(button => getComputedStyle(button).pointerEvents !== 'none') \
               .map(button => button.outerHTML.slice(0, 100))",
        );
        assert_eq!(invisible, json!([]), "{route}: buttons that nobody sees");
        assert_eq!(page.count("kbd"), 0, "{route}: keys without a keyboard");
    }

    go(page, "songs");
    wait_for("rows", || (page.count("[data-testid=track-row]") > 3).then_some(()));
    let margin = "const { right } = document.querySelector('[data-testid=track-row]').getBoundingClientRect(); \
                  return innerWidth - right";
    assert!(page.script(margin).as_f64().is_some_and(|margin_px| margin_px >= 4.0), "the list keeps a margin");

    let middle = page.script(
        "const { left, top, width, height } = document.querySelector('[data-testid=track-row][data-index=\"1\"]') \
           .getBoundingClientRect(); return [left + width / 2, top + height / 2]",
    );
    let touch = |kind: &str, points: serde_json::Value| {
        page.devtools("Input.dispatchTouchEvent", json!({"type": kind, "touchPoints": points}));
    };
    let before = app.client().view["player"]["track"].clone();
    touch("touchStart", json!([{"x": middle[0], "y": middle[1]}]));
    wait_for("the menu", || (page.count("[data-testid=menu]") == 1).then_some(()));
    touch("touchEnd", json!([]));
    assert_eq!(page.count("[data-testid=menu]"), 1, "lifting the finger keeps the menu");
    assert_eq!(app.client().view["player"]["track"], before, "a long press does not play");
}
