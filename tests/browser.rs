//! The interface in a browser, against the headless app.

use serde_json::{Value, json};

use crate::support::app::{Headless, Home};
use crate::support::desktop::Browser;
use crate::support::music::{make_long_track, make_tracks};
use crate::support::views::{VIEWS, furnished, go};
use crate::support::wait_for;
use crate::support::webdriver::Page;

const CONTROL: char = '\u{E009}';
const SHIFT: char = '\u{E008}';
const ALT: char = '\u{E00A}';
const ENTER: char = '\u{E007}';
const ESCAPE: char = '\u{E00C}';
const LEFT: char = '\u{E012}';
const UP: char = '\u{E013}';
const RIGHT: char = '\u{E014}';
const DOWN: char = '\u{E015}';
const F10: char = '\u{E03A}';

fn open<'a>(browser: &'a Browser, app: &Headless) -> &'a Page {
    browser.page().go_to(&format!("http://{}/", app.address));
    browser.page().wait_ready();
    browser.page()
}

#[test]
fn a_first_run_offers_to_add_music_and_fills_as_it_is_found() {
    let home = Home::new();
    make_tracks(&home.music(), 12, 1.0);
    let app = home.start();
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    wait_for("the offer", || (page.count("[data-testid=add-music]") > 0).then_some(()));
    let _app = app.with_music(&home.music());
    wait_for("the tracks", || (page.count("[data-testid=track-row]") == 12).then_some(()));
}

#[test]
fn a_listener_searches_plays_and_is_shown_the_truth() {
    let home = Home::new();
    make_tracks(&home.music(), 40, 30.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.chord(&[CONTROL], 'k');
    page.type_keys("track 007");
    wait_for("the one found", || {
        let first = page.text("track-row");
        (page.count("[data-testid=track-row]") == 1 && first.contains("Track 007")).then_some(())
    });
    page.double_click("[data-testid=track-row]");
    page.wait_text("now-title", "Track 007");
    wait_for("the pause button", || (page.attribute("play-pause", "aria-label") == "Pause").then_some(()));
    page.click("[data-testid=play-pause]");
    wait_for("the play button", || (page.attribute("play-pause", "aria-label") == "Play").then_some(()));
    assert_eq!(app.client().view["player"]["transport"], "paused");

    page.reload();
    page.wait_ready();
    page.wait_text("now-title", "Track 007");
    assert_eq!(page.attribute("play-pause", "aria-label"), "Play", "a page that reloads shows the truth");
    page.click("[data-testid=now-artist]");
    wait_for("the artist's page", || {
        (page.script("return document.querySelector('main h1')?.textContent") == "The Generators").then_some(())
    });
}

#[test]
fn a_row_is_played_by_the_keyboard_alone() {
    let home = Home::new();
    make_tracks(&home.music(), 5, 30.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=nav-songs]");
    page.click("[data-testid=track-row]");
    page.type_keys(&format!("\u{E015}{ENTER}"));
    page.wait_text("now-title", "Track 002");
    page.type_keys(" ");
    wait_for("the pause", || (app.client().view["player"]["transport"] == "paused").then_some(()));
}

#[test]
fn tracks_are_dragged_to_a_playlist_and_into_the_queue() {
    let home = Home::new();
    let app = furnished(&home);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    go(page, "songs");
    page.click("[data-testid=queue-toggle]");
    wait_for("the queue", || (page.count("[data-testid=queue-row]") > 5).then_some(()));
    let total = |list: serde_json::Value| app.client().rows(list, 0, 1)["total"].as_u64();
    let playlist = json!({"list": "playlist", "playlist": 1});

    let before = total(playlist.clone());
    page.drag("[data-testid=track-row][data-index=\"1\"]", "[data-testid=nav-playlist]");
    wait_for("one more in the playlist", || (total(playlist.clone()) == before.map(|rows| rows + 1)).then_some(()));

    let queue = json!({"list": "queue"});
    let before = total(queue.clone());
    page.drag("[data-testid=track-row][data-index=\"2\"]", "[data-testid=queue-row][data-place=next]");
    wait_for("one more in the queue", || (total(queue.clone()) == before.map(|rows| rows + 1)).then_some(()));

    let order = || app.client().rows(queue.clone(), 0, 20)["items"].clone();
    let before = order();
    page.drag(
        "[data-testid=queue-row][data-place=now]",
        "[data-testid=queue-row][data-place=next]:nth-last-of-type(4)",
    );
    wait_for("another order", || (order() != before).then_some(()));
}

#[test]
fn a_list_is_narrowed_by_what_is_typed() {
    let home = Home::new();
    make_tracks(&home.music(), 20, 1.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=nav-songs]");
    page.chord(&[CONTROL], 'f');
    page.type_keys("007");
    wait_for("the one that matches", || (page.count("[data-testid=track-row]") == 1).then_some(()));
    page.type_keys("\u{E00C}");
    wait_for("all of them", || (page.count("[data-testid=track-row]") == 20).then_some(()));
}

#[test]
fn a_key_is_changed_and_the_language_too() {
    let home = Home::new();
    make_tracks(&home.music(), 2, 1.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=nav-settings]");
    page.click("[data-testid=keys-mute]");
    page.type_keys("x");
    wait_for("the new key", || (app.client().view["settings"]["shortcuts"]["mute"] == "X").then_some(()));
    page.click("[data-testid=nav-songs]");
    page.type_keys("mx");
    wait_for("silence", || (app.client().view["player"]["muted"] == true).then_some(()));

    app.client().run(json!({"do": "change_settings", "settings": {"language": "de"}}));
    wait_for("German", || (page.attribute("mute", "aria-label") == "Ton an").then_some(()));
    assert_eq!(page.script("return document.documentElement.lang"), "de");
    page.reload();
    wait_for("German again", || (page.attribute("mute", "aria-label") == "Ton an").then_some(()));
}

#[test]
fn every_key_does_what_it_says() {
    let home = Home::new();
    make_tracks(&home.music(), 6, 30.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("sound", |view| view["player"]["transport"] == "playing");
    let is = |what: &str, path: &str, expected: Value| {
        wait_for(what, || (app.client().view.pointer(path) == Some(&expected)).then_some(()));
    };
    let at = |hash: &str| {
        wait_for(hash, || page.script("return location.hash").as_str()?.starts_with(hash).then_some(()));
    };
    let panel = |name: &str| {
        wait_for(name, || (page.count(&format!("[data-testid={name}-panel]")) == 1).then_some(()));
    };
    page.click("[data-testid=nav-songs]");
    page.click("[data-testid=track-row][data-index=\"3\"]");

    page.type_keys(" ");
    is("the pause", "/player/transport", json!("paused"));
    page.chord(&[CONTROL], RIGHT);
    is("the next track", "/queue/current", json!(1));
    page.chord(&[CONTROL], LEFT);
    is("the one before", "/queue/current", json!(0));
    page.chord(&[SHIFT], RIGHT);
    wait_for("five seconds on", || (app.client().view["position"]["position_s"].as_f64()? >= 5.0).then_some(()));
    page.chord(&[SHIFT], LEFT);
    wait_for("five seconds back", || (app.client().view["position"]["position_s"].as_f64()? < 5.0).then_some(()));
    let volume = app.client().view["player"]["volume"].as_u64().expect("a volume");
    page.chord(&[CONTROL], DOWN);
    is("quieter", "/player/volume", json!(volume - 5));
    page.chord(&[CONTROL], UP);
    is("louder", "/player/volume", json!(volume));
    page.type_keys("m");
    is("silence", "/player/muted", json!(true));
    page.chord(&[CONTROL], 's');
    is("shuffle", "/player/shuffle", json!(true));
    page.chord(&[CONTROL], 'z');
    is("shuffle undone", "/player/shuffle", json!(false));
    page.chord(&[CONTROL, SHIFT], 'z');
    is("shuffle again", "/player/shuffle", json!(true));
    page.chord(&[CONTROL], 'r');
    is("repeat", "/player/repeat", json!("all"));
    page.type_keys("e");
    is("mastering", "/mastering/settings/enabled", json!(true));
    page.type_keys("q");
    is("one more in the queue", "/queue/length", json!(7));
    page.chord(&[SHIFT], 'q');
    is("one more after this", "/queue/length", json!(8));

    page.chord(&[CONTROL], 'u');
    panel("queue");
    page.chord(&[SHIFT], 'e');
    panel("mastering");
    page.type_keys("l");
    panel("lyrics");
    page.type_keys("v");
    at("#/playing");
    page.chord(&[CONTROL], ',');
    at("#/settings");
    page.chord(&[ALT], LEFT);
    at("#/playing");
    page.chord(&[ALT], RIGHT);
    at("#/settings");
    page.chord(&[CONTROL], 'j');
    at("#/albums/");
    page.type_keys("?");
    wait_for("all of them", || (page.count("[data-testid=shortcuts] kbd") > 40).then_some(()));
    page.type_keys(&ESCAPE.to_string());
    wait_for("none of them", || (page.count("[data-testid=shortcuts]") == 0).then_some(()));

    // Where something is written, keys are letters.
    page.chord(&[CONTROL], 'k');
    page.type_keys("me q");
    at("#/search?words=me%20q");
    is("still silence", "/player/muted", json!(true));
    is("no more in the queue", "/queue/length", json!(8));
}

#[test]
fn tracks_are_exported_from_their_menu_and_the_export_can_be_stopped() {
    let home = Home::new();
    // One that can be stopped in time, and one that is soon done.
    make_tracks(&home.music(), 2, 5.0);
    make_long_track(&home.music().join("001.flac"), 30);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    let new = home.path().join("new");
    let files = || std::fs::read_dir(&new).map_or(0, Iterator::count);
    let export = |row: u32| {
        page.click(&format!("[data-testid=track-row][data-index=\"{row}\"]"));
        page.chord(&[SHIFT], F10);
        wait_for("a menu", || (page.count("[role=menuitem]") > 5).then_some(()));
        page.type_keys(&format!("ee{ENTER}"));
        wait_for("the dialog", || (page.count("[data-testid=export-dialog]") == 1).then_some(()));
        page.click("[data-testid=export-folder]");
        page.type_keys(new.to_str().expect("UTF-8"));
        page.click("[data-testid=export-format] input[value=wav] + span");
        page.click("[data-testid=export]");
        wait_for("no dialog", || (page.count("[data-testid=export-dialog]") == 0).then_some(()));
    };
    page.click("[data-testid=nav-songs]");
    wait_for("the rows", || (page.count("[data-testid=track-row]") == 2).then_some(()));
    export(0);
    wait_for("progress", || (page.count("nav [data-testid=export-progress]") == 1).then_some(()));
    page.click("nav [data-testid=export-progress] button");
    wait_for("no progress", || (page.count("[data-testid=export-progress]") == 0).then_some(()));
    assert_eq!((files(), page.count("[data-testid=notice]")), (0, 0));

    export(1);
    wait_for("the notice", || (page.count("[data-testid=notice]") == 1).then_some(()));
    assert!(page.text("notice").contains(new.to_str().expect("UTF-8")), "{}", page.text("notice"));
    assert_eq!((files(), new.join("002.wav").exists()), (1, true));
}

#[test]
fn a_player_that_ends_is_missed() {
    let home = Home::new();
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
    let home = Home::new();
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
        // Some are refused, as they should be: there is not always something to undo or to seek in.
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
fn the_mini_player_says_what_the_window_says_at_every_revision() {
    let home = Home::new();
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
        // Some are refused, as they should be.
        let _ = client.command(command.clone());
        // By now it may be open.
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

#[test]
fn a_drag_on_the_seek_bar_is_one_seek() {
    let home = Home::new();
    make_tracks(&home.music(), 1, 100.0);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    client.play(&tracks, 0).wait_until("sound", |view| view["position"]["running"] == true);
    client.run(json!({"do": "pause"}));
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.script(
        "const send = WebSocket.prototype.send; window.sent = []; \
         WebSocket.prototype.send = function (text) { window.sent.push(text); send.call(this, text); }",
    );
    page.drag("[data-testid=seek]", "[data-testid=repeat]");
    client.wait_until("the end of the drag", |view| view["position"]["position_s"].as_f64() > Some(51.0));
    let seeks = page.script("return window.sent.filter(text => text.includes('\"seek\"')).length");
    assert_eq!(seeks, 1);
}

#[test]
fn a_phone_is_a_remote_control() {
    let home = Home::new();
    let app = furnished(&home);
    let browser = Browser::start(375, 667);
    let page = open(&browser, &app);
    assert_eq!(page.script("return innerWidth"), 375);
    for (name, route) in VIEWS {
        go(page, route);
        let outside = page.script(
            "const width = document.documentElement.clientWidth; \
             return [...document.querySelectorAll('main button, main a, footer button, nav a')] \
               .filter(part => part.checkVisibility() && !part.closest('.unseen')) \
               .map(part => [part.getBoundingClientRect(), part.outerHTML.slice(0, 120)]) \
               .filter(([{ left, right }]) => right > left && (left < -1 || right > width + 1)).map(([, html]) => html)",
        );
        assert_eq!(outside, json!([]), "{name}: out of reach");
        assert_eq!(page.script("return document.documentElement.scrollWidth"), 375, "{name} is wider than the phone");
    }

    go(page, "songs");
    page.double_click("[data-testid=track-row][data-index=\"2\"]");
    let is = |name: &str| app.client().view["player"]["transport"] == name;
    wait_for("sound", || is("playing").then_some(()));
    page.click("[data-testid=play-pause]");
    wait_for("the pause", || is("paused").then_some(()));
    let title = page.text("now-title");
    page.click("footer [data-testid=next]");
    wait_for("the next track", || (page.text("now-title") != title).then_some(()));

    // What has no room in the bar is a tap away.
    page.click("[data-testid=open-playing]");
    for control in ["seek", "volume", "shuffle", "repeat", "previous"] {
        wait_for(control, || (page.count(&format!("main [data-testid={control}]")) == 1).then_some(()));
    }
    page.click("main [data-testid=shuffle]");
    wait_for("shuffle", || (app.client().view["player"]["shuffle"] == true).then_some(()));
    go(page, "songs");
    page.click("[data-testid=queue-toggle]");
    wait_for("the queue", || (page.count("[data-testid=queue-row]") > 3).then_some(()));
    page.click("[data-testid=undo]");
    wait_for("no shuffle", || (app.client().view["player"]["shuffle"] == false).then_some(()));
}

#[test]
fn a_window_holds_no_more_rows_than_it_shows() {
    let home = Home::new();
    make_tracks(&home.music(), 3, 1.0);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    let tracks = client.track_ids();
    let long: Vec<i64> = (0..3_000).map(|index| tracks[index % 3]).collect();
    client.play(&long, 0).run(json!({"do": "pause"}));
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=queue-toggle]");
    wait_for("queue rows", || (page.count("[data-testid=queue-row]") > 5).then_some(()));
    let rows = || -> Vec<u64> {
        let all = "return [...document.querySelectorAll('[data-testid=queue-row]')].map(row => +row.dataset.index)";
        page.script(all).as_array().expect("rows").iter().filter_map(Value::as_u64).collect()
    };
    let lines = || page.count("[data-testid=queue-list] [role=row]");
    let count = lines();
    assert!(count <= 80, "{count} rows");

    // As many anywhere; and where the scrolling ends, who reads the document finds them in their order.
    page.script("document.querySelector('[data-testid=queue-list]').parentElement.scrollTop = 20000");
    wait_for("rows further down, in order", || {
        let rows = rows();
        (rows[0] > 100 && rows.is_sorted()).then_some(())
    });
    assert_eq!(lines(), count);
}

#[test]
fn all_of_many_folders_are_there_and_few_are_drawn() {
    let home = Home::new();
    make_tracks(&home.music(), 1, 1.0);
    for number in 1..=400 {
        let folder = home.music().join(format!("Folder {number:03}"));
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::copy(home.music().join("001.flac"), folder.join("a.flac")).expect("a track");
    }
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    go(page, "folders");
    page.click("[data-testid=folder-row]");
    wait_for("folders", || (page.count("[data-testid=folder-row]") > 20).then_some(()));
    let named = |name: &str| page.script(&format!("return document.body.innerText.includes('{name}')")) == true;
    assert!(!named("Folder 390"));
    page.script("document.querySelector('[role=grid]').parentElement.scrollTop = 400 / 4 * 60 - 500");
    wait_for("the last folders", || named("Folder 390").then_some(()));
    assert!(page.count("[data-testid=folder-row]") < 200 && !named("Folder 001"));
}

#[test]
fn nothing_is_asked_of_the_network() {
    let home = Home::new();
    let app = furnished(&home);
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    for (_, route) in VIEWS {
        go(page, route);
    }
    let asked = page.script("return performance.getEntriesByType('resource').map(entry => new URL(entry.name).host)");
    let hosts = asked.as_array().expect("a list").clone();
    assert!(!hosts.is_empty() && hosts.iter().all(|host| *host == app.address.as_str()), "{hosts:?}");
    let inline = page.script(
        "const script = document.createElement('script'); script.textContent = 'window.ran = true'; \
         document.body.append(script); document.body.setAttribute('style', 'outline: 1px solid'); \
         return [window.ran ?? false, document.body.style.outline]",
    );
    assert_eq!(inline, json!([false, ""]), "nothing inline runs, and nothing inline is styled");
    let blocked = page.async_script(
        "const image = new Image(); image.onerror = () => done('blocked'); image.onload = () => done('loaded'); \
         document.addEventListener('securitypolicyviolation', () => done('blocked')); \
         image.src = 'http://127.0.0.1:9/picture.png';",
    );
    assert_eq!(blocked, "blocked");
}

#[test]
fn a_page_keeps_nothing_of_the_tracks_that_went_by() {
    const CHANGES: usize = 500;
    let home = Home::new();
    make_tracks(&home.music(), 40, 1.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    page.click("[data-testid=queue-toggle]");
    let mut client = app.client();
    let all = json!({"from": "list", "list": {"filter": {}, "sort": "title", "descending": false}});
    client.run(json!({"do": "play_tracks", "tracks": all, "start": 0}));
    client.run(json!({"do": "pause"}));
    client.run(json!({"do": "set_repeat", "mode": "all"}));
    let mut held = || {
        for _ in 0..CHANGES {
            client.run(json!({"do": "next"}));
        }
        wait_for("the last of them", || (page.rev() >= client.rev).then_some(()));
        ["Nodes", "JSEventListeners", "JSHeapUsedSize"].map(|metric| page.held(metric))
    };
    let (before, after) = (held(), held());
    // Less than one more for each change, and than the shortest string.
    for (before, after, least) in [(before[0], after[0], 1.0), (before[1], after[1], 1.0), (before[2], after[2], 500.0)]
    {
        assert!(after - before < least * CHANGES as f64, "{before} became {after} over {CHANGES} tracks");
    }
}
