//! Pairing a phone by its link, and the connection after that.

use serde_json::json;

use super::open;
use crate::remote::pairing::LanServer;
use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::music::make_tracks;
use crate::support::wait_for;
use crate::support::webdriver::Page;

fn problem(page: &Page) -> String {
    page.text("connection-problem")
}

#[test]
fn phone_is_paired_by_a_link_until_the_pairing_is_renewed() {
    let server = LanServer::start();
    let tracks = server.app.client().track_ids();
    server.app.client().play(&tracks, 0).wait_until("sound", |view| view["player"]["transport"] == "playing");
    let browser = Browser::start(375, 667);
    let page = browser.page();
    let address = format!("http://{}/", server.lan_address);

    page.go_to(&address);
    wait_for("how to pair", || problem(page).starts_with("Pair this device").then_some(()));
    assert!(problem(page).contains("Show code"), "{}", problem(page));

    page.go_to(&format!("{address}#pair=wrong"));
    wait_for("the wrong link", || problem(page).contains("no longer valid").then_some(()));

    // A link that is opened in the same tab only changes the hash.
    page.go_to(&format!("{address}#pair={}", server.secret(false)));
    page.wait_ready();
    page.wait_text("now-title", "Track 001");
    assert_eq!(page.script("return location.href.includes('pair')"), false, "the secret stays out of the address bar");
    page.click("[data-testid=play-pause]");
    server.app.client().wait_until("the pause", |view| view["player"]["transport"] == "paused");

    page.reload();
    page.wait_ready();
    page.wait_text("now-title", "Track 001");

    server.secret(true);
    wait_for("to pair again", || problem(page).starts_with("Pair this device again").then_some(()));
    page.go_to(&format!("{address}#pair={}", server.secret(false)));
    page.wait_text("now-title", "Track 001");
    assert_eq!(problem(page), "");
}

#[test]
fn connection_to_a_silent_player_is_given_up_and_made_again() {
    let home = TempHome::new();
    make_tracks(&home.music(), 2, 1.0);
    let app = home.start().with_music(&home.music());
    let browser = Browser::start(1280, 800);
    let page = open(&browser, &app);
    app.process.signal("STOP");
    // As after a sleep; without it, the silence is noticed later.
    page.script("dispatchEvent(new Event('online'))");
    wait_for("the lost connection", || (page.count("[data-testid=connection-lost]") == 1).then_some(()));
    app.process.signal("CONT");
    wait_for("the connection", || (page.count("[data-testid=connection-lost]") == 0).then_some(()));
    app.client().run(json!({"do": "set_volume", "volume": 31}));
    wait_for("the volume", || {
        let volume =
            page.script("return document.querySelector('[data-testid=volume]')?.getAttribute('aria-valuenow')");
        (volume == "31").then_some(())
    });
}
