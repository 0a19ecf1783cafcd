//! What a scan makes of files that come, change, move and go.

use std::fs;

use auralis_core::*;

use crate::{
    fixture::{Fields, Format},
    shelf::{Shelf, titled},
};

#[tokio::test]
async fn an_unchanged_rescan_changes_nothing() {
    let shelf = Shelf::new().await;
    shelf.write("a/one.flac", Format::Flac, &titled("One"));
    shelf.write("a/two.mp3", Format::Mp3, &titled("Two"));
    fs::write(shelf.music().join("a/bad.mp3"), "no music").unwrap();
    fs::write(shelf.music().join("a/cover.jpg"), "no picture, but it has a hash").unwrap();
    shelf.add().await;
    let before = shelf.library.counts().await.unwrap();
    shelf.reports();

    let summary = shelf.scan().await;
    assert_eq!((summary.progress.added, summary.progress.updated, summary.progress.done), (0, 0, 3));
    assert_eq!(summary.progress.failed, 1);
    assert_eq!(shelf.library.counts().await.unwrap(), before);
    assert_eq!(shelf.failures().await.len(), 1);
}

#[tokio::test]
async fn a_changed_file_keeps_its_id() {
    let shelf = Shelf::new().await;
    let path = shelf.write(
        "one.flac",
        Format::Flac,
        &Fields { artists: vec!["Old".into()], album: "X".into(), ..titled("One") },
    );
    shelf.add().await;
    let before = shelf.tracks().await;
    crate::fixture::write(&path, Format::Flac, &Fields { artists: vec!["New".into()], ..titled("Another one") })
        .unwrap();
    let summary = shelf.scan().await;
    assert_eq!((summary.progress.added, summary.progress.updated), (0, 1));
    let after = shelf.tracks().await;
    assert_eq!((&*after[0].track.title, after[0].track.id), ("Another one", before[0].track.id));
    let artists: Vec<_> = shelf.artists().await.into_iter().map(|row| row.name).collect();
    assert_eq!(artists, ["New"]);
    assert_eq!(shelf.albums().await, []);
    assert_eq!(shelf.search("another new").await, ["Another one"]);
    assert_eq!(shelf.search("old").await, [""; 0]);
}

#[tokio::test]
async fn moved_files_keep_their_ids() {
    let shelf = Shelf::new().await;
    let one = shelf.write("a/one.flac", Format::Flac, &titled("One"));
    let two = shelf.write("a/two.flac", Format::Flac, &titled("Two"));
    let three = shelf.write("a/three.flac", Format::Flac, &titled("Three, of another length"));
    shelf.add().await;
    let ids = async || shelf.tracks().await.into_iter().map(|row| (row.track.title, row.track.id)).collect::<Vec<_>>();
    let before = ids().await;

    fs::create_dir(shelf.music().join("b")).unwrap();
    fs::rename(&one, shelf.music().join("b/renamed.flac")).unwrap();
    // Each takes the other's place.
    fs::rename(&two, shelf.music().join("a/x")).unwrap();
    fs::rename(&three, &two).unwrap();
    fs::rename(shelf.music().join("a/x"), &three).unwrap();
    let summary = shelf.scan().await;
    assert_eq!((summary.progress.added, summary.progress.updated, summary.progress.failed), (0, 3, 0));
    assert_eq!(ids().await, before);
    let moved = shelf.library.track(before[0].1).await.unwrap().unwrap();
    assert_eq!(moved.path, shelf.music().canonicalize().unwrap().join("b/renamed.flac"));
    assert_eq!(shelf.scan().await.progress.updated, 0);
}

#[tokio::test]
async fn a_copy_is_a_track_of_its_own() {
    let shelf = Shelf::new().await;
    let one = shelf.write("one.flac", Format::Flac, &titled("One"));
    shelf.add().await;
    fs::hard_link(&one, shelf.music().join("link.flac")).unwrap();
    assert_eq!(shelf.scan().await.progress.added, 1);
    assert_eq!(shelf.titles().await, ["One", "One"]);
    assert_eq!(shelf.scan().await.progress.added, 0);
}

#[tokio::test]
async fn a_removed_file_goes_and_its_id_is_not_used_again() {
    let shelf = Shelf::new().await;
    shelf.write("one.flac", Format::Flac, &titled("One"));
    let two = shelf.write("two.flac", Format::Flac, &titled("Two"));
    shelf.add().await;
    let gone = shelf.tracks().await[1].track.id;
    fs::remove_file(two).unwrap();
    shelf.scan().await;
    assert_eq!(shelf.titles().await, ["One"]);
    assert_eq!(shelf.library.tracks(&[gone]).await.unwrap(), [None]);
    assert_eq!(shelf.search("two").await, [""; 0]);
    shelf.write("three.flac", Format::Flac, &titled("Three"));
    shelf.scan().await;
    assert!(shelf.tracks().await.iter().all(|row| row.track.id != gone));
}

#[tokio::test]
async fn a_root_that_vanishes_is_offline_and_comes_back() {
    let shelf = Shelf::new().await;
    shelf.write("a/one.flac", Format::Flac, &titled("One"));
    shelf.add().await;
    let before = shelf.tracks().await;
    let elsewhere = shelf.dir.path().join("elsewhere");
    for empty in [false, true] {
        fs::rename(shelf.music(), &elsewhere).unwrap();
        if empty {
            fs::create_dir(shelf.music()).unwrap();
        }
        shelf.scan().await;
        assert!(!shelf.roots().await[0].online);
        let rows = shelf.tracks().await;
        assert!(!rows[0].available);
        assert_eq!(rows[0].track, before[0].track);
        assert_eq!(shelf.failures().await.len(), 1);

        if empty {
            fs::remove_dir(shelf.music()).unwrap();
        }
        fs::rename(&elsewhere, shelf.music()).unwrap();
        let summary = shelf.scan().await;
        assert_eq!((summary.progress.added, summary.progress.updated), (0, 0));
        assert_eq!(shelf.tracks().await, before);
        assert!(shelf.roots().await[0].online);
        assert_eq!(shelf.failures().await, [""; 0]);
    }
}

#[tokio::test]
async fn roots_are_added_once_and_removed_without_touching_files() {
    let shelf = Shelf::new().await;
    let file = shelf.write(
        "a/one.flac",
        Format::Flac,
        &Fields { artists: vec!["A".into()], album: "B".into(), ..titled("One") },
    );
    shelf.add().await;
    let refused = async |path| shelf.library.execute(LibraryCommand::AddRoot { path }).await.unwrap_err().to_string();
    assert!(refused(shelf.music()).await.ends_with("it is in the library already"));
    assert!(refused(shelf.music().join("a")).await.contains("which is in the library already"));
    assert!(refused(shelf.dir.path().into()).await.contains("lies in it"));
    assert!(refused(file.clone()).await.ends_with("it is not a folder"));
    assert!(refused("/not/there".into()).await.ends_with("it is not there"));
    assert!(refused("music".into()).await.ends_with("must be absolute"));

    let root = shelf.roots().await[0].id;
    shelf.execute(LibraryCommand::RemoveRoot { root }).await;
    let counts = shelf.library.counts().await.unwrap();
    assert_eq!((counts.tracks, counts.albums, counts.artists, counts.roots), (0, 0, 0, 0));
    assert!(file.exists());
    let error = shelf.library.execute(LibraryCommand::RemoveRoot { root }).await.unwrap_err();
    assert_eq!(error.to_string(), format!("there is no folder {} in the library", root.0));
}

#[tokio::test]
async fn what_is_ignored_goes_and_comes_back_with_its_history() {
    let shelf = Shelf::new().await;
    for name in ["a/One.flac", "a/Skit.flac", "Podcasts/Two.flac", "b/podcasts/deep/Three.flac", "b/x/Four.flac"] {
        shelf.write(name, Format::Flac, &titled(name));
    }
    shelf.add().await;
    let tracks = TrackSelection::List { list: TrackList::default() };
    shelf.edit(UserDataEdit::SetFavourite { tracks, favourite: true }).await;
    let set = async |patterns: &[&str]| {
        let patterns = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        shelf.library.execute(LibraryCommand::SetIgnorePatterns { patterns }).await
    };
    set(&["podcasts", "*skit*", "b/x"]).await.unwrap();
    shelf.ended().await;
    assert_eq!(shelf.titles().await, ["a/One.flac"]);
    let RowItems::IgnorePatterns(patterns) = shelf.rows(ListQuery::IgnorePatterns {}, 0, 10).await.items else {
        panic!()
    };
    assert_eq!(patterns, ["*skit*", "b/x", "podcasts"]);
    assert!(set(&["a{"]).await.unwrap_err().to_string().starts_with("“a{” is no pattern"));
    set(&[]).await.unwrap();
    shelf.ended().await;
    let rows = shelf.tracks().await;
    assert_eq!((rows.len(), rows.iter().all(|row| row.track.favourite)), (5, true));
}
