//! The command line as a client of the running player.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::app::TempHome;
use crate::support::music::{make_track, make_tracks};
use crate::support::wait_for;

/// Runs the command line. Returns whether it succeeded, and what it printed.
fn try_cli(home: &TempHome, arguments: &[&str]) -> (bool, String) {
    let output = home.auralis().args(arguments).output().expect("runs");
    let text = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.success(), String::from_utf8_lossy(&text).trim().to_owned())
}

fn run_cli(home: &TempHome, arguments: &[&str]) -> String {
    let (done, text) = try_cli(home, arguments);
    assert!(done, "{arguments:?}: {text}");
    text
}

#[test]
fn every_command_does_what_it_says() {
    let home = TempHome::new();
    make_tracks(&home.music(), 3, 60.0);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).run(json!({"do": "pause"}));
    let mut after = |arguments: &[&str], holds: &dyn Fn(&Value) -> bool| {
        assert_eq!(run_cli(&home, arguments), "", "{arguments:?} says nothing");
        client.wait_until(&format!("{arguments:?}"), holds);
    };
    let is = |name: &'static str| move |view: &Value| view["player"]["transport"] == name;
    after(&["play"], &is("playing"));
    after(&["toggle"], &is("paused"));
    after(&["toggle"], &is("playing"));
    after(&["pause"], &is("paused"));
    after(&["next"], &|view| view["player"]["track"]["title"] == "Track 002");
    after(&["previous"], &|view| view["player"]["track"]["title"] == "Track 001");
    let near = |position: f64| {
        move |view: &Value| (view["position"]["position_s"].as_f64().unwrap_or(-1.0) - position).abs() < 0.2
    };
    after(&["seek", "0:30"], &near(30.0));
    after(&["seek", "+5"], &near(35.0));
    after(&["seek", "-0:15"], &near(20.0));
    after(&["volume", "30"], &|view| view["player"]["volume"] == 30);
    after(&["volume", "-10"], &|view| view["player"]["volume"] == 20);
    after(&["volume", "+100"], &|view| view["player"]["volume"] == 100);
    assert_eq!(run_cli(&home, &["volume"]), "100");
    after(&["sleep", "30"], &|view| view["player"]["sleep"] == json!({"end": "minutes", "minutes": 30}));
    after(&["sleep", "album"], &|view| view["player"]["sleep"] == json!({"end": "end_of_album"}));
    after(&["sleep", "off"], &|view| view["player"]["sleep"].is_null());
    after(&["stop"], &is("stopped"));

    let new = home.path().join("elsewhere/a song.flac");
    std::fs::create_dir_all(new.parent().expect("a folder")).expect("folder");
    make_track(&new, "From elsewhere", 1, 2.0, 7, &["-c:a", "flac"]);
    after(&["enqueue", new.to_str().expect("UTF-8")], &|view| view["queue"]["length"] == 4);
    assert_eq!(client.view["queue"]["edited_by"], "command_line");
    assert_eq!(
        client.view["queue"]["undo_edit"],
        json!({"kind": "insert", "entries": 1, "by": "command_line", "name": ""})
    );
    let queue = client.rows(json!({"list": "queue"}), 0, 10);
    assert_eq!(queue["items"][1]["track"]["title"], "From elsewhere", "behind what plays, before the rest");
    let mut after = |command: &str, length: u64, text: &str| {
        assert_eq!(run_cli(&home, &[command]), text);
        client.wait_until(command, |view| view["queue"]["length"] == length);
    };
    after("undo", 3, "Undone: add 1 track to the queue.");
    after("redo", 4, "Redone: add 1 track to the queue.");
    let tracks = client.track_ids();
    client.run(
        json!({"do": "edit", "edit": "create_playlist", "name": "Party", "tracks": {"from": "ids", "ids": tracks}}),
    );
    let added = "Undone: create the playlist \u{201c}Party\u{201d}.";
    assert_eq!(run_cli(&home, &["undo"]), added, "the last edit, of whatever kind");
    assert_eq!(client.rows(json!({"list": "playlists"}), 0, 10)["total"], 0);
    assert_eq!(client.view["queue"]["length"], 4, "the queue stays as it is");
    run_cli(&home, &["redo"]);
    assert_eq!(client.rows(json!({"list": "playlists"}), 0, 10)["total"], 1);
    let (done, text) = try_cli(&home, &["redo"]);
    assert!(!done && text.contains("nothing to redo"), "{text}");
}

#[test]
fn status_prints_text_and_json() {
    let home = TempHome::new();
    make_tracks(&home.music(), 2, 60.0);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 1).wait_until("sound", |view| view["position"]["running"] == true);
    let text = run_cli(&home, &["status"]);
    assert!(text.contains("Track 002") && text.contains("playing") && text.contains("1:00"), "{text}");
    let status: Value = serde_json::from_str(&run_cli(&home, &["status", "--json"])).expect("JSON");
    assert_eq!(status["view"]["player"], client.view["player"]);
    assert_eq!(status["session"], client.session);
    assert!(status["diagnostics"]["underruns"].is_u64(), "{status:#}");
}

#[test]
fn refusals_are_explained() {
    let home = TempHome::new();
    let (done, text) = try_cli(&home, &["play"]);
    assert!(!done && text.contains("not running"), "{text}");
    let app = home.start();
    for (arguments, word) in [
        (vec!["seek", "soon"], "soon"),
        (vec!["volume", "loud"], "loud"),
        (vec!["enqueue"], "FILES"),
        (vec!["enqueue", "/no/such/file.flac"], "/no/such/file.flac"),
        (vec!["play", "now"], "now"),
    ] {
        let (done, text) = try_cli(&home, &arguments);
        assert!(!done && text.contains(word), "{arguments:?}: {text}");
    }
    // A second player on the same library would overwrite what the first one saves.
    let (done, text) = try_cli(&home, &["--headless", "--port", "0", "--output", "null"]);
    assert!(!done && text.contains("already running"), "{text}");
    assert_eq!(app.client().view["queue"]["length"], 0);
}

#[test]
fn starts_again_after_a_kill() {
    let home = TempHome::new();
    let app = home.start();
    app.process.signal("KILL");
    drop(app);
    let app = home.start();
    run_cli(&home, &["volume", "12"]);
    assert_eq!(app.client().view["player"]["volume"], 12);
}

#[test]
fn command_is_as_fast_as_an_empty_program() {
    let home = TempHome::new();
    let _app = home.start();
    let best_of = |arguments: &[&str]| {
        let times = (0..10).map(|_| {
            let started = Instant::now();
            run_cli(&home, arguments);
            started.elapsed()
        });
        times.min().expect("ten")
    };
    let (floor, command) = (best_of(&["--version"]), best_of(&["volume", "50"]));
    assert!(command < floor * 3 + Duration::from_millis(20), "{command:?}, and {floor:?} for nothing");
}

#[test]
fn completions_and_man_page_list_every_command() {
    let home = TempHome::new();
    let help = run_cli(&home, &["--help"]);
    for shell in ["bash", "zsh", "fish"] {
        let completions = run_cli(&home, &["completions", shell]);
        let man = run_cli(&home, &["man"]);
        for command in [
            "play", "pause", "toggle", "next", "previous", "stop", "undo", "redo", "sleep", "seek", "volume", "status",
            "enqueue",
        ] {
            assert!(
                help.contains(command) && completions.contains(command) && man.contains(command),
                "{shell}: {command}"
            );
        }
    }
}

#[test]
fn nonsense_gets_an_error_and_floods_are_disconnected() {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixStream;
    let home = TempHome::new();
    let app = home.start();
    let socket = home.path().join("runtime/auralis/control.sock");
    let mut stream = UnixStream::connect(&socket).expect("connects");
    let mut lines = BufReader::new(stream.try_clone().expect("a reader")).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().expect("a line").expect("text")).expect("JSON");
    assert_eq!(next()["type"], "hello");
    stream.write_all(b"hello\n\xff\xfe\n{\"type\":\"ping\"}\n").expect("sends");
    let mut answers = Vec::new();
    while answers.len() < 3 {
        let message = next();
        if message["session"].is_null() {
            answers.push(message);
        }
    }
    assert_eq!(
        (&answers[0]["error"]["code"], &answers[1]["error"]["code"]),
        (&json!("malformed"), &json!("malformed"))
    );
    assert_eq!(answers[2], json!({"type": "pong"}));
    let flood = vec![b'x'; 8 << 20];
    wait_for("the end", || stream.write_all(&flood).is_err().then_some(()));
    assert_eq!(app.client().view["player"]["transport"], "stopped");
}

#[test]
fn wrong_arguments_are_refused_with_a_sentence_and_change_nothing() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 60.0);
    let text_file = home.path().join("notes.txt");
    std::fs::write(&text_file, "no music").expect("writes");
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("sound", |view| view["player"]["transport"] == "playing");
    let volume = client.view["player"]["volume"].clone();
    for (arguments, code, words) in [
        (vec!["paly"], 2, vec!["paly", "auralis play"]),
        (vec!["volum", "50"], 2, vec!["volum", "auralis volume"]),
        (vec!["dance"], 2, vec!["dance", "--help"]),
        (vec!["volume", "150"], 2, vec!["150", "0 to 100"]),
        (vec!["volume", "1:30"], 2, vec!["1:30", "0 to 100"]),
        (vec!["seek", "1:99"], 2, vec!["1:99", "0 to 59"]),
        (vec![text_file.to_str().expect("UTF-8")], 1, vec!["notes.txt", "not an audio file"]),
        (vec!["enqueue", text_file.to_str().expect("UTF-8")], 1, vec!["notes.txt", "not an audio file"]),
        (vec!["https://example.org/song.mp3"], 2, vec!["only files"]),
    ] {
        let output = home.auralis().args(&arguments).env("AURALIS_LOG", "warn").output().expect("runs");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(words.iter().all(|word| text.contains(word)), "{arguments:?}: {text}");
    }
    let now = app.client().view;
    assert_eq!((&now["player"]["volume"], &now["queue"]["length"]), (&volume, &json!(1)));
    assert_eq!(now["player"]["track"]["title"], "Track 001");
}

/// Runs the app in a terminal, and returns its exit code and what it prints.
fn in_terminal(home: &TempHome, arguments: &str) -> (Option<i32>, String) {
    let mut command = std::process::Command::new("script");
    home.apply_env(&mut command);
    command.args(["-qec", &format!("{} {arguments}", env!("CARGO_BIN_EXE_auralis")), "/dev/null"]);
    let output = command.env_remove("AURALIS_LOG").stdin(std::process::Stdio::null()).output().expect("script runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[test]
fn start_without_a_display_is_one_sentence_that_names_headless() {
    let home = TempHome::new();
    let (code, text) = in_terminal(&home, "");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.lines().count() == 1 && text.contains("--headless") && text.ends_with('.'), "{text}");
}

#[test]
fn a_terminal_shows_no_information_logs() {
    let home = TempHome::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let (code, text) = in_terminal(&home, &format!("--headless --output null --port {port}"));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.lines().count() == 1 && text.contains(&port.to_string()), "{text}");
}

#[test]
fn open_prints_the_link_that_pairs_a_browser() {
    let home = TempHome::new();
    let app = home.start();
    assert_eq!(run_cli(&home, &["open"]), app.link);
    assert_eq!(app.link, format!("http://{}/#pair={}", app.address, app.secret()));
}

#[test]
fn bypass_ends_with_the_program_that_holds_it() {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixStream;
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 60.0);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    client.run(json!({"do": "set_mastering", "enabled": true}));
    let mut stream = UnixStream::connect(home.path().join("runtime/auralis/control.sock")).expect("connects");
    let mut line = String::new();
    BufReader::new(stream.try_clone().expect("a reader")).read_line(&mut line).expect("the state");
    stream.write_all(b"{\"type\":\"command\",\"id\":1,\"data\":{\"do\":\"compare\",\"on\":true}}\n").expect("sends");
    client.wait_until("the bypass", |view| view["mastering"]["comparing"] == true);
    drop(stream);
    client.wait_until("its end", |view| view["mastering"]["comparing"] == false);
}
