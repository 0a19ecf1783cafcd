//! The table of `docs/security.md`, row by row.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;

use serde_json::json;

use super::pairing::LanServer;
use crate::support::app::{Headless, TempHome};
use crate::support::client::Client;
use crate::support::http::{get, post, request};
use crate::support::music::{make_track, make_tracks};
use crate::support::wait_for;

/// The HTTP status that the WebSocket of the app's own interface is opened with; 101 is success.
fn socket_status(address: &str, headers: &str) -> u16 {
    let upgrade = format!(
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: auralis.v2\r\n{headers}"
    );
    let mut stream = TcpStream::connect(address).expect("connects");
    write!(stream, "GET /ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\n{upgrade}\r\n").expect("sends");
    let mut status = [0; 12];
    stream.read_exact(&mut status).expect("a status");
    String::from_utf8_lossy(&status[9..]).parse().expect("a number")
}

fn bearer(app: &Headless) -> String {
    format!("Authorization: Bearer {}\r\n", app.secret())
}

/// An app with one track in its library and one that was opened from elsewhere, which plays.
fn start(home: &TempHome) -> Headless {
    make_tracks(&home.music(), 1, 60.0);
    let private = home.path().join("private/private.flac");
    std::fs::create_dir_all(private.parent().expect("a folder")).expect("folder");
    make_track(&private, "Private", 1, 60.0, 3, &["-c:a", "flac"]);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    client.run(json!({"do": "play_tracks", "tracks": {"from": "files", "paths": [private]}}));
    client.wait_until("the track", |view| view["player"]["track"]["title"] == "Private");
    app
}

#[test]
fn local_program_without_secret_gets_the_v1_api_and_no_path_outside_the_library() {
    let home = TempHome::new();
    let app = start(&home);
    let at = &*app.address;
    assert_eq!(socket_status(at, ""), 401, "the interface's protocol needs the secret");
    assert_eq!(get(at, "/api/pair").status, 401);
    assert_eq!(post(at, "/api/player/volume", r#"{"volume": 33}"#).json()["volume"], 33);
    let state = get(at, "/api/player/status").json();
    assert_eq!(state["current_track"]["title"], "Private");
    assert_eq!(state["current_track"]["file_path"], "", "a path outside the library");
    assert_eq!(state["queue"][0]["file_path"], "");
    let tracks = get(at, "/api/library/tracks").json();
    assert_eq!(tracks["items"][0]["file_path"], json!(home.music().join("001.flac")), "a path in the library");

    // With the secret, the same client sees everything.
    let state = request(at, "GET", "/api/player/status", &bearer(&app), "").json();
    assert_eq!(state["current_track"]["file_path"], json!(home.path().join("private/private.flac")));
    assert_eq!(socket_status(at, &bearer(&app)), 101);
    assert_eq!(request(at, "GET", "/api/pair", &bearer(&app), "").status, 204);
}

#[test]
fn a_setting_closes_the_v1_api_to_programs_without_the_secret() {
    let home = TempHome::new();
    let app = start(&home);
    app.client().run(json!({"do": "change_settings", "settings": {"remote": {"allow_unpaired_local": false}}}));
    for path in ["/api/player/status", "/api/health", "/api/library/tracks", "/api/artwork/1", "/ws"] {
        assert_eq!(get(&app.address, path).refusal().0, 401, "{path}");
    }
    assert_eq!(get(&app.address, "/").status, 200, "the interface itself holds nothing of the user's");
    assert_eq!(request(&app.address, "GET", "/api/player/status", &bearer(&app), "").status, 200);
}

/// Sends a request as another user of this machine, and returns the status.
fn as_another_user(address: &str, method: &str, path: &str, body: &str) -> u16 {
    let script = "import sys, http.client\n\
                  connection = http.client.HTTPConnection(sys.argv[1])\n\
                  connection.request(sys.argv[2], sys.argv[3], sys.argv[4])\n\
                  print(connection.getresponse().status)";
    let output = Command::new("setpriv")
        .args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            // Not an interpreter in the home of the user who runs the tests.
            "/usr/bin/python3",
            "-c",
            script,
            address,
            method,
            path,
            body,
        ])
        .output()
        .expect("setpriv runs");
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    text.parse().unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn another_user_of_this_machine_plays_but_adds_no_folder() {
    if std::fs::metadata("/proc/self").expect("a process").uid() != 0 {
        return eprintln!("not tested: only root can act as another user");
    }
    let home = TempHome::new();
    let app = start(&home);
    let scan = |folder: &std::path::Path| json!({"directory": folder}).to_string();
    let private = scan(&home.path().join("private"));
    let missing = scan(&home.path().join("no such folder"));
    assert_eq!(as_another_user(&app.address, "POST", "/api/player/pause", ""), 200);
    assert_eq!(as_another_user(&app.address, "POST", "/api/library/scan", &private), 403);
    assert_eq!(as_another_user(&app.address, "POST", "/api/library/scan", &missing), 403, "nor learns what exists");
    assert_eq!(as_another_user(&app.address, "POST", "/api/library/scan", &scan(&home.music())), 202);
    wait_for("the scan", || (get(&app.address, "/api/library/scan").json()["running"] == false).then_some(()));
    // The user who runs the player may, as the v1 API always allowed.
    assert_eq!(post(&app.address, "/api/library/scan", &private).status, 202);

    // The control socket, the settings and the secret are behind folders that the other user cannot enter.
    let folders =
        ["data", "cache", "config", "state", "runtime"].map(|folder| home.path().join(folder).join("auralis"));
    for folder in &folders {
        assert_eq!(folder.metadata().expect("a folder").permissions().mode() & 0o777, 0o700, "{}", folder.display());
    }
}

#[test]
fn files_with_secrets_are_readable_by_their_owner_alone() {
    let home = TempHome::new();
    let app = home.start();
    app.client().run(json!({"do": "change_settings", "settings": {"scrobbling": {"token": "secret"}}}));
    wait_for("the settings", || home.settings_file().exists().then_some(()));
    let database = std::fs::read_dir(home.path().join("data/auralis")).expect("a folder").flatten();
    let files = database.map(|file| file.path()).filter(|path| path.is_file());
    for file in files.chain([home.settings_file(), home.pairing_file()]) {
        let mode = file.metadata().expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", file.display());
    }
}

#[test]
fn repeated_host_and_origin_headers_are_refused() {
    let home = TempHome::new();
    let app = home.start();
    let own = format!("http://{}", app.address);
    let status = |headers: &str| request(&app.address, "GET", "/api/health", headers, "").status;
    assert_eq!(status(&format!("Origin: {own}\r\n")), 200);
    assert_eq!(status(&format!("Origin: {own}\r\nOrigin: http://evil.example\r\n")), 403);
    assert_eq!(status(&format!("Host: {0}\r\nHost: evil.example\r\n", app.address)), 403);
}

#[test]
fn half_open_connections_of_an_unpaired_device_do_not_lock_out_paired_ones() {
    let server = LanServer::start();
    let secret = server.secret(false);
    let open: Vec<_> = (0..140)
        .map(|_| {
            let mut stream = TcpStream::connect(&server.lan_address).expect("connects");
            stream.write_all(b"GET / HTTP/1.1\r\n").expect("sends");
            stream
        })
        .collect();
    let mut phone = Client::connect(&server.lan_address, &secret);
    phone.run(json!({"do": "set_volume", "volume": 12}));
    drop(open);
}

#[test]
fn a_vanished_client_is_disconnected() {
    let home = TempHome::new();
    let app = home.start();
    let mut stream = TcpStream::connect(&app.address).expect("connects");
    write!(
        stream,
        "GET /ws HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        app.address
    )
    .expect("sends");
    stream.set_read_timeout(Some(crate::support::TIMEOUT)).expect("a timeout");
    // It reads, but never answers a ping.
    let mut received = Vec::new();
    stream.read_to_end(&mut received).expect("the connection ends");
    assert!(received.windows(2).any(|frame| frame == [0x89, 0]), "it was sent a ping");
}
