//! The analysis of the library, seen by clients.

use std::fs;

use serde_json::{Value, json};

use crate::support::app::TempHome;
use crate::support::client::Client;
use crate::support::music::{make_album, make_tracks};

fn get_data(client: &mut Client, what: &str, track: i64) -> Value {
    let answer = client.ask(&json!({"type": "ask", "id": 1, "data": {"ask": what, "track": track}}).to_string());
    assert_eq!((&answer["type"], &answer["data"]["told"]), (&json!("told"), &json!(what)), "{answer}");
    answer["data"]["data"].clone()
}

fn analysis_done(analysed: u64) -> impl Fn(&Value) -> bool {
    move |view| view["mastering"]["analysis"] == json!({"analysed": analysed, "total": analysed, "running": false})
}

#[test]
fn library_is_analysed_automatically_and_once() {
    let home = TempHome::new();
    let files = make_album(&home.music(), 2.0);
    // A WAV header without any audio data.
    let flac = fs::read(&files[0]).expect("reads");
    let sound_at = flac.windows(2).position(|pair| pair == [0xFF, 0xF8]).expect("a first frame");
    fs::write(home.music().join("8 empty.flac"), &flac[..sound_at]).expect("writes");
    let app = home.start().with_music(&home.music());
    let client = &mut app.client();
    assert_eq!(client.view["library"]["tracks"], 8);
    let revision = client.view["library"]["revision"].clone();
    client.wait_until("all is analysed", analysis_done(7));
    assert_eq!(client.view["library"]["revision"], revision, "no list is another for it");

    let mut analysed = Vec::new();
    for track in client.track_ids() {
        let profile = get_data(client, "profile", track);
        if profile.is_null() {
            continue;
        }
        let loudness = profile["integrated_lufs"].as_f64();
        assert!(loudness.is_some_and(|lufs| (-25.0..-5.0).contains(&lufs)), "{track}: {profile}");
        assert!(profile["duration_s"].as_f64().is_some_and(|s| (s - 2.0).abs() < 0.01), "{track}: {profile}");
        let waveform = get_data(client, "waveform", track);
        assert_eq!(waveform["peaks"].as_array().map(Vec::len), Some(200), "{track}");
        assert!(waveform["rms"][100].as_u64().is_some_and(|rms| rms > 5), "{track}: {waveform}");
        analysed.push(track);
    }
    assert_eq!(analysed.len(), 7, "all but the empty one");

    // Tracks without loudness tags are normalised by their measured loudness.
    client.play(&analysed[..1], 0);
    client.wait_until("it sounds", |view| view["signal"]["gain_source"] == "track");
    drop(app);

    let app = home.start();
    let client = &mut app.client();
    client.wait_until("it is known", |view| view["mastering"]["analysis"]["analysed"] == 7);
    assert_eq!(client.view["mastering"]["analysis"]["running"], false);
}

#[test]
fn playing_track_is_analysed_first() {
    let home = TempHome::new();
    make_tracks(&home.music(), 20, 120.0);
    let mut app = home.start().with_music(&home.music());
    let mut client = app.client();
    let last = *client.track_ids().last().expect("tracks");
    client.play(&[last], 0).wait_until("it sounds", |view| view["player"]["transport"] == "playing");
    app.process.signal("TERM");
    assert!(app.process.wait(), "it ends well, and keeps what plays");
    drop(app);
    // After a restart, the current track is known from the start.
    let app = home.start();
    let client = &mut app.client();
    client.wait_until("the analysis has begun", |view| view["mastering"]["analysis"]["total"] == 20);
    let already = client.view["mastering"]["analysis"]["analysed"].as_u64().expect("a number");
    client.wait_until("one more is", |view| view["mastering"]["analysis"]["analysed"].as_u64() > Some(already));
    let current = client.view["player"]["track"]["id"].as_i64().expect("a track");
    assert!(get_data(client, "waveform", current).is_object());
    client.wait_until("all are", analysis_done(20));
}

#[test]
fn added_file_is_analysed() {
    let home = TempHome::new();
    make_tracks(&home.music(), 2, 2.0);
    let app = home.start().with_music(&home.music());
    let client = &mut app.client();
    client.wait_until("both are analysed", analysis_done(2));
    make_tracks(&home.music(), 3, 2.0);
    client.run(json!({"do": "scan"}));
    client.wait_until("the third is", analysis_done(3));
}
