//! What the remote door costs: `cargo bench --bench remote`. Prints what the README quotes.
//!
//! From a command of one client to the news of it at all others, beside a server of the same library that does nothing
//! but pass messages on (the floor), and beside MPD (`idle`, then `status`), in turns on the same machine, with the same
//! clients. Also the start with a long queue, and what stalled and flooding clients cost the others.

#[path = "../tests/support/mod.rs"]
#[allow(dead_code)] // the tests use more of it
mod support;

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::extract::ws::{Message, Utf8Bytes, WebSocketUpgrade};
use serde_json::json;
use support::app::{Headless, TempHome};
use support::desktop::free_port;
use support::music::make_tracks;
use support::process::Process;
use support::wait_for;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::broadcast;

/// The argument by which the floor is started, in a process of its own as the others are.
const FLOOR: &str = "--floor";
/// As large as what Auralis sends of a change.
const FLOOR_BYTES: usize = 460;

fn main() {
    if std::env::args().any(|argument| argument == FLOOR) {
        return Runtime::new().expect("a runtime").block_on(serve_floor());
    }
    let runtime = Runtime::new().expect("a runtime");
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 60.0);
    let app = home.start().with_music(&home.music());
    let floor = Process::start_and_read_line(
        Command::new(std::env::current_exe().expect("this program")).arg(FLOOR).stderr(Stdio::null()),
    );
    let mpd = Mpd::start(&home);
    println!("from a command to the news of it at every other client, ms p50 / p99");
    println!("{:>8} {:>17} {:>17} {:>17} {:>10} {:>8}", "clients", "Auralis", "bare axum", "MPD", "÷ axum", "MPD ÷");
    for clients in [1, 10, 100, 1_000] {
        let rounds = 400.min(20_000 / clients).max(40);
        let measure = |server: Server| runtime.block_on(server.measure(clients, rounds));
        // In turns, so that whatever else the machine does meets all of them.
        let mut times = [Times::default(), Times::default(), Times::default()];
        for _ in 0..3 {
            times[0].add(measure(Server::Auralis(&app.address)));
            times[1].add(measure(Server::Floor(&floor.1)));
            if clients <= Mpd::MOST_CLIENTS {
                times[2].add(measure(Server::Mpd(&mpd.address)));
            }
        }
        let [auralis, axum, mpd] = &mut times;
        println!(
            "{clients:>8} {auralis:>17} {axum:>17} {mpd:>17} {:>10.2} {:>8.2}",
            auralis.at(0.5) / axum.at(0.5),
            mpd.at(0.5) / auralis.at(0.5)
        );
    }
    hostile(&runtime, &app);
    long_queue(&home, app);
}

/// Milliseconds.
#[derive(Default)]
struct Times(Vec<f64>);

impl Times {
    fn add(&mut self, more: Vec<Duration>) {
        self.0.extend(more.into_iter().map(|time| time.as_secs_f64() * 1e3));
        self.0.sort_by(f64::total_cmp);
    }

    fn at(&self, share: f64) -> f64 {
        self.0.get((self.0.len() as f64 * share) as usize).copied().unwrap_or(f64::NAN)
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.pad(&match self.0.is_empty() {
            true => "–".to_owned(),
            false => format!("{:.2} / {:.2}", self.at(0.5), self.at(0.99)),
        })
    }
}

enum Server<'a> {
    Auralis(&'a str),
    Floor(&'a str),
    Mpd(&'a str),
}

impl Server<'_> {
    /// One client commands, `clients` others listen. The time from each command to each of them.
    async fn measure(&self, clients: usize, rounds: usize) -> Vec<Duration> {
        let born = Instant::now();
        // When the command under way was sent, in nanoseconds since then.
        let sent = Arc::new(AtomicU64::new(0));
        let (told, mut tellings) = tokio::sync::mpsc::unbounded_channel();
        let mut listeners = tokio::task::JoinSet::new();
        for _ in 0..clients {
            let (sent, told) = (sent.clone(), told.clone());
            let mut client = self.connect().await;
            client.prepare().await;
            listeners.spawn(async move {
                loop {
                    client.wait_for_news().await;
                    let took = born.elapsed().as_nanos() as u64 - sent.load(Ordering::Acquire);
                    if told.send(Duration::from_nanos(took)).is_err() {
                        return;
                    }
                }
            });
        }
        let mut commander = self.connect().await;
        let mut times = Vec::new();
        for round in 0..rounds + 10 {
            sent.store(born.elapsed().as_nanos() as u64, Ordering::Release);
            commander.command(round).await;
            let mut round_times = Vec::new();
            for _ in 0..clients {
                round_times.push(tellings.recv().await.expect("the listeners listen"));
            }
            if round >= 10 {
                times.extend(round_times);
            }
        }
        listeners.shutdown().await;
        times
    }

    async fn connect(&self) -> Client {
        let (address, kind) = match self {
            Server::Auralis(address) => (address, Kind::Auralis),
            Server::Floor(address) => (address, Kind::Floor),
            Server::Mpd(address) => (address, Kind::Mpd),
        };
        let stream = TcpStream::connect(address).await.expect("connects");
        stream.set_nodelay(true).expect("no delay");
        let mut client = Client { stream, kind, unread: Vec::new() };
        client.greet(address).await;
        client
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Auralis,
    Floor,
    Mpd,
}

/// The least that speaks WebSocket (RFC 6455) or MPD's lines, so that the servers and not the clients are measured.
struct Client {
    stream: TcpStream,
    kind: Kind,
    unread: Vec<u8>,
}

impl Client {
    async fn greet(&mut self, address: &str) {
        if self.kind == Kind::Mpd {
            self.until(b"\n").await;
            return;
        }
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: auralis.v2\r\n\r\n"
        );
        self.stream.write_all(request.as_bytes()).await.expect("sends");
        self.until(b"\r\n\r\n").await;
        if self.kind == Kind::Auralis {
            self.until(b"\"hello\"").await;
        }
    }

    /// What a listener must do before it can be told.
    async fn prepare(&mut self) {
        if self.kind == Kind::Mpd {
            self.stream.write_all(b"idle mixer\n").await.expect("sends");
        }
    }

    async fn wait_for_news(&mut self) {
        match self.kind {
            Kind::Auralis => self.until(b"\"type\":\"player\"").await,
            Kind::Floor => self.until(b"\"end\"").await,
            Kind::Mpd => {
                self.until(b"OK\n").await;
                // What changed is told only who asks.
                self.stream.write_all(b"status\n").await.expect("sends");
                self.until(b"OK\n").await;
                self.prepare().await;
            }
        }
    }

    async fn command(&mut self, round: usize) {
        let volume = round % 2 + 50;
        match self.kind {
            Kind::Auralis => {
                let command = json!({"type": "command", "id": round, "data": {"do": "set_volume", "volume": volume}});
                self.send(command.to_string().as_bytes()).await;
                self.until(format!("\"id\":{round}").as_bytes()).await;
            }
            Kind::Floor => {
                self.send(b"go").await;
                self.until(b"\"end\"").await;
            }
            Kind::Mpd => {
                self.stream.write_all(format!("setvol {volume}\n").as_bytes()).await.expect("sends");
                self.until(b"OK\n").await;
            }
        }
    }

    /// A text message, masked by zeros.
    async fn send(&mut self, text: &[u8]) {
        let mut frame = vec![0x81];
        match text.len() {
            length @ ..126 => frame.push(0x80 | length as u8),
            length => {
                frame.push(0x80 | 126);
                frame.extend((length as u16).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text);
        self.stream.write_all(&frame).await.expect("sends");
    }

    /// Reads past the next `end`.
    async fn until(&mut self, end: &[u8]) {
        loop {
            if let Some(at) = self.unread.windows(end.len()).position(|window| window == end) {
                self.unread.drain(..at + end.len());
                return;
            }
            // Only its last bytes may be the beginning of what is looked for.
            self.unread.drain(..self.unread.len().saturating_sub(end.len()));
            assert!(self.stream.read_buf(&mut self.unread).await.expect("reads") > 0, "the server hung up");
        }
    }
}

/// Passes on to everybody that somebody said something.
async fn serve_floor() {
    let (news, _) = broadcast::channel::<Utf8Bytes>(64);
    let routes = axum::Router::new().route("/ws", axum::routing::any(floor_socket)).with_state(news);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    std::io::stdout().flush().expect("told");
    axum::serve(listener, routes).await.expect("serves");
}

async fn floor_socket(
    State(news): State<broadcast::Sender<Utf8Bytes>>,
    upgrade: WebSocketUpgrade,
) -> axum::response::Response {
    // Before the client hears that it is let in, or it would wait for what it missed.
    let mut told = news.subscribe();
    upgrade.protocols(["auralis.v2"]).on_upgrade(async move |mut socket| {
        loop {
            tokio::select! {
                message = socket.recv() => match message {
                    Some(Ok(Message::Text(_))) => drop(news.send(format!("{}\"end\"", " ".repeat(FLOOR_BYTES)).into())),
                    _ => return,
                },
                text = told.recv() => match text {
                    Ok(text) => if socket.send(Message::Text(text)).await.is_err() { return },
                    Err(_) => return,
                },
            }
        }
    })
}

/// MPD without sound.
struct Mpd {
    address: String,
    _process: Process,
}

impl Mpd {
    /// Its own limit is 100 unless it is told otherwise; at a thousand it is not comparable, it takes seconds.
    const MOST_CLIENTS: usize = 100;

    fn start(home: &TempHome) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let (host, port) = address.split_once(':').expect("an address");
        let folder = home.path().join("mpd");
        std::fs::create_dir_all(&folder).expect("folder");
        let at = folder.display();
        let settings = format!(
            "bind_to_address \"{host}\"\nport \"{port}\"\nmusic_directory \"{}\"\ndb_file \"{at}/db\"\n\
             state_file \"{at}/state\"\nmax_connections \"2000\"\n\
             audio_output {{\n type \"null\"\n name \"none\"\n mixer_type \"null\"\n}}\n",
            home.music().display()
        );
        let file = folder.join("mpd.conf");
        std::fs::write(&file, settings).expect("writes");
        let process = Process::start(
            Command::new("mpd").arg("--no-daemon").arg(&file).stdout(Stdio::null()).stderr(Stdio::null()),
        );
        wait_for("MPD", || std::net::TcpStream::connect(&address).ok());
        Mpd { address, _process: process }
    }
}

/// What ten clients that do not read and ten that flood cost ten others, beside what twenty more do that behave: they are
/// told everything, too.
fn hostile(runtime: &Runtime, app: &Headless) {
    let others = || {
        let mut times = [Times::default(), Times::default(), Times::default()];
        for times in &mut times {
            times.add(runtime.block_on(Server::Auralis(&app.address).measure(10, 1_000)));
        }
        times.into_iter().min_by(|a, b| a.at(0.99).total_cmp(&b.at(0.99))).expect("three")
    };
    let alone = others();
    let behaving = runtime.block_on(async {
        let mut clients = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let mut client = Server::Auralis(&app.address).connect().await;
            clients.spawn(async move {
                loop {
                    client.wait_for_news().await;
                }
            });
        }
        clients
    });
    let beside_good = others();
    drop(behaving);
    let stalled: Vec<_> = (0..10).map(|_| app.client()).collect();
    let floods: Vec<_> = (0..10)
        .map(|_| {
            let mut client = app.client();
            std::thread::spawn(move || while client.try_send(r#"{"type":"ping"}"#) {})
        })
        .collect();
    let beside_bad = others();
    drop(stalled);
    println!("10 clients, ms p50 / p99, the best of three runs: alone {alone}, beside 20 that behave {beside_good}");
    println!("  beside 10 that stall and 10 that flood {beside_bad}");
    let p99 = |times: &Times| times.at(0.99);
    println!(
        "  p99, with ÷ alone {:.2}, with ÷ beside those that behave {:.2}",
        p99(&beside_bad) / p99(&alone),
        p99(&beside_bad) / p99(&beside_good)
    );
    // The floods end with the app, or when it cuts them off.
    drop(floods);
}

/// Start with a long queue.
fn long_queue(home: &TempHome, app: Headless) {
    let mut app = app;
    for length in [1_usize, 1_000, 100_000] {
        let mut client = app.client();
        let track = client.track_ids()[0];
        client.play(&vec![track; length], 0).wait_until("sound", |view| view["position"]["running"] == true);
        for volume in [40, 41] {
            client.run(json!({"do": "set_volume", "volume": volume}));
        }
        let started = Instant::now();
        client.run(json!({"do": "enqueue", "tracks": {"from": "ids", "ids": [track]}, "place": "next"}));
        let edit = started.elapsed();
        client.wait_until("a tick", |view| view["player"]["volume"] == 41);
        let (state, tick) = (client.bytes["player"], client.bytes["position"]);
        let entries = client.view["queue"]["length"].clone();
        app.process.signal("TERM");
        app.process.wait();
        let started = Instant::now();
        app = home.start();
        let begun = started.elapsed();
        assert_eq!(app.client().view["queue"]["length"], entries);
        println!(
            "queue of {length:>7}: state {state} B, tick {tick} B, an edit {:.2} ms, start with it {:.0} ms",
            edit.as_secs_f64() * 1e3,
            begun.as_secs_f64() * 1e3
        );
    }
}
