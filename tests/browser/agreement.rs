//! Several pages show the same state, and a lost connection is shown.

use serde_json::json;

use super::open;
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::music::make_tracks;
use crate::support::wait_for;

#[test]
fn shows_connection_lost() {
    let home = TempHome::new();
    make_tracks(&home.music(), 3, 1.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=nav-songs]");
    wait_for("the rows", || (page.count("[data-testid=track-row]") == 3).then_some(()));
    drop(app);
    wait_for("what is said of it", || (page.count("[data-testid=connection-lost]") == 1).then_some(()));
    assert_eq!(page.count("[data-testid=track-row]"), 3, "what was shown stays");
}

#[test]
fn two_windows_agree_after_a_burst_of_commands() {
    let home = TempHome::new();
    make_tracks(&home.music(), 20, 30.0);
    let app = home.start().with_music(&home.music());
    let (left, right) = (Browser::start(1280, 800), Browser::start(400, 800));
    let pages = [open(&left, &app), open(&right, &app)];
    let mut clients = [app.client(), app.client()];
    let tracks = clients[0].track_ids();
    clients[0].play(&tracks, 0);
    let mut random = fastrand::Rng::with_seed(11);
    for turn in 0..1_000 {
        let command = match random.u8(..10) {
            0 => json!({"do": "toggle"}),
            1 => json!({"do": "next"}),
            2 => json!({"do": "previous"}),
            3 => json!({"do": "set_volume", "volume": random.u8(..=100)}),
            4 => json!({"do": "set_shuffle", "enabled": random.bool()}),
            5 => json!({"do": "set_repeat", "mode": *random.choice(["none", "one", "all"]).expect("one")}),
            6 => {
                json!({"do": "enqueue", "tracks": {"from": "ids", "ids": [*random.choice(&tracks).expect("one")]}, "place": "next"})
            }
            7 => json!({"do": "undo"}),
            8 => json!({"do": "seek", "position_s": random.f64() * 30.0}),
            _ => json!({"do": "play"}),
        };
        // Some are refused: there is not always something to undo or to seek in.
        let _ = clients[turn % 2].command(command);
    }
    clients[0].run(json!({"do": "pause"}));
    wait_for("one revision everywhere", || {
        let rev = app.client().rev;
        let revs = pages.map(|page| page.rev());
        (revs == [rev, rev]).then_some(())
    });
    let truth = app.client().view.clone();
    let title = truth["player"]["track"]["title"].as_str().expect("a title");
    for page in pages {
        assert_eq!(page.text("now-title"), title);
    }
}

#[test]
fn mini_player_agrees_with_the_window_at_every_revision() {
    let home = TempHome::new();
    make_tracks(&home.music(), 8, 120.0);
    let app = home.start().with_music(&home.music());
    let (main, mini) = (Browser::start(1280, 800), Browser::start(360, 240));
    let pages = [open(&main, &app), open(&mini, &app)];
    pages[1].script("location.hash = '#/mini'");
    wait_for("the mini player", || (pages[1].count("[data-testid=mini-player]") == 1).then_some(()));
    let client = &mut app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0);
    let mut random = fastrand::Rng::with_seed(12);
    for turn in 0..100 {
        let names = ["play", "pause", "toggle", "next", "next", "previous", "stop"];
        let command = match random.usize(..10) {
            7 => json!({"do": "set_shuffle", "enabled": random.bool()}),
            8 => json!({"do": "play_tracks", "tracks": {"from": "ids", "ids": tracks}, "start": random.u32(..8)}),
            9 => json!({"do": "seek", "position_s": random.f64() * 30.0}),
            index => json!({"do": names[index]}),
        };
        // Some are refused.
        let _ = client.command(command.clone());
        // The track may still be opening.
        client.wait_until("no loading", |view| view["player"]["transport"] != "loading");
        let rev = client.rev;
        let player = client.view["player"].clone();
        for page in pages {
            wait_for("the revision", || (page.rev() >= rev).then_some(()));
            let shown = (page.text("now-title"), page.attribute("play-pause", "data-transport"));
            let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
            assert_eq!(shown, (text(&player["track"]["title"]), text(&player["transport"])), "turn {turn}: {command}");
        }
    }
}
