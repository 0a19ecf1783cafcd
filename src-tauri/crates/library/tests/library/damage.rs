//! Damaged databases: every start succeeds, and the listener's data comes back.

use std::{fs, path::Path};

use auralis_core::*;
use auralis_library::Library;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use crate::{fixture, test_library::TestLibrary};

const PAGE_BYTES: usize = 4096;

/// How many pages are damaged, one in each round.
const ROUNDS: u64 = 60;

/// Rounds of the test by hand: `AURALIS_DAMAGE_ROUNDS=500`.
fn rounds() -> u64 {
    std::env::var("AURALIS_DAMAGE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS)
}

fn all() -> TrackSelection {
    TrackSelection::List { list: TrackList { sort: TrackSort::Title, ..TrackList::default() } }
}

/// A closed library with favourites, a playlist, a history and a backup. Returns its data folder's files.
async fn library_with_user_data() -> TempDir {
    let test = TestLibrary::new().await;
    fixture::generate(&test.music(), 200).unwrap();
    test.add().await;
    test.edit(UserDataEdit::SetFavourite { tracks: all(), favourite: true }).await;
    test.edit(UserDataEdit::CreatePlaylist { name: "All".into(), tracks: Some(all()), smart: None }).await;
    for row in test.tracks().await.iter().take(50) {
        let listen = Listen {
            track: row.track.id,
            started_s_ago: 100.0,
            listened_s: 60.0,
            duration_s: 60.0,
            end: ListenEndReason::Finished,
            context: PlaybackContext::Library,
        };
        test.library.record_listen(&listen).await.unwrap();
    }
    test.library.save_state(&[("queue", b"the queue")]).await.unwrap();
    test.library.back_up().await.unwrap();
    test.library.close().await;
    test.dir
}

/// Roots, favourites, playlist entries and listens in a database.
async fn user_data(data: &Path) -> [i64; 4] {
    let mut database = SqliteConnection::connect(data.join("library.db").to_str().unwrap()).await.unwrap();
    let counts = "SELECT (SELECT count(*) FROM roots WHERE id <> 0),
        (SELECT count(*) FROM tracks WHERE favourite_s IS NOT NULL) +
            (SELECT count(*) FROM lost_tracks WHERE favourite_s IS NOT NULL),
        (SELECT count(*) FROM playlist_entries JOIN playlists ON playlists.id = playlist_id),
        (SELECT count(*) FROM listens)";
    let counts: (i64, i64, i64, i64) = sqlx::query_as(counts).fetch_one(&mut database).await.unwrap();
    database.close().await.unwrap();
    [counts.0, counts.1, counts.2, counts.3]
}

#[tokio::test]
async fn damaged_page_never_stops_a_start_and_loses_nothing_of_the_listener() {
    let dir = library_with_user_data().await;
    let data = dir.path().join("data");
    let whole = user_data(&data).await;
    assert_eq!(whole, [1, 200, 200, 50]);
    let files: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
    let files: Vec<_> = files.into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    let database = fs::read(data.join("library.db")).unwrap();
    let pages = database.len() / PAGE_BYTES;
    let mut random = 1_u64;
    let (mut noticed, mut lost) = (0, Vec::new());
    for round in 0..rounds() {
        for entry in fs::read_dir(&data).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        files.iter().for_each(|(bytes, path)| fs::write(path, bytes).unwrap());
        let mut next = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize
        };
        let (page, kind) = (next() % pages, next() % 3);
        let mut damaged = database.clone();
        let bytes = &mut damaged[page * PAGE_BYTES..(page + 1) * PAGE_BYTES];
        match kind {
            0 => bytes.fill(0),
            1 => bytes.fill(0xa5),
            _ => bytes.iter_mut().for_each(|byte| *byte = next() as u8),
        }
        fs::write(data.join("library.db"), damaged).unwrap();
        let opened = Library::open(&data, &dir.path().join("cache"), |_| {}).await;
        let opened = opened.unwrap_or_else(|error| panic!("round {round}, page {page}: {error}"));
        noticed += u32::from(opened.quarantined_database.is_some());
        opened.library.close().await;
        let found = user_data(&data).await;
        if found != whole {
            lost.push((round, page, kind, found));
        }
    }
    assert!(noticed > 0, "no damage was noticed");
    assert!(lost.is_empty(), "of {pages} pages, lost with seed 1: {lost:?}");
}

#[tokio::test]
async fn empty_or_halved_file_comes_back_from_the_backup() {
    for remaining in [0, 2] {
        let dir = library_with_user_data().await;
        let data = dir.path().join("data");
        let whole = user_data(&data).await;
        let bytes = fs::read(data.join("library.db")).unwrap();
        fs::write(data.join("library.db"), &bytes[..bytes.len() * remaining / 4]).unwrap();
        let test = TestLibrary::open(dir).await;
        assert!(test.quarantined_database.is_some());
        assert_eq!(test.library.load_state("queue").await.unwrap().as_deref(), Some(b"the queue".as_slice()));
        assert_eq!(test.scan().await.progress.added, 200);
        assert!(test.tracks().await.iter().all(|row| row.track.favourite));
        test.library.close().await;
        assert_eq!(user_data(&data).await, whole);
    }
}

#[tokio::test]
async fn three_backups_are_kept() {
    let dir = library_with_user_data().await;
    let test = TestLibrary::open(dir).await;
    for _ in 0..4 {
        test.library.back_up().await.unwrap();
    }
    let data = test.dir.path().join("data");
    let backups = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut backups: Vec<_> = backups.filter(|name| name.contains("backup")).collect();
    backups.sort();
    assert_eq!(backups, ["library.db.backup-1", "library.db.backup-2", "library.db.backup-3"]);
}
