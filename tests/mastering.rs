//! Mastering, switched on in the panel of the real window, shown there, and recorded from the sound server.

use serde_json::json;

use crate::support::app::TempHome;
use crate::support::desktop::Desktop;
use crate::support::music::make_album;
use crate::support::sound::{SoundServer, peak};
use crate::support::wait_for;

#[test]
fn mastering_panel_matches_the_recorded_sound() {
    let home = TempHome::new();
    make_album(&home.music(), 60.0);
    let sound = SoundServer::start();
    let desktop = Desktop::start(&home, &sound);
    let page = desktop.page();
    desktop.dispatch(json!({"do": "add_root", "path": home.music()}));
    desktop.dispatch(json!({"do": "set_volume", "volume": 100}));
    page.click("[data-testid=nav-songs]");
    wait_for("a row", || (page.count("[data-testid=track-row]") > 0).then_some(()));
    let recording = sound.record();
    page.double_click("[data-testid=track-row][data-index=\"0\"]");
    wait_for("sound", || (peak(&recording.next(4_800)) > 0.0).then_some(()));

    page.click("[data-testid=mastering-toggle]");
    wait_for("levels", || (page.count("[data-testid=meters] tbody tr") == 4).then_some(()));
    let done = || page.count("[data-testid=mastering-steps] li");
    assert_eq!(done(), 0);
    page.click("[data-testid=mastering-on]");
    wait_for("what is done", || (done() > 0).then_some(()));
    wait_for("the way of the sound", || page.text("signal-path").contains("Mastering").then_some(()));

    let levels = || page.text("meters");
    let before = levels();
    wait_for("levels that move", || (levels() != before).then_some(()));
    assert!(!before.contains("NaN"), "{before}");
}
