//! State restored by a restart, however the last run ended.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::music::make_tracks;
use crate::support::process::run;
use crate::support::wait_for;

fn restored_state(home: &TempHome) -> Value {
    home.start().client().view.clone()
}

#[test]
fn sigterm_quits_cleanly_and_soon() {
    for signal in ["TERM", "INT"] {
        let home = TempHome::new();
        make_tracks(&home.music(), 2, 60.0);
        let mut app = home.start().with_music(&home.music());
        let mut client = app.client();
        let tracks = client.track_ids();
        client.play(&tracks, 1).run(json!({"do": "seek", "position_s": 20.0}));
        client.run(json!({"do": "set_volume", "volume": 37})).run(json!({"do": "set_repeat", "mode": "all"}));
        client.run(json!({"do": "set_muted", "muted": true}));
        client.run(json!({"do": "set_mastering", "enabled": true, "preset": "live", "intensity": 0.25}));
        client.run(json!({"do": "change_settings", "settings": {"theme": "dark", "view": "#/albums"}}));
        client.wait_until("sound from there", |view| {
            view["position"]["running"] == true && view["position"]["position_s"].as_f64() >= Some(21.5)
        });
        let asked = Instant::now();
        app.process.signal(signal);
        assert!(app.process.wait(), "{signal} ends it well");
        assert!(asked.elapsed() < Duration::from_secs(2), "{signal} took {:?}", asked.elapsed());
        drop(app);

        let app = home.start();
        let mut again = app.client();
        let history = again.rows(json!({"list": "history"}), 0, 10);
        assert_eq!(
            (&history["items"][0]["title"], &history["items"][0]["end"]),
            (&json!("Track 002"), &json!("stopped"))
        );
        let view = &again.view;
        assert_eq!(view["player"]["transport"], "paused");
        assert_eq!(view["player"]["track"]["title"], "Track 002");
        assert_eq!((&view["player"]["volume"], &view["player"]["repeat"]), (&json!(37), &json!("all")));
        assert_eq!(view["player"]["muted"], true);
        let mastering = &view["mastering"]["settings"];
        assert_eq!((&mastering["enabled"], &mastering["preset"]), (&json!(true), &json!("live")));
        assert_eq!(mastering["intensity"], 0.25);
        assert_ne!(again.session, client.session, "clients of the last run start afresh");
        assert_eq!((&view["settings"]["theme"], &view["settings"]["view"]), (&json!("dark"), &json!("#/albums")));
        assert_eq!(view["queue"]["length"], 2);
        let position = view["position"]["position_s"].as_f64().expect("seconds");
        assert!((20.0..25.0).contains(&position), "{position}");
    }
}

#[test]
fn kill_loses_at_most_one_second() {
    let home = TempHome::new();
    make_tracks(&home.music(), 2, 60.0);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).run(json!({"do": "set_shuffle", "enabled": true}));
    client.wait_until("two seconds heard", |view| view["position"]["position_s"].as_f64() >= Some(2.0));
    let heard = client.view["position"]["position_s"].as_f64().expect("seconds");
    let queue: Vec<Value> = ids(&client.rows(json!({"list": "queue"}), 0, 10));
    app.process.signal("KILL");
    drop(app);

    let again = home.start();
    let mut client = again.client();
    assert_eq!(client.view["player"]["transport"], "paused");
    assert_eq!(client.view["player"]["shuffle"], true);
    let position = client.view["position"]["position_s"].as_f64().expect("seconds");
    assert!((heard - 1.0..heard + 2.0).contains(&position), "{position} after {heard}");
    assert_eq!(ids(&client.rows(json!({"list": "queue"}), 0, 10)), queue);
}

fn ids(rows: &Value) -> Vec<Value> {
    rows["items"].as_array().expect("rows").iter().map(|row| row["entry"].clone()).collect()
}

/// Copies the files as a power cut at this moment would leave them, one after the other while they are written to.
fn copy_home(home: &TempHome) -> TempHome {
    let copy = TempHome::new();
    for folder in ["data", "config", "state"] {
        let (from, to) = (home.path().join(folder), copy.path().join(folder));
        let paths = [from.to_str().expect("UTF-8"), to.to_str().expect("UTF-8")];
        // A temporary file that vanishes meanwhile makes `cp` fail, which does not matter here.
        let _ = std::process::Command::new("cp").arg("-a").args(paths).stderr(std::process::Stdio::null()).status();
    }
    copy
}

#[test]
fn power_cut_restores_a_queue_that_existed() {
    let home = TempHome::new();
    make_tracks(&home.music(), 3, 600.0);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("sound", |view| view["position"]["running"] == true);
    let (address, secret) = (app.address.clone(), app.secret());
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let editing = std::thread::spawn(move || {
        let mut client = crate::support::client::Client::connect(&address, &secret);
        let mut edits = 0;
        while stopped.try_recv().is_err() {
            // Each edit adds one track, so the queue length tells which state was restored.
            let track = tracks[edits % tracks.len()];
            client.run(json!({"do": "enqueue", "tracks": {"from": "ids", "ids": [track]}, "place": "end"}));
            client.run(json!({"do": "set_volume", "volume": edits % 100}));
            edits += 1;
        }
        edits
    });
    let mut copies = Vec::new();
    for _ in 0..8 {
        let before = client.rows(json!({"list": "queue"}), 0, 1)["total"].as_u64().expect("a length");
        let heard = client.view["position"]["position_s"].as_f64().expect("seconds");
        client.wait_until("another second", |view| view["position"]["position_s"].as_f64() > Some(heard + 0.9));
        copies.push((before, client.view["position"]["position_s"].as_f64().expect("seconds"), copy_home(&home)));
    }
    stop.send(()).expect("it edits");
    let edits = editing.join().expect("edits");
    assert!(edits > 50, "only {edits} edits");
    for (before, heard, copy) in copies {
        let again = copy.start();
        let mut client = again.client();
        assert_eq!(client.view["notices"], json!([]), "nothing was broken");
        assert_eq!(client.view["player"]["transport"], "paused");
        let rows = client.rows(json!({"list": "queue"}), 0, 1);
        let length = rows["total"].as_u64().expect("a length");
        assert!(length >= before && length <= 3 + edits as u64, "{length} entries, and {before} were there before");
        assert_eq!(
            client.view["queue"]["undo"].as_u64(),
            Some((length - 3 + 1).min(50)),
            "with all that can be undone"
        );
        let position = client.view["position"]["position_s"].as_f64().expect("seconds");
        assert!((heard - 1.2..heard + 1.5).contains(&position), "{position} after {heard}");
    }
}

#[test]
fn undo_survives_a_restart() {
    let home = TempHome::new();
    make_tracks(&home.music(), 3, 60.0);
    let mut app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0);
    let played = ids(&client.rows(json!({"list": "queue"}), 0, 10));
    client.run(json!({"do": "remove_entries", "entries": [played[2]]})).run(json!({"do": "clear_queue"}));
    client.run(json!({"do": "undo"}));
    app.process.signal("TERM");
    assert!(app.process.wait());
    drop(app);

    let app = home.start();
    let mut client = app.client();
    let queue = client.view["queue"].clone();
    assert_eq!(queue["undo_edit"], json!({"kind": "remove", "entries": 1, "by": "remote", "name": ""}));
    assert_eq!(queue["redo_edit"], json!({"kind": "clear", "entries": 2, "by": "remote", "name": ""}));
    client.run(json!({"do": "undo"}));
    assert_eq!(ids(&client.rows(json!({"list": "queue"}), 0, 10)), played);
    client.run(json!({"do": "redo"})).run(json!({"do": "redo"}));
    assert_eq!(client.view["queue"]["length"], 0);
}

#[test]
fn unreadable_session_is_moved_aside_with_a_notice() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 60.0);
    let mut app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0);
    app.process.signal("TERM");
    assert!(app.process.wait());
    drop(app);
    let database = home.path().join("data/auralis/library.db");
    let broken = "UPDATE session SET value = x'7b00' WHERE key = 'queue'";
    run("sqlite3", &[database.to_str().expect("UTF-8"), broken]);
    let app = home.start();
    let view = app.client().view.clone();
    assert_eq!((&view["notices"][0]["kind"], &view["notices"][0]["subject"]), (&json!("set_aside"), &json!("queue")));
    assert_eq!((&view["queue"]["length"], &view["library"]["tracks"]), (&json!(0), &json!(1)));
}

#[test]
fn broken_settings_file_is_moved_aside_with_a_notice() {
    let home = TempHome::new();
    std::fs::create_dir_all(home.settings_file().parent().expect("a folder")).expect("folder");
    std::fs::write(home.settings_file(), r#"{"volume": 12, "inter"#).expect("writes");
    let app = home.start();
    let mut client = app.client();
    assert_eq!(client.view["notices"][0]["kind"], "set_aside");
    client.run(json!({"do": "set_volume", "volume": 61}));
    drop(client);
    app.process.signal("TERM");
    drop(app);
    let kept = home.settings_file().with_extension("json.broken");
    assert_eq!(std::fs::read_to_string(kept).expect("set aside"), r#"{"volume": 12, "inter"#);
}

#[test]
fn corrupt_database_is_moved_aside_with_a_notice() {
    let home = TempHome::new();
    let data = home.path().join("data/auralis");
    std::fs::create_dir_all(&data).expect("folder");
    std::fs::write(data.join("library.db"), "this is no database, and never was".repeat(100)).expect("writes");
    let view = restored_state(&home);
    assert_eq!(view["notices"][0]["kind"], "set_aside");
    assert_eq!(view["library"]["tracks"], 0);
    let kept = std::fs::read_dir(&data).expect("folder").flatten();
    assert!(kept.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().contains("broken")));
}

#[test]
fn offline_tracks_stay_queued_as_unavailable() {
    let home = TempHome::new();
    let away = home.path().join("drive away");
    make_tracks(&home.music(), 3, 60.0);
    let mut app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 1).run(json!({"do": "seek", "position_s": 20.0})).run(json!({"do": "pause"}));
    let queue = ids(&client.rows(json!({"list": "queue"}), 0, 10));
    app.process.signal("TERM");
    assert!(app.process.wait());
    drop(app);
    std::fs::rename(home.music(), &away).expect("unmounted");

    let app = home.start();
    let browser = Browser::start(1280, 800);
    browser.page().go_to(&app.link);
    browser.page().wait_ready();
    browser.page().click("[data-testid=queue-toggle]");
    let greyed = || browser.page().count("[data-testid=queue-row].unavailable");
    // The scan after the start finds it again.
    wait_for("three grey rows", || (greyed() == 3).then_some(()));
    let mut client = app.client();
    assert_eq!(ids(&client.rows(json!({"list": "queue"}), 0, 10)), queue);
    assert_eq!(client.view["player"]["transport"], "paused");
    assert_eq!(client.view["player"]["track"]["title"], "Track 002");

    std::fs::rename(&away, home.music()).expect("mounted again");
    client.run(json!({"do": "scan"}));
    wait_for("no grey row", || (greyed() == 0).then_some(()));
    client.run(json!({"do": "play"}));
    client.wait_until("sound from there", |view| {
        view["position"]["running"] == true && view["position"]["position_s"].as_f64() >= Some(19.0)
    });
    assert_eq!(client.view["notices"], json!([]));
}
