//! How fast lists, searches and edits are in a library of many tracks, which are written straight into the database.
//!
//! `cargo bench -p auralis-library --bench views -- [TRACKS]`

#![allow(missing_docs)]

use std::{path::Path, time::Instant};

use auralis_core::*;
use auralis_library::{Library, OpenedLibrary};
use sqlx::{Connection, Executor, SqliteConnection, sqlite::SqliteConnectOptions};

/// How often each thing is done.
const ROUNDS: usize = 60;

fn main() {
    let tracks = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(500_000);
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let dir = tempfile::tempdir().expect("a temporary folder");
        open(dir.path()).await.close().await;
        let started = Instant::now();
        fill(&dir.path().join("data/library.db"), tracks).await;
        println!("{tracks} tracks written in {:.1} s", started.elapsed().as_secs_f64());
        measure(&open(dir.path()).await, tracks).await;
    });
}

async fn open(dir: &Path) -> Library {
    let OpenedLibrary { library, .. } =
        Library::open(&dir.join("data"), &dir.join("cache"), |_| {}).await.expect("it opens");
    library
}

/// Albums of twelve tracks, three to an artist, as a large collection has them.
async fn fill(path: &Path, tracks: u32) {
    let mut database =
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await.expect("the database");
    let numbers =
        |count: u32| format!("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})");
    let word = |seed: &str| {
        let list = |words: &str| {
            words.split(' ').enumerate().map(|(n, word)| format!("WHEN {n} THEN '{word}'")).collect::<String>()
        };
        format!(
            "(CASE {seed} % 16 {} END || ' ' || CASE ({seed} / 16) % 16 {} END)",
            list(
                "Blue Silent Éternal Broken Golden Distant Electric Last Amber Crystal Hidden Frozen Rising Velvet Wild Quiet"
            ),
            list(
                "River Night Machine Garden Signal Mirror Season Ødegård Light Avenue Ocean Thunder Letter Window Empire Dance"
            ),
        )
    };
    let (albums, artists) = (tracks.div_ceil(12), tracks.div_ceil(36));
    for sql in [
        "BEGIN".into(),
        "INSERT INTO roots (id, path) VALUES (1, CAST('/music' AS BLOB))".into(),
        "INSERT INTO genres (id, key, name, sort, tracks) SELECT key, value, value, value, 1
         FROM json_each('[\"-\", \"rock\", \"jazz\", \"electronic\", \"classical\", \"folk\", \"metal\", \"pop\", \"soul\"]') WHERE key > 0"
            .into(),
        format!(
            "{} INSERT INTO artists (id, key, name, sort, tracks, albums)
             SELECT i + 1, lower({}) || ' ' || i, {} || ' ' || i, lower({}) || i, 36, 3 FROM n",
            numbers(artists),
            word("i * 7"),
            word("i * 7"),
            word("i * 7")
        ),
        format!(
            "{} INSERT INTO albums (id, key, title, artist, artist_id, title_sort, artist_sort, year, added_s, tracks, duration_s)
             SELECT i + 1, lower({}) || ' ' || i || char(31) || artists.key, {} || ' ' || i, name, artists.id, lower({}) || i,
                 artists.sort, 1950 + i % 75, 1600000000 + i * 60, 12, 2400 FROM n JOIN artists ON artists.id = i / 3 + 1",
            numbers(albums),
            word("i * 13"),
            word("i * 13"),
            word("i * 13")
        ),
        format!(
            "{} INSERT INTO folders (id, root_id, path)
             SELECT i + 1, 1, CAST('/music/' || (i / 300) || '/' || (i / 3) || '/' || i AS BLOB) FROM n",
            numbers(albums)
        ),
        format!(
            "{} INSERT INTO tracks (id, folder_id, name, inode, size, mtime_ns, tags_version, added_s, title, artist, album,
                 album_id, disc_number, track_number, year, genre, composer, codec, duration_s, title_sort, artist_sort,
                 album_sort, plays, played_s, rating, favourite_s, loudness_lufs)
             SELECT i + 1, i / 12 + 1, CAST(i AS BLOB), i, i, i, 99, added_s + i % 12, {} || ' ' || i, artist, albums.title, albums.id,
                 1, i % 12 + 1, year, genres.name, '', 'FLAC', 120 + i % 300, lower({}) || i, artist_sort, title_sort,
                 CASE WHEN i % 20 = 0 THEN i % 50 ELSE 0 END, CASE WHEN i % 20 = 0 THEN 1700000000 + i END,
                 CASE WHEN i % 30 = 0 THEN i % 6 END, CASE WHEN i % 100 = 0 THEN 1700000000 + i END,
                 -5 - i % 200 * 0.1
             FROM n JOIN albums ON albums.id = i / 12 + 1 JOIN genres ON genres.id = i / 36 % 8 + 1",
            numbers(tracks),
            word("i * 31"),
            word("i * 31")
        ),
        "INSERT INTO track_artists (track_id, position, artist_id)
         SELECT tracks.id, 0, artist_id FROM tracks JOIN albums ON albums.id = album_id"
            .into(),
        "INSERT INTO track_genres (track_id, position, genre_id) SELECT id, 0, (id - 1) / 36 % 8 + 1 FROM tracks".into(),
        "INSERT INTO track_words (rowid, title, artist, album, genre) SELECT id, title, artist, album, genre FROM tracks"
            .into(),
        format!(
            "{} INSERT INTO listens (track_id, began_s, local_s, heard_s, end, play, context, title, artist, album, genre, duration_s)
             SELECT tracks.id, 1600000000 + i * 1500, 1600000000 + i * 1500, 200, 'finished', 1, '{{\"from\":\"library\"}}', title,
                 artist, album, genre, duration_s FROM n JOIN tracks ON tracks.id = i * 7919 % {tracks} + 1",
            numbers(100_000)
        ),
        format!("UPDATE totals SET revision = 1, content = 1, tracks = {tracks}, albums = {albums}, artists = {artists}, roots = 1"),
        "COMMIT".into(),
        "INSERT INTO track_words (track_words) VALUES ('optimize')".into(),
        "PRAGMA wal_checkpoint(TRUNCATE)".into(),
    ] {
        database.execute(sqlx::AssertSqlSafe(sql)).await.expect("the library is filled");
    }
    database.close().await.expect("it is closed");
}

async fn measure(library: &Library, tracks: u32) {
    println!("{:<44} {:>9} {:>9} {:>9}", "", "first ms", "p50 ms", "p99 ms");
    shuffled(library).await;
    let list = |filter, sort| TrackList { filter, sort, descending: false };
    let all = |sort| ListQuery::Tracks { tracks: list(TrackFilter::default(), sort) };
    for sort in TrackSort::ALL {
        window(library, &format!("tracks by {sort:?}, first page"), all(sort), 0).await;
        window(library, &format!("tracks by {sort:?}, in the middle"), all(sort), tracks / 2).await;
    }
    let filter = TrackFilter::default;
    for (what, filter) in [
        ("of an album", TrackFilter { album: Some(AlbumId(77)), ..filter() }),
        ("of an artist", TrackFilter { artist: Some(ArtistId(77)), ..filter() }),
        ("of a genre (an eighth)", TrackFilter { genre: Some(GenreId(3)), ..filter() }),
        ("of a year", TrackFilter { year: Some(1999), ..filter() }),
        ("favourites", TrackFilter { favourite: Some(true), ..filter() }),
        ("never played", TrackFilter { played: Some(false), ..filter() }),
    ] {
        for sort in [TrackSort::Artist, TrackSort::Added] {
            let tracks = list(filter.clone(), sort);
            window(library, &format!("tracks {what} by {sort:?}"), ListQuery::Tracks { tracks }, 0).await;
        }
    }
    for sort in [AlbumSort::Title, AlbumSort::Artist, AlbumSort::Year, AlbumSort::Added] {
        let albums = || ListQuery::Albums {
            search: None,
            artist: None,
            album: None,
            genre: None,
            year: None,
            sort,
            descending: true,
        };
        window(library, &format!("albums by {sort:?}, first page"), albums(), 0).await;
        window(library, &format!("albums by {sort:?}, in the middle"), albums(), tracks / 24).await;
    }
    let artists = |with_albums| ListQuery::Artists { search: None, artist: None, with_albums };
    window(library, "artists", artists(false), 0).await;
    window(library, "album artists", artists(true), 0).await;
    window(library, "genres", ListQuery::Genres {}, 0).await;
    window(library, "years", ListQuery::Years {}, 0).await;
    window(library, "folders", ListQuery::Folders { parent: None }, 0).await;
    window(library, "history", ListQuery::History { track: None }, 0).await;
    window(library, "history, in the middle", ListQuery::History { track: None }, 50_000).await;
    window(library, "statistics", ListQuery::Statistics { from_s: None, to_s: None }, 0).await;

    typing(library).await;
    let typed = "blue river 4711";
    for end in 1..=typed.len() {
        let search = typed[..end].to_owned();
        window(library, &format!("search {search:?}"), ListQuery::Search { search }, 0).await;
    }
    for search in [
        "é",
        "thunder 12",
        "artist:golden year:1990..1999",
        "rating:>3 genre:jazz",
        "-blue window",
        "loudness:<-14",
        "zzz",
    ] {
        window(library, &format!("search {search:?}"), ListQuery::Search { search: search.into() }, 0).await;
    }
    for search in ["b", "bl", "blue", "blue river", "year:1990..1999", "rating:>3", "genre:jazz -blue"] {
        let filter = TrackFilter { search: Some(search.into()), ..filter() };
        window(
            library,
            &format!("filter {search:?}"),
            ListQuery::Tracks { tracks: list(filter, TrackSort::Artist) },
            0,
        )
        .await;
    }
    for sort in [TrackSort::Artist, TrackSort::Title] {
        let started = Instant::now();
        let all = library.track_ids(&TrackSelection::List { list: list(filter(), sort) }).await.expect("all tracks");
        println!("{:<44} {:>9.2}", format!("all {} ids by {sort:?}", all.len()), ms(started));
    }
    let started = Instant::now();
    let rate = UserDataEdit::SetRating { tracks: TrackSelection::Ids { ids: vec![TrackId(7)] }, rating: Some(3) };
    library.execute(LibraryCommand::Edit(rate)).await.expect("rated");
    println!("{:<44} {:>9.2}", "a rating", ms(started));
    let status = std::fs::read_to_string("/proc/self/status").expect("the status of this process");
    println!("peak memory{}", status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default());
}

/// Key strokes of many searches, each made once: by how long what was typed is.
async fn typing(library: &Library) {
    let mut by_length = [const { Vec::new() }; 12];
    for number in 0..ROUNDS {
        let words = [
            "electric avenue",
            "ódegard 17",
            "golden letter 9",
            "velvet",
            "quiet thunder",
            "season 4711",
            "the wild",
            "åvenue",
        ];
        let typed = format!("{} {}", words[number % words.len()], number * 977);
        let letters: Vec<char> = typed.chars().collect();
        for end in 1..=letters.len() {
            let search = ListQuery::Search { search: letters[..end].iter().collect() };
            let started = Instant::now();
            library.rows(&RowQuery { list: search, offset: 0, limit: 100 }).await.expect("rows");
            by_length[end.min(12) - 1].push(ms(started));
        }
    }
    for (length, times) in by_length.into_iter().enumerate() {
        show(&format!("key stroke {} of a search", length + 1), times);
    }
}

/// From the wish to hear everything shuffled to the order to open a file, with the player's own rules between.
async fn shuffled(library: &Library) {
    let mut times = Vec::new();
    for seed in 0..ROUNDS as u64 {
        let (mut core, _) = Core::new(RestoredState::default(), seed);
        let tracks = TrackSelection::List { list: TrackList::default() };
        let wish = |command| Input::Command { id: CommandId(0), from: ClientKind::MainWindow, is_local: true, command };
        let play = wish(Command::PlayTracks { tracks, start: None, start_track: None });
        let mut inbox = std::collections::VecDeque::from([wish(Command::SetShuffle { enabled: true }), play]);
        let started = Instant::now();
        while let Some(input) = inbox.pop_front() {
            for effect in core.handle(input, 0.0) {
                match effect {
                    Effect::ResolveTracks { id, tracks } => {
                        let result = Ok(library.track_ids(&tracks).await.expect("all tracks"));
                        inbox.push_back(Input::TracksResolved { id, result });
                    }
                    Effect::ReadTrack(id) => {
                        let track = library.track(id).await.expect("a track");
                        inbox.push_back(Input::TrackRead { id, track });
                    }
                    Effect::Engine(EngineCommand::Load { .. }) => {
                        times.push(ms(started));
                        inbox.clear();
                    }
                    _ => {}
                }
            }
            core.view();
        }
    }
    assert_eq!(times.len(), ROUNDS, "each time a file is opened");
    show("all songs shuffled, up to the first file", times);
}

/// The first time, and the median and the slowest but one percent of the others.
async fn window(library: &Library, what: &str, of: ListQuery, offset: u32) {
    let window = RowQuery { list: of, offset, limit: 100 };
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        library.rows(&window).await.expect("rows");
        times.push(ms(started));
    }
    show(what, times);
}

fn show(what: &str, mut times: Vec<f64>) {
    let first = times[0];
    times.sort_by(f64::total_cmp);
    println!("{what:<44} {first:>9.2} {:>9.2} {:>9.2}", times[times.len() / 2], times[times.len() * 99 / 100]);
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
