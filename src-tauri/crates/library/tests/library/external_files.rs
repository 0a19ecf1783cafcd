//! Files that are opened by their paths.

use std::{fs, path::Path};

use auralis_core::*;

use crate::{
    fixture::{self, Fields, Format},
    test_library::{TestLibrary, titled},
};

async fn open(test: &TestLibrary, paths: &[&Path]) -> Result<Vec<TrackId>, String> {
    let paths = paths.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    test.library.track_ids(&TrackSelection::Files { paths }).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn external_file_plays_but_appears_in_no_list() {
    let test = TestLibrary::new().await;
    test.write("one.flac", Format::Flac, &Fields { artists: vec!["A".into()], ..titled("One") });
    test.add().await;
    let before = test.library.counts().await.unwrap();
    let outside = test.dir.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let fields = Fields { artists: vec!["B".into()], album: "X".into(), genres: vec!["G".into()], ..titled("Loose") };
    fixture::write(&outside.join("loose.flac"), Format::Flac, &fields).unwrap();

    let ids = open(&test, &[&outside.join("loose.flac"), &test.music().join("one.flac")]).await.unwrap();
    let rows: Vec<_> = test.library.tracks(&ids).await.unwrap().into_iter().flatten().collect();
    assert_eq!(rows.iter().map(|row| &*row.track.title).collect::<Vec<_>>(), ["Loose", "One"]);
    assert_eq!((&*rows[0].track.artist, &*rows[0].track.album, rows[0].available), ("B", "X", true));
    let track = test.library.track(ids[0]).await.unwrap().unwrap();
    assert_eq!(track.path, outside.canonicalize().unwrap().join("loose.flac"));

    assert_eq!(test.titles().await, ["One"]);
    assert_eq!(test.search("loose").await, [""; 0]);
    assert_eq!((test.albums().await.len(), test.artists().await.len(), test.roots().await.len()), (0, 1, 1));
    let after = test.library.counts().await.unwrap();
    assert_eq!((after.tracks, after.albums, after.artists, after.roots), (1, 0, 1, 1));
    assert_eq!(after.revision, before.revision + 1);
    // Opened again, it is the same track; a scan leaves it alone.
    assert_eq!(open(&test, &[&outside.join("loose.flac")]).await.unwrap(), [ids[0]]);
    assert_eq!(test.scan().await.progress.found, 1);
    assert!(test.library.tracks(&ids).await.unwrap().iter().all(Option::is_some));
    assert!(test.library.execute(LibraryCommand::RemoveRoot { root: RootId(0) }).await.is_err());

    // Its folder is added: it is a track like any other, and still the same.
    test.execute(LibraryCommand::AddRoot { path: outside }).await;
    test.wait_for_scan().await;
    assert_eq!(test.titles().await, ["Loose", "One"]);
    assert_eq!(test.search("loose").await, ["Loose"]);
    assert_eq!(test.tracks().await[0].track.id, ids[0]);
    assert_eq!(test.albums().await.len(), 1);
}

#[tokio::test]
async fn folder_opens_in_name_order() {
    let test = TestLibrary::new().await;
    for name in ["b/2.flac", "b/10.flac", "b/.hidden.flac", "a/1.flac", "3.flac"] {
        test.write(name, Format::Flac, &titled(name));
    }
    fs::write(test.music().join("b/text.txt"), "no music").unwrap();
    fs::write(test.music().join("broken.mp3"), "no music").unwrap();
    let ids = open(&test, &[&test.music()]).await.unwrap();
    let titles: Vec<_> =
        test.library.tracks(&ids).await.unwrap().into_iter().flatten().map(|row| row.track.title).collect();
    assert_eq!(titles, ["3.flac", "broken", "a/1.flac", "b/2.flac", "b/10.flac"]);
}

#[tokio::test]
async fn playlist_file_opens_in_its_order() {
    let test = TestLibrary::new().await;
    for name in ["1.flac", "2.flac"] {
        test.write(name, Format::Flac, &titled(name));
    }
    let list = test.music().join("list.m3u8");
    fs::write(&list, "#EXTM3U\n2.flac\ngone.flac\n1.flac\n").unwrap();
    let ids = open(&test, &[&list]).await.unwrap();
    let titles: Vec<_> =
        test.library.tracks(&ids).await.unwrap().into_iter().flatten().map(|row| row.track.title).collect();
    assert_eq!(titles, ["2.flac", "1.flac"]);
    fs::write(&list, "gone.flac").unwrap();
    assert!(open(&test, &[&list]).await.unwrap_err().ends_with("none of its files exists"));
}

#[tokio::test]
async fn unscanned_file_of_a_root_joins_the_library() {
    let test = TestLibrary::new().await;
    test.add().await;
    let file = test.write("a/one.flac", Format::Flac, &Fields { album: "X".into(), ..titled("One") });
    let ids = open(&test, &[&file, &file]).await.unwrap();
    assert!(ids.len() == 2 && ids[0] == ids[1]);
    assert_eq!(test.titles().await, ["One"]);
    let summary = test.scan().await;
    assert_eq!((summary.progress.added, summary.progress.updated), (0, 0));
}

#[tokio::test]
async fn unopenable_path_is_named() {
    let test = TestLibrary::new().await;
    let missing = test.music().join("missing.flac");
    assert_eq!(open(&test, &[&missing]).await.unwrap_err(), format!("{}: it does not exist", missing.display()));
    let reason = open(&test, &[&test.music()]).await.unwrap_err();
    assert_eq!(reason, format!("{}: it contains no music", test.music().display()));
    assert!(open(&test, &[Path::new("/dev/null")]).await.unwrap_err().ends_with("neither a file nor a folder"));
}
