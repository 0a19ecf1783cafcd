//! What a scan makes of files that come, change, move and go.

use std::fs;

use auralis_core::*;

use crate::{
    fixture::{Fields, Format},
    test_library::{TestLibrary, titled},
};

#[tokio::test]
async fn an_unchanged_rescan_changes_nothing() {
    let test = TestLibrary::new().await;
    test.write("a/one.flac", Format::Flac, &titled("One"));
    test.write("a/two.mp3", Format::Mp3, &titled("Two"));
    fs::write(test.music().join("a/bad.mp3"), "no music").unwrap();
    fs::write(test.music().join("a/cover.jpg"), "no picture, but it has a hash").unwrap();
    test.add().await;
    let before = test.library.counts().await.unwrap();
    test.reports();

    let summary = test.scan().await;
    assert_eq!((summary.progress.added, summary.progress.updated, summary.progress.done), (0, 0, 3));
    assert_eq!(summary.progress.failed, 1);
    assert_eq!(test.library.counts().await.unwrap(), before);
    assert_eq!(test.failures().await.len(), 1);
}

#[tokio::test]
async fn a_changed_file_keeps_its_id() {
    let test = TestLibrary::new().await;
    let path = test.write(
        "one.flac",
        Format::Flac,
        &Fields { artists: vec!["Old".into()], album: "X".into(), ..titled("One") },
    );
    test.add().await;
    let before = test.tracks().await;
    crate::fixture::write(&path, Format::Flac, &Fields { artists: vec!["New".into()], ..titled("Another one") })
        .unwrap();
    let summary = test.scan().await;
    assert_eq!((summary.progress.added, summary.progress.updated), (0, 1));
    let after = test.tracks().await;
    assert_eq!((&*after[0].track.title, after[0].track.id), ("Another one", before[0].track.id));
    let artists: Vec<_> = test.artists().await.into_iter().map(|row| row.name).collect();
    assert_eq!(artists, ["New"]);
    assert_eq!(test.albums().await, []);
    assert_eq!(test.search("another new").await, ["Another one"]);
    assert_eq!(test.search("old").await, [""; 0]);
}

#[tokio::test]
async fn moved_files_keep_their_ids() {
    let test = TestLibrary::new().await;
    let one = test.write("a/one.flac", Format::Flac, &titled("One"));
    let two = test.write("a/two.flac", Format::Flac, &titled("Two"));
    let three = test.write("a/three.flac", Format::Flac, &titled("Three, of another length"));
    test.add().await;
    let ids = async || test.tracks().await.into_iter().map(|row| (row.track.title, row.track.id)).collect::<Vec<_>>();
    let before = ids().await;

    fs::create_dir(test.music().join("b")).unwrap();
    fs::rename(&one, test.music().join("b/renamed.flac")).unwrap();
    // Each takes the other's place.
    fs::rename(&two, test.music().join("a/x")).unwrap();
    fs::rename(&three, &two).unwrap();
    fs::rename(test.music().join("a/x"), &three).unwrap();
    let summary = test.scan().await;
    assert_eq!((summary.progress.added, summary.progress.updated, summary.progress.failed), (0, 3, 0));
    assert_eq!(ids().await, before);
    let moved = test.library.track(before[0].1).await.unwrap().unwrap();
    assert_eq!(moved.path, test.music().canonicalize().unwrap().join("b/renamed.flac"));
    assert_eq!(test.scan().await.progress.updated, 0);
}

#[tokio::test]
async fn a_copy_is_a_track_of_its_own() {
    let test = TestLibrary::new().await;
    let one = test.write("one.flac", Format::Flac, &titled("One"));
    test.add().await;
    fs::hard_link(&one, test.music().join("link.flac")).unwrap();
    assert_eq!(test.scan().await.progress.added, 1);
    assert_eq!(test.titles().await, ["One", "One"]);
    assert_eq!(test.scan().await.progress.added, 0);
}

#[tokio::test]
async fn a_removed_file_goes_and_its_id_is_not_used_again() {
    let test = TestLibrary::new().await;
    test.write("one.flac", Format::Flac, &titled("One"));
    let two = test.write("two.flac", Format::Flac, &titled("Two"));
    test.add().await;
    let gone = test.tracks().await[1].track.id;
    fs::remove_file(two).unwrap();
    test.scan().await;
    assert_eq!(test.titles().await, ["One"]);
    assert_eq!(test.library.tracks(&[gone]).await.unwrap(), [None]);
    assert_eq!(test.search("two").await, [""; 0]);
    test.write("three.flac", Format::Flac, &titled("Three"));
    test.scan().await;
    assert!(test.tracks().await.iter().all(|row| row.track.id != gone));
}

#[tokio::test]
async fn missing_root_is_offline_and_comes_back() {
    let test = TestLibrary::new().await;
    test.write("a/one.flac", Format::Flac, &titled("One"));
    test.add().await;
    let before = test.tracks().await;
    let elsewhere = test.dir.path().join("elsewhere");
    for empty in [false, true] {
        fs::rename(test.music(), &elsewhere).unwrap();
        if empty {
            fs::create_dir(test.music()).unwrap();
        }
        test.scan().await;
        assert!(!test.roots().await[0].online);
        let rows = test.tracks().await;
        assert!(!rows[0].available);
        assert_eq!(rows[0].track, before[0].track);
        assert_eq!(test.failures().await.len(), 1);

        if empty {
            fs::remove_dir(test.music()).unwrap();
        }
        fs::rename(&elsewhere, test.music()).unwrap();
        let summary = test.scan().await;
        assert_eq!((summary.progress.added, summary.progress.updated), (0, 0));
        assert_eq!(test.tracks().await, before);
        assert!(test.roots().await[0].online);
        assert_eq!(test.failures().await, [""; 0]);
    }
}

#[tokio::test]
async fn roots_are_added_once_and_removed_without_touching_files() {
    let test = TestLibrary::new().await;
    let file = test.write(
        "a/one.flac",
        Format::Flac,
        &Fields { artists: vec!["A".into()], album: "B".into(), ..titled("One") },
    );
    test.add().await;
    let refused = async |path| test.library.execute(LibraryCommand::AddRoot { path }).await.unwrap_err().to_string();
    assert!(refused(test.music()).await.ends_with("it is in the library already"));
    assert!(refused(test.music().join("a")).await.contains("which is in the library already"));
    assert!(refused(test.dir.path().into()).await.contains("lies in it"));
    assert!(refused(file.clone()).await.ends_with("it is not a folder"));
    assert!(refused("/not/there".into()).await.ends_with("it does not exist"));
    assert!(refused("music".into()).await.ends_with("must be absolute"));

    let root = test.roots().await[0].id;
    test.execute(LibraryCommand::RemoveRoot { root }).await;
    let counts = test.library.counts().await.unwrap();
    assert_eq!((counts.tracks, counts.albums, counts.artists, counts.roots), (0, 0, 0, 0));
    assert!(file.exists());
    let error = test.library.execute(LibraryCommand::RemoveRoot { root }).await.unwrap_err();
    assert_eq!(error.to_string(), format!("there is no folder {} in the library", root.0));
}

#[tokio::test]
async fn ignored_files_return_with_their_history() {
    let test = TestLibrary::new().await;
    for name in ["a/One.flac", "a/Skit.flac", "Podcasts/Two.flac", "b/podcasts/deep/Three.flac", "b/x/Four.flac"] {
        test.write(name, Format::Flac, &titled(name));
    }
    test.add().await;
    let tracks = TrackSelection::List { list: TrackList::default() };
    test.edit(UserDataEdit::SetFavourite { tracks, favourite: true }).await;
    let set = async |patterns: &[&str]| {
        let patterns = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        test.library.execute(LibraryCommand::SetIgnorePatterns { patterns }).await
    };
    set(&["podcasts", "*skit*", "b/x"]).await.unwrap();
    test.wait_for_scan().await;
    assert_eq!(test.titles().await, ["a/One.flac"]);
    let RowItems::IgnorePatterns(patterns) = test.rows(ListQuery::IgnorePatterns {}, 0, 10).await.items else {
        panic!()
    };
    assert_eq!(patterns, ["*skit*", "b/x", "podcasts"]);
    assert!(set(&["a{"]).await.unwrap_err().to_string().starts_with("“a{” is not a valid pattern"));
    set(&[]).await.unwrap();
    test.wait_for_scan().await;
    let rows = test.tracks().await;
    assert_eq!((rows.len(), rows.iter().all(|row| row.track.favourite)), (5, true));
}
