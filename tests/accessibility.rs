//! Accessibility: axe-core rules, contrast, keyboard-only use, 200 % zoom and right-to-left layout.

use serde_json::{Value, json};

use crate::support::app::{Headless, TempHome};
use crate::support::desktop::Browser;
use crate::support::views::{VIEWS, go, project_file, start_with_sample_data, visit_everything};
use crate::support::wait_for;
use crate::support::webdriver::Page;

const CONTROL: char = '\u{E009}';
const SHIFT: char = '\u{E008}';
const ALT: char = '\u{E00A}';
const ENTER: char = '\u{E007}';
const TAB: char = '\u{E004}';
const DOWN: char = '\u{E015}';

fn open<'a>(browser: &'a Browser, app: &Headless) -> &'a Page {
    browser.page().go_to(&app.link);
    browser.page().wait_ready();
    browser.page()
}

/// Returns axe-core's violations on the current page.
fn violations(page: &Page) -> Vec<Value> {
    violations_with_options(page, "{ resultTypes: ['violations'] }")
}

fn violations_with_options(page: &Page, options: &str) -> Vec<Value> {
    let found = page.async_script(&format!(
        "axe.run(document, {options}).then(({{ violations }}) => done(violations.map(({{ id, nodes }}) => \
         `${{id}}: ${{nodes.map(({{ html }}) => html.slice(0, 200)).join(' | ')}}`)), error => done([String(error)]))",
    ));
    found.as_array().expect("a list").clone()
}

#[test]
fn axe_finds_no_violation_in_any_view_or_theme() {
    let home = TempHome::new();
    let app = start_with_sample_data(&home);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.script(&project_file("ui/node_modules/axe-core/axe.min.js"));
    let mut found = Vec::new();
    let mut look = |place: &str| {
        found.extend(violations(page).into_iter().map(|violation| format!("{place}: {violation}")));
    };
    for theme in ["light", "dark"] {
        app.client().run(json!({"do": "change_settings", "settings": {"theme": theme}}));
        wait_for("the theme", || (page.script("return document.documentElement.dataset.theme") == theme).then_some(()));
        visit_everything(page, |place| look(&format!("{theme} {place}")));
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// `prefers-contrast: more` gives text 7:1 contrast (WCAG 2.2, 1.4.6); forced colours keep the bars visible.
#[test]
fn contrast_preferences_are_honoured() {
    let home = TempHome::new();
    let app = start_with_sample_data(&home);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.emulate_media_feature("prefers-contrast", "more");
    page.script(&project_file("ui/node_modules/axe-core/axe.min.js"));
    let mut found = Vec::new();
    for theme in ["light", "dark"] {
        app.client().run(json!({"do": "change_settings", "settings": {"theme": theme}}));
        wait_for("the theme", || (page.script("return document.documentElement.dataset.theme") == theme).then_some(()));
        visit_everything(page, |place| {
            let rule = "{ runOnly: ['color-contrast-enhanced'] }";
            let pale = violations_with_options(page, rule).into_iter().map(|pale| format!("{theme} {place}: {pale}"));
            found.extend(pale);
        });
    }
    assert!(found.is_empty(), "{found:#?}");

    page.emulate_media_feature("forced-colors", "active");
    go(page, "songs");
    let bar = "const fill = document.querySelector('[data-testid=volume] .fill'); \
               return getComputedStyle(fill).backgroundColor !== getComputedStyle(fill.parentElement).backgroundColor";
    assert_eq!(page.script(bar), true, "the volume is seen");
}

#[test]
fn keyboard_alone_plays_reorders_and_bypasses() {
    let home = TempHome::new();
    let app = start_with_sample_data(&home);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    let focused = |css: &str| page.script(&format!("return document.activeElement?.matches('{css}') ?? false")) == true;
    let tab_to = |css: &str| {
        for _ in 0..60 {
            if focused(css) {
                return;
            }
            page.type_keys(&TAB.to_string());
        }
        panic!("Tab never comes to {css}");
    };

    // Play an album from the grid.
    tab_to("[data-testid=nav-albums]");
    page.type_keys(&ENTER.to_string());
    tab_to("[data-testid=album-grid]");
    page.type_keys(&format!("{DOWN}{ENTER}"));
    tab_to("[data-testid=play-list]");
    page.type_keys(&ENTER.to_string());
    wait_for("the album", || {
        let view = app.client().view;
        (view["player"]["transport"] == "playing" && view["queue"]["length"] == 6).then_some(())
    });

    // Move its second track one row down in the queue.
    page.press_keys(&[CONTROL], 'u');
    tab_to("[data-testid=queue-list]");
    let order = || {
        let rows = app.client().rows(json!({"list": "queue"}), 0, 10);
        rows["items"].as_array().expect("rows").iter().map(|row| row["entry"].clone()).collect::<Vec<_>>()
    };
    let before = order();
    page.type_keys("\u{E010}"); // End: the last entry
    page.press_keys(&[ALT], '\u{E013}');
    wait_for("another order", || (order()[4] == before[5]).then_some(()));

    // Create a smart playlist.
    tab_to("[data-testid=nav-playlists]");
    tab_to("[data-testid=new-playlist]");
    page.type_keys(&format!("{ENTER}{DOWN}{ENTER}"));
    wait_for("its name", || focused("[data-testid=playlist-name]").then_some(()));
    page.type_keys("Jazz only");
    tab_to("[data-testid=add-rule]");
    page.type_keys(&ENTER.to_string());
    wait_for("a rule", || (page.count("[data-testid=rule]") == 1).then_some(()));
    page.press_keys(&[SHIFT], TAB);
    page.press_keys(&[SHIFT], TAB);
    page.type_keys("Jazz");
    wait_for("what it finds", || page.text("matching").starts_with("12 ").then_some(()));
    tab_to("[data-testid=save-playlist]");
    page.type_keys(&ENTER.to_string());
    wait_for("the playlist", || (page.count("[data-testid=track-row]") == 12).then_some(()));

    // Hold the bypass key while mastering is on.
    page.script("document.activeElement.blur()");
    page.type_keys("e");
    wait_for("mastering", || (app.client().view["mastering"]["settings"]["enabled"] == true).then_some(()));
    page.hold("b", || {
        wait_for("the plain sound", || (app.client().view["mastering"]["comparing"] == true).then_some(()));
    });
    wait_for("the end of it", || (app.client().view["mastering"]["comparing"] == false).then_some(()));
}

#[test]
fn nothing_is_cut_off_at_200_percent() {
    let home = TempHome::new();
    let app = start_with_sample_data(&home);
    // A window of 1280 × 800 at 200 % has this many CSS pixels.
    let browser = Browser::start(640, 400);
    let page = open(&browser, &app);
    for (name, route) in VIEWS {
        go(page, route);
        let wide = page.script(
            "return [...document.querySelectorAll('main, main > :not(.unseen), footer, nav')].filter(({ scrollWidth, clientWidth \
             }) => scrollWidth > clientWidth + 1).map(({ outerHTML }) => outerHTML.slice(0, 120))",
        );
        assert_eq!(wide, json!([]), "{name} is wider than the window");
    }
}

#[test]
fn right_to_left_mirrors_the_layout() {
    let home = TempHome::new();
    let app = start_with_sample_data(&home);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    go(page, "songs");
    let left_of = |css: &str| {
        let body = format!("return document.querySelector('{css}').getBoundingClientRect().left");
        page.script(&body).as_f64().expect("a place")
    };
    let before = ["nav", "main", "[data-testid=seek] .thumb"].map(left_of);
    page.script("document.documentElement.dir = 'rtl'");
    let after = ["nav", "main", "[data-testid=seek] .thumb"].map(left_of);
    assert!(before[0] < before[1] && after[0] > after[1], "the sidebar stands on the right");
    assert!(after[2] > before[2], "a bar is filled from the right: {before:?}, {after:?}");
}
