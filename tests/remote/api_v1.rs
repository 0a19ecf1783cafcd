//! The v1 API, sentence by sentence of its contract.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::app::{Headless, TempHome};
use crate::support::http::{get, post, request};
use crate::support::music::{make_track, make_tracks};
use crate::support::process::run;
use crate::support::wait_for;

fn start_with_tracks(home: &TempHome, count: u32, seconds: f64) -> (Headless, Vec<i64>) {
    make_tracks(&home.music(), count, seconds);
    let app = home.start().with_music(&home.music());
    let ids = app.client().track_ids();
    (app, ids)
}

fn ids(state: &Value) -> Vec<i64> {
    let tracks = state["queue"].as_array().expect("a queue");
    tracks.iter().map(|track| track["id"].as_i64().expect("an id")).collect()
}

#[test]
fn independent_client_exercises_the_whole_api() {
    let home = TempHome::new();
    let (app, _) = start_with_tracks(&home, 3, 8.0);
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/remote/client.py");
    let address = format!("http://{}", app.address);
    let printed = run("python3", &[client.to_str().expect("UTF-8"), &address]);
    assert!(String::from_utf8_lossy(&printed).ends_with("reconnect\n"), "{printed:?}");
}

#[test]
fn invalid_fields_are_named() {
    let home = TempHome::new();
    let (app, tracks) = start_with_tracks(&home, 2, 30.0);
    let at = app.address.as_str();
    post(at, "/api/player/queue", &json!({"tracks": tracks}).to_string());
    post(at, "/api/player/pause", "");
    let status = || get(at, "/api/player/status").json();
    let before = status();
    let cases = [
        ("volume", "", 400, "malformed", "volume"),
        ("volume", r#"{"volume": null}"#, 400, "malformed", "volume"),
        ("volume", r#"{"volume": "loud"}"#, 400, "malformed", "volume"),
        ("volume", r#"{"volume": 50.5}"#, 400, "malformed", "volume"),
        ("volume", r#"{"volume": true}"#, 400, "malformed", "volume"),
        ("volume", r#"{"volume": [50]}"#, 400, "malformed", "volume"),
        ("volume", r#"{"volume": NaN}"#, 400, "malformed", "volume"),
        ("volume", r#"{"volume": -1}"#, 422, "out_of_range", "volume"),
        ("volume", r#"{"volume": 101}"#, 422, "out_of_range", "volume"),
        ("volume", r#"{"volume": 99999999999999999999}"#, 400, "malformed", "volume"),
        ("volume", r#"{"volume": 50, "loud": true}"#, 400, "malformed", "loud"),
        ("volume", r#"{"volume": 50"#, 400, "malformed", ""),
        ("volume", "[50]", 400, "malformed", ""),
        ("volume?volume=101", "", 422, "out_of_range", "volume"),
        ("volume?volume=0.5", "", 400, "malformed", "volume"),
        ("volume?volume=nan", "", 400, "malformed", "volume"),
        ("volume?volume=50&now=1", "", 400, "malformed", "now"),
        ("seek", "", 400, "malformed", "position"),
        ("seek", r#"{"position": NaN}"#, 400, "malformed", "position"),
        ("seek", r#"{"position": Infinity}"#, 400, "malformed", "position"),
        ("seek", r#"{"position": 1e999}"#, 400, "malformed", "position"),
        ("seek", r#"{"position": "1:30"}"#, 400, "malformed", "position"),
        ("seek?position=nan", "", 400, "malformed", "position"),
        ("seek?position=inf", "", 400, "malformed", "position"),
        ("queue", "", 400, "malformed", "tracks"),
        ("queue", r#"{"tracks": 1}"#, 400, "malformed", "tracks"),
        ("queue", r#"{"tracks": [1.5]}"#, 400, "malformed", "tracks"),
        ("queue", r#"{"tracks": ["1"]}"#, 400, "malformed", "tracks"),
        ("queue", r#"{"tracks": []}"#, 422, "out_of_range", "tracks"),
        ("queue", r#"{"tracks": [424242]}"#, 404, "not_found", "tracks"),
        ("queue", r#"{"tracks": [1], "start_index": -1}"#, 422, "out_of_range", "start_index"),
        ("queue", r#"{"tracks": [1], "start_index": 1}"#, 422, "out_of_range", "start_index"),
        ("queue", r#"{"tracks": [1], "start_index": 0.5}"#, 400, "malformed", "start_index"),
        ("queue/add", "", 400, "malformed", "track_id"),
        ("queue/add", r#"{"track_id": 424242}"#, 404, "not_found", "track_id"),
        ("queue/add", r#"{"track_id": "1"}"#, 400, "malformed", "track_id"),
        ("shuffle", "", 400, "malformed", "enabled"),
        ("shuffle", r#"{"enabled": 1}"#, 400, "malformed", "enabled"),
        ("repeat", "", 400, "malformed", "mode"),
        ("repeat", r#"{"mode": "twice"}"#, 400, "malformed", "mode"),
        ("play", r#"{"loud": true}"#, 400, "malformed", "loud"),
        ("next?times=2", "", 400, "malformed", "times"),
        ("mastering", r#"{"enabled": "yes"}"#, 400, "malformed", "enabled"),
        ("mastering", r#"{"preset": "loudest"}"#, 400, "malformed", "preset"),
        ("mastering", r#"{"intensity": 1.5}"#, 422, "out_of_range", "intensity"),
        ("mastering", r#"{"intensity": -0.1}"#, 422, "out_of_range", "intensity"),
        ("mastering", r#"{"intensity": NaN}"#, 400, "malformed", "intensity"),
        ("dance", "", 404, "not_found", ""),
    ];
    for (path, body, status, code, field) in cases {
        let refusal = post(at, &format!("/api/player/{path}"), body).refusal();
        assert_eq!(refusal, (status, code.to_owned(), field.to_owned()), "{path} {body}");
    }
    assert_eq!(get(at, "/api/player/play").refusal().0, 405);
    for path in ["/api/nothing", "/api/artwork/%ff", "/api"] {
        assert_eq!(get(at, path).refusal(), (404, "not_found".into(), String::new()), "{path}");
    }
    assert_eq!(request(at, "DELETE", "/api/player/queue", "", "").refusal().0, 405);
    let deep = format!("{{\"volume\": {}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(post(at, "/api/player/volume", &deep).refusal().1, "malformed");
    let huge = format!("{{\"volume\": \"{}\"}}", "x".repeat(2 << 20));
    assert_eq!(post(at, "/api/player/volume", &huge).refusal().0, 413);
    assert_eq!(status(), before, "nothing of that changed anything");
}

#[test]
fn mastering_can_be_toggled() {
    let home = TempHome::new();
    let app = home.start();
    let at = app.address.as_str();
    let set = |body: &str| post(at, "/api/player/mastering", body).json();
    let on = set(r#"{"enabled": true, "preset": "warm", "intensity": 0.5}"#);
    assert_eq!((&on["mastering_enabled"], &on["current_preset"]), (&json!(true), &json!("warm")));
    let only = set(r#"{"preset": "live"}"#);
    assert_eq!((&only["mastering_enabled"], &only["current_preset"]), (&json!(true), &json!("live")));
    let off = post(at, "/api/player/mastering?enabled=false", "").json();
    assert_eq!((&off["mastering_enabled"], &off["current_preset"]), (&json!(false), &json!("live")));
    assert_eq!(app.client().view["mastering"]["settings"]["intensity"], 0.5);
}

#[test]
fn long_queue_is_sent_as_a_slice_around_the_current_entry() {
    let home = TempHome::new();
    let (app, tracks) = start_with_tracks(&home, 2, 30.0);
    let at = app.address.as_str();
    let long: Vec<i64> = (0..1_000).map(|index| tracks[index % 2]).collect();
    let set = |start: usize| {
        let body = json!({"tracks": long, "start_index": start}).to_string();
        post(at, "/api/player/queue", &body).json()
    };
    for (start, offset) in [(0, 0), (99, 0), (101, 1), (500, 400), (950, 800), (999, 800)] {
        let state = set(start);
        assert_eq!(state["queue_size"], 1_000);
        assert_eq!((state["queue_index"].as_u64(), state["queue_offset"].as_u64()), (Some(start as u64), Some(offset)));
        assert_eq!(ids(&state), long[offset as usize..offset as usize + 200]);
    }
    let whole = post(at, "/api/player/queue", &json!({"tracks": long[..200]}).to_string()).json();
    assert_eq!((ids(&whole).len(), &whole["queue_offset"]), (200, &Value::Null));
    let queue = get(at, "/api/player/queue").json();
    assert_eq!(
        (&queue["queue_size"], &queue["queue_index"], &queue["queue"]),
        (&json!(200), &json!(0), &whole["queue"])
    );
}

#[test]
fn setting_the_queue_replaces_it() {
    let home = TempHome::new();
    let (app, tracks) = start_with_tracks(&home, 3, 30.0);
    let at = app.address.as_str();
    let set = |tracks: &[i64]| post(at, "/api/player/queue", &json!({"tracks": tracks}).to_string()).json();
    set(&tracks[..1]);
    app.client().run(json!({"do": "enqueue", "tracks": {"from": "ids", "ids": [tracks[1]]}, "place": "next"}));
    assert_eq!(ids(&set(&tracks[2..])), tracks[2..]);
    // An unknown track leaves the queue unchanged.
    assert_eq!(post(at, "/api/player/queue", r#"{"tracks": [77]}"#).status, 404);
    assert_eq!(ids(&get(at, "/api/player/status").json()), tracks[2..]);
}

#[test]
fn library_is_paged_searched_and_counted() {
    let home = TempHome::new();
    let (app, _) = start_with_tracks(&home, 5, 2.0);
    let at = app.address.as_str();
    let page = |query: &str| get(at, &format!("/api/library/tracks{query}"));
    let all = page("").json();
    assert_eq!((&all["total"], &all["offset"]), (&json!(5), &json!(0)));
    let titles = |page: &Value| {
        let items = page["items"].as_array().expect("items").clone();
        items.iter().map(|item| item["title"].as_str().expect("a title").to_owned()).collect::<Vec<_>>()
    };
    let halves = [page("?limit=3").json(), page("?limit=3&offset=3").json()];
    assert_eq!(halves.iter().flat_map(titles).collect::<Vec<_>>(), titles(&all));
    assert_eq!(titles(&page("?search=track%20004").json()), ["Track 004"]);
    assert_eq!(page("?search=nothing+of+that").json()["total"], 0);
    for (query, field) in
        [("?limit=0", "limit"), ("?limit=501", "limit"), ("?limit=x", "limit"), ("?offset=-1", "offset")]
    {
        let (status, _, named) = page(query).refusal();
        assert!((400..500).contains(&status) && named == field, "{query}: {status} {named}");
    }
    let stats = get(at, "/api/library/stats").json();
    assert_eq!((&stats["tracks"], &stats["albums"], &stats["artists"]), (&json!(5), &json!(1), &json!(1)));
    assert!((stats["duration"].as_f64().expect("seconds") - 10.0).abs() < 0.1, "{stats}");
    let files = fs::read_dir(home.music()).expect("files").flatten();
    let bytes: u64 = files.map(|file| file.metadata().expect("a file").len()).sum();
    assert_eq!(stats["size"], bytes);
}

#[test]
fn second_scan_is_refused_while_one_runs() {
    let home = TempHome::new();
    make_tracks(&home.music(), 3, 0.2);
    fs::write(home.music().join("broken.flac"), "no music").expect("writes");
    let app = home.start();
    let at = app.address.as_str();
    let scan = |directory: &Path| post(at, "/api/library/scan", &json!({"directory": directory}).to_string());
    let is_idle = || get(at, "/api/library/scan").json()["running"] == false;

    assert_eq!(post(at, "/api/library/scan", "").refusal(), (400, "malformed".into(), "directory".into()));
    assert_eq!(scan(Path::new("/no/such/folder")).refusal(), (422, "out_of_range".into(), "directory".into()));
    assert_eq!(scan(Path::new("music")).refusal(), (422, "out_of_range".into(), "directory".into()));

    let mut listener = app.v1_client();
    assert_eq!(scan(&home.music()).status, 202);
    assert_eq!(scan(&home.music()).refusal().0, 409);
    let complete = listener.wait_for("scan_complete");
    assert_eq!(complete["directory"], json!(home.music()));
    let count = |name: &str| complete[name].as_u64().expect("a count");
    assert_eq!((count("files_found"), count("files_added"), count("files_failed")), (4, 3, 1));
    assert!(complete["scan_time"].as_f64().is_some_and(|s| s > 0.0) && complete["files_updated"] == 0, "{complete}");

    let state = get(at, "/api/library/scan").json();
    assert_eq!((&state["found"], &state["read"], &state["failed"]), (&json!(4), &json!(3), &json!(1)));
    let failure = &state["failures"][0];
    assert_eq!(failure["path"], json!(home.music().join("broken.flac")));
    assert!(failure["reason"].as_str().is_some_and(|reason| !reason.is_empty()));

    // A folder that is a root already is rescanned.
    make_track(&home.music().join("new.flac"), "New", 9, 0.2, 9, &["-c:a", "flac"]);
    wait_for("the scan to end", || is_idle().then_some(()));
    assert_eq!(scan(&home.music()).status, 202);
    assert_eq!(listener.wait_for("scan_complete")["files_added"], 1);
}

#[test]
fn failed_scan_is_reported() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 0.2);
    let app = home.start().with_music(&home.music());
    let at = app.address.as_str();
    let mut listener = app.v1_client();
    let database = home.path().join("data/auralis/library.db");
    let trap = "CREATE TRIGGER trap BEFORE INSERT ON tracks BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END";
    run("sqlite3", &[database.to_str().expect("UTF-8"), trap]);
    make_track(&home.music().join("new.flac"), "New", 2, 0.2, 2, &["-c:a", "flac"]);
    assert_eq!(post(at, "/api/library/scan", &json!({"directory": home.music()}).to_string()).status, 202);
    let error = listener.wait_for("scan_error");
    assert_eq!(error["directory"], json!(home.music()));
    assert!(error["error"].as_str().is_some_and(|error| error.contains("the disk is gone")), "{error}");
    let state = get(at, "/api/library/scan").json();
    assert_eq!(state["running"], false, "{state}");
    assert_eq!(app.client().view["notices"][0]["kind"], "scan_failed");

    run("sqlite3", &[database.to_str().expect("UTF-8"), "DROP TRIGGER trap"]);
    assert_eq!(post(at, "/api/library/scan", &json!({"directory": home.music()}).to_string()).status, 202);
    assert_eq!(listener.wait_for("scan_complete")["files_added"], 1);
}

#[test]
fn player_answers_after_the_queue_ends() {
    let home = TempHome::new();
    let (app, tracks) = start_with_tracks(&home, 1, 1.0);
    let at = app.address.as_str();
    let mut listener = app.v1_client();
    for _ in 0..2 {
        post(at, "/api/player/queue", &json!({"tracks": tracks, "start_index": 0}).to_string());
        let mut states = std::iter::from_fn(|| Some(listener.wait_for("player_state")));
        states.find(|state| state["state"] == "playing").expect("it plays");
        let end = states.find(|state| state["state"] == "stopped").expect("it ends");
        assert_eq!((&end["current_time"], &end["queue_index"]), (&json!(0.0), &json!(0)), "cued at its start");
        assert_eq!(end["current_track"]["id"], tracks[0]);
    }
    assert_eq!(post(at, "/api/player/play", "").status, 200);
}

#[test]
fn muting_keeps_the_volume() {
    let home = TempHome::new();
    let app = home.start();
    let mut listener = app.v1_client();
    post(&app.address, "/api/player/volume", r#"{"volume": 50}"#);
    app.client().run(json!({"do": "set_muted", "muted": true}));
    let is_muted = |state: &Value| state["is_muted"] == true;
    let told = std::iter::from_fn(|| Some(listener.wait_for("player_state"))).find(is_muted).expect("told");
    assert_eq!((&told["volume"], &get(&app.address, "/api/player/status").json()["volume"]), (&json!(50), &json!(50)));
}

#[test]
fn changed_tags_of_queued_tracks_are_sent() {
    let home = TempHome::new();
    let (app, tracks) = start_with_tracks(&home, 2, 30.0);
    post(&app.address, "/api/player/queue", &json!({"tracks": tracks}).to_string());
    let mut listener = app.v1_client();
    let mut client = app.client();
    let edit = json!({"do": "edit_tags", "tracks": {"from": "ids", "ids": [tracks[1]]}, "tags": {"title": "Renamed"}});
    client.run(edit);
    let is_renamed = |state: &Value| state["queue"][1]["title"] == "Renamed";
    std::iter::from_fn(|| Some(listener.wait_for("player_state"))).find(is_renamed).expect("told");
}

#[test]
fn artwork_is_served_by_track_and_by_hash() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 0.2);
    let cover = home.music().join("cover.png");
    run(
        "ffmpeg",
        &["-v", "error", "-f", "lavfi", "-i", "color=red:s=300x300", "-frames:v", "1", cover.to_str().expect("UTF-8")],
    );
    let app = home.start().with_music(&home.music());
    let at = app.address.as_str();
    let track = get(at, "/api/library/tracks").json()["items"][0].clone();
    let picture = get(at, track["album_art"].as_str().expect("a URL"));
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/jpeg")));
    assert_eq!(get(at, &format!("/api/artwork/{}", track["id"])).body, picture.body);
    for id in ["424242", "-1", "nothing", "0123456789abcdef"] {
        assert_eq!(get(at, &format!("/api/artwork/{id}")).refusal().0, 404, "{id}");
    }
}

#[test]
fn state_size_does_not_grow_with_the_queue() {
    let home = TempHome::new();
    let (app, tracks) = start_with_tracks(&home, 1, 60.0);
    let at = app.address.as_str();
    let size = |length: usize| {
        post(at, "/api/player/queue", &json!({"tracks": vec![tracks[0]; length]}).to_string());
        post(at, "/api/player/stop", "");
        get(at, "/api/player/status").body.len()
    };
    let (some, many) = (size(1_000), size(100_000));
    assert!(some.abs_diff(many) <= 4, "{some} and {many} bytes");
}
