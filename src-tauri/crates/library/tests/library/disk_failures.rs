//! Disks that fill up, turn read-only, and go.

use std::{fs, path::Path};

use auralis_core::*;
use auralis_library::Library;
use sqlx::{Connection, SqliteConnection};

use crate::{
    fixture::{self, Format},
    mounts::{has_own_mounts, mount_memory, run},
    test_library::{TestLibrary, titled},
};

async fn expect_whole(data: &Path, tracks: u32) {
    let mut database = SqliteConnection::connect(data.join("library.db").to_str().unwrap()).await.unwrap();
    let check: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut database).await.unwrap();
    assert_eq!(check, "ok");
    let count: u32 = sqlx::query_scalar("SELECT count(*) FROM tracks").fetch_one(&mut database).await.unwrap();
    assert_eq!(count, tracks);
    database.close().await.unwrap();
}

/// The library's own disk is full: the scan ends and says why, what is there can be read, and with room it goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_disk_is_reported_and_loses_nothing() {
    if !has_own_mounts("disk_failures::full_disk_is_reported_and_loses_nothing") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    fs::create_dir(dir.path().join("music")).unwrap();
    mount_memory(&data, "size=8k");
    let Err(error) = Library::open(&data, dir.path(), |_| {}).await else { panic!("it opens without any room") };
    assert_eq!(error.to_string(), format!("{}: the disk is full", data.join("library.db").display()));

    run("mount", &["-o", "remount,size=2m"], &data);
    let test = TestLibrary::open(dir).await;
    test.write("one.flac", Format::Flac, &titled("One"));
    test.add().await;
    fixture::generate(&test.music(), 2500).unwrap();
    test.execute(LibraryCommand::Scan).await;
    let failed = |event: &LibraryEvent| match event {
        LibraryEvent::ScanFailed { subject, reason } => Some((subject.clone(), reason.clone())),
        LibraryEvent::ScanEnded(summary) => panic!("there was room: {summary:?}"),
        _ => None,
    };
    let ((subject, reason), _) = test.wait_for(failed).await;
    assert_eq!(subject, data.join("library.db").display().to_string());
    assert!(reason.ends_with("the disk is full"), "{reason}");
    assert!(test.search("one").await.contains(&"One".to_owned()));
    let large = vec![7; 4 << 20];
    let error = test.library.save_state(&[("queue", &large)]).await.unwrap_err();
    assert!(error.to_string().ends_with("the disk is full"), "{error}");

    run("mount", &["-o", "remount,size=200m"], &data);
    test.scan().await;
    assert_eq!(test.library.counts().await.unwrap().tracks, 2501);
    test.library.close().await;
    expect_whole(&data, 2501).await;
    run("umount", &[], &data);
}

/// The library's own disk turns read-only: nothing is changed, and whoever wants to is told so.
#[tokio::test]
async fn read_only_database_is_reported_and_not_changed() {
    if !has_own_mounts("disk_failures::read_only_database_is_reported_and_not_changed") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    fs::create_dir(dir.path().join("music")).unwrap();
    mount_memory(&data, "size=50m");
    let test = TestLibrary::open(dir).await;
    test.write("one.flac", Format::Flac, &titled("One"));
    test.add().await;
    test.library.close().await;
    let dir = test.dir;
    run("mount", &["-o", "remount,ro"], &data);
    let Err(error) = Library::open(&data, dir.path(), |_| {}).await else { panic!("it opens") };
    assert_eq!(error.to_string(), format!("{}: the disk is read-only", data.join("library.db").display()));

    run("mount", &["-o", "remount,rw"], &data);
    let test = TestLibrary::open(dir).await;
    assert_eq!(test.titles().await, ["One"]);
    test.library.close().await;
    expect_whole(&data, 1).await;
    run("umount", &[], &data);
}

/// A drive that is unmounted and mounted again costs no track, no play, no place in a playlist, and no reading.
#[tokio::test]
async fn unmounted_drive_comes_back_unchanged() {
    if !has_own_mounts("disk_failures::unmounted_drive_comes_back_unchanged") {
        return;
    }
    let test = TestLibrary::new().await;
    let drive = test.dir.path().join("drive");
    fs::create_dir(&drive).unwrap();
    let plug_in = || run("mount", &["--bind", drive.to_str().unwrap()], &test.music());
    plug_in();
    fixture::generate(&test.music(), 48).unwrap();
    test.add().await;
    let tracks = TrackSelection::List { list: TrackList { sort: TrackSort::Title, ..TrackList::default() } };
    test.edit(UserDataEdit::SetFavourite { tracks: tracks.clone(), favourite: true }).await;
    test.edit(UserDataEdit::CreatePlaylist { name: "All".into(), tracks: Some(tracks), smart: None }).await;
    let track = test.tracks().await[7].track.id;
    let (started_s_ago, listened_s, duration_s) = (60.0, 50.0, 50.0);
    let (end, context) = (ListenEndReason::Finished, PlaybackContext::Library);
    test.library.record_listen(&Listen { track, started_s_ago, listened_s, duration_s, end, context }).await.unwrap();
    let playlist = async || test.rows(ListQuery::Playlist { playlist: PlaylistId(1) }, 0, 100).await.items;
    let (before, entries) = (test.tracks().await, playlist().await);
    assert_eq!((before.len(), before[7].plays), (48, 1));
    for _ in 0..2 {
        run("umount", &[], &test.music());
        test.scan().await;
        assert!(!test.roots().await[0].online);
        assert!(test.tracks().await.iter().all(|row| !row.available));
        plug_in();
        let summary = test.scan().await;
        assert_eq!((summary.progress.added, summary.progress.updated, summary.progress.done), (0, 0, 48));
        assert_eq!((test.tracks().await, playlist().await), (before.clone(), entries.clone()));
    }
    run("umount", &[], &test.music());
}

/// Refused because a disk is full, a tag edit has changed no file, and the edit before it can still be undone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tag_edit_on_a_full_disk_changes_no_file() {
    if !has_own_mounts("disk_failures::tag_edit_on_a_full_disk_changes_no_file") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (data, music) = (dir.path().join("data"), dir.path().join("music"));
    mount_memory(&data, "size=3m");
    mount_memory(&music, "size=1m");
    let test = TestLibrary::open(dir).await;
    for name in ["a", "b", "c"] {
        test.write(&format!("{name}.flac"), Format::Flac, &titled(name));
    }
    test.add().await;
    let all = TrackSelection::List { list: TrackList { sort: TrackSort::Title, ..TrackList::default() } };
    let edit = async |album: String| {
        let tags = Box::new(EditableTags { comment: Some(album), ..EditableTags::default() });
        test.library.execute(LibraryCommand::EditTags { tracks: all.clone(), tags }).await
    };
    let first = edit("first".into()).await.unwrap().expect("a record of the edit");
    let content = || ["a", "b", "c"].map(|name| fs::read(music.join(format!("{name}.flac"))).unwrap());
    let before = content();

    for (place, album) in [(&data, "x".repeat(300_000)), (&music, "second".into())] {
        let filler = place.join("filler");
        // Whatever room there is.
        let _ = fs::write(&filler, vec![0; 4 << 20]);
        let error = edit(album).await.unwrap_err().to_string();
        assert!(error.ends_with("the disk is full"), "{}: {error}", place.display());
        assert!(content() == before, "{}: a file has changed", place.display());
        fs::remove_file(filler).unwrap();
    }
    test.execute(LibraryCommand::RevertEdit { edit: first.id }).await;
    let details = test.rows(ListQuery::Details { track: test.tracks().await[0].track.id }, 0, 1).await.items;
    let RowItems::Details(details) = details else { panic!("{details:?}") };
    assert_eq!(details[0].comment, "");
    test.library.close().await;
    run("umount", &[], &data);
    run("umount", &[], &music);
}
