//! Measures the rooms. Prints the figures of the documentation with
//! `AURALIS_ROOMS_ROUNDS=40 cargo test --no-default-features --test system rooms::figures -- --nocapture`; a few rounds otherwise.

use std::time::Instant;

use serde_json::json;

use super::rig::{RATE_HZ, Recording};
use super::{Setup, ms_since};

/// Rounds without the variable: enough to see that everything still happens.
const SHORT_ROUNDS: usize = 2;
/// Rounds of joins and kills, which take seconds each.
const MAX_SLOW_ROUNDS: usize = 10;

fn rounds() -> usize {
    std::env::var("AURALIS_ROOMS_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(SHORT_ROUNDS)
}

/// Prints the median, the 95th percentile and the largest of some figures.
fn show(name: &str, mut figures: Vec<f64>) {
    figures.sort_by(f64::total_cmp);
    let at = |share: f64| figures[((figures.len() - 1) as f64 * share).round() as usize];
    println!("{name}: median {:.1}, p95 {:.1}, max {:.1} ms of {}", at(0.5), at(0.95), at(1.0), figures.len());
}

/// Both rooms' time from a moment to silence, or to the sound after it.
fn both(recording: &Recording, moment: Instant, sounding: bool) -> [f64; 2] {
    [0, 1].map(|room| {
        let silent = recording.find(room, recording.frame_at(moment), false);
        let found = if sounding { recording.find(room, silent, true) } else { silent };
        ms_since(recording, moment, found)
    })
}

#[test]
fn figures() {
    let (rounds, mut setup) = (rounds(), Setup::start());
    let recording = setup.play(0);
    // Until the clients have settled.
    recording.wait(recording.len() + 3 * RATE_HZ);
    let from = recording.len();
    let seconds = rounds.min(20);
    recording.wait(from + seconds * RATE_HZ);
    let offsets =
        (0..2 * seconds).map(|window| recording.offset_ms(from + window * RATE_HZ / 2, RATE_HZ / 2).abs()).collect();
    show("offset of two rooms, 0.5 s windows", offsets);
    println!(
        "gaps in them: {} and {} frames in {seconds} s",
        recording.gaps(0, from, seconds * RATE_HZ),
        recording.gaps(1, from, seconds * RATE_HZ)
    );
    let (mut pauses, mut plays, mut seeks, mut skips) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let moment = Instant::now();
        setup.client.run(json!({"do": "pause"}));
        pauses.extend(both(&recording, moment, false));
        recording.wait(recording.len() + RATE_HZ / 2);
        let moment = Instant::now();
        setup.client.run(json!({"do": "play"}));
        plays.push(ms_since(&recording, moment, recording.find(0, recording.frame_at(moment), true)));
        recording.wait(recording.len() + RATE_HZ / 2);
        let moment = Instant::now();
        setup.client.run(json!({"do": "seek", "position_s": (round * 7 % 50) as f64}));
        seeks.extend(both(&recording, moment, true));
        recording.wait(recording.len() + RATE_HZ / 2);
    }
    for round in 0..rounds {
        let moment = Instant::now();
        setup.client.run(json!({"do": if round % 3 == 2 { "previous" } else { "next" }}));
        skips.extend(both(&recording, moment, true));
        recording.wait(recording.len() + RATE_HZ / 2);
        if round % 3 == 2 {
            let tracks = setup.tracks.clone();
            setup.client.play(&tracks, 0);
            recording.wait(recording.len() + 2 * RATE_HZ);
        }
    }
    show("pause to silence", pauses);
    show("play to sound", plays);
    show("seek to new sound", seeks);
    show("skip to new sound", skips);
    let port =
        u16::try_from(setup.client.view["rooms"]["server"]["stream_port"].as_u64().expect("a port")).expect("a port");
    let joins = (0..rounds.min(MAX_SLOW_ROUNDS)).map(|_| {
        setup.rooms.remove(0);
        recording.find(0, recording.len(), false);
        let moment = Instant::now();
        setup.rooms.insert(0, setup.rig.player("front", "front", port));
        let ms = ms_since(&recording, moment, recording.find(0, recording.frame_at(moment), true));
        recording.wait(recording.len() + RATE_HZ);
        ms
    });
    show("join to sound", joins.collect());
    let kills = (0..rounds.min(MAX_SLOW_ROUNDS)).map(|_| {
        let moment = setup.kill_server();
        let [one, other] = both(&recording, moment, true);
        recording.wait(recording.len() + 3 * RATE_HZ);
        one.max(other)
    });
    show("server killed to sound in both", kills.collect());
}
