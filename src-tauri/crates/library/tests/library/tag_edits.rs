//! Tags that the listener changes, in every format; and what is there twice.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use auralis_core::*;
use auralis_library::LibraryError;

use crate::{
    fixture::{Fields, Format},
    test_library::{TestLibrary, titled},
};

fn all() -> TrackSelection {
    TrackSelection::List { list: TrackList { sort: TrackSort::Title, ..TrackList::default() } }
}

async fn edit(test: &TestLibrary, tags: EditableTags) -> Result<Option<EditRecord>, LibraryError> {
    test.library.execute(LibraryCommand::EditTags { tracks: all(), tags: Box::new(tags) }).await
}

async fn common(test: &TestLibrary, tracks: TrackSelection) -> EditableTags {
    match test.rows(ListQuery::Tags { tracks }, 0, 1).await.items {
        RowItems::Tags(mut rows) => rows.remove(0),
        other => panic!("{other:?}"),
    }
}

fn texts(values: &[&str]) -> Option<Vec<String>> {
    Some(values.iter().map(|value| (*value).to_owned()).collect())
}

#[tokio::test]
async fn tag_edit_and_undo_work_in_every_format() {
    let test = TestLibrary::new().await;
    for format in Format::ALL {
        let fields = Fields {
            artists: vec!["Old".into()],
            album: "Album".into(),
            track: 3,
            year: 1990,
            genres: vec!["Rock".into()],
            cover: vec![7; 3000],
            ..titled(&format!("{format:?}"))
        };
        test.write(&format!("{format:?}.{}", format.extension()), format, &fields);
    }
    test.add().await;
    let before = test.tracks().await;
    let new = EditableTags {
        artists: texts(&["Björk", "Other"]),
        album: Some(" New album ".into()),
        album_artist: Some("Björk".into()),
        track_number: Some(0),
        track_total: Some(12),
        disc_number: Some(2),
        date: Some("1997-09-22".into()),
        genres: Some(Vec::new()),
        composers: texts(&["One", "Two"]),
        compilation: Some(true),
        comment: Some("Two\nlines".into()),
        lyrics: Some("[00:01.00]Words".into()),
        ..EditableTags::default()
    };
    let record = edit(&test, new.clone()).await.unwrap().unwrap();
    assert_eq!(record.count, 7);
    let after = test.tracks().await;
    for (before, after) in before.iter().zip(&after) {
        let title = &after.track.title;
        assert_eq!((after.track.id, title), (before.track.id, &before.track.title));
        assert_eq!(
            (&*after.track.album, after.track_number, after.disc_number),
            ("New album", None, Some(2)),
            "{title}"
        );
        assert_eq!((after.year, &*after.genre, after.track.cover.is_some()), (Some(1997), "", true), "{title}");
        let one = common(&test, TrackSelection::Ids { ids: vec![after.track.id] }).await;
        let expected = EditableTags {
            title: Some(title.clone()),
            album: Some("New album".into()),
            disc_total: Some(0),
            original_date: Some(String::new()),
            ..new.clone()
        };
        assert_eq!(one, expected, "{title}");
        let path = test.library.track(after.track.id).await.unwrap().unwrap().path;
        let mut sound = Command::new("ffmpeg");
        sound.args(["-v", "error", "-i"]).arg(path).args(["-map", "0:a", "-f", "null", "-"]);
        assert!(sound.status().unwrap().success(), "{title}");
    }
    assert_eq!(common(&test, all()).await.title, None, "the titles differ");
    assert_eq!(test.scan().await.progress.updated, 0, "the library knows the files as they are");

    let test = test.reopen().await;
    let revert = || test.library.execute(LibraryCommand::RevertEdit { edit: record.id });
    revert().await.unwrap();
    // The old album and artist are there again, as new ones.
    let named = |mut row: TrackRow| {
        (row.track.album_id, row.track.artist_id) = (None, None);
        row
    };
    let taken_back: Vec<_> = test.tracks().await.into_iter().map(named).collect();
    assert_eq!(taken_back, before.into_iter().map(named).collect::<Vec<_>>());
    revert().await.unwrap();
    let redone: Vec<_> = test.tracks().await.into_iter().map(named).collect();
    assert_eq!(redone, after.into_iter().map(named).collect::<Vec<_>>());
}

#[tokio::test]
async fn all_files_change_or_none() {
    let test = TestLibrary::new().await;
    let good = test.write("a.flac", Format::Flac, &titled("A"));
    let bad = test.write("b.flac", Format::Flac, &titled("B"));
    test.add().await;
    let content = fs::read(&good).unwrap();
    let new = EditableTags { album: Some("New".into()), ..EditableTags::default() };

    fs::set_permissions(&bad, fs::Permissions::from_mode(0o444)).unwrap();
    let error = edit(&test, new.clone()).await.unwrap_err().to_string();
    assert!(error.ends_with("b.flac: it is read-only"), "{error}");
    assert_eq!(fs::read(&good).unwrap(), content);
    fs::set_permissions(&bad, fs::Permissions::from_mode(0o640)).unwrap();

    // What is no music any more is found out when it is its turn.
    let whole = fs::read(&bad).unwrap();
    fs::write(&bad, "no music").unwrap();
    let error = edit(&test, new.clone()).await.unwrap_err().to_string();
    assert!(error.contains("b.flac: "), "{error}");
    assert_eq!(fs::read(&bad).unwrap(), b"no music");
    assert_eq!(
        common(&test, TrackSelection::Ids { ids: vec![test.tracks().await[0].track.id] }).await.album,
        Some(String::new())
    );
    fs::write(&bad, whole).unwrap();

    edit(&test, new).await.unwrap();
    assert_eq!(bad.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(test.albums().await.len(), 1);
    let names: Vec<_> = fs::read_dir(test.music()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "nothing is left behind: {names:?}");
}

#[tokio::test]
async fn duplicates_are_found_by_content_and_by_tags() {
    let test = TestLibrary::new().await;
    let by = |artist: &str, title: &str| Fields { artists: vec![artist.into()], ..titled(title) };
    let one = test.write("one.flac", Format::Flac, &by("A", "One"));
    fs::copy(&one, test.music().join("copy of one.flac")).unwrap();
    test.write("two.flac", Format::Flac, &by("A", "Two"));
    test.write("two.mp3", Format::Mp3, &by("a", "TWO"));
    test.write("cover of two.flac", Format::Flac, &by("B", "Two"));
    test.write("three.flac", Format::Flac, &by("A", "Zzz"));
    test.add().await;
    let rows = test.rows(ListQuery::Duplicates {}, 0, 10).await;
    let RowItems::Duplicates(found) = rows.items else { panic!() };
    let told: Vec<_> = found.iter().map(|row| (row.group, row.reason, row.track.track.title.to_lowercase())).collect();
    let row = |group, by, title: &str| (group, by, title.to_owned());
    let expected = [
        row(0, DuplicateReason::SameFile, "one"),
        row(0, DuplicateReason::SameFile, "one"),
        row(1, DuplicateReason::SameTags, "two"),
        row(1, DuplicateReason::SameTags, "two"),
    ];
    assert_eq!((rows.total, told), (4, expected.to_vec()));
}
