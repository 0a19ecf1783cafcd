//! The app without a window: its command line, and the compact stream as a client meets it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::app::Home;
use crate::support::client::Client;
use crate::support::music::{make_album, make_tracks};

#[test]
fn the_command_line_explains_itself() {
    let home = Home::new();
    let run = |arguments: &[&str]| {
        let output = home.auralis().args(arguments).output().expect("runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text)
    };
    let (code, text) = run(&["--version"]);
    assert_eq!((code, text.trim()), (Some(0), concat!("auralis ", env!("CARGO_PKG_VERSION"))));
    let (code, text) = run(&["--help"]);
    assert!(code == Some(0) && text.contains("--headless"), "{text}");
    for (arguments, word) in [
        (vec!["--loud"], "--loud"),
        (vec!["--headless", "--port", "99999"], "99999"),
        (vec!["--headless", "--host", "nowhere"], "nowhere"),
        (vec!["--port", "80"], "--headless"),
        (vec!["--headless", "--output", "moon"], "moon"),
    ] {
        let (code, text) = run(&arguments);
        assert!(code == Some(2) && text.contains(word), "{arguments:?}: {code:?} {text}");
    }
}

#[test]
fn a_taken_port_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let output = Home::new().auralis().args(["--headless", "--port", &port]).output().expect("runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && text.contains(&port) && text.contains("--port"), "{text}");
}

#[test]
fn a_folder_becomes_music_that_plays_to_its_end() {
    let home = Home::new();
    make_album(&home.music(), 1.0);
    std::fs::write(home.music().join("8 broken.flac"), "no music").expect("writes");
    let app = home.start().with_music(&home.music());
    let client = &mut app.client();

    assert_eq!(client.view["library"]["tracks"], 7);
    assert_eq!(client.view["library"]["last_scan"]["progress"]["failed"], 1);
    let failures = client.rows(json!({"list": "scan_failures"}), 0, 10);
    assert!(failures["items"][0]["path"].as_str().expect("a path").ends_with("8 broken.flac"), "{failures}");
    let albums = client.rows(json!({"list": "albums"}), 0, 10);
    assert_eq!((albums["total"].as_u64(), albums["items"][0]["title"].as_str()), (Some(1), Some("Formats")));

    let album = albums["items"][0]["id"].clone();
    let list = json!({"filter": {"album": album}, "sort": "album"});
    client.run(json!({"do": "play_tracks", "tracks": {"from": "list", "list": list}}));
    for title in ["FLAC", "MP3", "AAC", "ALAC", "Vorbis", "Opus", "WAV"].map(|name| format!("{name} track")) {
        client.wait_until(&title, |view| {
            view["player"]["track"]["title"] == title.as_str() && view["player"]["transport"] == "playing"
        });
    }
    client.wait_until("the end", |view| view["player"]["transport"] == "stopped");
    client.wait_until("the start", |view| view["position"] == json!({"position_s": 0.0, "running": false}));
    assert_eq!(client.view["notices"], json!([]));
}

#[test]
fn a_client_that_attaches_gets_the_whole_truth() {
    let home = Home::new();
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
fn what_is_wrong_is_refused_and_changes_nothing() {
    let home = Home::new();
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
fn an_oversized_message_costs_only_its_sender() {
    let home = Home::new();
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
fn other_sites_and_other_names_stay_outside() {
    let home = Home::new();
    let app = home.start();
    let ask = |request: &str| {
        let mut stream = TcpStream::connect(&app.address).expect("connects");
        stream.write_all(request.as_bytes()).expect("sends");
        let mut status = String::new();
        BufReader::new(stream).read_line(&mut status).expect("an answer");
        status
    };
    let get = |path: &str, host: &str, more: &str| {
        ask(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n"))
    };
    let port = app.address.rsplit(':').next().expect("a port");
    assert!(get("/", &app.address, "").contains("200"));
    assert!(get("/api/health", &format!("localhost:{port}"), "").contains("200"));
    assert!(get("/", &format!("evil.example:{port}"), "").contains("403"), "DNS rebinding");
    assert!(get("/api/health", &app.address, "Origin: http://evil.example\r\n").contains("403"), "another site");
    assert!(get("/api/health", &app.address, "Origin: null\r\n").contains("403"), "a sandboxed page");
    let upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                   Sec-WebSocket-Protocol: auralis.v2\r\nOrigin: http://evil.example\r\n";
    let answer = ask(&format!("GET /ws HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\n{upgrade}\r\n", app.address));
    assert!(answer.contains("403"), "a socket of another site: {answer}");
}

#[test]
fn messages_cost_the_same_at_any_queue_length() {
    let home = Home::new();
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
        (client.bytes["player"], client.bytes["position"])
    };
    let (player, position) = sizes(client, 1);
    let (player_long, position_long) = sizes(client, 100_000);
    // Revision and position may take some digits more.
    assert!(player_long.abs_diff(player) <= 12 && player <= 700, "{player} and {player_long} bytes");
    assert!(position_long.abs_diff(position) <= 24 && position_long <= 120, "{position} and {position_long} bytes");
}

#[test]
fn the_position_comes_once_a_second_and_runs_at_the_speed_of_music() {
    let home = Home::new();
    make_tracks(&home.music(), 1, 30.0);
    let app = home.start().with_music(&home.music());
    let client = &mut app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("sound", |view| view["position"]["running"] == true);
    let from = (Instant::now(), client.view["position"]["position_s"].as_f64().expect("seconds"));
    let mut ticks = 0;
    while from.0.elapsed() < Duration::from_secs(4) {
        client.read();
        ticks += 1;
    }
    let heard = client.view["position"]["position_s"].as_f64().expect("seconds") - from.1;
    let passed = from.0.elapsed().as_secs_f64();
    assert!((heard - passed).abs() < 0.3, "{heard} s heard in {passed} s");
    assert!((3..=6).contains(&ticks), "{ticks} messages in {passed} s");
}
