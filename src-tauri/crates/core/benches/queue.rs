//! Cost of queue edits at several queue lengths: `cargo bench -p auralis-core`.

#![allow(missing_docs)]

use std::time::Instant;

use auralis_core::*;

const ROUNDS: u64 = 200;

fn main() {
    println!(
        "{:>8} {:>10} {:>10} {:>10} {:>10} {:>10}   µs each",
        "entries", "play next", "remove", "move", "undo", "next"
    );
    for length in [1_000, 10_000, 100_000] {
        let (mut core, _) = Core::new(RestoredState::default(), 1);
        let tracks = TrackSelection::Ids { ids: vec![TrackId(1); length] };
        run(&mut core, Command::PlayTracks { tracks, start: Some(0), start_track: None });
        let middle = |core: &Core, round: u64| core.queue_slice((length / 2) as u32 + round as u32, 1)[0].id;
        let one = || TrackSelection::Ids { ids: vec![TrackId(1)] };
        let insert =
            time(&mut core, |_, _| Command::Enqueue { tracks: one(), position: QueuePosition::Next, before: None });
        let remove = time(&mut core, |core, round| Command::RemoveEntries { entries: vec![middle(core, round)] });
        let shift = time(&mut core, |core, round| Command::MoveEntries {
            entries: vec![middle(core, round)],
            before: Some(core.queue_slice(5, 1)[0].id),
        });
        let undo = time(&mut core, |_, round| if round % 2 == 0 { Command::Undo {} } else { Command::Redo {} });
        let next = time(&mut core, |_, _| Command::Next {});
        println!("{length:>8} {insert:>10.1} {remove:>10.1} {shift:>10.1} {undo:>10.1} {next:>10.1}");
    }
}

fn time(core: &mut Core, command: impl Fn(&Core, u64) -> Command) -> f64 {
    let mut spent = 0.0;
    for round in 0..ROUNDS {
        let command = command(core, round);
        let started = Instant::now();
        run(core, command);
        spent += started.elapsed().as_secs_f64();
    }
    spent * 1e6 / ROUNDS as f64
}

/// Runs a command like the app: replies to lookups and builds the view to publish.
fn run(core: &mut Core, command: Command) {
    let mut inbox = vec![Input::Command { id: CommandId(0), from: ClientKind::MainWindow, is_local: true, command }];
    while let Some(input) = inbox.pop() {
        for effect in core.handle(input, 0.0) {
            match effect {
                Effect::ResolveTracks { id, tracks: TrackSelection::Ids { ids } } => {
                    inbox.push(Input::TracksResolved { id, result: Ok(ids) });
                }
                Effect::ReadTrack(id) => inbox.push(Input::TrackRead { id, track: Some(track(id)) }),
                Effect::Engine(EngineCommand::Load { load, .. } | EngineCommand::Prepare { load, .. }) => {
                    inbox.push(Input::Engine(EngineEvent::Ready {
                        load,
                        duration_s: None,
                        source: SourceFormat::default(),
                    }));
                }
                _ => {}
            }
        }
    }
    std::hint::black_box(core.view());
}

fn track(id: TrackId) -> Track {
    let text = || "as long as such texts are".to_owned();
    let (title, artist, album) = (text(), text(), text());
    let summary = TrackSummary {
        id,
        title,
        artist,
        album,
        album_id: None,
        artist_id: None,
        duration_s: 200.0,
        cover: None,
        favourite: false,
        rating: None,
    };
    Track {
        summary,
        path: "/music/track.flac".into(),
        range: None,
        loudness: Loudness::default(),
        profile: None,
        album_profile: None,
    }
}
