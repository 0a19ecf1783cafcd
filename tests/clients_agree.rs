//! Every surface at once: the window, a socket, plain HTTP, the command line and MPRIS drive one player, and agree.

use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::app::Home;
use crate::support::client::Client;
use crate::support::desktop::{Desktop, free_port};
use crate::support::http::{get, post};
use crate::support::music::make_tracks;
use crate::support::sound::SoundServer;
use crate::support::{PATIENCE, wait_for};

const ROUNDS: usize = 25;
/// What a listener takes for at once.
const AT_ONCE: Duration = Duration::from_millis(100);

/// What each surface can tell of the player.
#[derive(Debug, Clone, PartialEq)]
struct Truth {
    title: String,
    playing: bool,
    volume: i64,
    shuffle: bool,
    repeat: String,
}

struct Surfaces<'a> {
    home: &'a Home,
    desktop: &'a Desktop,
    address: String,
}

impl Surfaces<'_> {
    fn window(&self) -> Truth {
        let page = self.desktop.page();
        let body = "const at = name => document.querySelector(`[data-testid=${name}]`);
            return [at('now-title')?.textContent?.trim() ?? '', at('play-pause').dataset.transport,
                    at('volume').getAttribute('aria-valuenow'), at('shuffle').getAttribute('aria-pressed'),
                    at('repeat').dataset.mode]";
        let told = page.script(body);
        let text = |index: usize| told[index].as_str().unwrap_or_default().to_owned();
        Truth {
            title: text(0),
            playing: text(1) == "playing",
            volume: text(2).parse().unwrap_or(-1),
            shuffle: text(3) == "true",
            repeat: text(4),
        }
    }

    fn http(&self) -> Truth {
        let state = get(&self.address, "/api/player/status").json();
        Truth {
            title: state["current_track"]["title"].as_str().unwrap_or_default().to_owned(),
            playing: state["is_playing"] == true,
            volume: state["volume"].as_i64().expect("a volume"),
            shuffle: state["shuffle_enabled"] == true,
            repeat: state["repeat_mode"].as_str().expect("a mode").to_owned(),
        }
    }

    fn of_view(view: &serde_json::Value) -> Truth {
        let player = &view["player"];
        Truth {
            title: player["track"]["title"].as_str().unwrap_or_default().to_owned(),
            playing: player["transport"] == "playing",
            volume: player["volume"].as_i64().expect("a volume"),
            shuffle: player["shuffle"] == true,
            repeat: player["repeat"].as_str().expect("a mode").to_owned(),
        }
    }

    fn command_line(&self) -> Truth {
        let output = self.home.auralis().args(["status", "--json"]).output().expect("runs");
        let status: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        Self::of_view(&status["view"])
    }

    fn mpris(&self) -> Truth {
        let bus = &self.desktop.bus;
        let metadata = bus.get::<std::collections::HashMap<String, zbus::zvariant::OwnedValue>>("Player.Metadata");
        let title = metadata.get("xesam:title").and_then(|title| title.downcast_ref::<&str>().ok());
        Truth {
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

    /// Orders the command line.
    fn order(&self, arguments: &[&str]) {
        let output = self.home.auralis().args(arguments).output().expect("runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn all_surfaces_drive_one_player_and_agree() {
    let home = Home::new();
    make_tracks(&home.music(), 12, 120.0);
    let port = free_port();
    let settings = json!({"interface": {"remote": {"enabled": true, "port": port, "lan": false}}});
    std::fs::create_dir_all(home.settings_file().parent().expect("a folder")).expect("folder");
    std::fs::write(home.settings_file(), settings.to_string()).expect("writes");
    let sound = SoundServer::start();
    let desktop = Desktop::start(&home, &sound);
    desktop.bus.wait_for_player();
    let address = format!("127.0.0.1:{port}");
    wait_for("the remote door", || std::net::TcpStream::connect(&address).ok());
    let mut client = Client::connect(&address);
    client.run(json!({"do": "add_root", "path": home.music()}));
    client.wait_until("the scan", |view| view["library"]["tracks"] == 12 && view["library"]["scan"].is_null());
    let tracks = client.track_ids();
    client.play(&tracks, 3).wait_until("sound", |view| view["position"]["running"] == true);
    let surfaces = &Surfaces { home: &home, desktop: &desktop, address };

    let (mut agreed, mut asking) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let volume = (round * 37 % 100).to_string();
        scope(|scope| {
            let window = ["play-pause", "next", "shuffle", "repeat", "previous"][round % 5];
            scope.spawn(move || surfaces.desktop.page().click(&format!("[data-testid={window}]")));
            scope.spawn(|| surfaces.order([&["toggle"][..], &["volume", &volume], &["previous"]][round % 3]));
            let path = ["play", "next", "pause", "previous"][round % 4];
            scope.spawn(move || assert_eq!(post(&surfaces.address, &format!("/api/player/{path}"), "").status, 200));
            let mpris = ["Player.PlayPause", "Player.Next", "Player.Previous"][round % 3];
            scope.spawn(move || drop(surfaces.desktop.bus.mpris(mpris, &())));
            client.run(json!({"do": "set_volume", "volume": (round * 13) % 100}));
            client.run(json!({"do": "seek", "position_s": round}));
        });
        // Everything is answered. Now all must come to say the same.
        let answered = Instant::now();
        loop {
            let asked = answered.elapsed();
            // What was pushed until now, which an answer comes behind.
            client.ask(r#"{"type":"ping"}"#);
            let truth = Surfaces::of_view(&client.view);
            let told = scope(|scope| {
                let others: [std::thread::ScopedJoinHandle<'_, Truth>; 4] = [
                    scope.spawn(|| surfaces.window()),
                    scope.spawn(|| surfaces.http()),
                    scope.spawn(|| surfaces.command_line()),
                    scope.spawn(|| surfaces.mpris()),
                ];
                others.map(|other| other.join().expect("tells"))
            });
            if told.iter().all(|other| *other == truth) {
                agreed.push(asked);
                asking.push(answered.elapsed() - asked);
                break;
            }
            assert!(answered.elapsed() < PATIENCE, "round {round}: {truth:?}, and the others say {told:#?}");
            sleep(Duration::from_millis(5));
        }
    }
    agreed.sort();
    asking.sort();
    let (median, most) = (agreed[ROUNDS / 2], agreed[ROUNDS - 1]);
    println!("asked {median:?} (median, {most:?} at most) after the last answer, five surfaces agree");
    println!("  to ask them all takes {:?} (median)", asking[ROUNDS / 2]);
    assert!(median <= AT_ONCE, "{agreed:?}");
}
