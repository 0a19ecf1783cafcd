//! What a restart brings back, however the last run ended.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::app::Home;
use crate::support::music::make_tracks;

fn restored(home: &Home) -> Value {
    home.start().client().view.clone()
}

#[test]
fn a_signal_ends_it_cleanly_and_soon() {
    for signal in ["TERM", "INT"] {
        let home = Home::new();
        make_tracks(&home.music(), 2, 60.0);
        let mut app = home.start().with_music(&home.music());
        let mut client = app.client();
        let tracks = client.track_ids();
        client.play(&tracks, 1).run(json!({"do": "seek", "position_s": 20.0}));
        client.run(json!({"do": "set_volume", "volume": 37})).run(json!({"do": "set_repeat", "mode": "all"}));
        client.run(json!({"do": "change_settings", "settings": {"theme": "dark", "view": "#/albums"}}));
        client.wait_until("sound from there", |view| {
            view["position"]["running"] == true && view["position"]["position_s"].as_f64() >= Some(20.0)
        });
        let asked = Instant::now();
        app.process.signal(signal);
        assert!(app.process.wait(), "{signal} ends it well");
        assert!(asked.elapsed() < Duration::from_secs(2), "{signal} took {:?}", asked.elapsed());
        drop(app);

        let view = restored(&home);
        assert_eq!(view["player"]["transport"], "paused");
        assert_eq!(view["player"]["track"]["title"], "Track 002");
        assert_eq!((&view["player"]["volume"], &view["player"]["repeat"]), (&json!(37), &json!("all")));
        assert_eq!((&view["settings"]["theme"], &view["settings"]["view"]), (&json!("dark"), &json!("#/albums")));
        assert_eq!(view["queue"]["length"], 2);
        let position = view["position"]["position_s"].as_f64().expect("seconds");
        assert!((20.0..25.0).contains(&position), "{position}");
    }
}

#[test]
fn a_kill_loses_at_most_a_second() {
    let home = Home::new();
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

#[test]
fn a_broken_settings_file_is_set_aside_with_a_notice() {
    let home = Home::new();
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
fn a_corrupt_database_is_set_aside_with_a_notice() {
    let home = Home::new();
    let data = home.path().join("data/auralis");
    std::fs::create_dir_all(&data).expect("folder");
    std::fs::write(data.join("library.db"), "this is no database, and never was".repeat(100)).expect("writes");
    let view = restored(&home);
    assert_eq!(view["notices"][0]["kind"], "set_aside");
    assert_eq!(view["library"]["tracks"], 0);
    let kept = std::fs::read_dir(&data).expect("folder").flatten();
    assert!(kept.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().contains("broken")));
}
