//! MPRIS over a session bus, as a desktop uses it.

use std::collections::HashMap;
use std::process::Command;

use serde_json::json;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Str, Value};

use crate::support::app::{Headless, TempHome};
use crate::support::bus::{Bus, MPRIS};
use crate::support::client::Client;
use crate::support::music::make_tracks;
use crate::support::wait_for;

const SECONDS: f64 = 30.0;

/// A headless player on a bus, with three tracks in the library.
fn start(home: &TempHome, bus: &Bus) -> Headless {
    make_tracks(&home.music(), 3, SECONDS);
    let app = home.start_with(home.auralis().env("DBUS_SESSION_BUS_ADDRESS", &bus.address)).with_music(&home.music());
    bus.wait_for_player();
    app
}

fn play_all(client: &mut Client) -> Vec<i64> {
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("it plays", |view| view["player"]["transport"] == "playing");
    tracks
}

type Metadata = HashMap<String, OwnedValue>;

fn metadata(bus: &Bus) -> Metadata {
    bus.get::<Metadata>("Player.Metadata")
}

fn text(metadata: &Metadata, name: &str) -> String {
    let value = metadata.get(name).unwrap_or_else(|| panic!("{name} in {metadata:?}"));
    value.downcast_ref::<&str>().unwrap_or_else(|_| panic!("{name} is text")).to_owned()
}

fn track_id(metadata: &Metadata) -> OwnedObjectPath {
    ObjectPath::try_from(&*metadata["mpris:trackid"]).expect("a path").to_owned().into()
}

#[test]
fn publishes_metadata_of_the_current_track() {
    let (home, bus) = (TempHome::new(), Bus::start());
    let app = start(&home, &bus);
    assert_eq!(bus.get::<String>(".Identity"), "Auralis");
    assert_eq!(bus.get::<String>(".DesktopEntry"), "io.github.auralis_player.Auralis");
    assert!(bus.get::<bool>(".HasTrackList") && bus.get::<bool>(".CanQuit") && !bus.get::<bool>(".CanRaise"));
    assert_eq!(bus.get::<String>("Player.PlaybackStatus"), "Stopped");
    assert!(!bus.get::<bool>("Player.CanPlay"));
    assert_eq!(track_id(&metadata(&bus)).as_str(), "/org/mpris/MediaPlayer2/TrackList/NoTrack");

    play_all(&mut app.client());
    assert_eq!(bus.get::<String>("Player.PlaybackStatus"), "Playing");
    assert!(bus.get::<bool>("Player.CanPlay") && bus.get::<bool>("Player.CanSeek"));
    let metadata = metadata(&bus);
    assert_eq!(text(&metadata, "xesam:title"), "Track 001");
    assert_eq!(text(&metadata, "xesam:album"), "Formats");
    assert_eq!(metadata["xesam:artist"], OwnedValue::try_from(Value::from(vec!["The Generators"])).expect("owned"));
    assert_eq!(metadata["xesam:trackNumber"], OwnedValue::from(1_i32));
    assert_eq!(metadata["mpris:length"], OwnedValue::from(30_000_000_i64));
    let url = text(&metadata, "xesam:url");
    assert!(url.starts_with("file:///") && url.ends_with("/music/001.flac"), "{url}");
}

#[test]
fn open_uri_plays_a_file_and_refuses_anything_else() {
    let (home, bus) = (TempHome::new(), Bus::start());
    let app = start(&home, &bus);
    let file = home.music().join("002.flac");
    let open =
        |uri: &str| bus.try_call(MPRIS, "/org/mpris/MediaPlayer2", "org.mpris.MediaPlayer2.Player.OpenUri", &uri);
    open(url::Url::from_file_path(&file).expect("a path").as_str()).expect("it opens");
    let mut client = app.client();
    client.wait_until("the file", |view| view["player"]["track"]["title"] == "Track 002");
    assert_eq!(client.view["queue"]["length"], 1);
    for uri in ["https://example.org/song.mp3", "no uri", "file:///no/such.flac"] {
        assert!(open(uri).is_err(), "{uri}");
    }
    assert_eq!(app.client().view["queue"]["length"], 1, "the queue is kept");
}

#[test]
fn art_url_is_a_file() {
    let (home, bus) = (TempHome::new(), Bus::start());
    make_tracks(&home.music(), 1, 1.0);
    let picture = home.music().join("cover.jpg");
    crate::support::process::run(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "color=teal:s=900x900",
            "-frames:v",
            "1",
            picture.to_str().expect("UTF-8"),
        ],
    );
    let app = start(&home, &bus);
    play_all(&mut app.client());
    let url = text(&metadata(&bus), "mpris:artUrl");
    let file = url::Url::parse(&url).expect("a URL").to_file_path().expect("of a file");
    assert!(std::fs::read(&file).expect("the picture").starts_with(&[0xff, 0xd8]), "{url} is a JPEG");
}

#[test]
fn every_method_controls_the_player() {
    let (home, bus) = (TempHome::new(), Bus::start());
    let app = start(&home, &bus);
    let client = &mut app.client();
    play_all(client);
    let mut after = |method: &str, what: &str, condition: &dyn Fn(&serde_json::Value) -> bool| {
        bus.mpris(method, &());
        client.wait_until(what, condition);
    };
    after("Player.Pause", "paused", &|view| view["player"]["transport"] == "paused");
    after("Player.PlayPause", "playing", &|view| view["player"]["transport"] == "playing");
    after("Player.Next", "the second", &|view| view["player"]["track"]["title"] == "Track 002");
    after("Player.Previous", "the first", &|view| view["player"]["track"]["title"] == "Track 001");
    after("Player.Stop", "stopped", &|view| view["player"]["transport"] == "stopped");
    after("Player.Play", "playing", &|view| view["player"]["transport"] == "playing");

    for (property, value, field, expected) in [
        ("Player.Volume", Value::from(0.5), "volume", json!(50)),
        ("Player.Volume", Value::from(7.0), "volume", json!(100)),
        ("Player.Volume", Value::from(-1.0), "volume", json!(0)),
        ("Player.Shuffle", Value::from(true), "shuffle", json!(true)),
        ("Player.Shuffle", Value::from(false), "shuffle", json!(false)),
        ("Player.LoopStatus", Value::from("Track"), "repeat", json!("one")),
        ("Player.LoopStatus", Value::from("Playlist"), "repeat", json!("all")),
        ("Player.LoopStatus", Value::from("None"), "repeat", json!("none")),
    ] {
        bus.set(property, value).expect("is taken");
        client.wait_until(property, |view| view["player"][field] == expected);
    }
    client.run(json!({"do": "set_volume", "volume": 30}));
    assert_eq!(bus.get::<f64>("Player.Volume"), 0.3);
    assert!(bus.set("Player.Volume", f64::NAN).is_err() && bus.set("Player.LoopStatus", "Sometimes").is_err());
    assert_eq!(bus.get::<f64>("Player.Volume"), 0.3);
    assert_eq!((bus.get::<f64>("Player.Rate"), bus.get::<f64>("Player.MaximumRate")), (1.0, 1.0));
}

#[test]
fn seeks_emit_seeked_and_position_is_no_signalled_property() {
    let (home, bus) = (TempHome::new(), Bus::start());
    let app = start(&home, &bus);
    let client = &mut app.client();
    play_all(client);
    let is_near = |expected: f64| {
        let position = bus.get::<i64>("Player.Position") as f64 / 1e6;
        (expected..expected + 3.0).contains(&position)
    };
    let jumps = || -> Vec<i64> {
        bus.heard("Seeked").iter().map(|signal| signal.body().deserialize().expect("a position")).collect()
    };
    let wait_for_jump = |to: f64| {
        wait_for(&format!("Seeked to {to} s"), || {
            let last = *jumps().last()? as f64 / 1e6;
            (to..to + 1.0).contains(&last).then_some(())
        });
    };
    client.run(json!({"do": "seek", "position_s": 10.0}));
    wait_for_jump(10.0);
    assert!(is_near(10.0));
    bus.mpris("Player.Seek", &(5_000_000_i64,));
    wait_for_jump(15.0);
    let here = track_id(&metadata(&bus));
    bus.mpris("Player.SetPosition", &(&here, 3_000_000_i64));
    wait_for_jump(3.0);
    bus.mpris("Player.Seek", &(-60_000_000_i64,));
    wait_for_jump(0.0);

    // A wrong track id or a position outside the track is ignored.
    client.run(json!({"do": "pause"})).run(json!({"do": "seek", "position_s": 7.0}));
    wait_for_jump(7.0);
    let elsewhere = ObjectPath::try_from("/io/github/auralis_player/Auralis/entry/999").expect("a path");
    bus.mpris("Player.SetPosition", &(elsewhere, 1_000_000_i64));
    bus.mpris("Player.SetPosition", &(&here, 99_000_000_i64));
    bus.mpris("Player.SetPosition", &(&here, -1_i64));
    assert!(is_near(6.9), "still at 7 s");

    bus.mpris("Player.Seek", &(60_000_000_i64,));
    client.wait_until("past the end is the next", |view| view["player"]["track"]["title"] == "Track 002");

    for signal in bus.heard("PropertiesChanged") {
        let (_, changed, _): (String, HashMap<String, OwnedValue>, Vec<String>) =
            signal.body().deserialize().expect("changes");
        assert!(!changed.contains_key("Position"), "{changed:?}");
    }
}

#[test]
fn each_change_is_signalled_once() {
    let (home, bus) = (TempHome::new(), Bus::start());
    let app = start(&home, &bus);
    let client = &mut app.client();
    play_all(client);
    client.run(json!({"do": "set_volume", "volume": 42})).run(json!({"do": "pause"}));
    let told = |name: &str, value: &OwnedValue| {
        let changes = bus.heard("PropertiesChanged").into_iter().filter(|signal| {
            let (_, changed, _): (String, HashMap<String, OwnedValue>, Vec<String>) =
                signal.body().deserialize().expect("changes");
            changed.get(name) == Some(value)
        });
        changes.count()
    };
    let paused = OwnedValue::from(Str::from_static("Paused"));
    wait_for("the pause to be told", || (told("PlaybackStatus", &paused) == 1).then_some(()));
    assert_eq!(told("Volume", &OwnedValue::from(0.42)), 1);
    assert_eq!(told("PlaybackStatus", &OwnedValue::from(Str::from_static("Playing"))), 1);
}

#[test]
fn queue_is_the_track_list() {
    let (home, bus) = (TempHome::new(), Bus::start());
    let app = start(&home, &bus);
    let client = &mut app.client();
    play_all(client);
    let tracks = || bus.get::<Vec<OwnedObjectPath>>("TrackList.Tracks");
    let all = tracks();
    assert_eq!(all.len(), 3);
    let answer = bus.mpris("TrackList.GetTracksMetadata", &(&all,));
    let told: Vec<Metadata> = answer.body().deserialize().expect("metadata");
    let titles: Vec<_> = told.iter().map(|metadata| text(metadata, "xesam:title")).collect();
    assert_eq!(titles, ["Track 001", "Track 002", "Track 003"]);
    assert_eq!(told.iter().map(track_id).collect::<Vec<_>>(), all);

    bus.mpris("TrackList.GoTo", &(&all[2],));
    client.wait_until("the third", |view| view["player"]["track"]["title"] == "Track 003");
    bus.mpris("TrackList.RemoveTrack", &(&all[0],));
    client.wait_until("two are left", |view| view["queue"]["length"] == 2);
    assert_eq!(tracks(), all[1..]);
    wait_for("the new list to be told", || {
        let (list, _): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            bus.heard("TrackListReplaced").last()?.body().deserialize().expect("a list");
        (list == all[1..]).then_some(())
    });

    // The track list is limited, however long the queue is.
    let many: Vec<i64> = client.track_ids().into_iter().cycle().take(5_000).collect();
    client.play(&many, 2_000);
    assert_eq!(tracks().len(), 50);
}

#[test]
fn playerctl_controls_and_quits() {
    let (home, bus) = (TempHome::new(), Bus::start());
    let mut app = start(&home, &bus);
    play_all(&mut app.client());
    let playerctl = |arguments: &[&str]| {
        let mut command = Command::new("playerctl");
        // playerctl also looks for a system bus, which this test does not provide.
        command.env("DBUS_SESSION_BUS_ADDRESS", &bus.address).env("DBUS_SYSTEM_BUS_ADDRESS", &bus.address);
        let output = command.args(["-p", "auralis"]).args(arguments).output();
        let output = output.expect("playerctl; scripts/setup test installs it");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    assert_eq!(playerctl(&["status"]), "Playing");
    assert_eq!(playerctl(&["metadata", "--format", "{{artist}} - {{title}}"]), "The Generators - Track 001");
    playerctl(&["next"]);
    wait_for("the next track", || (playerctl(&["metadata", "title"]) == "Track 002").then_some(()));
    playerctl(&["volume", "0.25"]);
    assert_eq!(bus.get::<f64>("Player.Volume"), 0.25);
    bus.mpris(".Quit", &());
    assert!(app.process.wait(), "it ends well");
}

#[test]
fn two_players_share_a_bus() {
    let (home, bus) = (TempHome::new(), Bus::start());
    let _app = start(&home, &bus);
    let other = TempHome::new();
    let second = other.start_with(other.auralis().env("DBUS_SESSION_BUS_ADDRESS", &bus.address));
    let name = format!("org.mpris.MediaPlayer2.auralis.instance{}", second.process.id());
    wait_for("a name of its own", || bus.has(&name).then_some(()));
}
