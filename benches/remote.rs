//! Benchmark of the remote server: `cargo bench --bench remote`. Prints the figures of docs/performance.md.
//!
//! Measures the time from a command of one client to the update at all others, beside a bare axum server that only
//! broadcasts messages (the baseline) and beside MPD (`idle`, then `status`), alternating on the same machine with the
//! same clients. Also measures the start with a long queue, and the cost of stalled and flooding clients for others.

#[path = "../tests/support/mod.rs"]
#[allow(dead_code)] // only the tests use the rest
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

/// Argument that makes this program the baseline server, which runs in a process of its own like the others.
const BASELINE_ARGUMENT: &str = "--baseline";
/// Size of the update that Auralis sends for the same command.
const BASELINE_MESSAGE_BYTES: usize = 460;

fn main() {
    if std::env::args().any(|argument| argument == BASELINE_ARGUMENT) {
        return Runtime::new().expect("a runtime").block_on(serve_baseline());
    }
    let runtime = Runtime::new().expect("a runtime");
    let home = TempHome::new();
    make_tracks(&home.music(), 1, 60.0);
    let app = home.start().with_music(&home.music());
    let baseline = Process::start_and_read_line(
        Command::new(std::env::current_exe().expect("this program")).arg(BASELINE_ARGUMENT).stderr(Stdio::null()),
    );
    let mpd = Mpd::start(&home);
    println!("from a command to the update at every other client, ms p50 / p99");
    println!("{:>8} {:>17} {:>17} {:>17} {:>10} {:>8}", "clients", "Auralis", "bare axum", "MPD", "÷ axum", "MPD ÷");
    for clients in [1, 10, 100, 1_000] {
        let rounds = 400.min(20_000 / clients).max(40);
        let measure = |server: Server| runtime.block_on(server.measure(clients, rounds));
        // Alternate, so that other load on the machine affects all servers alike.
        let mut times = [Times::default(), Times::default(), Times::default()];
        for _ in 0..3 {
            times[0].add(measure(Server::Auralis(&app)));
            times[1].add(measure(Server::Baseline(&baseline.1)));
            if clients <= Mpd::MAX_CLIENTS {
                times[2].add(measure(Server::Mpd(&mpd.address)));
            }
        }
        let [auralis, axum, mpd] = &mut times;
        println!(
            "{clients:>8} {auralis:>17} {axum:>17} {mpd:>17} {:>10.2} {:>8.2}",
            auralis.percentile(0.5) / axum.percentile(0.5),
            mpd.percentile(0.5) / auralis.percentile(0.5)
        );
    }
    misbehaving_clients(&runtime, &app);
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

    fn percentile(&self, fraction: f64) -> f64 {
        self.0.get((self.0.len() as f64 * fraction) as usize).copied().unwrap_or(f64::NAN)
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.pad(&match self.0.is_empty() {
            true => "–".to_owned(),
            false => format!("{:.2} / {:.2}", self.percentile(0.5), self.percentile(0.99)),
        })
    }
}

enum Server<'a> {
    Auralis(&'a Headless),
    Baseline(&'a str),
    Mpd(&'a str),
}

impl Server<'_> {
    /// One client sends commands, `clients` others listen. Returns the time from each command to each listener.
    async fn measure(&self, clients: usize, rounds: usize) -> Vec<Duration> {
        let epoch = Instant::now();
        // Send time of the current command, in nanoseconds since `epoch`.
        let sent = Arc::new(AtomicU64::new(0));
        let (report, mut reports) = tokio::sync::mpsc::unbounded_channel();
        let mut listeners = tokio::task::JoinSet::new();
        for _ in 0..clients {
            let (sent, report) = (sent.clone(), report.clone());
            let mut client = self.connect().await;
            client.prepare().await;
            listeners.spawn(async move {
                loop {
                    client.wait_for_change().await;
                    let took = epoch.elapsed().as_nanos() as u64 - sent.load(Ordering::Acquire);
                    if report.send(Duration::from_nanos(took)).is_err() {
                        return;
                    }
                }
            });
        }
        let mut commander = self.connect().await;
        let mut times = Vec::new();
        for round in 0..rounds + 10 {
            sent.store(epoch.elapsed().as_nanos() as u64, Ordering::Release);
            commander.command(round).await;
            let mut round_times = Vec::new();
            for _ in 0..clients {
                round_times.push(reports.recv().await.expect("the listeners listen"));
            }
            if round >= 10 {
                times.extend(round_times);
            }
        }
        listeners.shutdown().await;
        times
    }

    async fn connect(&self) -> Client {
        let (address, kind, secret) = match self {
            Server::Auralis(app) => (&*app.address, ServerKind::Auralis, app.secret()),
            Server::Baseline(address) => (*address, ServerKind::Baseline, String::new()),
            Server::Mpd(address) => (*address, ServerKind::Mpd, String::new()),
        };
        let stream = TcpStream::connect(address).await.expect("connects");
        stream.set_nodelay(true).expect("no delay");
        let mut client = Client { stream, kind, unread: Vec::new() };
        client.greet(address, &secret).await;
        client
    }
}

#[derive(Clone, Copy, PartialEq)]
enum ServerKind {
    Auralis,
    Baseline,
    Mpd,
}

/// A minimal WebSocket (RFC 6455) or MPD client, so that the servers dominate the measurement.
struct Client {
    stream: TcpStream,
    kind: ServerKind,
    unread: Vec<u8>,
}

impl Client {
    async fn greet(&mut self, address: &str, secret: &str) {
        if self.kind == ServerKind::Mpd {
            self.until(b"\n").await;
            return;
        }
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: auralis.v2\r\n\
             Authorization: Bearer {secret}\r\n\r\n"
        );
        self.stream.write_all(request.as_bytes()).await.expect("sends");
        self.until(b"\r\n\r\n").await;
        if self.kind == ServerKind::Auralis {
            self.until(b"\"hello\"").await;
        }
    }

    /// Subscribes to changes, where the protocol needs that.
    async fn prepare(&mut self) {
        if self.kind == ServerKind::Mpd {
            self.stream.write_all(b"idle mixer\n").await.expect("sends");
        }
    }

    async fn wait_for_change(&mut self) {
        match self.kind {
            ServerKind::Auralis => self.until(b"\"type\":\"player\"").await,
            ServerKind::Baseline => self.until(b"\"end\"").await,
            ServerKind::Mpd => {
                self.until(b"OK\n").await;
                // MPD only names the subsystem; `status` gives the values.
                self.stream.write_all(b"status\n").await.expect("sends");
                self.until(b"OK\n").await;
                self.prepare().await;
            }
        }
    }

    async fn command(&mut self, round: usize) {
        let volume = round % 2 + 50;
        match self.kind {
            ServerKind::Auralis => {
                let command = json!({"type": "command", "id": round, "data": {"do": "set_volume", "volume": volume}});
                self.send(command.to_string().as_bytes()).await;
                self.until(format!("\"id\":{round}").as_bytes()).await;
            }
            ServerKind::Baseline => {
                self.send(b"go").await;
                self.until(b"\"end\"").await;
            }
            ServerKind::Mpd => {
                self.stream.write_all(format!("setvol {volume}\n").as_bytes()).await.expect("sends");
                self.until(b"OK\n").await;
            }
        }
    }

    /// Sends a text message with a zero mask.
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
            // Keep only the bytes that may be the start of `end`.
            self.unread.drain(..self.unread.len().saturating_sub(end.len()));
            assert!(
                self.stream.read_buf(&mut self.unread).await.expect("reads") > 0,
                "the server closed the connection"
            );
        }
    }
}

/// Serves the baseline: every message is broadcast to all clients.
async fn serve_baseline() {
    let (news, _) = broadcast::channel::<Utf8Bytes>(64);
    let routes = axum::Router::new().route("/ws", axum::routing::any(baseline_socket)).with_state(news);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    std::io::stdout().flush().expect("flushes");
    axum::serve(listener, routes).await.expect("serves");
}

async fn baseline_socket(
    State(news): State<broadcast::Sender<Utf8Bytes>>,
    upgrade: WebSocketUpgrade,
) -> axum::response::Response {
    // Subscribe before the upgrade is answered, or the client could miss a message.
    let mut messages = news.subscribe();
    upgrade.protocols(["auralis.v2"]).on_upgrade(async move |mut socket| {
        loop {
            tokio::select! {
                message = socket.recv() => match message {
                    Some(Ok(Message::Text(_))) => drop(news.send(format!("{}\"end\"", " ".repeat(BASELINE_MESSAGE_BYTES)).into())),
                    _ => return,
                },
                text = messages.recv() => match text {
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
    /// MPD's default limit. With 1,000 clients it takes seconds and is not comparable.
    const MAX_CLIENTS: usize = 100;

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

/// Latency of ten clients beside ten stalled and ten flooding ones, and beside twenty well-behaved ones.
fn misbehaving_clients(runtime: &Runtime, app: &Headless) {
    let measure = || {
        let mut times = [Times::default(), Times::default(), Times::default()];
        for times in &mut times {
            times.add(runtime.block_on(Server::Auralis(app).measure(10, 1_000)));
        }
        times.into_iter().min_by(|a, b| a.percentile(0.99).total_cmp(&b.percentile(0.99))).expect("three")
    };
    let alone = measure();
    let behaving = runtime.block_on(async {
        let mut clients = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let mut client = Server::Auralis(app).connect().await;
            clients.spawn(async move {
                loop {
                    client.wait_for_change().await;
                }
            });
        }
        clients
    });
    let beside_good = measure();
    drop(behaving);
    let stalled: Vec<_> = (0..10).map(|_| app.client()).collect();
    let floods: Vec<_> = (0..10)
        .map(|_| {
            let mut client = app.client();
            std::thread::spawn(move || while client.try_send(r#"{"type":"ping"}"#) {})
        })
        .collect();
    let beside_bad = measure();
    drop(stalled);
    println!("10 clients, ms p50 / p99, the best of three runs: alone {alone}, beside 20 well-behaved {beside_good}");
    println!("  beside 10 stalled and 10 flooding {beside_bad}");
    let p99 = |times: &Times| times.percentile(0.99);
    println!(
        "  p99, with ÷ alone {:.2}, with ÷ beside well-behaved {:.2}",
        p99(&beside_bad) / p99(&alone),
        p99(&beside_bad) / p99(&beside_good)
    );
    // The floods end with the app, or when it disconnects them.
    drop(floods);
}

/// Start-up time with a long saved queue.
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
