//! What changes in the folders is noticed without being asked for.

use std::fs;

use auralis_core::LibraryEvent;

use crate::{
    fixture::{self, Format},
    shelf::{Shelf, titled},
};

/// Waits until the library holds so many tracks.
async fn holds(shelf: &Shelf, count: u32) {
    shelf.until(|event| matches!(event, LibraryEvent::Changed { tracks, .. } if *tracks == count).then_some(())).await;
}

#[tokio::test]
async fn changes_are_noticed() {
    let shelf = Shelf::new().await;
    shelf.write("a/one.flac", Format::Flac, &titled("One"));
    shelf.add().await;
    shelf.library.watch().await.unwrap();
    shelf.write("new/folder/two.flac", Format::Flac, &titled("Two"));
    holds(&shelf, 2).await;
    // A folder that came after the watch is watched, too; one that goes takes its tracks with it.
    fs::remove_dir_all(shelf.music().join("new")).unwrap();
    holds(&shelf, 1).await;
    shelf.write("deep/er/three.flac", Format::Flac, &titled("Three"));
    holds(&shelf, 2).await;
    fixture::write(&shelf.music().join("deep/er/four.flac"), Format::Flac, &titled("Four")).unwrap();
    holds(&shelf, 3).await;
    assert_eq!(shelf.titles().await, ["Four", "One", "Three"]);
}

#[tokio::test]
async fn a_root_that_comes_back_is_noticed_and_not_read_again() {
    let shelf = Shelf::new().await;
    shelf.write("a/one.flac", Format::Flac, &titled("One"));
    shelf.add().await;
    let before = shelf.tracks().await;
    shelf.library.watch().await.unwrap();
    let elsewhere = shelf.dir.path().join("elsewhere");
    for there in [false, true] {
        match there {
            false => fs::rename(shelf.music(), &elsewhere).unwrap(),
            true => fs::rename(&elsewhere, shelf.music()).unwrap(),
        }
        // The kernel may tell of it, too: then there are two scans.
        while shelf.roots().await[0].online != there {
            let summary = shelf.ended().await;
            assert_eq!((summary.progress.added, summary.progress.updated), (0, 0));
        }
    }
    assert_eq!(shelf.tracks().await, before);
}
