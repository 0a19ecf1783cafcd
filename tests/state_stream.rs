//! The state stream (protocol v2), as a client uses it.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::app::TempHome;
use crate::support::client::Client;
use crate::support::music::make_tracks;
use crate::support::wait_for;

#[test]
fn new_client_gets_the_whole_state() {
    let home = TempHome::new();
    make_tracks(&home.music(), 3, 30.0);
    let app = home.start().with_music(&home.music());
    let mut first = app.client();
    let tracks = first.track_ids();
    first.play(&tracks, 1).run(json!({"do": "set_volume", "volume": 50}));
    first.wait_until("sound", |view| view["position"]["running"] == true);
    let mut second = app.client();
    assert_eq!(second.session, first.session);
    assert_eq!(second.view["player"]["transport"], "playing");
    assert_eq!(second.view["player"]["volume"], 50);
    assert_eq!(second.view["queue"]["length"], 3);
    assert_eq!(second.view["player"]["track"]["title"], "Track 002");
    let rows = second.rows(json!({"list": "queue"}), 0, 10);
    assert_eq!(rows["items"][2]["track"]["title"], "Track 003");

    second.run(json!({"do": "pause"}));
    let paused_at = second.rev;
    first.wait_until("the pause", |view| view["player"]["transport"] == "paused");
    first.wait_until("the same position", |view| view["position"]["running"] == false);
    second.wait_until("the same revision", |_| true);
    assert!(first.rev >= paused_at.min(second.rev));
    assert_eq!(first.view["player"], second.view["player"]);
}

#[test]
fn slow_client_gets_latest_state_without_blocking_others() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 60.0);
    let app = home.start().with_music(&home.music());
    let (mut sleeper, mut client) = (app.client(), app.client());
    let track = client.track_ids()[0];
    for edit in 0..500 {
        client.run(json!({"do": "enqueue", "tracks": {"from": "ids", "ids": [track]}, "place": "end"}));
        client.run(json!({"do": "set_volume", "volume": edit % 101}));
    }
    sleeper.wait_until("the last edit", |view| view["queue"]["length"] == 500);
    sleeper.ask(r#"{"type":"ping"}"#);
    assert_eq!((&sleeper.view["player"], &sleeper.view["queue"]), (&client.view["player"], &client.view["queue"]));
}

#[test]
fn invalid_requests_are_refused_and_change_nothing() {
    let home = TempHome::new();
    let app = home.start();
    let client = &mut app.client();
    let before = (client.rev, client.view.clone());
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let cases = [
        ("", "malformed", None),
        ("hello", "malformed", None),
        (deep.as_str(), "malformed", None),
        (r#"{"type":"command","id":7,"data":{"do":"dance"}}"#, "malformed", Some(7)),
        (r#"{"type":"command","id":8,"data":{"do":"set_volume","volume":101}}"#, "out_of_range", Some(8)),
        (r#"{"type":"command","id":9,"data":{"do":"seek","position_s":1e999}}"#, "malformed", Some(9)),
        (r#"{"type":"command","id":10,"if_rev":0,"data":{"do":"next"}}"#, "stale", Some(10)),
        (
            r#"{"type":"command","id":11,"data":{"do":"play_tracks","tracks":{"from":"ids","ids":[77]}}}"#,
            "not_found",
            Some(11),
        ),
        (r#"{"type":"command","id":12,"data":{"do":"add_root","path":"/no/such/folder"}}"#, "not_possible", Some(12)),
        (r#"{"type":"command","id":13,"data":{"do":"remove_root","root":5}}"#, "not_found", Some(13)),
        (
            r#"{"type":"query","id":14,"data":{"of":{"list":"tracks"},"offset":0,"limit":501}}"#,
            "out_of_range",
            Some(14),
        ),
        (r#"{"type":"query","id":15,"data":{"of":{"list":"dreams"},"offset":0,"limit":5}}"#, "malformed", Some(15)),
    ];
    for (text, code, id) in cases {
        let answer = client.ask(text);
        assert_eq!((answer["error"]["code"].as_str(), answer["id"].as_u64()), (Some(code), id), "{text:.80}: {answer}");
    }
    assert_eq!(client.ask(r#"{"type":"ping"}"#), json!({"type": "pong"}));
    assert_eq!((client.rev, client.view.clone()), before);
    assert_eq!(app.client().view, before.1);
}

#[test]
fn oversized_message_affects_only_its_sender() {
    let home = TempHome::new();
    let app = home.start();
    let mut witness = app.client();
    let huge = "x".repeat(3 << 20);
    let sent = std::panic::catch_unwind(|| {
        let mut sender = app.client();
        sender.send(&huge);
        sender.next_answer()
    });
    assert!(sent.is_err(), "the sender is cut off");
    witness.run(json!({"do": "set_volume", "volume": 33}));
    assert_eq!(witness.view["player"]["volume"], 33);
}

#[test]
fn message_size_does_not_grow_with_the_queue() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 60.0);
    let app = home.start().with_music(&home.music());
    let client = &mut app.client();
    let track = client.track_ids()[0];
    let sizes = |client: &mut Client, length: usize| {
        client.play(&vec![track; length], 0).wait_until("sound", |view| view["position"]["running"] == true);
        for volume in [40, 41] {
            client.run(json!({"do": "set_volume", "volume": volume}));
        }
        client.wait_until("the volume", |view| view["player"]["volume"] == 41);
        (client.bytes["player"], client.bytes["position"], client.bytes["queue"])
    };
    let (player, position, queue) = sizes(client, 1);
    let (player_long, position_long, queue_long) = sizes(client, 100_000);
    // Revision and position may take a few more digits.
    assert!(player_long.abs_diff(player) <= 12 && player <= 700, "{player} and {player_long} bytes");
    assert!(position_long.abs_diff(position) <= 24 && position_long <= 120, "{position} and {position_long} bytes");
    // The first edit adds its undo entry, so sizes are compared from the second on.
    assert!(queue_long.abs_diff(queue) <= 64 && queue_long <= 512, "{queue} and {queue_long} bytes");
}

#[test]
fn client_connecting_during_a_scan_gets_its_progress() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 0.1);
    for copy in 0..400 {
        std::fs::copy(home.music().join("001.flac"), home.music().join(format!("copy {copy}.flac"))).expect("copies");
    }
    let app = home.start();
    let mut client = app.client();
    client.run(json!({"do": "set_mastering", "enabled": true, "preset": "warm", "intensity": 0.5}));
    // A scan is short, so retry until a client connects during one.
    let (mut late, mut old) = wait_for("a scan that runs", || {
        let roots = client.rows(json!({"list": "roots"}), 0, 1);
        for root in roots["items"].as_array().expect("rows") {
            client.run(json!({"do": "remove_root", "root": root["id"]}));
        }
        client.run(json!({"do": "add_root", "path": home.music()}));
        // The second client sees the scan running, so the first connected before its end.
        let (old, late) = (app.v1_client(), app.client());
        late.view["library"]["scan"].is_object().then_some((late, old))
    });
    assert_eq!(late.view["mastering"]["settings"]["preset"], "warm");
    assert!(late.view["library"]["scan"]["found"].is_u64(), "{}", late.view["library"]);
    late.wait_until("its end", |view| view["library"]["scan"].is_null());
    assert_eq!(old.next()["data"]["current_preset"], "warm", "the state comes first");
    let progress = old.wait_for("scan_progress");
    assert!(progress["files_found"].is_u64() && progress["files_failed"] == 0, "{progress}");
    assert_eq!(progress["directory"], "", "nobody asked for it by this contract");
}

#[test]
fn stale_commands_are_refused() {
    let home = TempHome::new();
    make_tracks(&home.music(), 4, 30.0);
    let app = home.start().with_music(&home.music());
    let (mut one, mut two) = (app.client(), app.client());
    let tracks = one.track_ids();
    one.play(&tracks, 0).wait_until("sound", |view| view["position"]["running"] == true);
    two.wait_until("the same", |view| view["position"]["running"] == true);
    let next = json!({"do": "next"});
    // Details of a new track change the player again; each refusal brings the client up to date.
    let rev = wait_for("nothing else to change", || {
        let rev = one.rev;
        // A volume change is a change of the player section; a position update is not.
        one.run(json!({"do": "seek", "position_s": 3.0}));
        one.command_if(Some(rev), next.clone()).is_ok().then_some(rev)
    });
    assert_eq!(two.command_if(Some(rev), next.clone()), Err("stale".to_owned()));
    two.wait_until("one further", |view| view["player"]["track"]["title"] == "Track 002");
    wait_for("it to be seen", || two.command_if(Some(two.rev), next.clone()).ok());
    assert_eq!(two.view["player"]["track"]["title"], "Track 003");
}

#[test]
fn disconnect_ends_bypass() {
    let home = TempHome::new();
    let app = home.start();
    let (mut one, mut two) = (app.client(), app.client());
    two.run(json!({"do": "set_mastering", "enabled": true, "intensity": 1.0}));
    one.run(json!({"do": "compare", "on": true}));
    two.wait_until("the comparison", |view| view["mastering"]["comparing"] == true);
    drop(one);
    two.wait_until("its end", |view| view["mastering"]["comparing"] == false);
}

#[test]
fn repeated_seek_is_published() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 30.0);
    let app = home.start().with_music(&home.music());
    let client = &mut app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("sound", |view| view["position"]["running"] == true);
    for _ in 0..3 {
        let before = client.message_counts["position"];
        client.run(json!({"do": "seek", "position_s": 10.0}));
        assert!(client.message_counts["position"] > before, "told before the answer");
        assert_eq!(client.view["position"]["position_s"], 10.0);
    }
}

#[test]
fn position_is_sent_once_a_second_in_real_time() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 30.0);
    let app = home.start().with_music(&home.music());
    let client = &mut app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("sound", |view| view["position"]["running"] == true);
    let from = (Instant::now(), client.view["position"]["position_s"].as_f64().expect("seconds"));
    let mut ticks = 0;
    while from.0.elapsed() < Duration::from_secs(4) {
        let before = client.view["position"].clone();
        client.read();
        ticks += usize::from(client.view["position"] != before);
    }
    let heard = client.view["position"]["position_s"].as_f64().expect("seconds") - from.1;
    let passed = from.0.elapsed().as_secs_f64();
    assert!((heard - passed).abs() < 0.3, "{heard} s heard in {passed} s");
    assert!((3..=6).contains(&ticks), "{ticks} ticks in {passed} s");
}
