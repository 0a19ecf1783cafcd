//! Files and disks that never answer.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use auralis_core::*;
use tempfile::TempDir;

use crate::{
    fixture::{self, Format},
    hanging_disk::HangingDisk,
    mounts::{has_own_mounts, run},
    test_library::{TestLibrary, titled},
};

/// Far more than any answer takes here, far less than for ever.
const SOON: Duration = Duration::from_secs(20);

async fn soon<T>(what: &str, answer: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, answer).await.unwrap_or_else(|_| panic!("{what} hangs"))
}

fn pipe(path: &Path) {
    run("mkfifo", &[], path);
}

/// Every reader of the library at once, so that one that is kept is missed.
async fn lists_answer(test: &TestLibrary) {
    let list = || test.rows(ListQuery::Tracks { tracks: TrackList::default() }, 0, 10);
    soon("a list", async { tokio::join!(list(), list(), list(), list()) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pipe_beside_a_track_hangs_nothing() {
    let test = TestLibrary::new().await;
    test.write("one.flac", Format::Flac, &titled("One"));
    test.add().await;
    for name in ["one.lrc", "one.txt", "cover.jpg", "one.cue", "two.flac", "list.m3u"] {
        pipe(&test.music().join(name));
    }
    let track = test.tracks().await[0].track.id;
    for _ in 0..5 {
        let lyrics = soon("the lyrics", test.rows(ListQuery::Lyrics { track }, 0, 100)).await;
        assert_eq!(lyrics.total, 0);
    }
    soon("a scan", test.scan()).await;
    assert_eq!(test.titles().await, ["One"]);
    let list = test.music().join("list.m3u").to_str().unwrap().to_owned();
    let import = LibraryCommand::Edit(UserDataEdit::ImportPlaylist { path: list.clone() });
    let refused = soon("the import", test.library.execute(import)).await.unwrap_err().to_string();
    assert!(refused.ends_with("it is not a regular file"), "{refused}");
    let open = TrackSelection::Files { paths: vec![list] };
    assert!(soon("opening a pipe", test.library.track_ids(&open)).await.is_err());
    lists_answer(&test).await;
    soon("the end", test.library.close()).await;
}

#[test]
fn disk_that_hangs_costs_no_other_folder_anything() {
    if !has_own_mounts("hangs::disk_that_hangs_costs_no_other_folder_anything") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (disk, dir) = runtime.block_on(hanging_disk_beside_a_good_one());
    // As at the end of the program: nothing waits for threads that hang.
    let started = Instant::now();
    drop(runtime);
    assert!(started.elapsed() < Duration::from_secs(2), "the end took {:?}", started.elapsed());
    // Before the folder: its files cannot be deleted while the disk hangs.
    drop(disk);
    drop(dir);
}

async fn hanging_disk_beside_a_good_one() -> (HangingDisk, TempDir) {
    let test = TestLibrary::new().await;
    let share = test.dir.path().join("share");
    fs::create_dir(&share).unwrap();
    let files: BTreeMap<String, Vec<u8>> = (1..=3)
        .map(|number| {
            let path = test.dir.path().join("fixture.flac");
            fixture::write(&path, Format::Flac, &titled(&format!("Shared {number}"))).unwrap();
            (format!("{number}.flac"), fs::read(path).unwrap())
        })
        .collect();
    let disk = HangingDisk::mount(&share, files);
    test.write("good.flac", Format::Flac, &titled("Good"));
    test.add().await;
    test.execute(LibraryCommand::AddRoot { path: share.clone() }).await;
    test.wait_for_scan().await;
    assert_eq!(test.titles().await, ["Good", "Shared 1", "Shared 2", "Shared 3"]);
    test.library.watch().await.unwrap();
    let tracks = test.tracks().await;
    let (good, shared) = (tracks[0].track.id, tracks[1].track.id);

    disk.set_hanging(true);
    let details = RowQuery { list: ListQuery::Details { track: shared }, offset: 0, limit: 1 };
    let error = soon("the details", test.library.rows(&details)).await.unwrap_err().to_string();
    assert_eq!(error, format!("{} does not respond", share.join("1.flac").display()));
    lists_answer(&test).await;
    assert_eq!(soon("details elsewhere", test.rows(ListQuery::Details { track: good }, 0, 1)).await.total, 1);
    let responding = async || test.roots().await.iter().map(|root| root.responding).collect::<Vec<_>>();
    assert_eq!(responding().await, [true, false]);
    // The good folder is scanned, and the tracks of the other stay.
    test.write("new.flac", Format::Flac, &titled("New"));
    soon("a scan", async {
        test.execute(LibraryCommand::Scan).await;
        while !test.titles().await.contains(&"New".to_owned()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(test.titles().await.len(), 5);
    let again = LibraryCommand::AddRoot { path: share.join("folder") };
    assert!(soon("adding a folder", test.library.execute(again)).await.is_err());

    disk.set_hanging(false);
    soon("the folder", async {
        while responding().await != [true, true] {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(test.rows(ListQuery::Details { track: shared }, 0, 1).await.total, 1);

    disk.set_hanging(true);
    let _ = soon("the details", test.library.rows(&details)).await;
    soon("the end", test.library.close()).await;
    (disk, test.dir)
}
