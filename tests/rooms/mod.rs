//! Rooms, with the real programs of Snapcast.

mod bad_servers;
mod figures;
mod panel;
mod rig;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::app::{Headless, TempHome};
use crate::support::client::Client;
use crate::support::process::{Process, run};
use crate::support::wait_for;
use rig::{RATE_HZ, Recording, Rig, child_of};

const BUFFER: Duration = Duration::from_millis(300);
/// What a busy test machine may add to what is measured. The figures of a quiet one are in the documentation.
const SLACK: Duration = Duration::from_millis(600);
const LOW_HZ: f64 = 440.0;
const HIGH_HZ: f64 = 1_500.0;

/// A player with two rooms that are recorded.
struct Setup {
    home: TempHome,
    app: Headless,
    client: Client,
    rig: Rig,
    rooms: Vec<Process>,
    tracks: Vec<i64>,
}

impl Setup {
    /// Starts everything. Tracks: noise, and two tones of which each is low for 20 s, then high for 40 s.
    fn start() -> Self {
        let (home, rig) = (TempHome::new(), Rig::start());
        std::fs::create_dir_all(home.music()).expect("folder");
        let file = |name: &str| home.music().join(name).display().to_string();
        run(
            "ffmpeg",
            &["-v", "error", "-f", "lavfi", "-i", "anoisesrc=r=48000:d=120:a=0.4:seed=3", "-ac", "2", &file("1.flac")],
        );
        let tone = |hz: f64, seconds: u32| format!("sine=frequency={hz}:sample_rate=48000:duration={seconds}");
        for name in ["2.flac", "3.flac"] {
            let (low, high) = (tone(LOW_HZ, 20), tone(HIGH_HZ, 40));
            let join = ["-filter_complex", "[0][1]concat=v=0:a=1", "-ac", "2"];
            let inputs = ["-v", "error", "-f", "lavfi", "-i", &low, "-f", "lavfi", "-i", &high];
            run("ffmpeg", &[&inputs[..], &join, &[&file(name)]].concat());
        }
        let app = home.start_with(home.auralis().arg("--rooms")).with_music(&home.music());
        let mut client = app.client();
        client.wait_until("the rooms' server", |view| view["rooms"]["server"]["state"] == "connected");
        let port =
            u16::try_from(client.view["rooms"]["server"]["stream_port"].as_u64().expect("a port")).expect("a port");
        let rooms = vec![rig.player("front", "front", port), rig.player("rear", "rear", port)];
        client.wait_until("two rooms", |view| connected(view).len() == 2);
        let tracks = client.track_ids();
        assert_eq!(tracks.len(), 3);
        Setup { home, app, client, rig, rooms, tracks }
    }

    /// Plays from a track on and returns a recording in which both rooms sound.
    fn play(&mut self, from: u32) -> Recording {
        let recording = self.rig.record();
        let (tracks, start) = (self.tracks.clone(), recording.len());
        self.client.play(&tracks, from);
        for room in 0..2 {
            recording.find(room, start, true);
        }
        recording.wait(recording.len() + RATE_HZ);
        recording
    }

    /// Kills the server and waits for the next one. Returns when it was killed. The rooms are started again as their
    /// service does: the client 0.26 sometimes ends with its server.
    fn kill_server(&mut self) -> Instant {
        let player = self.app.process.id();
        let server = wait_for("the server's process", || child_of(player, "snapserver"));
        let port = self.client.view["rooms"]["server"]["stream_port"].as_u64().expect("a port") as u16;
        let killed = Instant::now();
        assert!(Command::new("kill").args(["-9", &server.to_string()]).status().expect("kill runs").success());
        wait_for("the next server", || child_of(player, "snapserver").filter(|next| *next != server));
        self.rooms.clear();
        self.rooms.extend(["front", "rear"].map(|room| self.rig.player(room, room, port)));
        killed
    }

    fn cli(&self, arguments: &[&str]) -> String {
        let output = self.home.auralis().args(arguments).output().expect("runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

/// The connected rooms of a view by their ids.
fn connected(view: &Value) -> Vec<&Value> {
    let rooms = view["rooms"]["rooms"].as_array().expect("rooms");
    rooms.iter().filter(|room| room["connected"] == true).collect()
}

fn room<'a>(view: &'a Value, id: &str) -> &'a Value {
    let rooms = view["rooms"]["rooms"].as_array().expect("rooms");
    rooms.iter().find(|room| room["id"] == id).unwrap_or(&Value::Null)
}

/// Another application of Snapcast: asks its server and returns the result.
fn snapcast(view: &Value, method: &str, params: Value) -> Value {
    let port = u16::try_from(view["rooms"]["server"]["control_port"].as_u64().expect("a port")).expect("a port");
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("connects");
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    stream.write_all(format!("{request}\r\n").as_bytes()).expect("asks");
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).expect("an answer");
    let answer: Value = serde_json::from_str(&line).expect("JSON");
    answer["result"].clone()
}

/// Milliseconds from a moment to a frame.
fn ms_since(recording: &Recording, moment: Instant, frame: usize) -> f64 {
    (frame as f64 - recording.frame_at(moment) as f64) * 1_000.0 / RATE_HZ as f64
}

#[test]
fn the_rig_measures_nothing_where_there_is_nothing() {
    let mut setup = Setup::start();
    setup.rooms.clear();
    setup.client.wait_until("no rooms", |view| connected(view).is_empty());
    let port =
        u16::try_from(setup.client.view["rooms"]["server"]["stream_port"].as_u64().expect("a port")).expect("a port");
    setup.rooms.push(setup.rig.player("both", "rooms", port));
    setup.client.wait_until("one room", |view| connected(view).len() == 1);
    let recording = setup.play(0);
    assert_eq!(recording.offset_ms(recording.len(), RATE_HZ / 2), 0.0);
}

#[test]
fn rooms_play_in_step_and_are_silent_at_once() {
    let mut setup = Setup::start();
    let recording = setup.play(0);
    recording.wait(recording.len() + 2 * RATE_HZ);
    let mut offsets: Vec<f64> = (0..5).map(|_| recording.offset_ms(recording.len(), RATE_HZ / 2).abs()).collect();
    offsets.sort_by(f64::total_cmp);
    assert!(offsets[2] <= 1.0, "{offsets:?} ms apart");
    for _ in 0..3 {
        let paused = Instant::now();
        setup.client.run(json!({"do": "pause"}));
        for room in 0..2 {
            let silent = recording.find(room, recording.frame_at(paused), false);
            let ms = ms_since(&recording, paused, silent);
            assert!(ms < (Duration::from_millis(150) + SLACK).as_secs_f64() * 1e3, "{ms} ms until silence");
            // Nothing of the tail that the rooms still had is heard.
            let count = RATE_HZ * 8 / 10;
            assert_eq!(recording.gaps(room, silent, count), count, "room {room} was heard after the pause");
        }
        setup.client.run(json!({"do": "play"}));
        recording.find(0, recording.len(), true);
        recording.wait(recording.len() + RATE_HZ / 2);
    }
}

#[test]
fn what_was_heard_last_comes_next_after_a_pause() {
    let mut setup = Setup::start();
    // Around the change of tone the ear tells 20 s from 20.3.
    let recording = setup.play(1);
    setup.client.run(json!({"do": "seek", "position_s": 10.0}));
    recording.wait(recording.len() + RATE_HZ);
    let paused = Instant::now();
    setup.client.run(json!({"do": "pause"}));
    let silent = recording.find(0, recording.frame_at(paused), false);
    let position_s = setup.client.wait_until("a held position", |view| view["position"]["running"] == false).view["position"]
        ["position_s"].as_f64().expect("a position");
    let resumed = recording.len();
    setup.client.run(json!({"do": "play"}));
    let sounds = recording.find(0, resumed, true);
    // From there to the change of the tone as long as the position says, to a twentieth of a second.
    let expected = sounds + ((20.0 - position_s) * RATE_HZ as f64) as usize;
    recording.wait(expected + RATE_HZ / 2);
    let before = recording.share_of_tone(0, expected - RATE_HZ / 10, RATE_HZ / 20, LOW_HZ);
    let after = recording.share_of_tone(0, expected + RATE_HZ / 20, RATE_HZ / 20, HIGH_HZ);
    assert!(before > 0.9 && after > 0.9, "paused at {position_s} s, silent at frame {silent}: {before}, {after}");
}

#[test]
fn nothing_old_is_heard_after_a_seek_and_a_skip() {
    let mut setup = Setup::start();
    let recording = setup.play(1);
    for (command, old_hz, new_hz) in [
        (json!({"do": "seek", "position_s": 30.0}), LOW_HZ, HIGH_HZ),
        (json!({"do": "next"}), HIGH_HZ, LOW_HZ),
        (json!({"do": "seek", "position_s": 25.0}), LOW_HZ, HIGH_HZ),
    ] {
        let asked = Instant::now();
        setup.client.run(command.clone());
        for room in 0..2 {
            let silent = recording.find(room, recording.frame_at(asked), false);
            let sounds = recording.find(room, silent, true);
            let ms = ms_since(&recording, asked, sounds);
            let limit = BUFFER + Duration::from_millis(150) + SLACK;
            assert!(ms < limit.as_secs_f64() * 1e3, "{command}: {ms} ms until the new sound");
            for part in 0..20 {
                let from = sounds + part * RATE_HZ / 50;
                let (old, new) = (old_hz, new_hz);
                let (old, new) = (
                    recording.share_of_tone(room, from, RATE_HZ / 50, old),
                    recording.share_of_tone(room, from, RATE_HZ / 50, new),
                );
                assert!(old < 0.1 && new > 0.8, "{command}: {old} old, {new} new in part {part}");
            }
        }
        recording.wait(recording.len() + RATE_HZ / 2);
    }
}

#[test]
fn every_surface_controls_the_same_rooms() {
    let mut setup = Setup::start();
    setup.play(0);
    let mut other = setup.app.client();
    setup.client.run(json!({"do": "set_room", "room": "front", "name": "Kitchen", "volume": 60}));
    setup.cli(&["rooms", "rename", "rear", "Hall"]);
    setup.cli(&["rooms", "volume", "hall", "20"]);
    setup.cli(&["rooms", "mute", "Hall"]);
    let volumes = |view: &Value| (room(view, "front")["volume"].clone(), room(view, "rear")["volume"].clone());
    other.wait_until("all that was set", |view| {
        volumes(view) == (json!(60), json!(20))
            && room(view, "rear")["muted"] == true
            && room(view, "front")["name"] == "Kitchen"
    });
    // Somebody else's change, in another application.
    snapcast(&other.view, "Client.SetVolume", json!({"id": "front", "volume": {"muted": false, "percent": 40}}));
    other.wait_until("the other application's volume", |view| room(view, "front")["volume"] == 40);
    // The player's volume scales them, and back.
    for (master, expected) in [(40, (json!(20), json!(10))), (0, (json!(0), json!(0))), (80, (json!(40), json!(20)))] {
        setup.client.run(json!({"do": "set_volume", "volume": master}));
        other.wait_until("scaled volumes", |view| volumes(view) == expected);
    }
    let all: Value = serde_json::from_str(&setup.cli(&["rooms", "--json"])).expect("JSON");
    assert_eq!(
        (&all["host"], all["rooms"].as_array().expect("rooms").len()),
        (&other.view["rooms"]["server"]["host"], 2)
    );
    assert!(setup.cli(&["rooms"]).contains("Kitchen   volume 40"));
    // Groups, latency and names as others may send them.
    setup.cli(&["rooms", "group", "Kitchen", "Hall"]);
    other.wait_until("one group", |view| room(view, "front")["group"] == room(view, "rear")["group"]);
    setup.cli(&["rooms", "group", "Kitchen"]);
    other.wait_until("two groups", |view| room(view, "front")["group"] != room(view, "rear")["group"]);
    setup.client.run(json!({"do": "set_room", "room": "front", "latency_ms": 80}));
    other.wait_until("a latency", |view| room(view, "front")["latency_ms"] == 80);
    let hostile = "\u{202e}<img src=x onerror=alert(1)>\n\u{1}".repeat(40);
    snapcast(&other.view, "Client.SetName", json!({"id": "rear", "name": hostile}));
    other.wait_until("a bounded name", |view| {
        let name = room(view, "rear")["name"].as_str().unwrap_or_default();
        name.starts_with("<img") && name.len() <= 40 && !name.contains(['\n', '\u{1}', '\u{202e}'])
    });
    for (bad, code) in [
        (json!({"do": "set_room", "room": "attic", "volume": 5}), "not_found"),
        (json!({"do": "set_room", "room": "front", "volume": 101}), "out_of_range"),
        (json!({"do": "set_room", "room": "front", "stream": "x"}), "not_found"),
    ] {
        assert_eq!(setup.client.command(bad), Err(code.to_owned()));
    }
    // A room that goes is told of; the other plays on.
    setup.rooms.remove(1);
    other.wait_until("a notice", |view| {
        view["notices"].as_array().is_some_and(|all| all.iter().any(|one| one["kind"] == "room_lost"))
    });
    assert_eq!(other.view["player"]["transport"], "playing");
}

#[test]
fn rooms_sound_again_after_their_server_was_killed() {
    let mut setup = Setup::start();
    let recording = setup.play(0);
    let killed = setup.kill_server();
    for room in 0..2 {
        let silent = recording.find(room, recording.frame_at(killed), false);
        let sounds = recording.find(room, silent, true);
        let ms = ms_since(&recording, killed, sounds);
        assert!(ms < 5_000.0 + SLACK.as_secs_f64() * 1e3, "{ms} ms until room {room} sounds again");
    }
    setup.client.wait_until("playing again", |view| view["player"]["transport"] == "playing");
}

#[test]
fn rooms_are_switched_on_and_off_in_the_settings() {
    let home = TempHome::new();
    let app = home.start();
    let mut client = app.client();
    assert_eq!(client.view["rooms"]["server"]["state"], "off");
    assert_eq!(client.command(json!({"do": "set_room", "room": "x", "volume": 5})), Err("not_possible".to_owned()));
    let rooms = |settings: Value| json!({"do": "change_settings", "settings": {"rooms": settings}});
    client.run(rooms(json!({"server": "own", "network": false, "this_computer": false})));
    client.wait_until("the server", |view| view["rooms"]["server"]["state"] == "connected");
    assert_eq!(client.view["rooms"]["server"]["host"], "127.0.0.1");
    client.wait_until("the output", |view| {
        view["outputs"]["available"].as_array().is_some_and(|all| all.iter().any(|output| output["id"] == "rooms"))
    });
    client.run(json!({"do": "choose_output", "output": "rooms"}));
    let ports =
        ["stream_port", "control_port"].map(|port| client.view["rooms"]["server"][port].as_u64().expect("a port"));
    client.run(rooms(json!({"server": "off"})));
    client.wait_until("no server", |view| view["rooms"]["server"]["state"] == "off");
    for port in ports {
        wait_for("a closed port", || TcpStream::connect(("127.0.0.1", port as u16)).is_err().then_some(()));
    }
    for bad in
        [json!({"server": "existing"}), json!({"buffer_ms": 50}), json!({"host": "a b"}), json!({"control_port": 0})]
    {
        assert_eq!(client.command(rooms(bad)), Err("out_of_range".to_owned()));
    }
}

#[test]
fn the_server_ends_with_the_player() {
    let home = TempHome::new();
    let mut app = home.start_with(home.auralis().arg("--rooms"));
    let mut client = app.client();
    client.wait_until("the server", |view| view["rooms"]["server"]["state"] == "connected");
    let server = child_of(app.process.id(), "snapserver").expect("a child");
    app.process.signal("KILL");
    app.process.wait();
    let is_gone = || !std::path::Path::new(&format!("/proc/{server}")).exists();
    wait_for("the end of the server", || is_gone().then_some(()));
}
