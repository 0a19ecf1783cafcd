//! Judges the mastering's judgement on real music: does it leave well-made records alone, and does it repair copies with a
//! known fault? `benches/judgement/fetch` downloads the music.
//!
//! `cargo bench -p auralis-dsp --bench judgement -- [--tracks N] [--peers N] [--statistics]`

mod measure;
mod peers;
mod statistics;
mod tracks;

use std::{
    collections::HashMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

use auralis_core::{AudioProfile, MasteringSettings, MasteringStep, Preset};
use auralis_dsp::{GroupStatistics, Parameters, decide, decide_in_library};
use measure::{analyse, distance_db, is_left_alone, render, width_db};
use peers::{PEERS, Peer};
use tracks::{FAULTS, Fault, Track};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target/judgement");
    let number = |name: &str, default: usize| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
        arguments.next().map_or(default, |value| value.parse().expect("a number"))
    };
    let all = Track::all(&root.join("music"));
    assert!(!all.is_empty(), "No music. Run benches/judgement/fetch first.");
    let profiles = Profiles::measure(&root.join("profiles.jsonl"), &all);
    if std::env::args().any(|argument| argument == "--statistics") {
        let tuning = all.iter().filter(|track| track.is_tuning());
        let known: Vec<_> =
            tuning.filter_map(|track| Some((track.album.clone(), profiles.of(track)?.clone()))).collect();
        print!("{}", statistics::source(&known));
        return;
    }
    let usable: Vec<&Track> = all.iter().filter(|track| profiles.of(track).is_some()).collect();
    let judged = &usable[..usable.len().min(number("--tracks", 80))];
    let peer_count = number("--peers", 8);
    let groups = |track: &Track| {
        let others = all.iter().filter(|other| other.album == track.album && other.name != track.name);
        GroupStatistics::new(others.filter_map(|other| profiles.of(other)))
    };
    let rows = side_by_side(judged, |index, track| {
        let rows = judge(track, groups(track).as_ref(), index < peer_count);
        eprintln!("{}/{} {}", index + 1, judged.len(), track.name);
        rows
    });
    for (half, tuning) in [("held-out half", false), ("tuning half", true)] {
        let rows: Vec<_> = rows.iter().flatten().filter(|row| row.is_tuning == tuning).collect();
        report(half, &rows);
    }
}

/// What was measured of one version of one track.
struct Row {
    is_tuning: bool,
    fault: Fault,
    way: Way,
    is_left_alone: bool,
    /// Distance to the original before and after.
    distance_db: [f32; 2],
    /// Difference of the width to the original's before and after.
    width_db: [f32; 2],
    is_compressed: bool,
    limiter_reduction_db: f32,
    /// Loudness: original, mastered, at an intensity of 0.05, matched bypass.
    lufs: [f32; 4],
    true_peak_dbtp: f32,
}

/// Who processed a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Auralis, knowing nothing but the track.
    Alone,
    /// Auralis, knowing the other tracks of the album.
    InLibrary,
    Peer(Peer),
}

fn settings(intensity: f32) -> MasteringSettings {
    MasteringSettings { enabled: true, preset: Preset::Adaptive, intensity, night: 0.0 }
}

/// Masters all versions of a track and compares them with the original.
fn judge(track: &Track, group: Option<&GroupStatistics>, with_peers: bool) -> Vec<Row> {
    let Some(original) = track.decode(Fault::None) else { return Vec::new() };
    let original_profile = analyse(&original);
    let mut rows = Vec::new();
    for fault in FAULTS {
        let Some(sound) = (if fault == Fault::None { Some(original.clone()) } else { track.decode(fault) }) else {
            continue;
        };
        let before = if fault == Fault::None { original_profile.clone() } else { analyse(&sound) };
        let mut known: Vec<(Parameters, AudioProfile, f32)> = Vec::new();
        let mut mastered = |parameters: &Parameters| {
            if let Some((_, profile, reduction_db)) = known.iter().find(|(of, ..)| of == parameters) {
                return (profile.clone(), *reduction_db);
            }
            let (out, reduction_db) = render(parameters, &sound);
            let profile = analyse(&out);
            known.push((parameters.clone(), profile.clone(), reduction_db));
            (profile, reduction_db)
        };
        let row = |way: Way, after: &AudioProfile| Row {
            is_tuning: track.is_tuning(),
            fault,
            way,
            is_left_alone: is_left_alone(&before, after),
            distance_db: [distance_db(&before, &original_profile), distance_db(after, &original_profile)],
            width_db: [&before, after].map(|profile| width_db(profile) - width_db(&original_profile)),
            is_compressed: false,
            limiter_reduction_db: 0.0,
            lufs: [before.integrated_lufs, after.integrated_lufs, f32::NAN, f32::NAN],
            true_peak_dbtp: after.true_peak_dbtp,
        };
        for (way, group) in [(Way::Alone, None), (Way::InLibrary, group)] {
            let decision = decide_in_library(&settings(1.0), Some(&before), None, group);
            let (after, limiter_reduction_db) = mastered(&decision.parameters);
            let mut row = row(way, &after);
            row.is_compressed = decision.steps.iter().any(|step| matches!(step, MasteringStep::Dynamics { .. }));
            row.limiter_reduction_db = limiter_reduction_db;
            if fault == Fault::None && way == Way::Alone {
                row.lufs[2] = mastered(&decide(&settings(0.05), Some(&before), None).parameters).0.integrated_lufs;
                row.lufs[3] = mastered(&decision.matched_bypass()).0.integrated_lufs;
            }
            rows.push(row);
        }
        if with_peers {
            let folder = tempfile::tempdir().expect("a temporary folder");
            for peer in PEERS.into_iter().filter(|peer| fault != Fault::None || *peer != Peer::Matchering) {
                if let Some(out) = peer.process(folder.path(), &sound, &original) {
                    rows.push(row(Way::Peer(peer), &analyse(&out)));
                }
            }
        }
    }
    rows
}

fn report(half: &str, rows: &[&Row]) {
    let count = rows.iter().filter(|row| row.fault == Fault::None && row.way == Way::Alone).count();
    println!("\n{half}: {count} tracks");
    let ways = [Way::Alone, Way::InLibrary].into_iter().chain(PEERS.map(Way::Peer));
    for way in ways {
        let of = |fault: Fault| rows.iter().filter(move |row| row.way == way && row.fault == fault).collect::<Vec<_>>();
        let name = match way {
            Way::Alone => "Auralis, track alone",
            Way::InLibrary => "Auralis, with the album's other tracks",
            Way::Peer(peer) => peer.name(),
        };
        if rows.iter().all(|row| row.way != way) {
            continue;
        }
        println!("  {name}");
        let originals = of(Fault::None);
        let share = |rows: &[&&Row], is: &dyn Fn(&Row) -> bool| {
            let hits = rows.iter().filter(|row| is(row)).count();
            format!("{hits} of {}", rows.len())
        };
        if !originals.is_empty() {
            println!("    released masters left alone                {}", share(&originals, &|row| row.is_left_alone));
            println!(
                "    originals moved away by, median            {:.2} dB",
                median(&originals, &|row| row.distance_db[1])
            );
        }
        for fault in [Fault::Dull, Fault::Boomy, Fault::Thin] {
            let rows = of(fault);
            let [before, after] = [0, 1].map(|at| mean(&rows, &|row| row.distance_db[at]));
            let closer = share(&rows, &|row| row.distance_db[1] < row.distance_db[0] - 0.05);
            let worse = share(&rows, &|row| row.distance_db[1] > row.distance_db[0] + 0.05);
            println!(
                "    {fault:<6?} distance {before:.2} dB, recovered {:5.2}; closer {closer}, further {worse}",
                before - after
            );
        }
        let narrow = of(Fault::Narrow);
        let [before, after] = [0, 1].map(|at| mean(&narrow, &|row| row.width_db[at].abs()));
        println!("    Narrow width error {before:.1} dB, recovered {:.1}", before - after);
        if !originals.is_empty() {
            println!(
                "    width of originals changed                 {}",
                share(&originals, &|row| row.width_db[1].abs() > 0.5)
            );
        }
        if let Way::Peer(_) = way {
            continue;
        }
        let every: Vec<_> = rows.iter().filter(|row| row.way == way).collect();
        println!("    compressed                                 {}", share(&every, &|row| row.is_compressed));
        println!(
            "    limiter above its bound of 3 dB            {}  (highest {:.2} dB)",
            share(&every, &|row| row.limiter_reduction_db > 3.05),
            max(&every, &|row| row.limiter_reduction_db)
        );
        println!("    highest true peak                          {:.2} dBTP", max(&every, &|row| row.true_peak_dbtp));
        let quieter = |row: &Row| row.lufs[0] < -14.0 && row.lufs[1] < row.lufs[0] - 0.1;
        println!("    quiet tracks made quieter                  {}", share(&every, &quieter));
        if way == Way::Alone {
            println!(
                "    intensity 0.05 against 1, largest          {:.2} LU",
                max(&originals, &|row| (row.lufs[2] - row.lufs[1]).abs())
            );
            println!(
                "    matched bypass against mastered, largest   {:.3} LU",
                max(&originals, &|row| (row.lufs[3] - row.lufs[1]).abs())
            );
        }
    }
}

fn mean(rows: &[&&Row], of: &dyn Fn(&Row) -> f32) -> f32 {
    rows.iter().map(|row| of(row)).sum::<f32>() / rows.len().max(1) as f32
}

fn median(rows: &[&&Row], of: &dyn Fn(&Row) -> f32) -> f32 {
    let mut values: Vec<_> = rows.iter().map(|row| of(row)).collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f32::NAN)
}

fn max(rows: &[&&Row], of: &dyn Fn(&Row) -> f32) -> f32 {
    rows.iter().map(|row| of(row)).fold(f32::NEG_INFINITY, f32::max)
}

/// Profiles of the originals, measured once and kept in a file.
struct Profiles(HashMap<String, AudioProfile>);

impl Profiles {
    fn measure(path: &PathBuf, tracks: &[Track]) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        let mut known: HashMap<String, AudioProfile> = HashMap::new();
        let mut seen: Vec<String> = Vec::new();
        for line in text.lines() {
            let Ok(value) = serde_json::from_str::<serde_json::Value>(line) else { continue };
            let name = value["name"].as_str().unwrap_or_default().to_owned();
            if let Ok(profile) = serde_json::from_value(value["profile"].clone()) {
                known.insert(name.clone(), profile);
            }
            seen.push(name);
        }
        let missing: Vec<&Track> = tracks.iter().filter(|track| !seen.contains(&track.name)).collect();
        let file = fs::OpenOptions::new().create(true).append(true).open(path).expect("the profiles can be written");
        let file = Mutex::new(file);
        let new = side_by_side(&missing, |_, track| {
            let profile = track.decode(Fault::None).map(|sound| analyse(&sound));
            // A track that is not used is noted as well.
            let line = serde_json::json!({ "name": track.name, "profile": profile }).to_string();
            writeln!(file.lock().expect("not poisoned"), "{line}").expect("the profiles can be written");
            profile.map(|profile| (track.name.clone(), profile))
        });
        known.extend(new.into_iter().flatten());
        Self(known)
    }

    fn of(&self, track: &Track) -> Option<&AudioProfile> {
        self.0.get(&track.name)
    }
}

/// Runs a task for each track on all processors.
fn side_by_side<R: Send>(tracks: &[&Track], task: impl Fn(usize, &Track) -> R + Sync) -> Vec<R> {
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Relaxed);
                    let Some(track) = tracks.get(index) else { return };
                    let result = task(index, track);
                    results.lock().expect("not poisoned").push(result);
                }
            });
        }
    });
    results.into_inner().expect("not poisoned")
}
