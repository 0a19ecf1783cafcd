//! Window, WebSocket, HTTP, command line and MPRIS control one player concurrently and agree on its state.

use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::app::TempHome;
use crate::support::client::Client;
use crate::support::desktop::{Desktop, free_port};
use crate::support::http::{get, post};
use crate::support::music::make_tracks;
use crate::support::sound::SoundServer;
use crate::support::{TIMEOUT, wait_for};

const ROUNDS: usize = 25;
/// Largest median delay until all clients agree, below what a listener notices.
const MAX_LATENCY: Duration = Duration::from_millis(100);

/// The part of the player's state that every client can read.
#[derive(Debug, Clone, PartialEq)]
struct ObservedState {
    title: String,
    playing: bool,
    volume: i64,
    shuffle: bool,
    repeat: String,
}

struct Clients<'a> {
    home: &'a TempHome,
    desktop: &'a Desktop,
    address: String,
}

impl Clients<'_> {
    fn window(&self) -> ObservedState {
        let page = self.desktop.page();
        let body = "const at = name => document.querySelector(`[data-testid=${name}]`);
            return [at('now-title')?.textContent?.trim() ?? '', at('play-pause').dataset.transport,
                    at('volume').getAttribute('aria-valuenow'), at('shuffle').getAttribute('aria-pressed'),
                    at('repeat').dataset.mode]";
        let observed = page.script(body);
        let text = |index: usize| observed[index].as_str().unwrap_or_default().to_owned();
        ObservedState {
            title: text(0),
            playing: text(1) == "playing",
            volume: text(2).parse().unwrap_or(-1),
            shuffle: text(3) == "true",
            repeat: text(4),
        }
    }

    fn http(&self) -> ObservedState {
        let state = get(&self.address, "/api/player/status").json();
        ObservedState {
            title: state["current_track"]["title"].as_str().unwrap_or_default().to_owned(),
            playing: state["is_playing"] == true,
            volume: state["volume"].as_i64().expect("a volume"),
            shuffle: state["shuffle_enabled"] == true,
            repeat: state["repeat_mode"].as_str().expect("a mode").to_owned(),
        }
    }

    fn from_view(view: &serde_json::Value) -> ObservedState {
        let player = &view["player"];
        ObservedState {
            title: player["track"]["title"].as_str().unwrap_or_default().to_owned(),
            playing: player["transport"] == "playing",
            volume: player["volume"].as_i64().expect("a volume"),
            shuffle: player["shuffle"] == true,
            repeat: player["repeat"].as_str().expect("a mode").to_owned(),
        }
    }

    fn command_line(&self) -> ObservedState {
        let output = self.home.auralis().args(["status", "--json"]).output().expect("runs");
        let status: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        Self::from_view(&status["view"])
    }

    fn mpris(&self) -> ObservedState {
        let bus = &self.desktop.bus;
        let metadata = bus.get::<std::collections::HashMap<String, zbus::zvariant::OwnedValue>>("Player.Metadata");
        let title = metadata.get("xesam:title").and_then(|title| title.downcast_ref::<&str>().ok());
        ObservedState {
            title: title.unwrap_or_default().to_owned(),
            playing: bus.get::<String>("Player.PlaybackStatus") == "Playing",
            volume: (bus.get::<f64>("Player.Volume") * 100.0).round() as i64,
            shuffle: bus.get::<bool>("Player.Shuffle"),
            repeat: match bus.get::<String>("Player.LoopStatus").as_str() {
                "Track" => "one".to_owned(),
                "Playlist" => "all".to_owned(),
                _ => "none".to_owned(),
            },
        }
    }

    /// Runs the command line, which must succeed.
    fn run_cli(&self, arguments: &[&str]) {
        let output = self.home.auralis().args(arguments).output().expect("runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn all_clients_agree_on_one_player() {
    let home = TempHome::new();
    make_tracks(&home.music(), 12, 120.0);
    let port = free_port();
    let settings = json!({"interface": {"remote": {"enabled": true, "port": port, "lan": false}}});
    std::fs::create_dir_all(home.settings_file().parent().expect("a folder")).expect("folder");
    std::fs::write(home.settings_file(), settings.to_string()).expect("writes");
    let sound = SoundServer::start();
    let desktop = Desktop::start(&home, &sound);
    desktop.bus.wait_for_player();
    let address = format!("127.0.0.1:{port}");
    wait_for("the server", || std::net::TcpStream::connect(&address).ok());
    let secret = wait_for("the secret", || std::fs::read_to_string(home.pairing_file()).ok());
    let mut client = Client::connect(&address, &secret);
    client.run(json!({"do": "add_root", "path": home.music()}));
    client.wait_until("the scan", |view| view["library"]["tracks"] == 12 && view["library"]["scan"].is_null());
    let tracks = client.track_ids();
    client.play(&tracks, 3).wait_until("sound", |view| view["position"]["running"] == true);
    let clients = &Clients { home: &home, desktop: &desktop, address };

    let (mut agreed, mut asking) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let volume = (round * 37 % 100).to_string();
        scope(|scope| {
            let window = ["play-pause", "next", "shuffle", "repeat", "previous"][round % 5];
            scope.spawn(move || clients.desktop.page().click(&format!("[data-testid={window}]")));
            scope.spawn(|| clients.run_cli([&["toggle"][..], &["volume", &volume], &["previous"]][round % 3]));
            let path = ["play", "next", "pause", "previous"][round % 4];
            scope.spawn(move || assert_eq!(post(&clients.address, &format!("/api/player/{path}"), "").status, 200));
            let mpris = ["Player.PlayPause", "Player.Next", "Player.Previous"][round % 3];
            scope.spawn(move || drop(clients.desktop.bus.mpris(mpris, &())));
            client.run(json!({"do": "set_volume", "volume": (round * 13) % 100}));
            client.run(json!({"do": "seek", "position_s": round}));
        });
        // Every command is answered. Now all clients must agree.
        let answered = Instant::now();
        loop {
            let asked = answered.elapsed();
            // The answer arrives after every update that was sent before it.
            client.ask(r#"{"type":"ping"}"#);
            let expected = Clients::from_view(&client.view);
            let observed = scope(|scope| {
                let others: [std::thread::ScopedJoinHandle<'_, ObservedState>; 4] = [
                    scope.spawn(|| clients.window()),
                    scope.spawn(|| clients.http()),
                    scope.spawn(|| clients.command_line()),
                    scope.spawn(|| clients.mpris()),
                ];
                others.map(|other| other.join().expect("tells"))
            });
            if observed.iter().all(|other| *other == expected) {
                agreed.push(asked);
                asking.push(answered.elapsed() - asked);
                break;
            }
            assert!(answered.elapsed() < TIMEOUT, "round {round}: {expected:?}, and the others say {observed:#?}");
            sleep(Duration::from_millis(5));
        }
    }
    agreed.sort();
    asking.sort();
    let (median, most) = (agreed[ROUNDS / 2], agreed[ROUNDS - 1]);
    println!("asked {median:?} (median, {most:?} at most) after the last answer, five clients agree");
    println!("  to ask them all takes {:?} (median)", asking[ROUNDS / 2]);
    assert!(median <= MAX_LATENCY, "{agreed:?}");
}
