//! Pairing of other devices, and what they may see and do.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};

use serde_json::json;

use crate::support::app::{Headless, TempHome};
use crate::support::client::Client;
use crate::support::http::{get, request};
use crate::support::music::make_tracks;
use crate::support::wait_for;

/// An app reachable by this machine's LAN address. Connections to that address come from it too,
/// so the app treats them as remote clients.
pub struct LanServer {
    pub app: Headless,
    local_address: String,
    pub lan_address: String,
    home: TempHome,
}

impl LanServer {
    pub fn start() -> Self {
        let home = TempHome::new();
        make_tracks(&home.music(), 2, 30.0);
        let app = home.start_with(home.auralis().args(["--host", "0.0.0.0"]));
        let port = app.address.rsplit(':').next().expect("a port").to_owned();
        let local_address = format!("127.0.0.1:{port}");
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a socket");
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).expect("this test needs an address in a network");
        let lan_address = format!("{}:{port}", socket.local_addr().expect("an address").ip());
        let app = Headless { address: local_address.clone(), ..app }.with_music(&home.music());
        LanServer { app, local_address, lan_address, home }
    }

    /// The pairing secret of the link shown to the listener.
    pub fn secret(&self, renew: bool) -> String {
        let answer = self.app.client().ask(&json!({"type": "pair", "id": 1, "renew": renew}).to_string());
        let url = answer["data"]["url"].as_str().expect("a link");
        let (address, secret) = url.split_once("#pair=").expect("a secret");
        assert_eq!(address, format!("http://{}/", self.lan_address));
        assert!(answer["data"]["qr"]["path"].as_str().is_some_and(|path| path.len() > 1_000), "{answer}");
        secret.to_owned()
    }
}

#[test]
fn device_connects_until_pairing_is_renewed() {
    let server = LanServer::start();
    let at = server.lan_address.as_str();
    // The interface itself is public: an unpaired device needs it to pair.
    assert_eq!(get(at, "/").status, 200);
    for path in ["/api/player/status", "/api/library/tracks", "/ws", "/api/artwork/1"] {
        assert_eq!(get(at, path).refusal().0, 401, "{path}");
    }
    let secret = server.secret(false);
    let pair = |secret: &str| request(at, "POST", "/api/pair", "", &json!({"token": secret}).to_string());
    assert_eq!(pair(&secret[1..]).refusal(), (401, "unpaired".into(), "token".into()));
    let cookie = pair(&secret).header("set-cookie").expect("a cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = format!("Cookie: {}\r\n", cookie.split(';').next().expect("its value"));
    assert_eq!(request(at, "GET", "/api/player/status", &cookie, "").status, 200);
    let bearer = format!("Authorization: Bearer {secret}\r\n");
    assert_eq!(request(at, "GET", "/api/player/status", &bearer, "").status, 200);
    assert_eq!(
        request(at, "GET", "/api/player/status", &format!("{bearer}Origin: http://evil.example\r\n"), "").status,
        403
    );

    let mut device = Client::connect(at, &secret);
    device.run(json!({"do": "set_volume", "volume": 44}));
    server.app.client().wait_until("the volume", |view| view["player"]["volume"] == 44);

    server.secret(true);
    assert!(device.wait_for_close(), "a pairing that was taken back ends its sockets");
    assert_eq!(request(at, "GET", "/api/player/status", &bearer, "").status, 401);
    assert_eq!(get(&server.local_address, "/api/player/status").status, 200);
}

#[test]
fn device_gets_no_paths_and_changes_no_folders() {
    let server = LanServer::start();
    let secret = server.secret(false);
    let mut device = Client::connect(&server.lan_address, &secret);
    let music = server.home.music();
    for command in [
        json!({"do": "add_root", "path": music}),
        json!({"do": "remove_root", "root": 1}),
        json!({"do": "play_tracks", "tracks": {"from": "files", "paths": [music]}}),
        json!({"do": "change_settings", "settings": {"remote": {"enabled": true, "port": 1, "lan": true}}}),
        json!({"do": "edit", "edit": "create_playlist", "name": "x", "tracks": {"from": "files", "paths": [music]}}),
        json!({"do": "edit", "edit": "set_rating", "tracks": {"from": "files", "paths": [music]}, "rating": 1}),
        json!({"do": "edit", "edit": "import_playlist", "path": music.join("list.m3u")}),
        json!({"do": "export", "export": "history", "path": music.join("history.csv")}),
        json!({"do": "edit_tags", "tracks": {"from": "ids", "ids": [1]}, "tags": {"title": "x"}}),
        json!({"do": "set_ignored", "patterns": []}),
        json!({"do": "change_settings", "settings": {"scrobbling": {"server": "http://evil.example"}}}),
    ] {
        assert_eq!(device.command(command.clone()), Err("forbidden".to_owned()), "{command}");
    }
    assert_eq!(device.ask(r#"{"type":"pair","id":1}"#)["error"]["code"], "forbidden");
    assert_eq!(device.capabilities, json!({"this_machine": false}));
    assert_eq!(server.app.client().capabilities, json!({"this_machine": true}));
    let token = json!({"scrobbling": {"token": "token-of-the-listener"}});
    server.app.client().run(json!({"do": "change_settings", "settings": token}));
    device
        .wait_until("the settings", |view| view["settings"]["scrobbling"]["server"] == "https://api.listenbrainz.org");
    let tracks = device.track_ids();
    device.play(&tracks, 0).wait_until("sound", |view| view["player"]["transport"] == "playing");
    let details = json!({"list": "details", "track": tracks[0]});
    let everything = [
        device.view.to_string(),
        Client::connect(&server.lan_address, &secret).view.to_string(),
        device.rows(json!({"list": "roots"}), 0, 10).to_string(),
        device.rows(details.clone(), 0, 1).to_string(),
        device.rows(json!({"list": "queue"}), 0, 10).to_string(),
    ];
    assert!(everything.iter().all(|text| !text.contains("token-of-the-listener")), "{everything:#?}");
    let secret_word = server.home.path().display().to_string();
    assert!(everything.iter().all(|text| !text.contains(&secret_word)), "{everything:#?}");
    assert!(server.app.client().rows(details, 0, 1).to_string().contains(&secret_word));
    let bearer = format!("Authorization: Bearer {secret}\r\n");
    let state = request(&server.lan_address, "GET", "/api/player/status", &bearer, "").json();
    assert_eq!(state["current_track"]["file_path"], "");
}

#[test]
fn devices_are_limited_and_never_lock_out_this_machine() {
    const MAX_DEVICES: usize = 128;
    let server = LanServer::start();
    let secret = server.secret(false);
    let mut devices: Vec<_> = (0..MAX_DEVICES).map(|_| Client::connect(&server.lan_address, &secret)).collect();
    let one_more = || {
        let mut stream = TcpStream::connect(&server.lan_address).expect("connects");
        let request = format!(
            "GET /api/health HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {secret}\r\nConnection: close\r\n\r\n",
            server.lan_address
        );
        let mut answer = String::new();
        stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_string(&mut answer)).map(|_| answer)
    };
    assert!(one_more().is_ok_and(|answer| answer.contains(" 503 ")), "turned away");
    let mut here = server.app.client();
    here.run(json!({"do": "set_volume", "volume": 21}));
    for device in &mut devices {
        device.wait_until("the volume", |view| view["player"]["volume"] == 21);
    }
    here.wait_until("their number", |view| view["remote"]["clients"] == MAX_DEVICES);
    devices.pop();
    wait_for("a free place", || one_more().ok().filter(|answer| answer.contains(" 200 ")));
}
