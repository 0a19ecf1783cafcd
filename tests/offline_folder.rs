//! A library folder that goes offline during playback, and comes back.

use serde_json::{Value, json};

use crate::support::app::TempHome;
use crate::support::music::make_tracks;

#[test]
fn playback_waits_for_an_offline_folder_and_resumes() {
    let home = TempHome::new();
    make_tracks(&home.music(), 5, 60.0);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("sound", |view| view["position"]["running"] == true);

    let unplugged = home.path().join("unplugged");
    std::fs::rename(home.music(), &unplugged).expect("renamed");
    let queue = client.rows(json!({"list": "queue"}), 0, 10);
    client.run(json!({"do": "jump_to", "entry": queue["items"][3]["entry"]}));
    client.wait_until("a pause at the place", |view| {
        view["player"]["transport"] == "paused" && view["queue"]["current"] == 3
    });
    // Sections are sent one by one, and notices are the last.
    client.wait_until("one notice", |view| offline_notices(view) == 1);

    std::fs::rename(&unplugged, home.music()).expect("renamed");
    client.wait_until("sound at the same place", |view| {
        view["player"]["transport"] == "playing" && view["queue"]["current"] == 3
    });
    client.wait_until("no notice", |view| offline_notices(view) == 0);
}

fn offline_notices(view: &Value) -> usize {
    view["notices"].as_array().expect("notices").iter().filter(|notice| notice["kind"] == "folder_offline").count()
}
