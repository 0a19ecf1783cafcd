//! How fast a first scan and an unchanged one are, beside bare lofty reading on as many threads in the same run.
//!
//! `cargo bench -p auralis-library --bench scan -- [FILES]`

#![allow(missing_docs)]

#[path = "../tests/library/fixture.rs"]
mod fixture;

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use auralis_core::{AlbumSort, LibraryCommand, LibraryEvent, List, TrackFilter, TrackList, TrackSort, Tracks, Window};
use auralis_library::{Library, Opened};
use lofty::{config::ParseOptions, file::TaggedFileExt, probe::Probe};
use tokio::sync::mpsc;

fn main() {
    let files: usize = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(50_000);
    let dir = tempfile::tempdir().expect("a temporary folder");
    let music = dir.path().join("music");
    let started = Instant::now();
    fixture::generate(&music, files).expect("the files are generated");
    tell("generate", files, started);

    let paths = walk(&music);
    assert_eq!(paths.len(), files);
    let bare = bare(&paths);
    println!("bare lofty, 2 threads {:>12.0} files/s", bare);
    tokio::runtime::Runtime::new().expect("a runtime").block_on(measure(dir.path(), &music, files, bare));
}

async fn measure(dir: &Path, music: &Path, files: usize, bare: f64) {
    let (told, mut events) = mpsc::unbounded_channel();
    let report = move |event| {
        let _ = told.send(event);
    };
    let Opened { library, .. } = Library::open(&dir.join("data"), &dir.join("cache"), report).await.expect("it opens");
    for (what, command) in
        [("first scan", LibraryCommand::AddRoot { path: music.into() }), ("unchanged scan", LibraryCommand::Scan)]
    {
        let started = Instant::now();
        library.execute(command).await.expect("the scan starts");
        while let Some(event) = events.recv().await {
            if let LibraryEvent::ScanEnded(summary) = event {
                assert_eq!((summary.progress.done as usize, summary.progress.failed), (files, 0));
                break;
            }
        }
        let rate = tell(what, files, started);
        println!("  = {:.2} of bare lofty", rate / bare);
    }

    let status = std::fs::read_to_string("/proc/self/status").expect("the status of this process");
    println!("peak memory{}", status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default());

    for sort in TrackSort::ALL {
        let tracks = TrackList { sort, ..TrackList::default() };
        window(&library, &format!("tracks by {sort:?}"), List::Tracks { tracks }, files as u32).await;
    }
    for search in ["r", "ri", "river", "river night", "zzz", "1234"] {
        let filter = TrackFilter { search: Some(search.into()), ..TrackFilter::default() };
        let tracks = TrackList { filter, ..TrackList::default() };
        window(&library, &format!("search {search}"), List::Tracks { tracks }, 0).await;
    }
    let ids = library.resolve(&Tracks::List { list: TrackList::default() }).await.expect("all tracks");
    let artist = library.tracks(&ids[..1]).await.expect("a row")[0].as_ref().and_then(|row| row.artist_id);
    let filter = TrackFilter { artist, ..TrackFilter::default() };
    window(&library, "tracks of an artist", List::Tracks { tracks: TrackList { filter, ..TrackList::default() } }, 0)
        .await;
    let albums = List::Albums {
        search: None,
        artist: None,
        album: None,
        genre: None,
        year: None,
        sort: AlbumSort::Artist,
        descending: false,
    };
    window(&library, "albums", albums, (files / 12) as u32).await;
    window(&library, "artists", List::Artists { search: None, artist: None, with_albums: false }, (files / 36) as u32)
        .await;
    let started = Instant::now();
    let all = library.resolve(&Tracks::List { list: TrackList::default() }).await.expect("all tracks");
    println!("{:<28} {:>8.2} ms", format!("all {} ids", all.len()), ms(started));
    library.close().await;
}

/// Tells the median time of the first page of a list, and of its last.
async fn window(library: &Library, what: &str, of: List, rows: u32) {
    let mut last = 0;
    for offset in [0, rows.saturating_sub(100)] {
        let mut times = Vec::new();
        for _ in 0..21 {
            let started = Instant::now();
            let rows = library.rows(&Window { of: of.clone(), offset, limit: 100 }).await.expect("rows");
            times.push(ms(started));
            last = rows.total;
        }
        times.sort_by(f64::total_cmp);
        println!("{what:<20} offset {offset:>6} of {last:>6} {:>8.2} ms (worst {:.2})", times[10], times[20]);
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn tell(what: &str, files: usize, started: Instant) -> f64 {
    let seconds = started.elapsed().as_secs_f64();
    println!("{what:<21} {:>12.0} files/s ({seconds:.2} s)", files as f64 / seconds);
    files as f64 / seconds
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { paths.extend(walk(&path)) } else { paths.push(path) }
    }
    paths
}

/// Files a second that two threads read with nothing else to do.
fn bare(paths: &[PathBuf]) -> f64 {
    let started = Instant::now();
    std::thread::scope(|scope| {
        for half in paths.chunks(paths.len().div_ceil(2)) {
            scope.spawn(move || {
                for path in half {
                    let file = Probe::open(path).expect("opens").options(ParseOptions::new());
                    let file = file.guess_file_type().expect("is known").read().expect("reads");
                    std::hint::black_box(file.primary_tag());
                }
            });
        }
    });
    paths.len() as f64 / started.elapsed().as_secs_f64()
}
