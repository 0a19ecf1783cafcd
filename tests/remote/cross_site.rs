//! A page of another site, in a real browser, can neither read nor control the player.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::json;

use crate::support::app::TempHome;
use crate::support::desktop::Browser;
use crate::support::music::make_tracks;

/// The attempts of that page. Each resolves to `refused` or to what it got.
const ATTEMPTS: &str = r#"
const at = 'http://' + location.hash.slice(1);
const attempts = {
  read: () => fetch(at + '/api/player/status').then(answer => answer.text()),
  read_with_cookies: () => fetch(at + '/api/player/status', { credentials: 'include' }).then(answer => answer.text()),
  page: () => fetch(at + '/').then(answer => answer.text()),
  command: () => fetch(at + '/api/player/volume', { method: 'POST', body: '{"volume":1}' }).then(answer => answer.text()),
  command_unseen: () => fetch(at + '/api/player/volume?volume=2', { method: 'POST', mode: 'no-cors' })
    .then(answer => 'sent, ' + answer.type),
  json: () => fetch(at + '/api/player/volume', { method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: '{"volume":3}' }).then(answer => answer.text()),
  beacon: async () => { navigator.sendBeacon(at + '/api/player/volume?volume=4'); return 'sent, beacon'; },
  script: () => new Promise((done, failed) => { const script = document.createElement('script');
    script.src = at + '/api/player/status'; script.onload = () => done('loaded'); script.onerror = failed;
    document.head.append(script); }),
  picture: () => new Promise((done, failed) => { const picture = new Image();
    picture.onload = () => done('loaded'); picture.onerror = failed; picture.src = at + '/favicon.svg'; }),
  frame: () => new Promise((done, failed) => { const frame = document.createElement('iframe'); frame.src = at + '/';
    frame.onload = () => { try { done(frame.contentDocument.title) } catch { failed() } }; document.body.append(frame); }),
  form: () => new Promise(done => { const form = document.createElement('form'); form.method = 'POST';
    form.action = at + '/api/player/volume?volume=5'; form.target = 'elsewhere';
    const frame = document.createElement('iframe'); frame.name = 'elsewhere'; frame.onload = () => done('sent, form');
    document.body.append(frame, form); form.submit(); }),
  socket: () => socket(['auralis.v2']),
  old_socket: () => socket([]),
};
function socket(protocols) {
  return new Promise((done, failed) => { const socket = new WebSocket(at.replace('http', 'ws') + '/ws', protocols);
    socket.onmessage = message => done(message.data); socket.onerror = failed; });
}
(async () => {
  const ends = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    ends[name] = await Promise.race([attempt().catch(() => 'refused'), new Promise(done => setTimeout(done, 3000, 'refused'))]);
  }
  window.ends = JSON.stringify(ends);
})();
"#;

/// Serves the page from an origin of its own. Returns the port.
fn start_page_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        // Browsers open spare connections and leave them idle, so each gets its own thread.
        listener.incoming().flatten().for_each(|stream| drop(std::thread::spawn(move || serve_page(stream))));
    });
    port
}

fn serve_page(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 4096]);
    let page = format!("<!doctype html><meta charset=utf-8><title>Evil</title><body><script>{ATTEMPTS}</script>");
    let length = page.len();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
    let _ = write!(stream, "{head}Content-Length: {length}\r\n\r\n{page}");
}

#[test]
fn foreign_site_can_neither_read_nor_control() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 30.0);
    let app = home.start().with_music(&home.music());
    let mut client = app.client();
    client.run(json!({"do": "set_volume", "volume": 50}));
    let port = app.address.rsplit(':').next().expect("a port");
    let evil = start_page_server();
    // DNS rebinding: the name of another site that resolves to this machine.
    let browser = Browser::start_with(1280, 800, &["--host-resolver-rules=MAP evil.example 127.0.0.1"]);
    for (site, target) in [
        (format!("127.0.0.1:{evil}"), app.address.clone()),
        (format!("localhost:{evil}"), format!("localhost:{port}")),
        (format!("evil.example:{evil}"), app.address.clone()),
        (format!("evil.example:{evil}"), format!("evil.example:{port}")),
    ] {
        let page = browser.page();
        page.go_to("about:blank");
        page.go_to(&format!("http://{site}/#{target}"));
        let ends = crate::support::wait_for("the attempts", || {
            page.script("return window.ends ?? null").as_str().map(str::to_owned)
        });
        let ends: serde_json::Value = serde_json::from_str(&ends).expect("JSON");
        for (name, end) in ends.as_object().expect("ends") {
            let end = end.as_str().unwrap_or_default();
            let is_blind = matches!(name.as_str(), "command_unseen" | "beacon" | "form") && end.starts_with("sent, ");
            assert!(end == "refused" || is_blind, "{site} → {target}: {name} got {end:.200}");
        }
        assert_eq!(app.client().view["player"]["volume"], 50, "{site} → {target}");
    }
    browser.page().go_to(&format!("http://evil.example:{port}/"));
    assert!(browser.page().script("return document.body.innerText").to_string().contains("forbidden"));
}
