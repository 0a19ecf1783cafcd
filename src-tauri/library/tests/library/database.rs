//! The database: kept, set aside, refused.

use std::{fs, path::Path};

use auralis_core::{LibraryCommand, LibraryEvent};
use auralis_library::{Library, LibraryError};
use sqlx::{Connection, SqliteConnection};

use crate::{
    fixture::{self, Format},
    shelf::{Shelf, titled},
};

#[test]
fn migrations_are_frozen() {
    // A migration that has been released never changes: a new one follows it.
    let frozen = [
        ("0001_library.sql", "5ef6c9132bdc80517cbb5818d20ea68fbe12fd7b8976610cd02d41e98f86a2fc"),
        ("0002_tracks.sql", "1170401f8c2709c89053c6baf5e69a7ff65ef741aef809137cc7f7de338369f0"),
        ("0003_listener.sql", "04ea68038bacb1fcd595fd595079a661004fb003efa1d8362137ae27356d857f"),
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
async fn the_library_is_there_again() {
    let shelf = Shelf::new().await;
    shelf.write("one.flac", Format::Flac, &titled("One"));
    shelf.add().await;
    let before = shelf.tracks().await;
    let shelf = shelf.reopen().await;
    assert_eq!(shelf.tracks().await, before);
    let counts = shelf.library.counts().await.unwrap();
    assert_eq!((counts.revision, counts.tracks, counts.roots), (1, 1, 1));
    assert_eq!(shelf.reports().len(), 1, "the first report says what is there");
}

#[tokio::test]
async fn states_are_kept() {
    let shelf = Shelf::new().await;
    assert_eq!(shelf.library.load_state("queue").await.unwrap(), None);
    let large = vec![7; 3_000_000];
    for value in [b"first".as_slice(), &large, b"", b"\0last\xff"] {
        shelf.library.save_state(&[("queue", value)]).await.unwrap();
        assert_eq!(shelf.library.load_state("queue").await.unwrap().as_deref(), Some(value));
    }
    let shelf = shelf.reopen().await;
    assert_eq!(shelf.library.load_state("queue").await.unwrap().as_deref(), Some(b"\0last\xff".as_slice()));
}

#[tokio::test]
async fn a_damaged_database_is_set_aside() {
    let shelf = Shelf::new().await;
    shelf.write("one.flac", Format::Flac, &titled("One"));
    shelf.add().await;
    shelf.library.close().await;
    let dir = shelf.dir;
    let data = dir.path().join("data");
    let whole = fs::read(data.join("library.db")).unwrap();
    let half = whole[..whole.len() / 2].to_vec();
    let shelf = crate::shelf::opened_with(dir, |data| {
        fs::write(data.join("library.db"), "this is no database, though it is long enough".repeat(40)).unwrap()
    })
    .await;
    assert_eq!(shelf.set_aside, Some(data.join("library.db.broken-1")));
    assert_eq!(shelf.tracks().await, []);
    assert_eq!(shelf.add().await.progress.added, 1);
    shelf.library.close().await;
    let shelf = crate::shelf::opened_with(shelf.dir, |data| fs::write(data.join("library.db"), half).unwrap()).await;
    assert_eq!(shelf.set_aside, Some(data.join("library.db.broken-2")));
    assert_eq!(shelf.add().await.progress.added, 1);
}

#[tokio::test]
async fn a_newer_database_is_refused_and_left_alone() {
    let shelf = Shelf::new().await;
    shelf.library.close().await;
    let file = shelf.dir.path().join("data/library.db");
    let mut database = SqliteConnection::connect(file.to_str().unwrap()).await.unwrap();
    sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, '', 1, x'00', 0)")
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();
    let Err(error) = Library::open(&shelf.dir.path().join("data"), shelf.dir.path(), |_| {}).await else { panic!() };
    assert!(matches!(&error, LibraryError::Newer(path) if *path == file), "{error}");
    assert!(file.exists());
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let Err(error) = Library::open(&file.join("data"), dir.path(), |_| {}).await else { panic!() };
    assert!(error.to_string().starts_with(&file.join("data").display().to_string()), "{error}");
}

/// The runtime is dropped in the midst of a scan, as when the process ends: what was committed is there, whole, and
/// the next scan finds the rest.
#[test]
fn a_scan_cut_short_leaves_a_whole_library() {
    let dir = tempfile::tempdir().unwrap();
    let music = dir.path().join("music");
    fs::create_dir(&music).unwrap();
    fixture::generate(&music, 1500).unwrap();
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let cut = runtime();
    let dir = cut.block_on(async {
        let shelf = Shelf::open(dir).await;
        shelf.execute(LibraryCommand::AddRoot { path: shelf.music() }).await;
        shelf.until(|event| matches!(event, LibraryEvent::Changed { tracks: 1.., .. }).then_some(())).await;
        shelf.dir
    });
    cut.shutdown_background();
    runtime().block_on(async {
        let shelf = Shelf::open(dir).await;
        assert_eq!(shelf.set_aside, None);
        let counts = shelf.library.counts().await.unwrap();
        assert!(counts.tracks > 0);
        assert_eq!(shelf.albums().await.iter().map(|row| row.tracks).sum::<u32>(), counts.tracks);
        let summary = shelf.scan().await;
        assert_eq!(summary.progress.added + counts.tracks, 1500);
        assert_eq!(shelf.library.counts().await.unwrap().tracks, 1500);
    });
}
