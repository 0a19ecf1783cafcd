//! Files opened from a desktop or a terminal reach the running player, with or without a session bus.

use serde_json::{Value, json};

use crate::support::app::TempHome;
use crate::support::desktop::Display;
use crate::support::music::{make_track, make_tracks};
use crate::support::wait_for;

fn wait_until(home: &TempHome, what: &str, holds: impl Fn(&Value) -> bool) {
    wait_for(what, || home.status().is_some_and(|status| holds(&status["view"])).then_some(()));
}

fn is_playing(title: &'static str) -> impl Fn(&Value) -> bool {
    move |view| view["player"]["track"]["title"] == title && view["player"]["transport"] == "playing"
}

#[test]
fn files_given_to_any_start_are_played() {
    let (home, display) = (TempHome::new(), Display::start());
    make_tracks(&home.music(), 2, 60.0);
    let odd = home.path().join("100 % odd #name?.flac");
    make_track(&odd, "Odd", 1, 60.0, 7, &["-c:a", "flac"]);
    let list = home.path().join("list.m3u8");
    std::fs::write(&list, "music/002.flac\nmusic/001.flac\n").expect("writes");

    let mut command = home.auralis();
    display.apply_env(&mut command);
    let first = crate::support::process::Process::start(command.args(["--output", "null"]).arg(home.music()));
    wait_until(&home, "the folder", is_playing("Track 001"));
    assert_eq!(home.status().expect("runs")["view"]["queue"]["length"], 2);
    wait_for("its window", || (display.windows().len() == 1).then_some(()));

    let address = url::Url::from_file_path(&odd).expect("a path");
    let list = list.to_str().expect("UTF-8").to_owned();
    for (argument, title, length) in [(address.as_str(), "Odd", 1), (&list, "Track 002", 2)] {
        assert_eq!(display.start_second_instance(&home, &[argument]), (true, String::new()), "{argument}");
        wait_until(&home, argument, is_playing(title));
        assert_eq!(home.status().expect("runs")["view"]["queue"]["length"], length, "{argument}");
    }
    assert_eq!(display.windows().len(), 1, "one player, one window");

    for (argument, word) in [("https://example.org/song.mp3", "only files"), ("file:///no/such.flac", "No such file")] {
        let text = display.start_expecting_error(&home, &[argument]);
        assert!(text.contains(word), "{argument}: {text}");
    }
    // A mistyped word opens no dialog, which would block the terminal or the script it was typed in.
    for word in ["no-such.flac", "paly"] {
        let (done, text) = display.start_second_instance(&home, &[word]);
        assert!(!done && text.contains(word), "{text}");
    }
    wait_until(&home, "what played", is_playing("Track 002"));
    first.signal("TERM");
}

#[test]
fn simultaneous_starts_yield_one_player() {
    let (home, display) = (TempHome::new(), Display::start());
    let start = || {
        let mut command = home.auralis();
        display.apply_env(&mut command);
        crate::support::process::Process::start(command.args(["--output", "null"]))
    };
    let starts: Vec<_> = (0..4).map(|_| start()).collect();
    wait_for("one window", || (display.windows().len() == 1).then_some(()));
    let ended = |process: &crate::support::process::Process| {
        std::fs::read_to_string(format!("/proc/{}/stat", process.id())).map_or(true, |stat| stat.contains(") Z "))
    };
    wait_for("the others to end", || (starts.iter().filter(|start| ended(start)).count() == 3).then_some(()));
    assert_eq!(display.windows().len(), 1);
}

#[test]
fn headless_player_opens_files_and_reports_no_window() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 60.0);
    let _app = home.start();
    let output = home.auralis().arg(home.music()).output().expect("runs");
    assert!(String::from_utf8_lossy(&output.stderr).contains("without a window"), "{output:?}");
    wait_until(&home, "the music", is_playing("Track 001"));
    assert_eq!(home.status().expect("runs")["view"]["desktop"], json!({"windows": false, "tray": false}));
}
