//! The tray over a session bus, with the real app in its real window.

use serde_json::{Value, json};

use crate::support::app::TempHome;
use crate::support::bus::Bus;
use crate::support::desktop::Display;
use crate::support::music::make_tracks;
use crate::support::tray::Tray;
use crate::support::wait_for;

fn wait_until(home: &TempHome, what: &str, holds: impl Fn(&Value) -> bool) {
    wait_for(what, || home.status().is_some_and(|status| holds(&status["view"])).then_some(()));
}

fn in_tray(view: &Value) -> bool {
    view["desktop"]["tray"] == true
}

#[test]
fn every_menu_item_controls_the_player() {
    let (home, bus, display) = (TempHome::new(), Bus::start(), Display::start());
    let tray = Tray::start(&bus);
    make_tracks(&home.music(), 3, 60.0);
    let mut app = display.open(&home, Some(&bus));
    bus.wait_for_player();
    wait_for("its window", || (display.windows().len() == 1).then_some(()));
    assert!(tray.labels().contains(&"Nothing playing".to_owned()), "{:?}", tray.labels());
    assert!(!tray.line("Play").expect("a line").enabled && !tray.line("Stop").expect("a line").enabled);
    let stopped = tray.icon();

    let folder = home.music();
    assert_eq!(display.start_second_instance(&home, &[folder.to_str().expect("UTF-8")]), (true, String::new()));
    wait_for("the first title", || (tray.labels()[0] == "Track 001").then_some(()));
    let status = |name: &str| {
        wait_for(&format!("{name} on the bus"), || (bus.get::<String>("Player.PlaybackStatus") == name).then_some(()));
    };
    status("Playing");
    let playing = tray.icon();
    tray.choose_item("Pause");
    status("Paused");
    wait_for("another line", || tray.line("Play"));
    let paused = tray.icon();
    assert!(stopped != playing && playing != paused && paused != stopped, "each state has its icon");
    tray.choose_item("Play");
    status("Playing");
    tray.choose_item("Next track");
    wait_until(&home, "the second", |view| view["player"]["track"]["title"] == "Track 002");
    wait_for("its title", || (tray.labels()[0] == "Track 002").then_some(()));
    tray.choose_item("Previous track");
    wait_until(&home, "the first", |view| view["player"]["track"]["title"] == "Track 001");
    assert_eq!(tray.line("Mastering").expect("a line").checked, Some(false));
    tray.choose_item("Mastering");
    wait_until(&home, "mastering", |view| view["mastering"]["settings"]["enabled"] == true);
    wait_for("the mark", || (tray.line("Mastering")?.checked == Some(true)).then_some(()));
    let volume = home.status().expect("runs")["view"]["player"]["volume"].as_u64().expect("a volume");
    tray.scroll(-120);
    wait_until(&home, "the wheel", |view| view["player"]["volume"] == volume - 5);

    tray.choose_item("Mini player");
    wait_for("a second window", || (display.windows().len() == 2).then_some(()));
    tray.choose_item("Hide Auralis");
    wait_for("one window", || (display.windows().len() == 1).then_some(()));
    tray.choose_item("Show Auralis");
    wait_for("both windows", || (display.windows().len() == 2).then_some(()));
    tray.choose_item("Stop");
    status("Stopped");
    wait_for("a grey line", || (!tray.line("Stop")?.enabled).then_some(()));

    display.start_second_instance(&home, &["seek", "0:20"]);
    tray.choose_item("Play");
    status("Playing");
    tray.choose_item("Next track");
    wait_until(&home, "the second", |view| view["player"]["track"]["title"] == "Track 002");
    tray.choose_item("Quit");
    assert!(app.wait(), "it ended well");
    let again = home.start();
    let view = again.client().view.clone();
    assert_eq!((&view["queue"]["length"], &view["player"]["track"]["title"]), (&json!(3), &json!("Track 002")));
    assert_eq!(view["mastering"]["settings"]["enabled"], true);
}

#[test]
fn hidden_player_keeps_playing_and_a_click_shows_it() {
    let (home, bus, display) = (TempHome::new(), Bus::start(), Display::start());
    let tray = Tray::start(&bus);
    home.write_settings(&json!({"interface": {"language": "de"}}));
    make_tracks(&home.music(), 1, 60.0);
    let _app = display.open(&home, Some(&bus));
    let folder = home.music();
    display.start_second_instance(&home, &[folder.to_str().expect("UTF-8")]);
    wait_for("its window", || (display.windows().len() == 1).then_some(()));
    wait_for("the tray knows", || tray.line("Auralis ausblenden"));
    tray.click();
    wait_for("no window", || display.windows().is_empty().then_some(()));
    let position = |home: &TempHome| home.status().expect("it goes on")["view"]["position"]["position_s"].as_f64();
    let before = position(&home);
    wait_for("music", || (position(&home) > before).then_some(()));
    wait_for("the tray knows", || tray.line("Auralis anzeigen"));
    tray.click();
    wait_for("its window", || (display.windows().len() == 1).then_some(()));
}

#[test]
fn tray_host_may_appear_late_and_restart() {
    let (home, bus, display) = (TempHome::new(), Bus::start(), Display::start());
    let mut app = display.open(&home, Some(&bus));
    wait_for("its window", || (display.windows().len() == 1).then_some(()));
    wait_until(&home, "a desktop without a tray", |view| view["desktop"] == json!({"windows": true, "tray": false}));
    let tray = Tray::start(&bus);
    wait_until(&home, "a late tray", in_tray);
    assert!(tray.line("Quit").is_some());
    tray.vanish();
    wait_until(&home, "no tray", |view| !in_tray(view));
    tray.come_back();
    wait_until(&home, "the tray again", in_tray);
    tray.choose_item("Quit");
    assert!(app.wait(), "it ended well");
}

#[test]
fn closing_hides_to_the_tray_when_enabled() {
    let (home, bus, display) = (TempHome::new(), Bus::start(), Display::start());
    let tray = Tray::start(&bus);
    home.write_settings(&json!({"interface": {"desktop": {"close_to_tray": true, "start_hidden": true}}}));
    let mut app = display.open(&home, Some(&bus));
    wait_until(&home, "the tray", in_tray);
    assert!(display.windows().is_empty(), "it starts hidden");
    assert_eq!(display.start_second_instance(&home, &[]), (true, String::new()));
    let window = wait_for("its window", || display.windows().pop());
    display.close(&window);
    wait_for("no window", || display.windows().is_empty().then_some(()));
    assert!(in_tray(&home.status().expect("it goes on")["view"]));

    // Without a tray, nothing could bring the window back.
    tray.click();
    let window = wait_for("its window", || display.windows().pop());
    tray.vanish();
    wait_until(&home, "no tray", |view| !in_tray(view));
    display.close(&window);
    assert!(app.wait(), "without a tray it ends");
}

#[test]
fn without_a_tray_the_window_is_shown_and_closing_quits() {
    let (home, bus, display) = (TempHome::new(), Bus::start(), Display::start());
    home.write_settings(&json!({"interface": {"desktop": {"close_to_tray": true, "start_hidden": true}}}));
    let mut app = display.open(&home, Some(&bus));
    let window = wait_for("its window", || display.windows().pop());
    display.close(&window);
    assert!(app.wait(), "it ended well");
}
