//! The headless app: its command line, access to its server, scanning and playing files.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::support::app::TempHome;
use crate::support::client::Client;
use crate::support::http::get;
use crate::support::music::{make_album, make_tracks};
use crate::support::wait_for;

#[test]
fn help_describes_every_command() {
    let home = TempHome::new();
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
fn port_in_use_is_reported() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let output = TempHome::new().auralis().args(["--headless", "--port", &port]).output().expect("runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && text.contains(&port) && text.contains("--port"), "{text}");
}

#[test]
fn added_folder_is_scanned_and_plays_to_the_end() {
    let home = TempHome::new();
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
fn rejects_foreign_origin_and_host() {
    let home = TempHome::new();
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
fn missing_and_broken_files_are_skipped_with_one_notice() {
    let home = TempHome::new();
    make_tracks(&home.music(), 4, 2.0);
    let app = home.start().with_music(&home.music());
    let client = &mut app.client();
    let tracks = client.track_ids();
    std::fs::remove_file(home.music().join("001.flac")).expect("removes");
    std::fs::write(home.music().join("003.flac"), "no music any more").expect("writes");
    client.play(&tracks, 0);
    for title in ["Track 002", "Track 004"] {
        client.wait_until(title, |view| {
            view["player"]["track"]["title"] == title && view["player"]["transport"] == "playing"
        });
    }
    let named = |client: &Client| {
        let notices = client.view["notices"].as_array().expect("notices").clone();
        let told = |notice: &serde_json::Value| notice["reason"].as_str().is_some_and(|reason| reason.len() > 5);
        assert!(notices.iter().all(|notice| notice["kind"] == "track_skipped" && told(notice)), "{notices:?}");
        notices.iter().map(|notice| notice["subject"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(named(client), ["001.flac", "003.flac"]);

    client.run(json!({"do": "set_repeat", "mode": "all"})).play(&[tracks[0], tracks[2]], 0);
    client.wait_until("an end", |view| {
        view["player"]["transport"] == "error" && view["notices"].as_array().is_some_and(|all| all.len() >= 4)
    });
    let state = get(&app.address, "/api/player/status").json();
    assert_eq!(
        (&state["state"], &state["is_playing"], &state["current_time"]),
        (&json!("error"), &json!(false), &json!(0.0))
    );
    assert_eq!(named(client).len(), 4, "each once more, not for ever");
}

#[test]
fn unsaved_settings_are_reported_once_and_saved_later() {
    let home = TempHome::new();
    let app = home.start();
    let client = &mut app.client();
    // A folder in place of the file: even root cannot write it.
    let file = home.settings_file();
    std::fs::create_dir_all(file.join("in the way")).expect("a folder");
    for volume in [11, 12, 13] {
        client.run(json!({"do": "set_volume", "volume": volume}));
    }
    client.wait_until("the notice", |view| view["notices"][0]["kind"] == "not_saved");
    assert_eq!(client.view["notices"][0]["subject"], json!(file));
    std::fs::remove_dir_all(&file).expect("out of the way");
    client.run(json!({"do": "set_volume", "volume": 14}));
    wait_for("the file", || {
        let settings: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).ok()?).ok()?;
        (settings["volume"] == 14).then_some(())
    });
    assert_eq!(client.view["notices"].as_array().map(Vec::len), Some(1));
}

#[test]
fn dragging_the_volume_writes_the_settings_once_a_second() {
    use std::os::unix::fs::MetadataExt;
    let home = TempHome::new();
    let app = home.start();
    let client = &mut app.client();
    let started = std::time::Instant::now();
    // Each write replaces the file.
    let mut versions = std::collections::HashSet::new();
    for step in 0..300 {
        client.run(json!({"do": "set_volume", "volume": step % 100}));
        versions.extend(home.settings_file().metadata().ok().map(|file| (file.ino(), file.mtime_nsec())));
    }
    let seconds = started.elapsed().as_secs() as usize;
    assert!(versions.len() <= seconds + 2, "{} versions in {seconds} s", versions.len());
    wait_for("the last volume in the file", || {
        let settings: serde_json::Value = serde_json::from_slice(&std::fs::read(home.settings_file()).ok()?).ok()?;
        (settings["volume"] == 99).then_some(())
    });
}
