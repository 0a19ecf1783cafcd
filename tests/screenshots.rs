//! A screenshot of every view. `PICTURES=docs cargo test --test system screenshots` updates those of the README, taken
//! from the real window. Without that variable the tests only check that each view renders.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::app::TempHome;
use crate::support::desktop::{Browser, Desktop};
use crate::support::music::make_collection;
use crate::support::sound::SoundServer;
use crate::support::views::{
    VIEWS, go, insert_sample_history, sample_commands, start_with_sample_data, visit_everything, visit_views,
};
use crate::support::wait_for;
use crate::support::webdriver::Page;

/// Screenshots that the README shows: with the queue, with the mastering panel, and without a panel.
const README_SCREENSHOTS: [&str; 3] = ["songs-light", "albums-dark", "statistics-light"];

/// Fewest colours of a view with text; an empty page has one or two.
const MIN_COLOURS: usize = 40;

/// Saves a screenshot and checks that it shows the page: the size of the viewport, a plausible number of colours, and a
/// background that fits the theme in its name.
fn take_screenshot(page: &Page, folder: &Path, name: &str) {
    let file = folder.join(format!("{name}.png"));
    page.screenshot(&file);
    let (width, height, pixels) = decode(&file);
    let viewport = page.script("return [innerWidth * devicePixelRatio, innerHeight * devicePixelRatio]");
    assert_eq!(json!([width, height]), viewport, "{name} shows the viewport");
    let colours: HashSet<[u8; 3]> = pixels.iter().copied().collect();
    assert!(colours.len() > MIN_COLOURS, "{name} has {} colours", colours.len());
    let mut brightness: Vec<u32> = pixels.iter().map(|pixel| pixel.iter().map(|&part| u32::from(part)).sum()).collect();
    let middle = brightness.len() / 2;
    let median = *brightness.select_nth_unstable(middle).1;
    assert_eq!(median > 3 * 128, name.ends_with("light"), "{name} has a median brightness of {median} of 765");
}

/// Width, height and RGB pixels of a PNG.
fn decode(file: &Path) -> (u32, u32, Vec<[u8; 3]>) {
    let decoder = png::Decoder::new(BufReader::new(File::open(file).expect("the screenshot")));
    let mut reader = decoder.read_info().expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut bytes).expect("an image");
    let channels = info.color_type.samples();
    let pixels = bytes[..info.buffer_size()].chunks_exact(channels).map(|pixel| [pixel[0], pixel[1], pixel[2]]);
    (info.width, info.height, pixels.collect())
}

fn set_theme(page: &Page, theme: &str, change: impl FnOnce(serde_json::Value)) {
    change(json!({"do": "change_settings", "settings": {"theme": theme}}));
    wait_for("the theme", || (page.script("return document.documentElement.dataset.theme") == theme).then_some(()));
}

/// `PICTURES_OF_ALL` names a folder that keeps the screenshots.
#[test]
fn every_view_renders_light_dark_and_narrow() {
    let home = TempHome::new();
    let app = start_with_sample_data(&home);
    let folder = std::env::var_os("PICTURES_OF_ALL").map_or_else(|| home.path().to_owned(), PathBuf::from);
    for (size, width, height) in [("wide", 1280, 800), ("narrow", 375, 720)] {
        let browser = Browser::start(width, height);
        let page = browser.page();
        page.go_to(&app.link);
        page.wait_ready();
        for theme in ["light", "dark"] {
            set_theme(page, theme, |command| {
                app.client().run(command);
            });
            let look = |name: &str| {
                assert_eq!(page.count("main h1"), 1, "{name} says what it is");
                take_screenshot(page, &folder, &format!("{name}-{size}-{theme}"));
            };
            if size == "wide" { visit_everything(page, look) } else { visit_views(page, look) }
        }
    }
}

#[test]
fn window_renders_the_readme_screenshots() {
    let home = TempHome::new();
    make_collection(&home.music());
    let sound = SoundServer::start();
    let desktop = Desktop::start(&home, &sound);
    let page = desktop.page();
    desktop.dispatch(json!({"do": "add_root", "path": home.music()}));
    page.click("[data-testid=nav-songs]");
    wait_for("the first rows", || (page.count("[data-testid=track-row]") > 5).then_some(()));
    insert_sample_history(&home);
    let tracks: Vec<i64> = (1..=72).collect();
    sample_commands(&tracks).into_iter().for_each(|command| desktop.dispatch(command));
    wait_for("sound", || (page.attribute("play-pause", "aria-label") == "Pause").then_some(()));
    desktop.dispatch(json!({"do": "seek", "position_s": 21}));
    desktop.dispatch(json!({"do": "set_mastering", "enabled": true, "preset": "warm"}));

    let asked = std::env::var_os("PICTURES").map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let take_screenshot = |name: String| {
        let folder = asked.as_deref().filter(|_| README_SCREENSHOTS.contains(&name.as_str()));
        take_screenshot(page, folder.unwrap_or(home.path()), &name);
    };
    for theme in ["light", "dark"] {
        set_theme(page, theme, |command| desktop.dispatch(command));
        for (name, panel) in [("songs", "queue"), ("albums", "mastering"), ("album", "queue"), ("playlist", "lyrics")] {
            let (_, route) = VIEWS.into_iter().find(|(view, _)| *view == name).expect("a view");
            go(page, route);
            page.click(&format!("[data-testid={panel}-toggle]"));
            wait_for("the panel", || (page.count(&format!("[data-testid={panel}-panel]")) == 1).then_some(()));
            if panel == "mastering" {
                wait_for("what is done", || (page.count("[data-testid=mastering-steps] li") > 0).then_some(()));
                let levels = || (page.count("[data-testid=meters]") == 1).then(|| page.text("meters"));
                wait_for("all levels", || levels().filter(|levels| !levels.contains('–')));
            }
            take_screenshot(format!("{name}-{theme}"));
            page.click("[data-testid=close-panel]");
        }
        for name in ["artists", "statistics", "settings"] {
            go(page, name);
            take_screenshot(format!("{name}-{theme}"));
        }
    }
}
