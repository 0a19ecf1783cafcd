//! Exporting mastered tracks from their menu.

use super::{ENTER, F10, SHIFT, open};
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::music::{make_long_track, make_tracks};
use crate::support::wait_for;

#[test]
fn tracks_are_exported_from_their_menu_and_the_export_can_be_cancelled() {
    let home = TempHome::new();
    // A long track whose export can be cancelled, and a short one.
    make_tracks(&home.music(), 2, 5.0);
    make_long_track(&home.music().join("001.flac"), 30);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    let new = home.path().join("new");
    let files = || std::fs::read_dir(&new).map_or(0, Iterator::count);
    let export = |row: u32| {
        page.click(&format!("[data-testid=track-row][data-index=\"{row}\"]"));
        page.press_keys(&[SHIFT], F10);
        wait_for("a menu", || (page.count("[role=menuitem]") > 5).then_some(()));
        page.type_keys(&format!("ee{ENTER}"));
        wait_for("the dialog", || (page.count("[data-testid=export-dialog]") == 1).then_some(()));
        page.click("[data-testid=export-folder]");
        page.type_keys(new.to_str().expect("UTF-8"));
        page.click("[data-testid=export-format] input[value=wav] + span");
        page.click("[data-testid=export]");
        wait_for("no dialog", || (page.count("[data-testid=export-dialog]") == 0).then_some(()));
    };
    page.click("[data-testid=nav-songs]");
    wait_for("the rows", || (page.count("[data-testid=track-row]") == 2).then_some(()));
    export(0);
    wait_for("progress", || (page.count("nav [data-testid=export-progress]") == 1).then_some(()));
    page.click("nav [data-testid=export-progress] button");
    wait_for("no progress", || (page.count("[data-testid=export-progress]") == 0).then_some(()));
    assert_eq!((files(), page.count("[data-testid=notice]")), (0, 0));

    export(1);
    wait_for("the notice", || (page.count("[data-testid=notice]") == 1).then_some(()));
    assert!(page.text("notice").contains(new.to_str().expect("UTF-8")), "{}", page.text("notice"));
    assert_eq!((files(), new.join("002.wav").exists()), (1, true));
}
