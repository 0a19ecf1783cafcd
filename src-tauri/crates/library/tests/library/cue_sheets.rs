//! One file that holds several tracks.

use std::{fs, time::Duration};

use auralis_core::*;
use lofty::{
    config::{ParseOptions, WriteOptions},
    file::AudioFile,
    flac::FlacFile,
    ogg::tag::VorbisComments,
    tag::TagExt,
};

use crate::{
    fixture::Format,
    test_library::{TestLibrary, titled},
};

const SHEET: &str = "PERFORMER \"Can\"\nTITLE \"Future Days\"\nREM DATE 1973\nFILE \"album.wav\" WAVE\n\
    TRACK 01 AUDIO\nTITLE \"Future Days\"\nINDEX 01 00:00:00\n\
    TRACK 02 AUDIO\nTITLE \"Spray\"\nPERFORMER \"Can (live)\"\nINDEX 00 00:00:10\nINDEX 01 00:00:15\n\
    TRACK 03 AUDIO\nTITLE \"Moonshake\"\nINDEX 01 00:00:30\n";

async fn by_number(test: &TestLibrary) -> Vec<TrackRow> {
    test.list(TrackList { sort: TrackSort::Album, ..TrackList::default() }).await
}

#[tokio::test]
async fn sidecar_sheet_splits_a_file() {
    let test = TestLibrary::new().await;
    test.write("a/album.flac", Format::Flac, &titled("The whole"));
    test.write("a/other.flac", Format::Flac, &titled("Another"));
    fs::write(test.music().join("a/album.cue"), SHEET).unwrap();
    test.add().await;
    assert_eq!(test.failures().await, [""; 0]);
    assert_eq!(test.titles().await, ["Another", "Future Days", "Moonshake", "Spray"]);
    let rows = by_number(&test).await;
    let spray = &rows[2];
    assert_eq!((&*spray.track.artist, &*spray.track.album, spray.year), ("Can (live)", "Future Days", Some(1973)));
    assert_eq!((spray.track_number, (spray.track.duration_s * 100.0).round()), (Some(2), 20.0));
    let albums = test.albums().await;
    assert_eq!((albums.len(), albums[0].tracks, &*albums[0].artist), (1, 3, "Can"));
    let mut ranges = Vec::new();
    for row in &rows[1..] {
        let track = test.library.track(row.track.id).await.unwrap().unwrap();
        assert!(track.path.ends_with("a/album.flac"));
        let range = track.range.unwrap();
        ranges.push((range.start_s, range.end_s));
    }
    assert_eq!(ranges, [(0.0, Some(0.2)), (0.2, Some(0.4)), (0.4, None)]);
    assert_eq!(test.scan().await.progress.updated, 0, "it has not changed");

    // All of the file is meant by its name, and by that of its folder.
    let paths = vec![test.music().join("a/album.flac").display().to_string()];
    assert_eq!(test.library.track_ids(&TrackSelection::Files { paths }).await.unwrap().len(), 3);
    // No tag of the file is one of its tracks'.
    let tags = Box::new(EditableTags { title: Some("New".into()), ..EditableTags::default() });
    let edit = LibraryCommand::EditTags { tracks: TrackSelection::Ids { ids: vec![spray.track.id] }, tags };
    assert!(test.library.execute(edit).await.unwrap_err().to_string().ends_with("several tracks"));
}

#[tokio::test]
async fn changed_sheet_keeps_user_data_of_its_tracks() {
    let test = TestLibrary::new().await;
    test.write("album.flac", Format::Flac, &titled("The whole"));
    let sheet = test.music().join("album.cue");
    fs::write(&sheet, SHEET).unwrap();
    test.add().await;
    let before = by_number(&test).await;
    let tracks = TrackSelection::Ids { ids: before.iter().map(|row| row.track.id).collect() };
    test.edit(UserDataEdit::SetFavourite { tracks: tracks.clone(), favourite: true }).await;
    test.edit(UserDataEdit::CreatePlaylist { name: "Can".into(), tracks: Some(tracks), smart: None }).await;
    fs::write(&sheet, SHEET.replace("Spray", "Another")).unwrap();
    test.scan().await;
    let after = by_number(&test).await;
    assert_eq!((&*after[1].track.title, after[1].track.id), ("Another", before[1].track.id));
    assert!(after[1].track.favourite);

    // The last track goes, and comes back as what it was.
    let (two, _) = SHEET.split_once("    TRACK 03").unwrap_or(SHEET.split_at(SHEET.find("TRACK 03").unwrap()));
    fs::write(&sheet, two).unwrap();
    test.scan().await;
    assert_eq!(test.titles().await, ["Future Days", "Spray"]);
    fs::write(&sheet, SHEET).unwrap();
    test.scan().await;
    assert_eq!(test.titles().await, ["Future Days", "Moonshake", "Spray"]);
    assert!(by_number(&test).await.iter().all(|row| row.track.favourite));

    // File and sheet move to another folder.
    fs::create_dir(test.music().join("b")).unwrap();
    for name in ["album.flac", "album.cue"] {
        fs::rename(test.music().join(name), test.music().join("b").join(name)).unwrap();
    }
    let summary = test.scan().await;
    assert_eq!((summary.progress.added, summary.progress.updated), (0, 3));
    assert_eq!(test.rows(ListQuery::Playlist { playlist: PlaylistId(1) }, 0, 10).await.total, 3);

    // Without its sheet it is one track; with it again, the same three.
    fs::remove_file(test.music().join("b/album.cue")).unwrap();
    test.scan().await;
    assert_eq!(test.titles().await, ["The whole"]);
    fs::write(test.music().join("b/album.cue"), SHEET).unwrap();
    test.scan().await;
    let RowItems::Playlist(entries) = test.rows(ListQuery::Playlist { playlist: PlaylistId(1) }, 0, 10).await.items
    else {
        panic!()
    };
    let there = entries.iter().filter(|entry| entry.track.as_ref().is_some_and(|track| track.available)).count();
    assert_eq!(there, 3);
}

#[tokio::test]
async fn embedded_sheet_splits_a_file() {
    let test = TestLibrary::new().await;
    let path = test.write("album.flac", Format::Flac, &titled("The whole"));
    let mut comments = VorbisComments::new();
    comments.push("ALBUM".into(), "Of the file".into());
    comments.push("CUESHEET".into(), SHEET.replace("TITLE \"Future Days\"\nREM", "REM"));
    comments.save_to_path(&path, WriteOptions::default()).unwrap();
    let file = FlacFile::read_from(&mut fs::File::open(&path).unwrap(), ParseOptions::new()).unwrap();
    assert!(file.properties().duration() > Duration::from_millis(400));
    test.add().await;
    assert_eq!(test.titles().await, ["Future Days", "Moonshake", "Spray"]);
    let albums = test.albums().await;
    assert_eq!((&*albums[0].title, &*albums[0].artist, albums[0].tracks), ("Of the file", "Can", 3));
}

#[tokio::test]
async fn invalid_sheet_is_ignored() {
    let test = TestLibrary::new().await;
    test.write("album.flac", Format::Flac, &titled("The whole"));
    fs::write(test.music().join("album.cue"), SHEET.replace("00:00:30", "99:00:30")).unwrap();
    fs::write(test.music().join("large.cue"), vec![b'x'; 2 << 20]).unwrap();
    fs::create_dir(test.music().join("folder.cue")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(test.music().join("pipe.cue")).status().unwrap().success());
    test.add().await;
    assert_eq!(test.titles().await, ["The whole"]);
    assert_eq!(test.failures().await, ["large.cue: it is larger than 1 MB", "pipe.cue: it is not a regular file"]);
}
