//! The database: kept, set aside, refused.

use std::{fs, path::Path};

use auralis_core::*;
use auralis_library::{Library, LibraryError};
use sqlx::{Connection, SqliteConnection};

use crate::{
    fixture::{self, Format},
    test_library::{TestLibrary, titled},
};

#[test]
fn migrations_are_frozen() {
    // A migration that has been released never changes: a new one follows it.
    let frozen = [
        ("0001_library.sql", "5ef6c9132bdc80517cbb5818d20ea68fbe12fd7b8976610cd02d41e98f86a2fc"),
        ("0002_tracks.sql", "1170401f8c2709c89053c6baf5e69a7ff65ef741aef809137cc7f7de338369f0"),
        ("0003_listener.sql", "04ea68038bacb1fcd595fd595079a661004fb003efa1d8362137ae27356d857f"),
        ("0004_ignored.sql", "6120749c05111ffb34b173540399f04395e95f8bb6f21e7ec2e3908a3985e86b"),
        ("0005_analyses.sql", "d186e12235b5bef4987a02fd1bff85f11a8d078e1760d34e2965c899f38064ac"),
        ("0006_search.sql", "8092cd261f81d693ed69405872b3eabd3a3740cac00c0630c081350ee80ebeb9"),
        ("0007_listens.sql", "072c6a5348fc366ee9a1b1929cbebf2d3dc8e06b0eafbd43aa54bea984a35024"),
        ("0008_edit_history.sql", "6e76e49bc91c0b80be8b26a5179b27f0558c4ae689e637567b101fa39494f0d7"),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut found: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let hash = blake3::hash(&fs::read(&path).unwrap()).to_hex().to_string();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), hash)
        })
        .collect();
    found.sort();
    assert_eq!(found, frozen.map(|(name, hash)| (name.to_owned(), hash.to_owned())));
}

#[tokio::test]
async fn library_survives_a_restart() {
    let test = TestLibrary::new().await;
    test.write("one.flac", Format::Flac, &titled("One"));
    test.add().await;
    let before = test.tracks().await;
    let test = test.reopen().await;
    assert_eq!(test.tracks().await, before);
    let counts = test.library.counts().await.unwrap();
    assert_eq!((counts.revision, counts.tracks, counts.roots), (1, 1, 1));
    assert_eq!(test.reports().len(), 1, "the first report says what is there");
}

#[tokio::test]
async fn state_survives_a_restart() {
    let test = TestLibrary::new().await;
    assert_eq!(test.library.load_state("queue").await.unwrap(), None);
    let large = vec![7; 3_000_000];
    for value in [b"first".as_slice(), &large, b"", b"\0last\xff"] {
        test.library.save_state(&[("queue", value)]).await.unwrap();
        assert_eq!(test.library.load_state("queue").await.unwrap().as_deref(), Some(value));
    }
    let test = test.reopen().await;
    assert_eq!(test.library.load_state("queue").await.unwrap().as_deref(), Some(b"\0last\xff".as_slice()));
}

#[tokio::test]
async fn damaged_database_is_quarantined() {
    let test = TestLibrary::new().await;
    test.write("one.flac", Format::Flac, &titled("One"));
    test.add().await;
    test.library.close().await;
    let dir = test.dir;
    let data = dir.path().join("data");
    let whole = fs::read(data.join("library.db")).unwrap();
    let half = whole[..whole.len() / 2].to_vec();
    let test = crate::test_library::open_after(dir, |data| {
        fs::write(data.join("library.db"), "this is no database, though it is long enough".repeat(40)).unwrap()
    })
    .await;
    assert_eq!(test.quarantined_database, Some(data.join("library.db.broken-1")));
    assert_eq!(test.tracks().await, []);
    assert_eq!(test.add().await.progress.added, 1);
    test.library.close().await;
    let test =
        crate::test_library::open_after(test.dir, |data| fs::write(data.join("library.db"), half).unwrap()).await;
    assert_eq!(test.quarantined_database, Some(data.join("library.db.broken-2")));
    // What could be read of it may have told where the music is.
    let summary = if test.roots().await.is_empty() { test.add().await } else { test.scan().await };
    assert_eq!(summary.progress.added, 1);
}

/// Pages in the middle are overwritten: what the listener made is found again with the files.
#[tokio::test]
async fn user_data_is_recovered_from_a_damaged_database() {
    let test = TestLibrary::new().await;
    fixture::generate(&test.music(), 600).unwrap();
    test.add().await;
    let tracks = TrackSelection::List { list: TrackList { sort: TrackSort::Title, ..TrackList::default() } };
    test.edit(UserDataEdit::SetFavourite { tracks: tracks.clone(), favourite: true }).await;
    test.edit(UserDataEdit::CreatePlaylist { name: "All".into(), tracks: Some(tracks), smart: None }).await;
    test.library.close().await;
    let test = crate::test_library::open_after(test.dir, |data| {
        let file = data.join("library.db");
        let mut bytes = fs::read(&file).unwrap();
        let pages = bytes.len() / 4096;
        for page in (pages / 2..pages - 4).step_by(17) {
            bytes[page * 4096..(page + 1) * 4096].fill(0xa5);
        }
        fs::write(&file, bytes).unwrap();
        // It was not closed, so it is looked through.
        fs::write(data.join("library.db-wal"), "x").unwrap();
    })
    .await;
    assert!(test.quarantined_database.is_some());
    assert_eq!((test.roots().await.len(), test.titles().await.len()), (1, 0));
    assert_eq!(test.scan().await.progress.added, 600);
    let favourites = test.tracks().await.iter().filter(|row| row.track.favourite).count();
    assert!(favourites > 100, "{favourites}");
    let RowItems::Playlist(rows) = test.rows(ListQuery::Playlist { playlist: PlaylistId(1) }, 0, 500).await.items
    else {
        panic!()
    };
    let there = rows.iter().filter(|row| row.track.as_ref().is_some_and(|track| track.available)).count();
    assert!(there > 100, "{there} of {}", rows.len());
}

#[tokio::test]
async fn older_database_is_copied_before_its_migration() {
    let test = TestLibrary::new().await;
    test.write("one.flac", Format::Flac, &titled("One"));
    test.add().await;
    test.library.close().await;
    let file = test.dir.path().join("data/library.db");
    let mut database = SqliteConnection::connect(file.to_str().unwrap()).await.unwrap();
    let newest: i64 =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&mut database).await.unwrap();
    // As it was before edits could be undone, and before tracks were found by their loudness.
    let triggers = "SELECT 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'record_%'";
    let triggers: Vec<String> = sqlx::query_scalar(triggers).fetch_all(&mut database).await.unwrap();
    for trigger in triggers {
        sqlx::query(sqlx::AssertSqlSafe(trigger)).execute(&mut database).await.unwrap();
    }
    for before in [
        "DROP TABLE edit_rows",
        "DROP TABLE recorded_edit",
        "DELETE FROM _sqlx_migrations WHERE version >= 6",
        "DROP INDEX listens_by_genre",
        "DROP INDEX tracks_by_loudness",
        "ALTER TABLE tracks DROP COLUMN loudness_lufs",
    ] {
        sqlx::query(before).execute(&mut database).await.unwrap();
    }
    database.close().await.unwrap();

    let test = TestLibrary::open(test.dir).await;
    assert_eq!(test.titles().await, ["One"]);
    let copy = file.with_file_name(format!("library.db.before-{newest}"));
    let mut copy = SqliteConnection::connect(copy.to_str().unwrap()).await.unwrap();
    let kept: (i64, i64) =
        sqlx::query_as("SELECT (SELECT count(*) FROM tracks), (SELECT max(version) FROM _sqlx_migrations)")
            .fetch_one(&mut copy)
            .await
            .unwrap();
    assert_eq!(kept, (1, 5));
    assert_eq!(test.reopen().await.titles().await, ["One"], "once is enough");
}

/// A process that scans and is killed, again and again: the library is whole each time, and complete in the end.
#[test]
fn killed_scan_leaves_a_consistent_library() {
    const FOLDER: &str = "AURALIS_TEST_SCAN";
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if let Some(folder) = std::env::var_os(FOLDER) {
        // This is the process that is killed.
        return runtime().block_on(async {
            let (told, mut ends) = tokio::sync::mpsc::unbounded_channel();
            let report = move |event| {
                let _ = told.send(matches!(event, LibraryEvent::ScanEnded(_)));
            };
            let dir = Path::new(&folder);
            let library = Library::open(&dir.join("data"), &dir.join("cache"), report).await.unwrap().library;
            let _ = library.execute(LibraryCommand::AddRoot { path: dir.join("music") }).await;
            library.execute(LibraryCommand::Scan).await.unwrap();
            while ends.recv().await != Some(true) {}
        });
    }
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("music")).unwrap();
    fixture::generate(&dir.path().join("music"), 1500).unwrap();
    let (mut before, mut killed, mut round) = (0, 0, 0);
    while killed < 100 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "database::killed_scan_leaves_a_consistent_library"])
            .env(FOLDER, dir.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        round += 1;
        std::thread::sleep(std::time::Duration::from_millis(20 + round * 37 % 200));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        runtime().block_on(async {
            let opened = Library::open(&dir.path().join("data"), &dir.path().join("cache"), |_| {}).await.unwrap();
            assert_eq!(opened.quarantined_database, None);
            let counts = opened.library.counts().await.unwrap();
            assert!(counts.tracks >= before, "{} after {before}", counts.tracks);
            before = counts.tracks;
            opened.library.close().await;
            let mut database =
                SqliteConnection::connect(dir.path().join("data/library.db").to_str().unwrap()).await.unwrap();
            let check: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut database).await.unwrap();
            assert_eq!(check, "ok");
            let (tracks, on_albums): (u32, u32) = sqlx::query_as(
                "SELECT (SELECT count(*) FROM tracks), (SELECT CAST(total(tracks) AS INTEGER) FROM albums)",
            )
            .fetch_one(&mut database)
            .await
            .unwrap();
            assert_eq!((tracks, on_albums), (counts.tracks, counts.tracks));
        });
        if before == 1500 {
            // There is nothing left to be killed at.
            fs::remove_dir_all(dir.path().join("data")).unwrap();
            before = 0;
        }
    }
    runtime().block_on(async {
        let test = TestLibrary::open(dir).await;
        if test.roots().await.is_empty() {
            test.add().await
        } else {
            test.scan().await
        };
        assert_eq!(test.library.counts().await.unwrap().tracks, 1500);
    });
}

#[tokio::test]
async fn newer_database_is_refused_and_not_changed() {
    let test = TestLibrary::new().await;
    test.library.close().await;
    let file = test.dir.path().join("data/library.db");
    let mut database = SqliteConnection::connect(file.to_str().unwrap()).await.unwrap();
    sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, '', 1, x'00', 0)")
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();
    let Err(error) = Library::open(&test.dir.path().join("data"), test.dir.path(), |_| {}).await else { panic!() };
    assert!(matches!(&error, LibraryError::NewerSchema(path) if *path == file), "{error}");
    assert!(file.exists());
}

#[tokio::test]
async fn unwritable_folder_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let Err(error) = Library::open(&file.join("data"), dir.path(), |_| {}).await else { panic!() };
    assert!(error.to_string().starts_with(&file.join("data").display().to_string()), "{error}");
}

/// The runtime is dropped in the midst of a scan, as when the process ends: what was committed is there, whole, and
/// the next scan finds the rest.
#[test]
fn interrupted_scan_child_process() {
    let dir = tempfile::tempdir().unwrap();
    let music = dir.path().join("music");
    fs::create_dir(&music).unwrap();
    fixture::generate(&music, 1500).unwrap();
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let cut = runtime();
    let dir = cut.block_on(async {
        let test = TestLibrary::open(dir).await;
        test.execute(LibraryCommand::AddRoot { path: test.music() }).await;
        test.wait_for(|event| matches!(event, LibraryEvent::Changed { tracks: 1.., .. }).then_some(())).await;
        test.dir
    });
    cut.shutdown_background();
    runtime().block_on(async {
        let test = TestLibrary::open(dir).await;
        assert_eq!(test.quarantined_database, None);
        let counts = test.library.counts().await.unwrap();
        assert!(counts.tracks > 0);
        assert_eq!(test.albums().await.iter().map(|row| row.tracks).sum::<u32>(), counts.tracks);
        let summary = test.scan().await;
        assert_eq!(summary.progress.added + counts.tracks, 1500);
        assert_eq!(test.library.counts().await.unwrap().tracks, 1500);
    });
}
