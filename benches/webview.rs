//! Processor time, latency and memory of the interface in its real window.
//!
//! Processor time is that of all threads of the web process, as the kernel counts it in nanoseconds. It excludes waiting,
//! but the same work takes more of it on a busy machine.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::print_result;
use crate::support::desktop::Desktop;
use crate::support::process::run;
use crate::support::wait_for;
use crate::support::webdriver::Page;

const SCROLLS: usize = 300;
/// Distance of one scroll step.
const STEP_PX: u32 = 120;
const IDLE_TIME: Duration = Duration::from_secs(10);
const ANALYSIS_TIMEOUT: Duration = Duration::from_secs(1_800);
const CHANGES: usize = 10_000;
/// Track changes after which caches and pools are full.
const WARMUP_CHANGES: usize = 1_000;
const MEMORY_SAMPLES: usize = 6;
const CHANGES_PER_SAMPLE: usize = 100;

/// Measures and prints. The window must show a scanned library already; `long` is a track that does not end meanwhile.
pub fn measure(desktop: &Desktop, long: &Path) {
    bundle();
    let page = desktop.page();
    wait_until_analysed(page);
    page.script("location.hash = '#/songs'");
    wait_for("rows", || (page.count("[data-testid=track-row]") > 10).then_some(()));
    let web = web_process();

    std::thread::sleep(IDLE_TIME); // let start-up work finish
    println!("idle web process, stopped           {:>10.2} % of a core", idle(web));
    scroll(page, web);
    search(page);
    desktop.dispatch(json!({"do": "play_tracks", "tracks": {"from": "files", "paths": [long]}}));
    wait_for("sound", || (page.attribute("play-pause", "data-transport") == "playing").then_some(()));
    println!("idle web process, playing           {:>10.2} % of a core", idle(web));
    desktop.dispatch(json!({"do": "pause"}));
    println!("idle web process, paused            {:>10.2} % of a core", idle(web));
    let all = json!({"from": "list", "list": {"filter": {}, "sort": "album", "descending": false}});
    desktop.dispatch(json!({"do": "play_tracks", "tracks": all, "start": 0}));
    desktop.dispatch(json!({"do": "pause"}));
    changes(page, web);
}

/// Waits for the background analysis, whose updates would disturb the measurements.
fn wait_until_analysed(page: &Page) {
    let began = Instant::now();
    let analysis = || {
        page.async_script(
            "window.__TAURI_INTERNALS__.invoke('attach').then(hello => done(hello.view.mastering.analysis))",
        )
    };
    while analysis()["analysed"] != analysis()["total"] {
        assert!(began.elapsed() < ANALYSIS_TIMEOUT, "the analysis did not finish: {}", analysis());
        std::thread::sleep(IDLE_TIME);
    }
    println!("analysed after                      {:>10.0} s more", began.elapsed().as_secs_f64());
}

/// Compressed size of the scripts that a browser loads.
fn bundle() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/dist/assets");
    let mut sum = 0.0;
    for file in fs::read_dir(folder).expect("a built interface").flatten() {
        let path = file.path();
        if path.extension().is_some_and(|ending| ending == "js") {
            let packed_kb = run("gzip", &["-9", "-c", path.to_str().expect("UTF-8")]).len() as f64 / 1e3;
            println!("script {:<29}{packed_kb:>10.1} kB gzip", file.file_name().to_string_lossy());
            sum += packed_kb;
        }
    }
    println!("script, all languages               {sum:>10.1} kB gzip");
}

/// Scrolls through the songs; each step lasts until the frame after its paint.
fn scroll(page: &Page, web: u32) {
    let mut times = Vec::new();
    let mut most_rows = 0;
    for _ in 0..SCROLLS {
        let step = format!(
            "document.querySelector('[data-testid=track-list]').parentElement.scrollTop += {STEP_PX}; \
             requestAnimationFrame(() => requestAnimationFrame(() => done(document.querySelectorAll('[role=row]').length)))"
        );
        let before = threads(web);
        let rows = page.async_script(&step);
        times.push(taken(web, &before));
        most_rows = most_rows.max(rows.as_u64().expect("a number"));
    }
    print_result("CPU of the web process, a scroll", times);
    println!("rows in the document                {most_rows:>10} at most");
    page.script("document.querySelector('[data-testid=track-list]').parentElement.scrollTop = 0");
}

/// Time from a key stroke in the search field to its painted results.
fn search(page: &Page) {
    let mut times = Vec::new();
    for word in ["love", "night", "track", "river", "the"] {
        for length in 1..=word.len() {
            let typed = &word[..length];
            let script = format!(
                "const field = document.querySelector('[data-testid=search]'); \
                 const began = performance.now(); \
                 field.value = '{typed}'; \
                 field.dispatchEvent(new Event('input', {{ bubbles: true }})); \
                 const nothingFound = () => document.querySelector('main').textContent.includes('“{typed}”'); \
                 const shown = () => document.querySelector('[data-testid=track-list]')?.ariaLabel.endsWith(' {typed}') \
                   && document.querySelector('[data-testid=track-row][data-track]'); \
                 const look = () => shown() || nothingFound() ? \
                   requestAnimationFrame(() => done(performance.now() - began)) : requestAnimationFrame(look); \
                 look();"
            );
            let took_ms = page.async_script(&script).as_f64().expect("a time");
            times.push(Duration::from_secs_f64(took_ms / 1e3));
        }
    }
    print_result("a letter typed to painted rows", times);
    page.script("location.hash = '#/songs'");
}

/// Memory of the web process over many track changes. Garbage collection moves it by many MB at unpredictable times, so
/// each value is the minimum of several samples.
fn changes(page: &Page, web: u32) {
    let go = |times: usize| {
        page.async_script(&format!(
            "const next = () => window.__TAURI_INTERNALS__.invoke('dispatch', {{ command: {{ do: 'next' }} }}); \
             (async () => {{ for (let i = 0; i < {times}; i++) await next(); done(null); }})()"
        ))
    };
    let step = |times: usize| (0..times / 100).for_each(|_| drop(go(100)));
    let sample = || {
        step(CHANGES_PER_SAMPLE);
        std::thread::sleep(IDLE_TIME);
        pss_mb(web)
    };
    let minimum = || (0..MEMORY_SAMPLES).map(|_| sample()).fold(f64::INFINITY, f64::min);
    step(WARMUP_CHANGES - MEMORY_SAMPLES * CHANGES_PER_SAMPLE);
    let before = minimum();
    step(CHANGES - WARMUP_CHANGES - MEMORY_SAMPLES * CHANGES_PER_SAMPLE);
    let after = minimum();
    println!(
        "memory of the web process           {before:>10.1} MB PSS after {WARMUP_CHANGES} changes of the track, {after:.1} MB after {CHANGES} ({:+.1} %)",
        (after / before - 1.0) * 100.0
    );
}

/// Processor use of the idle web process, in percent of one core.
fn idle(web: u32) -> f64 {
    let (began, before) = (Instant::now(), threads(web));
    std::thread::sleep(IDLE_TIME);
    taken(web, &before).as_secs_f64() / began.elapsed().as_secs_f64() * 100.0
}

/// Processor time of each thread of a process (proc(5), `schedstat`).
fn threads(process: u32) -> BTreeMap<OsString, Duration> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("the process lives").flatten();
    let taken = threads.filter_map(|thread| {
        let stat = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        Some((thread.file_name(), Duration::from_nanos(stat.split_whitespace().next()?.parse().ok()?)))
    });
    taken.collect()
}

/// Processor time of a process since `since`. Threads that ended meanwhile are not counted.
fn taken(process: u32, since: &BTreeMap<OsString, Duration>) -> Duration {
    let own = |(thread, now): (OsString, Duration)| now - since.get(&thread).copied().unwrap_or_default();
    threads(process).into_iter().map(own).sum()
}

/// The newest web process, which is that of the app's window.
fn web_process() -> u32 {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    // The kernel truncates process names to 15 characters.
    let is_web =
        |id: &u32| fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|name| name == "WebKitWebProces\n");
    ids.filter(is_web).max().expect("a web process")
}

fn pss_mb(process: u32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).expect("the process lives");
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).expect("a sum");
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).expect("a number") / 1024.0
}
