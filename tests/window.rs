//! The real app in its real window with a real sound server.

use serde_json::json;

use crate::support::app::TempHome;
use crate::support::desktop::Desktop;
use crate::support::music::{FORMATS, RATE_HZ, decode, make_album};
use crate::support::sound::{SoundServer, find_offset, first_difference, peak};
use crate::support::wait_for;

/// Track length: long enough to pause within, short enough to wait for.
const SECONDS: f64 = 6.0;
/// Sample tolerance, because lossy decoders differ in their last bits.
const TOLERANCE: f32 = 2e-3;

#[test]
fn added_folder_is_played_and_shown() {
    let home = TempHome::new();
    let files = make_album(&home.music(), SECONDS);
    std::fs::create_dir_all(home.settings_file().parent().expect("a folder")).expect("folder");
    // No normalisation, so the samples equal those of the file.
    let plain = r#"{"volume": 100, "interface": {"loudness": "off"}}"#;
    std::fs::write(home.settings_file(), plain).expect("writes");
    let sound = SoundServer::start();
    let desktop = Desktop::start(&home, &sound);
    let page = desktop.page();

    desktop.dispatch(json!({"do": "add_root", "path": home.music()}));
    page.click("[data-testid=nav-songs]");
    wait_for("a row for each format", || (page.count("[data-testid=track-row]") == FORMATS.len() as u64).then_some(()));

    let recording = sound.record();
    page.double_click("[data-testid=track-row][data-index=\"0\"]");
    wait_for("the pause button", || (page.attribute("play-pause", "aria-label") == "Pause").then_some(()));
    let title = page.text("now-title");
    let file = |title: &str| {
        let index = FORMATS.iter().position(|(name, ..)| title == format!("{name} track")).expect("one of ours");
        decode(&files[index])
    };
    assert!(desktop.bus.get::<bool>(".CanRaise"), "a desktop may raise the window");
    assert_eq!(desktop.bus.get::<String>("Player.PlaybackStatus"), "Playing", "window and desktop agree");
    let before = page.text("position");
    wait_for("a moving position", || (page.text("position") > before).then_some(()));

    // Paused in mid-track: silence, and the position stands still.
    page.click("[data-testid=play-pause]");
    wait_for("the play button", || (page.attribute("play-pause", "aria-label") == "Play").then_some(()));
    wait_for("silence", || (peak(&recording.next(4_800)) == 0.0).then_some(()));
    let held = page.text("position");
    assert_eq!(peak(&recording.next(2 * RATE_HZ as usize)), 0.0, "paused is silent");
    assert_eq!(page.text("position"), held, "paused holds the position");
    page.click("[data-testid=play-pause]");

    // The next track starts, and the bar shows it.
    wait_for("the next track", || (page.text("now-title") != title).then_some(()));
    let next = page.text("now-title");
    wait_for("the track after it", || (page.text("now-title") != next).then_some(()));
    recording.next(RATE_HZ as usize / 2); // what was heard last is on its way into the recording
    let heard = recording.frames();

    // Gapless: every frame from one second before the end of the first track to the end of the second.
    let first = file(&title);
    let expected = [&first[first.len() - RATE_HZ as usize..], &file(&next)[..]].concat();
    let start = find_offset(&heard, &expected, TOLERANCE).expect("the end of the first track was heard");
    assert_eq!(first_difference(&heard[start..], &expected, TOLERANCE), None, "{title} goes over into {next}");
    let beginning = &first[RATE_HZ as usize / 4..];
    assert!(
        find_offset(&heard, beginning, TOLERANCE).is_some_and(|at| at < start),
        "the first track was heard from its start"
    );
}

#[test]
fn reloaded_window_shows_the_current_state() {
    let home = TempHome::new();
    make_album(&home.music(), 30.0);
    let sound = SoundServer::start();
    let desktop = Desktop::start(&home, &sound);
    let page = desktop.page();
    desktop.dispatch(json!({"do": "add_root", "path": home.music()}));
    page.click("[data-testid=nav-songs]");
    page.double_click("[data-testid=track-row][data-index=\"1\"]");
    wait_for("a title", || (!page.text("now-title").is_empty()).then_some(()));
    let title = page.text("now-title");
    page.reload();
    page.wait_ready();
    assert_eq!(page.text("now-title"), title);
    assert_eq!(page.attribute("play-pause", "aria-label"), "Pause");
}

#[test]
fn window_geometry_survives_a_kill() {
    let home = TempHome::new();
    let sound = SoundServer::start();
    let desktop = Desktop::start(&home, &sound);
    desktop.page().place(120, 60, 900, 640);
    // The geometry is saved while the app runs, before anything can happen to it.
    wait_for("the place to be kept", || {
        let settings: serde_json::Value = serde_json::from_slice(&std::fs::read(home.settings_file()).ok()?).ok()?;
        let place = &settings["windows"]["main"];
        (place["width"] == 900 && place["height"] == 640 && place["x"] == 120 && place["y"] == 60).then_some(())
    });
    drop(desktop);
    let desktop = Desktop::start(&home, &sound);
    wait_for("the place", || {
        let place = desktop.page().script("return [screenX, screenY, innerWidth, innerHeight]");
        (place == json!([120, 60, 900, 640])).then_some(())
    });
}
