//! What changes in the folders is noticed without being asked for.

use std::fs;

use auralis_core::LibraryEvent;

use crate::{
    fixture::{self, Format},
    test_library::{TestLibrary, titled},
};

/// Waits until the library holds so many tracks.
async fn holds(test: &TestLibrary, count: u32) {
    test.wait_for(|event| matches!(event, LibraryEvent::Changed { tracks, .. } if *tracks == count).then_some(()))
        .await;
}

#[tokio::test]
async fn changes_start_a_scan() {
    let test = TestLibrary::new().await;
    test.write("a/one.flac", Format::Flac, &titled("One"));
    test.add().await;
    test.library.watch().await.unwrap();
    test.write("new/folder/two.flac", Format::Flac, &titled("Two"));
    holds(&test, 2).await;
    // A folder that came after the watch is watched, too; one that goes takes its tracks with it.
    fs::remove_dir_all(test.music().join("new")).unwrap();
    holds(&test, 1).await;
    test.write("deep/er/three.flac", Format::Flac, &titled("Three"));
    holds(&test, 2).await;
    fixture::write(&test.music().join("deep/er/four.flac"), Format::Flac, &titled("Four")).unwrap();
    holds(&test, 3).await;
    assert_eq!(test.titles().await, ["Four", "One", "Three"]);
}

#[tokio::test]
async fn returning_root_is_noticed_and_not_read_again() {
    let test = TestLibrary::new().await;
    test.write("a/one.flac", Format::Flac, &titled("One"));
    test.add().await;
    let before = test.tracks().await;
    test.library.watch().await.unwrap();
    let elsewhere = test.dir.path().join("elsewhere");
    for there in [false, true] {
        match there {
            false => fs::rename(test.music(), &elsewhere).unwrap(),
            true => fs::rename(&elsewhere, test.music()).unwrap(),
        }
        // The kernel may tell of it, too: then there are two scans.
        while test.roots().await[0].online != there {
            let summary = test.wait_for_scan().await;
            assert_eq!((summary.progress.added, summary.progress.updated), (0, 0));
        }
    }
    assert_eq!(test.tracks().await, before);
}
