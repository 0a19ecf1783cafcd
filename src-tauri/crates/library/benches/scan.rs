//! How fast a first scan and an unchanged one are, beside others in the same run: bare lofty on as many threads, lofty into a
//! bare table of SQLite, MPD's update (if `mpd` is installed), and `find` with a look at every file.
//!
//! `cargo bench -p auralis-library --bench scan -- [FILES]`

#![allow(missing_docs)]

#[path = "../tests/library/fixture.rs"]
mod fixture;

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use auralis_core::{
    AlbumSort, LibraryCommand, LibraryEvent, ListQuery, RowQuery, TrackFilter, TrackList, TrackSelection, TrackSort,
};
use auralis_library::{Library, OpenedLibrary};
use lofty::{config::ParseOptions, file::TaggedFileExt, probe::Probe, tag::Accessor};
use sqlx::{
    Connection, QueryBuilder, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
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
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!("{:<28} {:>12.0} files/s", "bare lofty, 2 threads", bare);
    let table = runtime.block_on(lofty_into_sqlite(&paths, &dir.path().join("table.db")));
    println!("{:<28} {:>12.0} files/s", "lofty into SQLite", table);
    let mpd = mpd(dir.path(), &music);
    let (first, again) = runtime.block_on(measure(dir.path(), &music, files));
    runtime.block_on(reads_meanwhile(dir.path(), &music));
    let listed = find(&music);
    println!("{:<28} {:>12.0} files/s", "find -printf", listed);
    println!("first scan: {:.2} of bare lofty, {:.2} of lofty into SQLite", first / bare, first / table);
    println!("unchanged scan: {:.2} of find", again / listed);
    if let Some((update, unchanged)) = mpd {
        println!("first scan: {:.2} of MPD; unchanged: {:.2} of MPD", first / update, again / unchanged);
    }
}

/// Files a second of a first scan and of the next.
async fn measure(dir: &Path, music: &Path, files: usize) -> (f64, f64) {
    let mut rates = Vec::new();
    let (told, mut events) = mpsc::unbounded_channel();
    let report = move |event| {
        let _ = told.send(event);
    };
    let OpenedLibrary { library, .. } =
        Library::open(&dir.join("data"), &dir.join("cache"), report).await.expect("it opens");
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
        rates.push(tell(what, files, started));
    }

    let status = std::fs::read_to_string("/proc/self/status").expect("the status of this process");
    println!("peak memory{}", status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default());

    for sort in TrackSort::ALL {
        let tracks = TrackList { sort, ..TrackList::default() };
        window(&library, &format!("tracks by {sort:?}"), ListQuery::Tracks { tracks }, files as u32).await;
    }
    for search in ["r", "ri", "river", "river night", "zzz", "1234"] {
        let filter = TrackFilter { search: Some(search.into()), ..TrackFilter::default() };
        let tracks = TrackList { filter, ..TrackList::default() };
        window(&library, &format!("search {search}"), ListQuery::Tracks { tracks }, 0).await;
    }
    let ids = library.track_ids(&TrackSelection::List { list: TrackList::default() }).await.expect("all tracks");
    let artist = library.tracks(&ids[..1]).await.expect("a row")[0].as_ref().and_then(|row| row.track.artist_id);
    let filter = TrackFilter { artist, ..TrackFilter::default() };
    window(
        &library,
        "tracks of an artist",
        ListQuery::Tracks { tracks: TrackList { filter, ..TrackList::default() } },
        0,
    )
    .await;
    let albums = ListQuery::Albums {
        search: None,
        artist: None,
        album: None,
        genre: None,
        year: None,
        sort: AlbumSort::Artist,
        descending: false,
    };
    window(&library, "albums", albums, (files / 12) as u32).await;
    window(
        &library,
        "artists",
        ListQuery::Artists { search: None, artist: None, with_albums: false },
        (files / 36) as u32,
    )
    .await;
    let started = Instant::now();
    let all = library.track_ids(&TrackSelection::List { list: TrackList::default() }).await.expect("all tracks");
    println!("{:<28} {:>8.2} ms", format!("all {} ids", all.len()), ms(started));
    library.close().await;
    (rates[0], rates[1])
}

/// How long a page and a search take while the files are scanned into another library.
async fn reads_meanwhile(dir: &Path, music: &Path) {
    let ended = Arc::new(AtomicBool::new(false));
    let told = ended.clone();
    let report = move |event| {
        if let LibraryEvent::ScanEnded(_) = event {
            told.store(true, Ordering::Relaxed);
        }
    };
    let OpenedLibrary { library, .. } =
        Library::open(&dir.join("other data"), &dir.join("cache"), report).await.expect("it opens");
    library.execute(LibraryCommand::AddRoot { path: music.into() }).await.expect("the scan starts");
    let mut times = Vec::new();
    while !ended.load(Ordering::Relaxed) {
        for (search, sort) in [(None, TrackSort::Title), (Some("ri".to_owned()), TrackSort::Artist)] {
            let filter = TrackFilter { search, ..TrackFilter::default() };
            let of = ListQuery::Tracks { tracks: TrackList { filter, sort, descending: false } };
            let started = Instant::now();
            library.rows(&RowQuery { list: of, offset: 0, limit: 100 }).await.expect("rows");
            times.push(ms(started));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    library.close().await;
    times.sort_by(f64::total_cmp);
    let [median, slow] = [times.len() / 2, times.len() * 99 / 100].map(|index| times[index]);
    println!("{} reads while it scans: {median:.2} ms p50, {slow:.2} ms p99", times.len());
}

/// Tells the median time of the first page of a list, and of its last.
async fn window(library: &Library, what: &str, of: ListQuery, rows: u32) {
    let mut last = 0;
    for offset in [0, rows.saturating_sub(100)] {
        let mut times = Vec::new();
        for _ in 0..21 {
            let started = Instant::now();
            let rows = library.rows(&RowQuery { list: of.clone(), offset, limit: 100 }).await.expect("rows");
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
    println!("{what:<28} {:>12.0} files/s ({seconds:.2} s)", files as f64 / seconds);
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

/// Files a second that two threads read and one writes, a row each, into a table with no index.
async fn lofty_into_sqlite(paths: &[PathBuf], database: &Path) -> f64 {
    let options = SqliteConnectOptions::new().filename(database).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("a database");
    let create =
        "CREATE TABLE tracks (id INTEGER PRIMARY KEY, path TEXT, title TEXT, artist TEXT, album TEXT, genre TEXT)";
    sqlx::query(create).execute(&mut connection).await.expect("a table");
    let started = Instant::now();
    let (read, mut rows) = mpsc::channel::<Vec<[String; 5]>>(32);
    for half in paths.chunks(paths.len().div_ceil(2)) {
        let (half, read) = (half.to_vec(), read.clone());
        std::thread::spawn(move || {
            for lot in half.chunks(64) {
                let row = |path: &PathBuf| {
                    let file =
                        Probe::open(path).expect("opens").guess_file_type().expect("is known").read().expect("reads");
                    let tag = file.primary_tag().expect("has tags");
                    let text = |text: Option<std::borrow::Cow<'_, str>>| text.unwrap_or_default().into_owned();
                    let path = path.display().to_string();
                    [path, text(tag.title()), text(tag.artist()), text(tag.album()), text(tag.genre())]
                };
                read.blocking_send(lot.iter().map(row).collect()).expect("is written");
            }
        });
    }
    drop(read);
    let mut transaction = connection.begin().await.expect("a transaction");
    while let Some(lot) = rows.recv().await {
        let mut insert = QueryBuilder::new("INSERT INTO tracks (path, title, artist, album, genre) ");
        insert.push_values(lot, |mut row, texts| {
            for text in texts {
                row.push_bind(text);
            }
        });
        insert.build().execute(&mut *transaction).await.expect("written");
    }
    transaction.commit().await.expect("committed");
    paths.len() as f64 / started.elapsed().as_secs_f64()
}

/// Files a second of MPD's first update and of the next.
fn mpd(dir: &Path, music: &Path) -> Option<(f64, f64)> {
    let (config, socket) = (dir.join("mpd.conf"), dir.join("mpd.socket"));
    let text = format!(
        "music_directory \"{}\"\ndb_file \"{}\"\nbind_to_address \"{}\"\nlog_file \"{}\"\n
         audio_output {{\n type \"null\"\n name \"none\"\n}}\n",
        music.display(),
        dir.join("mpd.db").display(),
        socket.display(),
        dir.join("mpd.log").display()
    );
    std::fs::write(&config, text).expect("a configuration");
    // The user that runs it is root in containers, and MPD warns of that.
    let started = Instant::now();
    let mut mpd =
        Command::new("mpd").args(["--no-daemon".as_ref(), config.as_os_str()]).stderr(Stdio::null()).spawn().ok()?;
    let connection = loop {
        match UnixStream::connect(&socket) {
            Ok(connection) => break connection,
            Err(_) if started.elapsed().as_secs() < 20 => std::thread::sleep(Duration::from_millis(5)),
            Err(_) => {
                let _ = mpd.kill();
                return None;
            }
        }
    };
    let mut lines = BufReader::new(connection.try_clone().expect("the same connection")).lines();
    // The greeting.
    lines.next();
    let mut ask = |command: &str| {
        writeln!(&connection, "{command}").expect("a command");
        let mut answer = Vec::new();
        for line in lines.by_ref().map_while(Result::ok) {
            let over = line == "OK" || line.starts_with("ACK");
            answer.push(line);
            if over {
                break;
            }
        }
        answer
    };
    let mut done = |update: bool| {
        let started = Instant::now();
        if update {
            ask("update");
        }
        while ask("status").iter().any(|line| line.starts_with("updating_db")) {
            std::thread::sleep(Duration::from_millis(5));
        }
        started.elapsed().as_secs_f64()
    };
    // Without a database it begins by itself.
    done(false);
    let first = started.elapsed().as_secs_f64();
    let again = done(true);
    let songs = ask("stats").iter().find_map(|line| line.strip_prefix("songs: ")?.parse::<f64>().ok()).unwrap_or(0.0);
    let _ = mpd.kill();
    let _ = mpd.wait();
    println!("{:<28} {:>12.0} files/s ({songs} songs)", "MPD, update", songs / first);
    println!("{:<28} {:>12.0} files/s", "MPD, unchanged", songs / again);
    Some((songs / first, songs / again))
}

/// Files a second that `find` tells size, time and inode of.
fn find(music: &Path) -> f64 {
    let started = Instant::now();
    let told = Command::new("find").arg(music).args(["-printf", "%i %s %T@ %p\\n"]).output().expect("find runs").stdout;
    let files = told.split(|byte| *byte == b'\n').count();
    files as f64 / started.elapsed().as_secs_f64()
}
