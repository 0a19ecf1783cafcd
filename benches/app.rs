//! Measures the whole app from outside: `cargo bench --bench app -- [TRACKS]`. Prints the figures of docs/performance.md.
//!
//! Machines are noisy, so each latency is printed beside a baseline of the same run.

#[path = "../tests/support/mod.rs"]
#[allow(dead_code)] // only the tests use the rest
mod support;

#[path = "../src-tauri/crates/library/tests/library/fixture.rs"]
#[allow(dead_code)] // only the library's tests use the rest
mod fixture;

mod webview;

use std::fs;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use support::app::{Headless, TempHome};
use support::client::Client;
use support::desktop::Desktop;
use support::music::make_tracks;
use support::sound::SoundServer;

const ROUNDS: usize = 500;
const STARTS: usize = 5;

fn main() {
    let tracks: usize = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(50_000);
    let home = TempHome::new();
    println!("generating {tracks} tracks");
    fixture::generate(&home.music(), tracks).expect("the files are generated");

    let app = home.start();
    let started = Instant::now();
    let app = app.with_music(&home.music());
    let seconds = started.elapsed().as_secs_f64();
    println!("scan                                {:>10.0} files/s ({seconds:.1} s)", tracks as f64 / seconds);
    socket(&app);
    sizes(&app);
    println!("memory, headless                    {:>10.0} MB PSS", pss_mb(app.process.id()));
    drop(app);
    window(&home);
}

/// Time from a command of one client to the update at another.
fn socket(app: &Headless) {
    let (mut one, mut other) = (app.client(), app.client());
    let mut round = |volume: usize| {
        let started = Instant::now();
        one.run(json!({"do": "set_volume", "volume": volume % 100}));
        other.wait_until("the volume", |view| view["player"]["volume"] == volume % 100);
        started.elapsed()
    };
    print_result("command to another socket", (0..ROUNDS).map(|volume| round(volume + 1)).collect());
    let mut client = app.client();
    let mut ping = || {
        let started = Instant::now();
        client.ask(r#"{"type":"ping"}"#);
        started.elapsed()
    };
    print_result("  baseline: ping over a socket", (0..ROUNDS).map(|_| ping()).collect());
}

/// Message sizes of a change and of a position update, for short and long queues.
fn sizes(app: &Headless) {
    let mut client = app.client();
    let track = client.track_ids()[0];
    for length in [1, 100_000] {
        let started = Instant::now();
        client.play(&vec![track; length], 0).wait_until("sound", |view| view["position"]["running"] == true);
        let set = started.elapsed();
        let edit = time_edit(&mut client, track);
        println!(
            "queue of {length:>7}: state {} B, tick {} B, set and sounding after {:.1} ms, an edit {:.2} ms",
            client.bytes["player"],
            client.bytes["position"],
            ms(set),
            ms(edit)
        );
    }
    client.run(json!({"do": "clear_queue"}));
}

fn time_edit(client: &mut Client, track: i64) -> Duration {
    let started = Instant::now();
    client.run(json!({"do": "enqueue", "tracks": {"from": "ids", "ids": [track]}, "place": "next"}));
    started.elapsed()
}

/// Start-up time, latency and memory of the real window with the whole library.
fn window(home: &TempHome) {
    let sound = SoundServer::start();
    let mut starts: Vec<Duration> = (0..STARTS).map(|_| Duration::from_millis(first_list(home, &sound))).collect();
    starts.sort();
    println!(
        "exec to first painted list          {:>10.0} ms (median of {STARTS}, {:.0} to {:.0})",
        ms(starts[STARTS / 2]),
        ms(starts[0]),
        ms(starts[STARTS - 1])
    );

    let desktop = Desktop::start(home, &sound);
    let measure = |call: &str| {
        let script = format!(
            "const root = document.documentElement, invoke = window.__TAURI_INTERNALS__.invoke, times = [];
             const shown = rev => new Promise(resolve => {{
               const look = () => +root.dataset.rev >= rev && (observer.disconnect(), resolve());
               const observer = new MutationObserver(look);
               observer.observe(root, {{ attributes: true }});
               look();
             }});
             (async () => {{
               for (let i = 0; i < {ROUNDS}; i++) {{
                 const started = performance.now();
                 {call}
                 times.push(performance.now() - started);
               }}
               done(times);
             }})()"
        );
        let times = desktop.page().async_script(&script);
        let millis = |time: &Value| Duration::from_secs_f64(time.as_f64().expect("ms") / 1e3);
        times.as_array().expect("times").iter().map(millis).collect()
    };
    print_result(
        "command to shown in the webview",
        measure("await shown(await invoke('dispatch', { command: { do: 'set_volume', volume: i % 100 } }));"),
    );
    print_result("  baseline: a bare call and its answer", measure("await invoke('attach');"));
    println!("memory, one window                  {:>10.0} MB PSS (all its processes)", pss_mb(app_process()));
    let long = home.path().join("long");
    make_tracks(&long, 1, 1_200.0);
    webview::measure(&desktop, &long.join("001.flac"));
}

/// Milliseconds from process start to the mark that the interface sets when its first rows are painted.
fn first_list(home: &TempHome, sound: &SoundServer) -> u64 {
    let desktop = Desktop::start(home, sound);
    let script = "const mark = () => performance.getEntriesByName('first-list')[0]; \
                  const look = () => mark() ? done(performance.timeOrigin + mark().startTime) : setTimeout(look, 20); look()";
    let painted = desktop.page().async_script(script).as_f64().expect("a time");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64();
    let uptime: f64 = first_number(&fs::read_to_string("/proc/uptime").expect("uptime"));
    let stat = fs::read_to_string(format!("/proc/{}/stat", app_process())).expect("stat");
    // proc(5): field 22, in ticks of 10 ms since boot; the name in field 2 may hold spaces.
    let after_name = stat.rsplit_once(')').expect("a name").1;
    let ticks: f64 = first_number(after_name.split_whitespace().nth(19).expect("starttime"));
    let started = now - (uptime - ticks / 100.0);
    (painted - started * 1e3) as u64
}

fn first_number(text: &str) -> f64 {
    text.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}

/// The newest process of the app, which is the one that the driver started.
fn app_process() -> u32 {
    let ours = fs::canonicalize(env!("CARGO_BIN_EXE_auralis")).expect("the program");
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| fs::read_link(format!("/proc/{id}/exe")).is_ok_and(|exe| exe == ours)).max().expect("it runs")
}

/// Proportional set size of a process and its descendants, in MB.
fn pss_mb(id: u32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let own = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).map_or(0.0, first_number) / 1024.0;
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    own + children.split_whitespace().filter_map(|child| child.parse().ok()).map(pss_mb).sum::<f64>()
}

fn print_result(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| ms(times[(times.len() as f64 * share) as usize]);
    println!("{what:<36}{:>8.2} ms p50 {:>8.2} ms p99", at(0.5), at(0.99));
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
