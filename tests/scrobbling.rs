//! Scrobbling: which plays are submitted, retried, and never sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::app::TempHome;
use crate::support::client::Client;
use crate::support::music::make_tracks;
use crate::support::{TIMEOUT, wait_for};

/// A local server that answers with the given statuses in turn, then with 200.
struct Server {
    address: String,
    requests: Receiver<Request>,
}

struct Request {
    head: String,
    body: Value,
}

impl Server {
    fn start(statuses: &'static [&'static str]) -> Server {
        Server::start_with(statuses, None)
    }

    /// Answers each request with 200, but only once the returned sender has sent.
    fn start_held() -> (Server, Sender<()>) {
        let (release, released) = channel();
        (Server::start_with(&[], Some(released)), release)
    }

    fn start_with(statuses: &'static [&'static str], released: Option<Receiver<()>>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (told, requests) = channel();
        std::thread::spawn(move || {
            let mut statuses = statuses.iter();
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let mut reader = BufReader::new(stream.try_clone().expect("the same"));
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    reader.read_line(&mut head).expect("a head");
                }
                let length = head.to_lowercase();
                let length = length.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
                let mut body = vec![0; length.trim().parse().expect("a number")];
                reader.read_exact(&mut body).expect("a body");
                let status = statuses.next().unwrap_or(&"200 OK");
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");
                let request = Request { head, body: serde_json::from_slice(&body).expect("JSON") };
                let Some(released) = &released else {
                    stream.write_all(answer.as_bytes()).expect("answers");
                    if told.send(request).is_err() {
                        return;
                    }
                    continue;
                };
                if told.send(request).is_err() || released.recv().is_err() {
                    return;
                }
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Server { address, requests }
    }

    /// The next request and the titles in it.
    fn next(&self) -> (Request, Vec<String>) {
        let request = self.requests.recv_timeout(TIMEOUT).expect("a request");
        let payload = request.body["payload"].as_array().expect("listens");
        let title = |listen: &Value| listen["track_metadata"]["track_name"].as_str().expect("a title").to_owned();
        let titles = payload.iter().map(title).collect();
        (request, titles)
    }
}

fn configure_scrobbling(client: &mut Client, server: &str, token: &str) {
    let settings = json!({"enabled": true, "server": server, "token": token});
    client.run(json!({"do": "change_settings", "settings": {"scrobbling": settings}}));
}

/// Plays these tracks to their ends.
fn play_to_end(client: &mut Client, tracks: &[i64]) {
    client.play(tracks, 0).wait_until("it plays", |view| view["player"]["transport"] == "playing");
    client.wait_until("it has been heard", |view| view["player"]["transport"] == "stopped");
}

/// Waits until the history has this many plays.
fn wait_for_plays(client: &mut Client, plays: u64) {
    wait_for("its place in the history", || {
        (client.rows(json!({"list": "history"}), 0, 1)["total"] == plays).then_some(())
    });
}

#[test]
fn plays_are_submitted_and_queued_while_offline() {
    let home = TempHome::new();
    make_tracks(&home.music(), 3, 2.0);
    let app = home.start().with_music(&home.music());
    let client = &mut app.client();
    let tracks = client.track_ids();
    assert_eq!(client.view["scrobbling"], json!({"waiting": 0, "problem": null}));
    let refused = |client: &mut Client, settings: Value| {
        client.command(json!({"do": "change_settings", "settings": {"scrobbling": settings}})).expect_err("refused")
    };
    assert_eq!(refused(client, json!({"enabled": true})), "out_of_range");
    assert_eq!(refused(client, json!({"server": "ftp://x"})), "out_of_range");
    assert_eq!(refused(client, json!({"token": "a\nb"})), "out_of_range");

    // Plays from before scrobbling was enabled are never sent.
    play_to_end(client, &tracks[..1]);
    wait_for_plays(client, 1);
    // A closed port simulates a missing network.
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    configure_scrobbling(client, &format!("http://{closed}"), "secret");
    play_to_end(client, &tracks[1..2]);
    client.wait_until("it waits", |view| view["scrobbling"]["waiting"] == 1);
    client.wait_until("the reason is told", |view| {
        view["scrobbling"]["problem"].as_str().is_some_and(|problem| problem.contains("cannot be reached"))
    });

    // Queued plays survive a restart.
    drop(app);
    let app = home.start();
    let client = &mut app.client();
    let server = Server::start(&[]);
    configure_scrobbling(client, &server.address, "secret");
    let (request, titles) = server.next();
    assert_eq!(titles, ["Track 002"]);
    assert!(request.head.starts_with("POST /1/submit-listens HTTP/1.1"), "{}", request.head);
    assert!(request.head.to_lowercase().contains("authorization: token secret"), "{}", request.head);
    assert_eq!(request.body["listen_type"], "single");
    let about = &request.body["payload"][0]["track_metadata"];
    assert_eq!((&about["artist_name"], &about["release_name"]), (&json!("The Generators"), &json!("Formats")));
    assert_eq!(about["additional_info"]["duration_ms"], 2000);
    assert!(request.body["payload"][0]["listened_at"].as_i64().is_some_and(|at| at > 1_700_000_000));
    client.wait_until("nothing waits", |view| view["scrobbling"] == json!({"waiting": 0, "problem": null}));

    // Plays are now submitted at once; after scrobbling is disabled, none are.
    play_to_end(client, &tracks[2..]);
    assert_eq!(server.next().1, ["Track 003"]);
    client.run(
        json!({"do": "change_settings", "settings": {"scrobbling": {"server": server.address, "token": "secret"}}}),
    );
    play_to_end(client, &tracks[..1]);
    wait_for_plays(client, 4);
    configure_scrobbling(client, &server.address, "secret");
    play_to_end(client, &tracks[1..2]);
    assert_eq!(server.next().1, ["Track 002"], "and not the one before");
}

#[test]
fn refusals_lose_no_play() {
    let home = TempHome::new();
    make_tracks(&home.music(), 3, 2.0);
    let app = home.start().with_music(&home.music());
    let client = &mut app.client();
    let tracks = client.track_ids();
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    configure_scrobbling(client, &format!("http://{closed}"), "secret");
    play_to_end(client, &tracks);
    client.wait_until("they wait", |view| view["scrobbling"]["waiting"] == 3);

    // An unknown token is tried once, reported, and not tried again.
    let server = Server::start(&["401 Unauthorized"]);
    configure_scrobbling(client, &server.address, "wrong");
    assert_eq!(server.next().1.len(), 3);
    client.wait_until("it is told", |view| {
        view["scrobbling"]["problem"].as_str().is_some_and(|problem| problem.contains("token"))
    });
    assert!(server.requests.recv_timeout(Duration::from_millis(300)).is_err());

    // A requested delay is kept, and one rejected play does not block the others.
    let server = Server::start(&["429 Slow down\r\nX-RateLimit-Reset-In: 1", "400 Bad", "200 OK", "400 Bad"]);
    configure_scrobbling(client, &server.address, "right");
    let told: Vec<Vec<String>> = (0..5).map(|_| server.next().1).collect();
    let all = ["Track 001", "Track 002", "Track 003"].map(str::to_owned);
    assert_eq!(told, [&all[..], &all[..], &all[..1], &all[1..2], &all[2..]]);
    client.wait_until("nothing waits", |view| view["scrobbling"] == json!({"waiting": 0, "problem": null}));
}

#[test]
fn plays_are_sent_once_when_settings_change_or_the_app_ends_during_a_request() {
    let home = TempHome::new();
    make_tracks(&home.music(), 3, 2.0);
    let mut app = home.start().with_music(&home.music());
    let client = &mut app.client();
    let tracks = client.track_ids();
    let (server, release) = Server::start_held();
    configure_scrobbling(client, &server.address, "secret");
    play_to_end(client, &tracks[..1]);
    assert_eq!(server.next().1, ["Track 001"]);
    configure_scrobbling(client, &server.address, "another");
    release.send(()).expect("it waits");
    client.wait_until("it was sent", |view| view["scrobbling"]["waiting"] == 0);
    play_to_end(client, &tracks[1..2]);
    assert_eq!(server.next().1, ["Track 002"], "and not the first again");

    // The app waits a moment for the answer to a running request before it ends.
    app.process.signal("TERM");
    wait_for("the end to begin", || std::net::TcpStream::connect(&app.address).is_err().then_some(()));
    release.send(()).expect("it waits");
    assert!(app.process.wait(), "a clean end");
    let app = home.start();
    play_to_end(&mut app.client(), &tracks[2..]);
    assert_eq!(server.next().1, ["Track 003"], "and not the second again");
    release.send(()).expect("it waits");
}
