//! Malformed and hostile clients get typed errors and change nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::Message;

use crate::support::app::TempHome;
use crate::support::http::{get, request, send};
use crate::support::music::make_tracks;
use crate::support::wait_for;

/// Valid requests of every shape, to be mutated at random.
const CORPUS: &[&str] = &[
    r#"{"type":"ping"}"#,
    r#"{"type":"command","id":1,"data":{"do":"set_volume","volume":50}}"#,
    r#"{"type":"command","id":2,"if_rev":0,"data":{"do":"seek","position_s":12.5}}"#,
    r#"{"type":"command","id":3,"data":{"do":"play_tracks","tracks":{"from":"ids","ids":[1,2]},"start":1}}"#,
    r#"{"type":"command","id":4,"data":{"do":"enqueue","tracks":{"from":"list","list":{"sort":"title"}},"place":"end"}}"#,
    r#"{"type":"command","id":5,"data":{"do":"move_entries","entries":[0,1],"before":null}}"#,
    r#"{"type":"command","id":6,"data":{"do":"change_settings","settings":{"theme":"dark","crossfade_s":3}}}"#,
    r#"{"type":"command","id":7,"data":{"do":"set_mastering","enabled":true,"preset":"warm","intensity":0.5}}"#,
    r#"{"type":"query","id":8,"data":{"of":{"list":"tracks","tracks":{"filter":{"search":"a"}}},"offset":0,"limit":9}}"#,
    r#"{"type":"query","id":9,"data":{"of":{"list":"queue"},"offset":0,"limit":100}}"#,
    r#"{"type":"query","id":10,"data":{"of":{"list":"albums"},"offset":0,"limit":5}}"#,
    r#"{"type":"diagnostics","id":11}"#,
];
/// Inserted fragments: structure, boundary numbers, and text that trips parsers.
const FRAGMENTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\\",
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551616",
    "0.1",
    "NaN",
    "\\u0000",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "𝄞",
    "' OR 1=1 --",
    "*",
    "\"*\"",
    "NEAR(",
    "../../etc/passwd",
];

fn mutate(rng: &mut fastrand::Rng) -> String {
    let mut text: Vec<char> = CORPUS[rng.usize(..CORPUS.len())].chars().collect();
    for _ in 0..rng.usize(1..6) {
        let at = rng.usize(..text.len());
        match rng.u8(..4) {
            0 => drop(text.remove(at)),
            1 => text[at] = char::from(rng.u8(b' '..=b'~')),
            2 => drop(text.splice(at..at, FRAGMENTS[rng.usize(..FRAGMENTS.len())].chars()).count()),
            _ => text.truncate(at.max(1)),
        }
        if text.is_empty() {
            text.push('{');
        }
    }
    text.into_iter().collect()
}

#[test]
fn mutated_requests_are_answered_and_refusals_change_nothing() {
    // FUZZ_S=600 runs for ten minutes; FUZZ_SEED repeats a run.
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let (lasting, seed) = (Duration::from_secs(number("FUZZ_S").unwrap_or(0)), number("FUZZ_SEED").unwrap_or(1));
    let mut rng = fastrand::Rng::with_seed(seed);
    let home = TempHome::new();
    make_tracks(&home.music(), 2, 30.0);
    let app = home.start().with_music(&home.music());
    let client = &mut app.client();
    let begun = Instant::now();
    let (mut sent, mut refused) = (0, 0);
    while sent < 3_000 || begun.elapsed() < lasting {
        let text = mutate(&mut rng);
        let before = client.view["player"].clone();
        let answer = client.ask(&text);
        let code = answer["error"]["code"].as_str();
        assert!(code.is_some() || answer["error"].is_null(), "{text}: {answer}");
        assert_ne!(code, Some("failed"), "{text}: {answer}");
        if code.is_some() {
            refused += 1;
            // A track may end, but volume, shuffle and repeat must not change.
            for name in ["volume", "muted", "shuffle", "repeat"] {
                assert_eq!(client.view["player"][name], before[name], "{text}");
            }
        }
        sent += 1;
    }
    assert!(refused > sent / 2 && refused < sent, "{refused} of {sent} were refused");
    assert_eq!(client.ask(r#"{"type":"ping"}"#), json!({"type": "pong"}));
}

#[test]
fn api_v1_answers_nonsense_with_an_error() {
    let home = TempHome::new();
    let app = home.start();
    let before = app.client().view.clone();
    let mut client = app.v1_client();
    let deep = "[".repeat(5_000);
    for text in ["", "hello", "{}", "[]", "null", r#"{"type":"dance"}"#, r#"{"type":7}"#, deep.as_str()] {
        client.send(Message::text(text));
        let error = client.wait_for("error");
        assert_eq!(error["code"], "malformed", "{text:.40}: {error}");
    }
    client.send(Message::binary(vec![0xff; 100]));
    assert_eq!(client.wait_for("error")["code"], "malformed");
    client.send(Message::text(r#"{"type":"ping"}"#));
    while client.next() != json!({"type": "pong"}) {}
    assert_eq!(app.client().view, before);
}

#[test]
fn invalid_upgrade_is_refused() {
    let home = TempHome::new();
    let app = home.start();
    let upgrade = |more: &str| {
        let headers = format!(
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {}\r\n{more}",
            app.secret()
        );
        // The first of two `Connection` lines says close, which contradicts the upgrade.
        let text = format!("GET /ws HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", app.address);
        let mut stream = TcpStream::connect(&app.address).expect("connects");
        stream.write_all(text.as_bytes()).expect("sends");
        let mut head = [0; 12];
        stream.read_exact(&mut head).expect("a status");
        String::from_utf8_lossy(&head[9..]).into_owned()
    };
    assert_eq!(upgrade("Sec-WebSocket-Protocol: auralis.v2\r\n"), "101");
    assert_eq!(upgrade("Sec-WebSocket-Protocol: auralis.v9\r\n"), "400");
    assert!((400..500).contains(&get(&app.address, "/ws").status));
    assert_eq!(
        request(&app.address, "GET", "/api/health", &format!("X-Long: {}\r\n", "x".repeat(64 << 10)), "").status,
        431
    );
    let nonsense = send(app.address.parse().expect("an address"), b"\x16\x03\x01 hello\r\n\r\n");
    assert_eq!(nonsense.status, 400);
    assert_eq!(get(&app.address, "/api/health").status, 200);
}

/// Resident memory of a process in MB.
fn memory_mb(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    kilobytes.trim().trim_end_matches(" kB").parse::<f64>().expect("kB") / 1_024.0
}

#[test]
fn slow_and_flooding_clients_do_not_affect_others() {
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 30.0);
    let app = home.start().with_music(&home.music());
    let (mut acting, mut watching) = (app.client(), app.client());
    let mut change = |volume: u64| {
        acting.run(json!({"do": "set_volume", "volume": volume % 100}));
        watching.wait_until("the change", |view: &Value| view["player"]["volume"] == volume % 100);
    };
    (0..100).for_each(&mut change);
    let before = memory_mb(app.process.id());

    let stalled: Vec<_> = (0..10).map(|_| (app.client(), app.v1_client())).collect();
    let flooding: Vec<_> = (0..10)
        .map(|_| {
            let mut client = app.client();
            std::thread::spawn(move || {
                // Until it is disconnected, because nobody reads the answers.
                let request = r#"{"type":"query","id":1,"data":{"of":{"list":"tracks"},"offset":0,"limit":500}}"#;
                while client.try_send(request) {}
            })
        })
        .collect();
    let started = Instant::now();
    let mut changes = 100;
    while started.elapsed() < Duration::from_secs(12) {
        change(changes);
        changes += 1;
    }
    let grown = memory_mb(app.process.id()) - before;
    assert!(changes > 500, "only {changes} changes came through");
    assert!(grown < 32.0, "{grown} MB more");
    // A client that reads nothing for ten seconds is disconnected.
    wait_for("the floods to be cut off", || flooding.iter().all(|thread| thread.is_finished()).then_some(()));
    drop(stalled);
    assert_eq!(app.client().view["player"]["volume"], (changes - 1) % 100);
}
