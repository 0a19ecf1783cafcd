//! Files that are opened by their paths.

use std::{fs, path::Path};

use auralis_core::*;

use crate::{
    fixture::{self, Fields, Format},
    shelf::{Shelf, titled},
};

async fn open(shelf: &Shelf, paths: &[&Path]) -> Result<Vec<TrackId>, String> {
    let paths = paths.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    shelf.library.resolve(&TrackSelection::Files { paths }).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_file_from_outside_plays_but_is_on_no_list() {
    let shelf = Shelf::new().await;
    shelf.write("one.flac", Format::Flac, &Fields { artists: vec!["A".into()], ..titled("One") });
    shelf.add().await;
    let before = shelf.library.counts().await.unwrap();
    let outside = shelf.dir.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let fields = Fields { artists: vec!["B".into()], album: "X".into(), genres: vec!["G".into()], ..titled("Loose") };
    fixture::write(&outside.join("loose.flac"), Format::Flac, &fields).unwrap();

    let ids = open(&shelf, &[&outside.join("loose.flac"), &shelf.music().join("one.flac")]).await.unwrap();
    let rows: Vec<_> = shelf.library.tracks(&ids).await.unwrap().into_iter().flatten().collect();
    assert_eq!(rows.iter().map(|row| &*row.track.title).collect::<Vec<_>>(), ["Loose", "One"]);
    assert_eq!((&*rows[0].track.artist, &*rows[0].track.album, rows[0].available), ("B", "X", true));
    let track = shelf.library.track(ids[0]).await.unwrap().unwrap();
    assert_eq!(track.path, outside.canonicalize().unwrap().join("loose.flac"));

    assert_eq!(shelf.titles().await, ["One"]);
    assert_eq!(shelf.search("loose").await, [""; 0]);
    assert_eq!((shelf.albums().await.len(), shelf.artists().await.len(), shelf.roots().await.len()), (0, 1, 1));
    let after = shelf.library.counts().await.unwrap();
    assert_eq!((after.tracks, after.albums, after.artists, after.roots), (1, 0, 1, 1));
    assert_eq!(after.revision, before.revision + 1);
    // Opened again, it is the same track; a scan leaves it alone.
    assert_eq!(open(&shelf, &[&outside.join("loose.flac")]).await.unwrap(), [ids[0]]);
    assert_eq!(shelf.scan().await.progress.found, 1);
    assert!(shelf.library.tracks(&ids).await.unwrap().iter().all(Option::is_some));
    assert!(shelf.library.execute(LibraryCommand::RemoveRoot { root: RootId(0) }).await.is_err());

    // Its folder is added: it is a track like any other, and still the same.
    shelf.execute(LibraryCommand::AddRoot { path: outside }).await;
    shelf.ended().await;
    assert_eq!(shelf.titles().await, ["Loose", "One"]);
    assert_eq!(shelf.search("loose").await, ["Loose"]);
    assert_eq!(shelf.tracks().await[0].track.id, ids[0]);
    assert_eq!(shelf.albums().await.len(), 1);
}

#[tokio::test]
async fn a_folder_is_opened_in_the_order_of_its_names() {
    let shelf = Shelf::new().await;
    for name in ["b/2.flac", "b/10.flac", "b/.hidden.flac", "a/1.flac", "3.flac"] {
        shelf.write(name, Format::Flac, &titled(name));
    }
    fs::write(shelf.music().join("b/text.txt"), "no music").unwrap();
    fs::write(shelf.music().join("broken.mp3"), "no music").unwrap();
    let ids = open(&shelf, &[&shelf.music()]).await.unwrap();
    let titles: Vec<_> =
        shelf.library.tracks(&ids).await.unwrap().into_iter().flatten().map(|row| row.track.title).collect();
    assert_eq!(titles, ["3.flac", "broken", "a/1.flac", "b/2.flac", "b/10.flac"]);
}

#[tokio::test]
async fn a_playlist_is_opened_in_its_order() {
    let shelf = Shelf::new().await;
    for name in ["1.flac", "2.flac"] {
        shelf.write(name, Format::Flac, &titled(name));
    }
    let list = shelf.music().join("list.m3u8");
    fs::write(&list, "#EXTM3U\n2.flac\ngone.flac\n1.flac\n").unwrap();
    let ids = open(&shelf, &[&list]).await.unwrap();
    let titles: Vec<_> =
        shelf.library.tracks(&ids).await.unwrap().into_iter().flatten().map(|row| row.track.title).collect();
    assert_eq!(titles, ["2.flac", "1.flac"]);
    fs::write(&list, "gone.flac").unwrap();
    assert!(open(&shelf, &[&list]).await.unwrap_err().ends_with("none of its files is there"));
}

#[tokio::test]
async fn a_file_of_a_root_that_was_not_scanned_yet_is_no_stranger() {
    let shelf = Shelf::new().await;
    shelf.add().await;
    let file = shelf.write("a/one.flac", Format::Flac, &Fields { album: "X".into(), ..titled("One") });
    let ids = open(&shelf, &[&file, &file]).await.unwrap();
    assert!(ids.len() == 2 && ids[0] == ids[1]);
    assert_eq!(shelf.titles().await, ["One"]);
    let summary = shelf.scan().await;
    assert_eq!((summary.progress.added, summary.progress.updated), (0, 0));
}

#[tokio::test]
async fn what_cannot_be_opened_is_named() {
    let shelf = Shelf::new().await;
    let missing = shelf.music().join("missing.flac");
    assert_eq!(open(&shelf, &[&missing]).await.unwrap_err(), format!("{}: it is not there", missing.display()));
    let reason = open(&shelf, &[&shelf.music()]).await.unwrap_err();
    assert_eq!(reason, format!("{}: there is no music in it", shelf.music().display()));
    assert!(open(&shelf, &[Path::new("/dev/null")]).await.unwrap_err().ends_with("neither a file nor a folder"));
}
