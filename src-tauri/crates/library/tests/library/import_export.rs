//! Playlists and the history, from and to files.

use std::{fs, path::Path};

use auralis_core::*;

use crate::{
    fixture::{self, Fields, Format},
    test_library::{TestLibrary, titled},
};

async fn playlist(test: &TestLibrary, name: &str) -> Vec<String> {
    let RowItems::Playlists(all) = test.rows(ListQuery::Playlists {}, 0, 100).await.items else { panic!() };
    let id = all.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("{name}: {all:?}")).id;
    let RowItems::Playlist(rows) = test.rows(ListQuery::Playlist { playlist: id }, 0, 100).await.items else {
        panic!()
    };
    rows.into_iter().map(|row| row.track.unwrap().track.title).collect()
}

async fn import(test: &TestLibrary, path: &Path) {
    test.edit(UserDataEdit::ImportPlaylist { path: path.to_str().unwrap().into() }).await;
}

#[tokio::test]
async fn playlist_survives_export_and_import_in_every_format() {
    let test = TestLibrary::new().await;
    for title in ["One", "Two & <three>", "Vier #4: 100%"] {
        let fields = Fields { artists: vec!["Björk".into()], ..titled(title) };
        test.write(&format!("sub {}/{title}.flac", title.len()), Format::Flac, &fields);
    }
    test.add().await;
    let tracks = TrackSelection::List { list: TrackList { sort: TrackSort::Title, ..TrackList::default() } };
    test.edit(UserDataEdit::CreatePlaylist { name: "Mix".into(), tracks: Some(tracks), smart: None }).await;
    let expected = ["One", "Two & <three>", "Vier #4: 100%"];
    for ending in ["m3u8", "m3u", "pls", "xspf"] {
        for folder in [test.music(), test.dir.path().to_path_buf()] {
            let path = folder.join(format!("{ending} list.{ending}"));
            let export = DataExport::Playlist { playlist: PlaylistId(1), path: path.to_str().unwrap().into() };
            test.execute(LibraryCommand::Export(export)).await;
            import(&test, &path).await;
        }
        assert_eq!(playlist(&test, &format!("{ending} list")).await, expected);
        assert_eq!(playlist(&test, &format!("{ending} list 2")).await, expected);
    }
    // In the folder of the music, the files are named as seen from there: the folder can be moved whole.
    let written = fs::read_to_string(test.music().join("m3u8 list.m3u8")).unwrap();
    assert!(written.contains("\nsub 3/One.flac\n") && written.contains("#EXTINF:"), "{written}");
}

#[tokio::test]
async fn playlist_of_another_machine_is_matched_by_file_names() {
    let test = TestLibrary::new().await;
    test.write("Björk/Debut/01.flac", Format::Flac, &titled("Human Behaviour"));
    test.write("Other/Thing/01.flac", Format::Flac, &titled("Another"));
    test.add().await;
    let outside = test.dir.path().join("outside.flac");
    fixture::write(&outside, Format::Flac, &titled("Outside")).unwrap();
    let path = test.dir.path().join("old.m3u");
    fs::write(&path, "D:\\Music\\bjork\\debut\\01.flac\r\noutside.flac\r\nD:\\Nowhere\\02.flac\r\n").unwrap();
    import(&test, &path).await;
    assert_eq!(playlist(&test, "old").await, ["Human Behaviour", "Outside"]);
    let told = |event: &LibraryEvent| match event {
        LibraryEvent::PlaylistIncomplete { reason, .. } => Some(reason.clone()),
        _ => None,
    };
    assert_eq!(test.wait_for(told).await.0, "1 of its 3 files do not exist.");

    let refused = async |name: &str, content: &str| {
        let path = test.dir.path().join(name);
        fs::write(&path, content).unwrap();
        let import = UserDataEdit::ImportPlaylist { path: path.to_str().unwrap().into() };
        test.library.execute(LibraryCommand::Edit(import)).await.unwrap_err().to_string()
    };
    assert!(refused("none.m3u", "nowhere/at all.mp3").await.ends_with("none of its 1 files exists"));
    assert!(refused("empty.xspf", "").await.ends_with("there is no playlist in it"));
}

#[tokio::test]
async fn history_is_exported_as_csv_and_json() {
    let test = TestLibrary::new().await;
    test.write("a.flac", Format::Flac, &Fields { artists: vec!["A, \"B\"".into()], ..titled("One\u{2028}line") });
    test.add().await;
    for (ago_s, end) in [(100.0, ListenEndReason::Finished), (50.0, ListenEndReason::Skipped)] {
        let listen = Listen {
            track: test.tracks().await[0].track.id,
            started_s_ago: ago_s,
            listened_s: 30.5,
            duration_s: 60.0,
            end,
            context: PlaybackContext::Favourites,
        };
        test.library.record_listen(&listen).await.unwrap();
    }
    let export = async |name: &str, from_s| {
        let path = test.dir.path().join(name);
        fs::write(&path, "what was there before").unwrap();
        let export = DataExport::History { path: path.to_str().unwrap().into(), from_s, to_s: None };
        test.execute(LibraryCommand::Export(export)).await;
        fs::read_to_string(path).unwrap()
    };
    let csv = export("history.csv", None).await;
    let rows: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!((rows.len(), rows[0]), (3, "began,heard_s,end,play,title,artist,album,genre,duration_s,context"));
    assert!(rows[1].contains(",30.5,finished,true,") && rows[1].contains(",\"A, \"\"B\"\"\","), "{csv}");
    let json: serde_json::Value = serde_json::from_str(&export("history.json", None).await).unwrap();
    assert_eq!((json[1]["end"].as_str(), json[1]["artist"].as_str()), (Some("skipped"), Some("A, \"B\"")));
    assert_eq!(json[0]["context"]["from"], "favourites");
    assert_eq!(export("none.json", Some(i64::MAX)).await, "[\n]\n");

    let nowhere = DataExport::History { path: "/nowhere/history.csv".into(), from_s: None, to_s: None };
    let error = test.library.execute(LibraryCommand::Export(nowhere)).await.unwrap_err();
    assert_eq!(error.to_string(), "/nowhere/history.csv: it does not exist");
}
